"""Terminal output during and after a run."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

import click

from eaesim.errors import one_line

if TYPE_CHECKING:
    import pandas as pd

#: Rows of a table that are printed, so that a table and the answer fit a screen; files have every row.
MOST_ROWS = 24


def print_table(frame: pd.DataFrame, *, title: str) -> None:
    """Print the first rows of a table, rounded, to standard output; a file has every row and digit of it."""
    from eaesim.cli.table import table_text

    click.echo(f"\n{table_text(frame.head(MOST_ROWS), title=title, width=_width())}")
    if len(frame) > MOST_ROWS:
        click.echo(f"The first {MOST_ROWS} of {len(frame)} rows; the files have every one.")
    click.echo()


def say(text: str) -> None:
    """Print a text to standard output, folded between words where that is a terminal."""
    from eaesim.cli.table import fold, width_of

    most = _width() if sys.stdout.isatty() else sys.maxsize
    for line in text.splitlines():
        for part in fold(line, most) if width_of(line) > most else [line]:
            click.echo(part)


def _width() -> int:
    return shutil.get_terminal_size().columns


def warn(message: str) -> None:
    """Print one line on standard error."""
    click.echo(f"warning: {one_line(message)}", err=True)
