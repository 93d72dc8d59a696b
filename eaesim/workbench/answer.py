"""Plan and answer of a question: the base classes of every question's plan and answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from inspect import signature
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from eaesim.errors import UnknownNameError
from eaesim.files import Content

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from eaesim.study import Study


#: A cell of a table, and a row of it by column.
Cell: TypeAlias = float | str | bool | None
Row: TypeAlias = dict[str, Cell]


class Plan:
    """A question that was read and checked; nothing has been computed."""

    def settings(self) -> dict[str, Content]:
        """Return everything that decides the result, as plain values for the manifest."""
        raise NotImplementedError

    def summary(self) -> str:
        """Summarise in a few words what would be done, for `eaesim check`."""
        raise NotImplementedError

    def opening(self) -> list[str]:
        """Return the lines that are printed before anything is computed, such as its cost."""
        return []

    def warnings(self) -> list[str]:
        """Return a warning for each thing to know before it is run."""
        return []

    def left_out(self, tables: Sequence[str]) -> list[str]:  # noqa: ARG002
        """Return a line for each table in the file that belongs to another question and is not run."""
        return []


class StudyPlan(Plan):
    """A question about a study."""

    study: Study

    def warnings(self) -> list[str]:
        """Return a line for each thing to know of the study."""
        return self.study.warnings()


@dataclass(frozen=True)
class Shown:
    """A table that the terminal prints.

    Attributes
    ----------
    title
        What it is.
    table
        The table, with the columns that a first look needs; the CSV files have all.
    note
        What is printed below it.
    """

    title: str = ""
    table: pd.DataFrame | None = None
    note: str = ""


class Answer:
    """The answer of a question.

    Attributes
    ----------
    is_begun
        Whether its folder already holds parts of it, so that its other files are added to them.
    drawn_by
        Module of its folder that draws it.
    figure_of
        What its figure draws instead of an endpoint that is asked, for the message that refuses one.
    """

    is_begun: ClassVar[bool] = False
    drawn_by: ClassVar[str] = "figure"
    figure_of: ClassVar[str] = ""

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables by the names of their CSV files, without the ending."""
        return {}

    def texts(self) -> dict[str, str]:
        """Return the texts by the names of their files; the terminal prints them too."""
        return {}

    def write(self, folder: Path) -> None:
        """Write files that are neither tables, texts nor figures."""

    def figure(self, *, endpoint: str | None = None) -> Figure:
        """Draw it as its module of figures does, or of several endpoints one alone."""
        draw: Callable[..., Figure] = self.drawing().figure
        if "endpoint" in signature(draw).parameters:
            return draw(self, endpoint=endpoint)
        if endpoint is not None:
            name = self.figure_of or f"{type(self).__name__} has no endpoint to choose"
            raise UnknownNameError(f"a figure of {name}; leave endpoint out.")
        return draw(self)

    def drawing(self) -> ModuleType:
        """Return its module of figures, which needs this class and so is imported by name."""
        return import_module(f"{type(self).__module__.rpartition('.')[0]}.{self.drawn_by}")

    def more_figures(self) -> dict[str, Figure]:
        """Draw further figures, by the names of their files without the endings."""
        return {}

    def shown(self) -> list[Shown]:
        """Return what the terminal prints."""
        return []

    def notes(self) -> list[str]:
        """Return a line for each thing that a reader must know."""
        return []

    def sentence(self) -> str:
        """Return the result in one plain sentence, or a line for each of several."""
        raise NotImplementedError

    def to_parquet(self, folder: Path | str) -> list[Path]:
        """Write every table as a Parquet file, and return their paths.

        Parameters
        ----------
        folder
            Where they go; it is made if it is not there.
        """
        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        paths = {place / f"{stem}.parquet": table for stem, table in self.tables().items()}
        for path, table in paths.items():
            table.to_parquet(path, index=False)
        return list(paths)

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the sentence, the notes, the figure and the first table."""
        from html import escape
        from io import StringIO

        image = StringIO()
        self.figure().savefig(image, format="svg")
        svg = image.getvalue()
        notes = "".join(f"<li>{escape(note)}</li>" for note in self.notes())
        table = next(iter(self.tables().values()), None)
        parts = [f"<p>{escape(self.sentence())}</p>", f"<ul>{notes}</ul>", svg[svg.index("<svg") :]]
        return "\n".join([*parts, "" if table is None else table.to_html(max_rows=20, index=False)])

    def closing(self) -> list[str]:
        """Return the lines after the sentence, with ``{folder}`` in place of the folder of the files."""
        return []
