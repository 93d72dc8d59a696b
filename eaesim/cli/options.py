"""Options that every verb with a folder has."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

import click

from eaesim.errors import FileError
from eaesim.workbench.progress import BAR, WAYS


class Folder(click.Path):
    """A folder by its name, which is not empty: an empty name would be the current folder."""

    def convert(
        self, value: str | PathLike[str], param: click.Parameter | None, ctx: click.Context | None
    ) -> str | bytes | PathLike[str]:
        """Return the folder."""
        if isinstance(value, str) and not value.strip():
            raise click.UsageError("--out is empty; it names a folder.")
        return super().convert(value, param, ctx)


def check_free(path: Path, *, force: bool) -> None:
    """Make sure that a file may be written, before anything is computed."""
    if path.is_dir():
        raise FileError(f"{path} is a folder; name a file with --out.")
    if path.exists() and not force:
        raise FileError(f"{path} is there already; choose another name with --out, or --force to replace it.")


def output_options() -> list[click.Option]:
    """Return ``--out``, ``--force``, ``--progress``, ``--quiet`` and ``--drugs``."""
    return [
        click.Option(["--out"], type=Folder(path_type=Path), metavar="DIR", help="Folder for the files."),
        click.Option(["--force"], is_flag=True, help="Replace the files of another run in that folder."),
        click.Option(
            ["--progress", "way"],
            type=click.Choice(WAYS),
            default=BAR,
            metavar="WAY",
            help="bar (default; where a terminal shows it), lines (for a log) or none.",
        ),
        click.Option(["--quiet"], is_flag=True, help="No progress bar."),
        click.Option(
            ["--drugs", "folders"],
            multiple=True,
            type=Folder(path_type=Path),
            metavar="DIR",
            help="Folder with drug files, besides that of the study; may be given again.",
        ),
    ]
