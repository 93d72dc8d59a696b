"""What a person sees while and after something runs."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from eaesim.errors import one_line

if TYPE_CHECKING:
    import pandas as pd

    from eaesim.solver import Progress


@contextmanager
def progress_bar(title: str, *, quiet: bool) -> Iterator[Progress | None]:
    """Show a bar on standard error while runs are done; None if `quiet` or where nobody is looking."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    words = TextColumn("{task.description}", markup=False)
    columns = (words, BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(file=sys.stderr), transient=True) as bar:
        task = bar.add_task(one_line(title), total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def print_table(frame: pd.DataFrame, *, title: str) -> None:
    """Print a table to standard output: every column, whatever the width of the terminal."""
    from eaesim.cli.table import table_text

    width = shutil.get_terminal_size().columns
    click.echo(f"\n{table_text(frame, title=title, width=width)}\n")


def warn(message: str) -> None:
    """Print one line on standard error."""
    click.echo(f"warning: {one_line(message)}", err=True)
