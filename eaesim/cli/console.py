"""What a person sees while and after something runs."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    import pandas as pd

    from eaesim.solver import Progress


PIPED_WIDTH = 160


@contextmanager
def progress_bar(title: str, *, quiet: bool) -> Iterator[Progress | None]:
    """Show a bar on standard error while runs are done; None if `quiet` or where nobody is looking."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(file=sys.stderr), transient=True) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def print_table(frame: pd.DataFrame, *, title: str) -> None:
    """Print a table to standard output."""
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title, box=SIMPLE, title_justify="left")
    for name in frame.columns:
        numeric = frame[name].dtype.kind in "fi"
        table.add_column(str(name), justify="right" if numeric else "left", no_wrap=True)
    for row in frame.itertuples(index=False):
        table.add_row(*(_cell(value) for value in row))
    Console(width=None if sys.stdout.isatty() else PIPED_WIDTH).print(table)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return "" if value != value else f"{value:.2f}"
    return str(value)


def warn(message: str) -> None:
    """Print one line on standard error."""
    click.echo(f"warning: {' '.join(message.split())}", err=True)
