"""Fingerprint of what determines results besides settings: equations, packaged data, and version."""

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

from eaesim.files import Content
from eaesim.solver.trace import trace
from eaesim.study.assembly import READ, REDUCED, SYSTEM

#: Keys of data files with text only, which affects no number, at any depth.
WORDS = frozenset(
    (
        *("title", "note", "source", "study", "setting", "support", "why", "comment", "quote"),
        *("command", "versions"),
        *("key", "keys", "citation", "reference", "doi", "pmid", "verified", "from_memory"),
    )
)
# Packages and files that compute numbers; others write, draw and print their results.
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
    "estimation",
    "questions",
)
# Prefixes of modules of an analysis that only present results.
_SHOWS = ("figure", "words")
# A reference file only lists papers.
_REFERENCES = "bibliography.toml"
# A docstring or a comment, otherwise a string, which is kept.
_PIECE = re.compile(
    r'(?ms)^[ \t]*[rR]?(?P<doc>"""|\'\'\')(?:\\.|(?!(?P=doc)).)*(?P=doc)'
    r'|(?P<long>"""|\'\'\')(?:\\.|(?!(?P=long)).)*(?P=long)'
    r'|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|(?P<comment>\#[^\n]*)'
)


@cache
def fingerprint() -> str:
    """Return a hash that differs between packages that may give different numbers for the same settings.

    It covers the traced equations, the code that computes numbers without comments and docstrings, the
    values of all packaged data without titles, notes and sources, and the version. It is the same
    in every process and on every machine.

    Examples
    --------
    >>> len(fingerprint())
    64
    """
    return fingerprint_of(files("eaesim"))


def fingerprint_of(package: Traversable) -> str:
    """Return the fingerprint of the files of a package, with the current equations and version."""
    found = hashlib.sha256(f"{version('eaesim')}\n{_equations()}".encode())
    for name, file in sorted(_parts(package)):
        read = _READERS.get(name.rpartition(".")[2])
        shows = name.startswith("questions/") and name.rpartition("/")[2].startswith(_SHOWS)
        if read is not None and not name.endswith(_REFERENCES) and not shows:
            found.update(f"\n{name}\n".encode())
            found.update(read(file.read_bytes()))
    return found.hexdigest()


def _equations() -> str:
    """Return the equations and recorded quantities as straight-line arithmetic."""
    quantities = (*READ, *(reducer.of for reducer in REDUCED))
    kinds = [(reducer.kind, reducer.level) for reducer in REDUCED]
    return repr((trace(SYSTEM, quantities), SYSTEM.state._fields, SYSTEM.parameters._fields, kinds))


def _parts(folder: Traversable) -> Iterator[tuple[str, Traversable]]:
    """Yield the files that compute numbers, by path in the package."""
    waiting = [(name, folder / name) for name in _MAKERS]
    while waiting:
        name, part = waiting.pop()
        if part.is_dir():
            waiting += [(f"{name}/{inner.name}", inner) for inner in part.iterdir()]
        else:
            yield name, part


def _code(content: bytes) -> bytes:
    """Return the text of a module without comments, docstrings and empty lines."""
    text = _PIECE.sub(
        lambda piece: "" if piece["doc"] or piece["comment"] else piece[0], content.decode("utf-8")
    )
    return "\n".join(filter(None, (line.rstrip() for line in text.splitlines()))).encode()


def _plain(content: Content) -> bytes:
    return json.dumps(_values(content), sort_keys=True, default=str).encode()


def _values(content: Content) -> Content:
    """Return the content of a data file without text; 1 and 1.0 are the same."""
    if isinstance(content, dict):
        return {key: _values(value) for key, value in content.items() if key not in WORDS}
    if isinstance(content, list):
        return [_values(value) for value in content]
    return float(content) if isinstance(content, int) and not isinstance(content, bool) else content


_READERS: dict[str, Callable[[bytes], bytes]] = {
    "py": _code,
    "toml": lambda content: _plain(tomllib.loads(content.decode("utf-8"))),
    "csv": lambda content: _plain([*csv.DictReader(io.StringIO(content.decode("utf-8")))]),
    "parquet": bytes,
}
