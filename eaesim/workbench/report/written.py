"""Writing a page, whole or not at all, without overwriting other files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from eaesim.errors import FileError
from eaesim.study.manifest import MANIFEST, REPORT, list_file, write_whole
from eaesim.workbench.report.folder import RunFolder
from eaesim.workbench.report.page import GENERATOR

# Every report says within so many characters what it is.
_HEAD = 2_000


def write_page(
    run: RunFolder, make: Callable[[], str], *, out: Path | None = None, force: bool = False
) -> Path:
    """Write the page of a run.

    Parameters
    ----------
    run
        The run.
    make
        Makes the page, after the check that it can be written.
    out
        The file; by default ``report.html`` in the folder of the run, whose manifest then lists it.
    force
        Whether a file that is no report of this run is replaced.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    FileError
        If it cannot be written, or would replace a file that is not a report of this run.
    """
    path = run.folder / REPORT if out is None else out
    _check(run, path, force)
    text = make()
    write_whole(path, text)
    if path.resolve() == (run.folder / REPORT).resolve():
        list_file(run.folder, REPORT)
    return path


def _check(run: RunFolder, path: Path, force: bool) -> None:
    if path.is_dir():
        raise FileError(f"{path} is a folder; --out names a file.")
    if not path.parent.is_dir():
        raise FileError(f"{path.parent} is not a folder, so {path.name} cannot be written there.")
    own = {file.path.resolve() for file in run.files} | {(run.folder / MANIFEST).resolve()}
    if path.resolve() in own:
        raise FileError(f"{path} is a file of the run itself; choose another --out.")
    if path.exists() and not force and not _is_report(path, run.hash):
        raise FileError(f"{path} is no report of this run; choose another --out, or --force to replace it.")


def _is_report(path: Path, fingerprint: str) -> bool:
    try:
        with path.open(encoding="utf-8") as opened:
            return f'content="{GENERATOR} {fingerprint}"' in opened.read(_HEAD)
    except (OSError, UnicodeDecodeError):
        return False
