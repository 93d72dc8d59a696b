"""Looking at a study file without running it."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(name="check", short_help="Check a study file; runs nothing.")
@click.argument("study_file", type=click.Path(path_type=Path), metavar="STUDY.toml")
def command(study_file: Path) -> None:
    """Check names, units and ranges of a study file, and say what it would do and cost; runs nothing."""
    from eaesim.analysis.sweepnotes import cost_line, path_lines, sweep_notes
    from eaesim.analysis.sweepplan import plan_sweep
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
        click.echo(f"[{alone.name}]: {planned.summary()}; run it with {alone.asked_of(study_file)}.")
        click.echo(f"{study_file} is fine.")
        return
    request = read_timing_file(study_file)
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
            run = question.asked_of(study_file)
            click.echo(f"[{question.name}]: {asked.summary()}; run it with {run}.")
        if file.sweep is not None:
            with within(str(study_file)):
                swept = plan_sweep(study, file.sweep, animals=file.animals, seed=file.seed)
            click.echo("\n".join(["[sweep]:", *path_lines(swept), cost_line(swept, workers=1)]))
            click.echo(f"Run it with eaesim sweep {study_file}.")
            for text in sweep_notes(swept):
                warn(text)
    speed = RAT_DAYS[choose_engine().name]
    for study, animals in studies:
        for text in study.warnings():
            warn(text)
        runs, days = animals * len(study.design.arms), study.design.until
        click.echo(
            f"{len(study.design.arms)} arms of {animals} rats over {days} days: {runs} runs, "
            f"at most about {max(1, round(runs * days / speed))} s on one core."
        )
    click.echo(f"{study_file} is fine.")
