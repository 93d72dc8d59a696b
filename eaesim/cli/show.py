"""Showing a rat or a drug, with its sources."""

from __future__ import annotations

import click


@click.command(name="show", short_help="The model card of a rat, or the data of a drug.")
@click.argument("name")
@click.option("--latex", is_flag=True, help="Equations and parameters as LaTeX.")
def command(name: str, latex: bool) -> None:
    """Print the model card of a rat, or of a fit by its folder, or the data of a drug, with sources."""
    from eaesim.errors import unknown_name
    from eaesim.model import rat_names
    from eaesim.model.card import card, latex_card
    from eaesim.protocol.drug import drug_names, load_drug
    from eaesim.study import load
    from eaesim.study.ensemble import is_fit

    if name in rat_names() or (name not in drug_names() and is_fit(name)):
        click.echo(latex_card(load(name)) if latex else card(load(name)))
    elif name in drug_names():
        drug = load_drug(name)
        click.echo(
            f"{drug.title}\ntarget: {drug.target}\nsource: {drug.source}\nroutes: {', '.join(drug.routes)}"
        )
        if drug.concentration:
            click.echo(f"product: {drug.concentration:g} mg/mL")
        for parameter, entry in drug.parameters.items():
            click.echo(f"{parameter} = {entry['value']:g} {entry['unit']}  ({entry['source']})")
        if drug.note:
            click.echo(drug.note)
    else:
        raise unknown_name(name, "rat or drug", [*rat_names(), *drug_names()])
