"""A study file, or a table of scores, to start from."""

from __future__ import annotations

from pathlib import Path

import click

SCORES, SCHEMA = "scores", "eaesim.schema.json"
DRUG, DRUG_SCHEMA = "drug", "eaesim-drug.schema.json"
TRIAL, TRIAL_SCHEMA = "trial", "eaesim-trial.schema.json"


@click.command(name="new", short_help="A study file to start from; new scores: a table of scores.")
@click.argument("name")
@click.option("--for", "verb", metavar="QUESTION", help="With its table, every key explained.")
@click.option("--force", is_flag=True, help="Replace a file of that name.")
def command(name: str, verb: str | None, force: bool) -> None:
    """Write NAME.toml, a commented study file to start from, and eaesim.schema.json.

    With the schema, editors that know TOML complete and check the file as it is typed. --for power adds the
    table of eaesim power, and so for every question that eaesim list names; a question that takes no study
    has its own file. --for drug writes a drug file, and --for trial a trial file, with its schema. With the
    name scores, write scores.csv instead: a table of daily scores, with made-up ones, for eaesim scores.
    """
    from eaesim.errors import FileError
    from eaesim.evidence.laboratory import new_scores_text
    from eaesim.study.manifest import write_whole
    from eaesim.workbench.question import command
    from eaesim.workbench.schema import study_schema
    from eaesim.workbench.tableschema import schema_text
    from eaesim.workbench.template import new_text, usage

    schema, schema_of = Path(SCHEMA), study_schema
    if verb == DRUG:
        from eaesim.workbench.drugtemplate import drug_schema, new_drug_text

        schema, schema_of = Path(DRUG_SCHEMA), drug_schema
        path = Path(f"{name.removesuffix('.toml')}.toml")
        text = f"#:schema {DRUG_SCHEMA}\n{new_drug_text(path.stem)}"
        then = f'{command("check", path)}, and give it in an arm with drug = "{path.stem}"'
    elif verb == TRIAL:
        from eaesim.workbench.trialtemplate import new_trial_text, trial_schema

        schema, schema_of = Path(TRIAL_SCHEMA), trial_schema
        path = Path(f"{_stem(name)}.toml")
        text = f"#:schema {TRIAL_SCHEMA}\n{new_trial_text(path.stem)}"
        then = f"{command('check', path)} and {command('trial', path)}"
    elif name == SCORES:
        if verb is not None:
            raise click.UsageError("--for is for a study file, not for a table of scores.")
        path, text, then = Path(f"{SCORES}.csv"), new_scores_text(), f"eaesim scores {SCORES}.csv"
    else:
        path, stem = Path(f"{_stem(name)}.toml"), _stem(name)
        text = f"#:schema {SCHEMA}\n{new_text(stem, verb)}"
        then = f"{command('check', path)} and {usage(path, verb)}"
    if path.is_dir():
        raise FileError(f"{path} is a folder; choose another name.")
    if (path.exists() or path.is_symlink()) and not force:
        raise FileError(f"{path} is there already; choose another name, or --force to replace it.")
    write_whole(path, text)
    if name != SCORES and not (schema.exists() or schema.is_symlink()):
        write_whole(schema, schema_text(schema_of()))
    click.echo(f"{path}: edit it, then {then}")


def _stem(name: str) -> str:
    from eaesim.errors import FileError

    stem = name.removesuffix(".toml")
    if not stem.strip() or stem.startswith((".", "-")) or set(stem) & set('/\\:*?"<>|'):
        raise FileError(f'"{name}" is not a name for a study file here; write for example first.')
    return stem
