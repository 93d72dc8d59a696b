"""A study file to start from."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(name="new", short_help="A study file to start from.")
@click.argument("name")
@click.option("--force", is_flag=True, help="Replace a file of that name.")
def command(name: str, force: bool) -> None:
    """Write NAME.toml, a commented study file to start from."""
    from eaesim.errors import FileError
    from eaesim.protocol.studyfile import new_study_text

    path = Path(f"{name.removesuffix('.toml')}.toml")
    text = new_study_text(path.stem)
    if path.exists() and not force:
        raise FileError(f"{path} is there already; choose another name, or --force to replace it.")
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise FileError(f"{path} cannot be written: {error.strerror}.") from error
    click.echo(f"{path}: edit it, then eaesim check {path} and eaesim run {path}")
