"""A study file, or a table of scores, to start from."""

from __future__ import annotations

from pathlib import Path

import click

SCORES = "scores"


@click.command(name="new", short_help="A study file to start from; new scores: a table of scores.")
@click.argument("name")
@click.option("--force", is_flag=True, help="Replace a file of that name.")
def command(name: str, force: bool) -> None:
    """Write NAME.toml, a commented study file to start from.

    With the name scores, write scores.csv instead: a table of daily scores, with made-up ones, for eaesim
    scores.
    """
    from eaesim.errors import FileError
    from eaesim.evidence.laboratory import new_scores_text
    from eaesim.protocol.studyfile import new_study_text

    if name == SCORES:
        path, text, then = Path(f"{SCORES}.csv"), new_scores_text(), "eaesim scores"
    else:
        path = Path(f"{name.removesuffix('.toml')}.toml")
        text, then = new_study_text(path.stem), f"eaesim check {path} and eaesim run"
    if path.exists() and not force:
        raise FileError(f"{path} is there already; choose another name, or --force to replace it.")
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise FileError(f"{path} cannot be written: {error.strerror}.") from error
    click.echo(f"{path}: edit it, then {then} {path}")
