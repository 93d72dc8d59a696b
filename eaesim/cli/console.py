"""Terminal output during and after a run."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from eaesim.errors import one_line

if TYPE_CHECKING:
    import pandas as pd

#: Files of more lines are named, and not printed.
MOST_LINES = 500


def print_table(frame: pd.DataFrame, *, title: str) -> None:
    """Print a short table to standard output; a file has every digit of it."""
    from eaesim.cli.table import table_text

    click.echo(f"\n{table_text(frame, title=f'In short: {title}', width=_width())}\n")


def print_file(files: Iterable[Path], name: str, *, title: str) -> None:
    """Print a table as it was written: every column and digit, whatever the width of the terminal."""
    from eaesim.cli.table import file_text

    path = next(path for path in files if path.name == name)
    with path.open(encoding="utf-8") as lines:
        length = sum(1 for _ in lines)
    if length > MOST_LINES:
        click.echo(f"\n{name} has {length:,} lines, too many to print: {one_line(title)}\n")
        return
    click.echo(f"\n{file_text(path, title=f'{name}: {title}', width=_width())}\n")


def _width() -> int:
    return shutil.get_terminal_size().columns


def warn(message: str) -> None:
    """Print one line on standard error."""
    click.echo(f"warning: {one_line(message)}", err=True)
