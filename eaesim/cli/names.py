"""Everything that has a name."""

from __future__ import annotations

import click


@click.command(name="list", short_help="Rats, drugs, mechanisms, endpoints, states and questions.")
@click.option("--schema", is_flag=True, help="The JSON Schema of study files instead.")
def command(schema: bool) -> None:
    """List everything that can be named in a study file or an option."""
    from eaesim.workbench.question import questions

    if schema:
        from eaesim.workbench.schema import schema_text

        click.echo(schema_text(), nl=False)
        return
    from eaesim.endpoints import ENDPOINTS
    from eaesim.model import MECHANISMS, STATES, load, rat_names
    from eaesim.model.pharmacy import drug_names, load_drug

    sections = {
        "Rats": {name: load(name).title for name in rat_names()},
        "Drugs": {name: load_drug(name).title for name in drug_names()},
        "Mechanisms of IVIG": {name: item.title for name, item in MECHANISMS.items()},
        "Endpoints": {name: f"{item.title} ({item.unit})" for name, item in ENDPOINTS.items()},
        "Questions": {name: one.summary for name, one in questions().items()},
        "States": {name: f"{item.title} ({item.unit})" for name, item in STATES.items()},
    }
    for title, names in sections.items():
        click.echo(title)
        for name, text in names.items():
            click.echo(f"  {name:<26}{text}")
    click.echo("Published findings, parameters and sources\n  eaesim show A (or B, C, D, F) lists them")
