"""Options that say how a laboratory's table of scores is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from eaesim.evidence import LaboratoryScores

Command = TypeVar("Command", bound=Callable[..., Any])
#: The options, as the parameters of a command.
NAMES = (
    "control",
    "sheet",
    "scale_max",
    "dead_score",
    "animal",
    "arm",
    "day",
    "score",
    "day_zero",
    "mark",
)


def score_file_options(function: Command) -> Command:
    """Add ``--control``, ``--sheet``, ``--scale-max``, ``--dead-score``, the columns and ``--mark``."""
    for option in (
        click.option(
            "--mark",
            multiple=True,
            metavar="WORD=MEANING",
            help="Meaning of a word in a cell: dead, removed, sacrificed or missing. Repeatable.",
        ),
        click.option("--day-zero", metavar="DATE", help="Date of day 0, where the table has dates."),
        click.option("--score", metavar="COLUMN", help="Column of scores, where a row is one reading."),
        click.option(
            "--day", metavar="COLUMN", help="Column of days, where a row is one reading or one day."
        ),
        click.option("--arm", metavar="COLUMN", help="Column of arms; none: all animals are in one arm."),
        click.option("--animal", metavar="COLUMN,...", help="Columns that together name an animal."),
        click.option("--dead-score", type=float, metavar="X", help="Score of death; default: --scale-max."),
        click.option("--scale-max", type=float, metavar="X", help="Top of your scale; default: 5."),
        click.option("--sheet", metavar="NAME", help="Sheet of an .xlsx file."),
        click.option("--control", metavar="NAME", help="Arm that the others are compared with."),
    ):
        function = option(function)
    return function


def given_score_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of the options that were given, as `read_score_file` takes them.

    Examples
    --------
    >>> given_score_options({"sheet": None, "scale_max": 4.0, "mark": (), "seed": 1})
    {'scale_max': 4.0}
    """
    return {name: options[name] for name in NAMES if options.get(name) not in (None, ())}


def read_score_file(path: Path, options: Mapping[str, Any]) -> LaboratoryScores:
    """Read a table of scores as the options say.

    Parameters
    ----------
    path
        The file.
    options
        What `given_score_options` returns.

    Raises
    ------
    click.UsageError
        If ``--mark`` cannot be read.
    EaesimError
        As `eaesim.evidence.read_scores` does.
    """
    from eaesim.evidence import read_scores

    chosen = dict(options)
    marks = {}
    for text in chosen.pop("mark", ()):
        word, equals, meaning = text.rpartition("=")
        if not equals or not word.strip() or not meaning.strip():
            raise click.UsageError(f'--mark "{text}" cannot be read; write WORD=MEANING, such as x=removed.')
        marks[word.strip()] = meaning.strip()
    if "animal" in chosen:
        chosen["animal"] = tuple(part.strip() for part in chosen["animal"].split(","))
    return read_scores(path, **chosen, marks=marks or None)
