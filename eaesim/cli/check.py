"""Looking at a study file without running it."""

from __future__ import annotations

from pathlib import Path

import click

# Rat-days per second of the reference solver on one core, for an estimate, not a promise.
RAT_DAYS_PER_SECOND = 2_000


@click.command(name="check", short_help="Check a study file; runs nothing.")
@click.argument("study_file", type=click.Path(path_type=Path), metavar="STUDY.toml")
def command(study_file: Path) -> None:
    """Check names, units and ranges of a study file, and say what it would do and cost; runs nothing."""
    from eaesim.cli.console import warn
    from eaesim.study import read_study

    study, file = read_study(study_file)
    design = study.design
    click.echo(f"{study.rat.title}; IVIG acts by {design.mechanism}; control: {design.control}.")
    click.echo(str(design))
    for arm in design.arms:
        for text in arm.regimen.warnings():
            warn(f"{arm.name}: {text}")
    runs = file.animals * len(design.arms)
    seconds = runs * design.until / RAT_DAYS_PER_SECOND
    click.echo(
        f"{len(design.arms)} arms of {file.animals} rats over {design.until} days: {runs} runs, "
        f"at most about {max(1, round(seconds))} s on one core."
    )
    click.echo(f"{study_file} is fine.")
