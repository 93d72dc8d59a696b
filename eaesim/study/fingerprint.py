"""What decides numbers beside a run's settings: the equations, the packaged data, and the version."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from eaesim.solver.trace import trace
from eaesim.study.assembly import READ, REDUCED, SYSTEM

#: Keys of data files that hold words alone: they change no number, at any depth.
WORDS = frozenset(
    (
        *("title", "note", "source", "study", "setting", "support", "why", "comment", "quote"),
        *("command", "versions"),
        *("key", "keys", "citation", "reference", "doi", "pmid", "verified", "from_memory"),
    )
)
# Rooms and files that make numbers; those above them write, draw and print what these found.
_MAKERS = (
    "units.py",
    "elementary.py",
    "files.py",
    "proportion.py",
    "model",
    "protocol",
    "solver",
    "endpoints",
    "study",
    "evidence",
    "analysis",
    "questions",
)
# Of a question: modules whose names begin so only draw and say what was found.
_SHOWS = ("figure", "words")
# A file of references names papers and nothing else.
_REFERENCES = "bibliography.toml"
# A docstring or a comment, or else a string, which stays.
_PIECE = re.compile(
    r'(?ms)^[ \t]*[rR]?(?P<doc>"""|\'\'\')(?:\\.|(?!(?P=doc)).)*(?P=doc)'
    r'|(?P<long>"""|\'\'\')(?:\\.|(?!(?P=long)).)*(?P=long)'
    r'|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|(?P<comment>\#[^\n]*)'
)


@cache
def fingerprint() -> str:
    """Return a text that differs between packages that may give other numbers for the same settings.

    It covers the equations as they are traced, the code of every room that makes numbers, without its
    comments and docstrings, the values of all packaged data, without titles, notes and sources, and the
    version. It is the same in every process and on every machine.

    Examples
    --------
    >>> len(fingerprint())
    64
    """
    return fingerprint_of(files("eaesim"))


def fingerprint_of(package: Traversable) -> str:
    """Return the fingerprint of the files of a package, with the equations and version that run here."""
    found = hashlib.sha256(f"{version('eaesim')}\n{_equations()}".encode())
    for name, file in sorted(_parts(package)):
        read = _READERS.get(name.rpartition(".")[2])
        if read is not None and not name.endswith(_REFERENCES) and not _only_shows(name):
            found.update(f"\n{name}\n".encode())
            found.update(read(file.read_bytes()))
    return found.hexdigest()


def _equations() -> str:
    """Return the equations, and what is read off them, as straight-line arithmetic."""
    quantities = (*READ, *(reducer.of for reducer in REDUCED))
    kinds = [(reducer.kind, reducer.level) for reducer in REDUCED]
    return repr((trace(SYSTEM, quantities), SYSTEM.state._fields, SYSTEM.parameters._fields, kinds))


def _parts(folder: Traversable) -> Iterator[tuple[str, Traversable]]:
    """Yield the files of the rooms that make numbers, by their paths in the package."""
    waiting = [(name, folder / name) for name in _MAKERS]
    while waiting:
        name, part = waiting.pop()
        if part.is_dir():
            waiting += [(f"{name}/{inner.name}", inner) for inner in part.iterdir()]
        else:
            yield name, part


def _only_shows(name: str) -> bool:
    return name.startswith("questions/") and name.rpartition("/")[2].startswith(_SHOWS)


def _code(content: bytes) -> bytes:
    """Return the text of a module without comments, docstrings and empty lines."""
    text = _PIECE.sub(_without, content.decode("utf-8"))
    return "\n".join(filter(None, (line.rstrip() for line in text.splitlines()))).encode()


def _without(piece: re.Match[str]) -> str:
    return "" if piece["doc"] or piece["comment"] else piece[0]


def _table(content: bytes) -> bytes:
    return _plain(tomllib.loads(content.decode("utf-8")))


def _rows(content: bytes) -> bytes:
    return _plain([dict(row) for row in csv.DictReader(io.StringIO(content.decode("utf-8")))])


def _plain(content: object) -> bytes:
    return json.dumps(_values(content), sort_keys=True, default=str).encode()


def _values(content: Any) -> Any:
    """Return what a data file holds, without words; a whole number and one with a point are the same."""
    if isinstance(content, dict):
        return {key: _values(value) for key, value in content.items() if key not in WORDS}
    if isinstance(content, list):
        return [_values(value) for value in content]
    return float(content) if isinstance(content, int) and not isinstance(content, bool) else content


_READERS: dict[str, Callable[[bytes], bytes]] = {
    "py": _code,
    "toml": _table,
    "csv": _rows,
    "parquet": bytes,
}
