"""The manifest of a run's folder: settings, model, files and their hashes."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from eaesim.files import Content, Table, Unchecked
from eaesim.study.filling import writing, written_beside

#: The manifest, the report that a user may have made of the run, and the placeholder for the manifest while
#: the files of a run replace those of another.
MANIFEST, REPORT, UNFINISHED = "manifest.json", "report.html", ".unfinished.json"
_LIBRARIES = ("eaesim", "numpy", "scipy", "pandas", "matplotlib", "pyarrow", "numba")


def settings_hash(settings: Table) -> str:
    """Return a hash of settings."""
    text = json.dumps(settings, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def versions() -> dict[str, str | None]:
    """Return the versions of the libraries of a run; None for a missing one."""
    return {"python": platform.python_version(), **{name: _version(name) for name in _LIBRARIES}}


def read_json(path: Path) -> Unchecked:
    """Return the content of a JSON file; empty if it is missing, broken, or no table."""
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def json_text(content: Table) -> str:
    """Return the text of a JSON file."""
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def listed_files(manifest: Unchecked) -> list[str]:
    """Return the files listed in a manifest, without paths out of the folder: it is untrusted."""
    names = manifest.get("files")
    given: Iterable[Content] = names if isinstance(names, (list, dict)) else []
    return [name for name in given if isinstance(name, str) and is_inside(name)]


def is_inside(name: str) -> bool:
    """Return whether a name in a manifest is inside the folder of its run.

    Examples
    --------
    >>> is_inside("sweep/part-00000.parquet"), is_inside("../precious.txt")
    (True, False)
    """
    parts = name.split("/")
    return all(part not in ("", ".", "..") and not set(part) & {"\\", ":", "\0"} for part in parts)


def digest(path: Path) -> str:
    """Return the SHA-256 of a file; empty if it cannot be read."""
    try:
        with path.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError:
        return ""


def list_file(folder: Path, name: str) -> None:
    """Add a file to the manifest of a run, so that it belongs to the run."""
    manifest = read_json(folder / MANIFEST)
    if name not in manifest["files"]:
        manifest["files"].append(name)
        write_whole(folder / MANIFEST, json_text(manifest))


def write_whole(path: Path, text: str) -> None:
    """Write a text file atomically."""
    with writing(path), written_beside(path) as partial:
        partial.write_text(text, encoding="utf-8", newline="\n")
        partial.replace(path)


@cache
def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:  # Numba may be missing
        return None
