"""Checking a study file without running it."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(name="check", short_help="Check a file of a study, a trial, a drug or a strain; runs nothing.")
@click.argument("study_file", type=click.Path(path_type=Path), metavar="STUDY|TRIAL|DRUG|STRAIN.toml")
@click.option("--drugs", "folders", multiple=True, metavar="FOLDER", help="Folder with further drug files.")
def command(study_file: Path, folders: tuple[str, ...]) -> None:
    """Check names, units and ranges of a study file, and say what it would do and cost; runs nothing.

    Of a trial or drug file, check the same, and say what it is and does; of a strain's, how it differs.
    """
    from eaesim.model.pharmacy import drugs_from, is_drug, read_drug_file

    if is_drug(study_file):
        from eaesim.cli.explanation import explain_drug

        click.echo(explain_drug(read_drug_file(study_file)).text(), nl=False)
        click.echo(f"{study_file} is valid.")
        return
    from eaesim.protocol.studyfile import is_trial, read_tables
    from eaesim.study.rats import is_strain

    if is_strain(str(study_file)):
        _check_strain(study_file)
        return
    with drugs_from(*folders):
        if is_trial(read_tables(study_file)):
            _check_trial(study_file)
        else:
            _check(study_file)


def _check_strain(file: Path) -> None:
    """Print how a strain differs from the rat of its base."""
    from eaesim.model import load
    from eaesim.study.rats import known_strain

    rat = known_strain(str(file))
    base = load(rat.base)
    click.echo(f"{rat.title}; differs from {rat.base} in:")
    for name, entry in rat.entries.items():
        if entry != base.entries[name]:
            before = f"{entry.value:g} {entry.unit} instead of {base.entries[name].value:g}"
            click.echo(f"{name}: {before}; {entry.basis}")
    click.echo(f"{file} is valid.")


def _check_trial(file: Path) -> None:
    """Print what a trial is, and check that it can be simulated."""
    from eaesim.cli.explainedtrial import explain_trial
    from eaesim.protocol.trialfile import read_trial
    from eaesim.workbench.question import question

    asked = question("trial")
    asked.plan(file, asked.request())
    click.echo(explain_trial(read_trial(file)).text(), nl=False)
    click.echo(f"{file} is valid; run it with {asked.asked_of(file)}.")


def _check(study_file: Path) -> None:
    from eaesim.cli.console import warn
    from eaesim.files import within
    from eaesim.solver import RAT_DAYS, choose_engine
    from eaesim.workbench.studyfile import asked, asked_in, own_question, read_study, request_of

    alone = own_question(study_file)
    if alone is not None:
        subject, request, _ = asked(alone, study_file)
        planned = alone.plan(subject, request)
        for text in planned.warnings():
            warn(text)
        click.echo(f"[{alone.name}]: {planned.summary()}; run it with {alone.asked_of(study_file)}.")
        click.echo(f"{study_file} is valid.")
        return
    study, file = read_study(study_file)
    click.echo(f"{study.rat.title}; IVIG acts by {study.design.mechanism}; control: {study.design.control}.")
    click.echo(str(study.design))
    notes = dict[str, None]()
    for question in asked_in(file):
        with within(str(study_file)):
            planned = question.plan(study, request_of(question, file))
        run = question.asked_of(study_file)
        click.echo(f"[{question.name}]: {planned.summary()}; run it with {run}.")
        for line in planned.opening():
            click.echo(line)
        notes |= dict.fromkeys(planned.warnings())
    runs, days = file.animals * len(study.design.arms), study.design.until
    seconds = max(1, round(runs * days / RAT_DAYS[choose_engine().name]))
    click.echo(
        f"{len(study.design.arms)} arms of {file.animals} rats over {days} days: {runs} runs, "
        f"at most about {seconds} s on one core."
    )
    for text in dict.fromkeys((*notes, *study.warnings())):
        warn(text)
    click.echo(f"{study_file} is valid.")
