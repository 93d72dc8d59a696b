"""Figures that explain the model and answer no question; an experiment's file names one in [drawing]."""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from eaesim.errors import EaesimError, ProtocolError, unknown_name
from eaesim.protocol.studyfile import read_tables
from eaesim.workbench.figure.igg import igg_figure
from eaesim.workbench.figure.iggpeople import igg_people_figure
from eaesim.workbench.figure.scheme import scheme_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DRAWINGS: dict[str, Callable[[], Figure]] = {
    "igg": igg_figure,
    "igg_people": igg_people_figure,
    "scheme": scheme_figure,
}


def names_drawing(path: str | PathLike[str]) -> bool:
    """Return whether a file that can be read has a [drawing] table."""
    try:
        return "drawing" in read_tables(path)
    except EaesimError:
        return False


def drawing_of(path: Path) -> Callable[[], Figure] | None:
    """Return what draws the figure that a file names; None for a file of a study or a question.

    Raises
    ------
    EaesimError
        If the file cannot be read, or names a figure that does not exist.
    """
    table = read_tables(path).get("drawing")
    if table is None:
        return None
    if not isinstance(table, dict) or set(table) != {"of"} or not isinstance(table["of"], str):
        raise ProtocolError(f'{path}: [drawing] takes one line, such as of = "{next(iter(DRAWINGS))}".')
    if table["of"] not in DRAWINGS:
        raise unknown_name(table["of"], "drawing", DRAWINGS)
    return DRAWINGS[table["of"]]
