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
    from eaesim.study.manifest import write_whole

    if name == SCORES:
        path, text, then = Path(f"{SCORES}.csv"), new_scores_text(), "eaesim scores"
    else:
        stem = name.removesuffix(".toml")
        if not stem.strip() or stem.startswith((".", "-")) or set(stem) & set('/\\:*?"<>|'):
            raise FileError(f'"{name}" is not a name for a study file here; write for example first.')
        path = Path(f"{stem}.toml")
        text, then = new_study_text(stem), f"eaesim check {path} and eaesim run"
    if path.is_dir():
        raise FileError(f"{path} is a folder; choose another name.")
    if (path.exists() or path.is_symlink()) and not force:
        raise FileError(f"{path} is there already; choose another name, or --force to replace it.")
    write_whole(path, text)
    click.echo(f"{path}: edit it, then {then} {path}")
