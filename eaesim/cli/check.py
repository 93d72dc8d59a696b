"""Looking at a study file without running it."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(name="check", short_help="Check a study file; runs nothing.")
@click.argument("study_file", type=click.Path(path_type=Path), metavar="STUDY.toml")
def command(study_file: Path) -> None:
    """Check names, units and ranges of a study file, and say what it would do and cost; runs nothing."""
    from eaesim.analysis.timingfile import read_timing_file
    from eaesim.cli.console import warn
    from eaesim.protocol.tables import within
    from eaesim.solver import RAT_DAYS, choose_engine
    from eaesim.workbench.studyfile import asked_in, own_question, own_request, read_study, request_of

    alone = own_question(study_file)
    if alone is not None:
        planned = alone.plan(None, own_request(alone, study_file))
        for text in planned.warnings():
            warn(text)
        click.echo(f"[{alone.name}]: {planned.summary()}; run it with eaesim {alone.verb} {study_file}.")
        click.echo(f"{study_file} is fine.")
        return
    request, notes = read_timing_file(study_file), dict[str, None]()
    if request is not None:
        studies = [(study, request.animals) for study in request.studies()]
        click.echo(f"A timing file: run it with eaesim timing {study_file}.")
    else:
        study, file = read_study(study_file)
        studies = [(study, file.animals)]
        click.echo(
            f"{study.rat.title}; IVIG acts by {study.design.mechanism}; control: {study.design.control}."
        )
        click.echo(str(study.design))
        for question in asked_in(file):
            with within(str(study_file)):
                asked = question.plan(study, request_of(question, file))
            first, *nested = question.verb.split()
            verb = " ".join(["eaesim", first, str(study_file), *nested])
            click.echo(f"[{question.name}]: {asked.summary()}; run it with {verb}.")
            for line in asked.opening():
                click.echo(line)
            notes |= dict.fromkeys(asked.warnings())
    speed = RAT_DAYS[choose_engine().name]
    for study, animals in studies:
        notes |= dict.fromkeys(study.warnings())
        runs, days = animals * len(study.design.arms), study.design.until
        click.echo(
            f"{len(study.design.arms)} arms of {animals} rats over {days} days: {runs} runs, "
            f"at most about {max(1, round(runs * days / speed))} s on one core."
        )
    for text in notes:
        warn(text)
    click.echo(f"{study_file} is fine.")
