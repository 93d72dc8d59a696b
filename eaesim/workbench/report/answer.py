"""The page of a run from its folder, as a call: written whole or not at all, and over no other file."""

from __future__ import annotations

import warnings
from os import PathLike
from pathlib import Path

from eaesim.errors import EaesimWarning, FileError
from eaesim.study.manifest import MANIFEST, REPORT, list_file, write_whole
from eaesim.workbench.report.folder import RunFolder, read_folder
from eaesim.workbench.report.page import GENERATOR, page

# Every report says within so many characters what it is.
_HEAD = 2_000


def report(
    folder: str | PathLike[str], *, out: str | PathLike[str] | None = None, force: bool = False
) -> Path:
    """Write the folder of a run as one HTML page that opens anywhere without a network.

    It holds figures, tables, methods, equations, parameters with their sources, predictions, and how to cite.

    Parameters
    ----------
    folder
        The folder that a verb wrote (``--out``).
    out
        The file; by default ``report.html`` in the folder, whose manifest then lists it.
    force
        Whether a file that is no report of this run is replaced.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    FileError
        If the folder holds no finished run, or the page would replace something else.

    Examples
    --------
    >>> report("no_such_folder")
    Traceback (most recent call last):
    ...
    eaesim.errors.FileError: no_such_folder is not there; eaesim report takes the folder of a run.
    """
    run = read_folder(Path(folder))
    if run.origin:
        warnings.warn(run.origin, EaesimWarning, stacklevel=2)
    path = run.folder / REPORT if out is None else Path(out)
    _check(run, path, force)
    write_whole(path, page(run))
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
