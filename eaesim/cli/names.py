"""Everything that has a name."""

from __future__ import annotations

import textwrap

import click

TARGETS, TRIALS = "targets", "trials"
#: Sections of the list that can be printed alone, with their titles.
SECTIONS = {
    "rats": "Rats",
    "patients": "Patients",
    "drugs": "Drugs",
    "mechanisms": "Mechanisms of IVIG",
    "endpoints": "Endpoints",
    "questions": "Questions",
    "states": "States",
}
WIDTH, LABEL = 80, 31


@click.command(
    name="list", short_help="Rats, patients, trials, drugs, mechanisms, endpoints, questions, targets."
)
@click.argument("what", required=False, metavar="[WHAT]")
@click.option(
    "--schema", is_flag=True, help="The JSON Schema of study files instead; of drug or trial files."
)
@click.option("--drugs", "folders", multiple=True, metavar="FOLDER", help="Folder with further drug files.")
def command(what: str | None, schema: bool, folders: tuple[str, ...]) -> None:
    """List everything that can be named in a study file or an option.

    WHAT is one of rats, patients, drugs, mechanisms, endpoints, questions, states, trials, or targets (what
    drugs may act on).
    """
    from eaesim.errors import unknown_name
    from eaesim.model.pharmacy import drugs_from

    if what not in (None, TARGETS, TRIALS, *SECTIONS):
        raise unknown_name(what, "list", (*SECTIONS, TRIALS, TARGETS))

    with drugs_from(*folders):
        if schema:
            click.echo(_schema(what), nl=False)
        elif what == TARGETS:
            _targets()
        elif what == TRIALS:
            _trials()
        else:
            _names(what)


def _schema(what: str | None) -> str:
    from eaesim.workbench.drugtemplate import drug_schema
    from eaesim.workbench.schema import study_schema
    from eaesim.workbench.tableschema import schema_text
    from eaesim.workbench.trialtemplate import trial_schema

    return schema_text({TARGETS: drug_schema, TRIALS: trial_schema}.get(what or "", study_schema)())


def _targets() -> None:
    from eaesim.model import STATES
    from eaesim.model.processes import PROCESSES, target_parameters, target_states

    sections = {
        "Processes (inhibit, stimulate)": {name: one.title for name, one in PROCESSES.items()},
        "Parameters (inhibit, stimulate)": dict(target_parameters()),
        "States (deplete)": {name: STATES[name].title for name in target_states()},
    }
    _print(sections)


def _trials() -> None:
    from eaesim.protocol.trialfile import not_simulable

    _print({"Trials (eaesim trial NAME)": trial_titles(), "Not simulable": dict(not_simulable())})


def trial_titles() -> dict[str, str]:
    """Return the titles of the shipped trials by name.

    Examples
    --------
    >>> trial_titles()["aims"]
    'AIMS: monthly IVIG in relapsing-remitting MS'
    """
    from eaesim.protocol.trialfile import read_trial, trial_names

    return {name: read_trial(name).title for name in trial_names()}


def _print(sections: dict[str, dict[str, str]]) -> None:
    for title, names in sections.items():
        click.echo(title)
        for name, text in names.items():
            first, *rest = textwrap.wrap(text, WIDTH - LABEL)
            click.echo(f"  {name:<{LABEL - 2}}{first}")
            for line in rest:
                click.echo(f"{'':{LABEL}}{line}")


def _names(what: str | None) -> None:
    from eaesim.endpoints import ENDPOINTS
    from eaesim.model import MECHANISMS, STATES, load, rat_names
    from eaesim.model.patient import load_subject, patient_names
    from eaesim.model.pharmacy import drug_names, load_drug
    from eaesim.study.recorded import recordable
    from eaesim.workbench.question import questions

    sections = {
        "Rats": {name: load(name).title for name in rat_names()},
        "Patients": {name: load_subject(name).title for name in patient_names()},
        "Trials": trial_titles(),
        "Drugs": {name: load_drug(name).title for name in drug_names()},
        "Mechanisms of IVIG": {name: item.title for name, item in MECHANISMS.items()},
        "Endpoints": {name: f"{item.title} ({item.unit})" for name, item in ENDPOINTS.items()},
        "Questions": {name: one.summary for name, one in questions().items()},
        "States": {name: f"{item.title} ({item.unit})" for name, item in STATES.items()},
        "Derived quantities and exposures (record)": {
            name: f"{title} ({unit})" for name, (title, unit) in recordable(()).items() if name not in STATES
        },
    }
    if what is not None:
        _print({SECTIONS[what]: sections[SECTIONS[what]]})
        return
    _print(sections)
    click.echo("Compartments of a drug (record)\n  eaesim show DRUG")
    click.echo("Targets of drugs\n  eaesim list targets")
    click.echo(
        "Published findings, parameters and sources\n  eaesim show A (or B, C, D, E, F, P, S, T) lists them"
    )
