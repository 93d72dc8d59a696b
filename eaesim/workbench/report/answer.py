"""The page of a run from its folder, as a call."""

from __future__ import annotations

import warnings
from os import PathLike
from pathlib import Path

from eaesim.errors import EaesimWarning
from eaesim.workbench.report.folder import read_folder
from eaesim.workbench.report.page import page
from eaesim.workbench.report.written import write_page


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
    found = read_folder(Path(folder))
    if found.origin:
        warnings.warn(found.origin, EaesimWarning, stacklevel=2)
    return write_page(found, lambda: page(found), out=None if out is None else Path(out), force=force)
