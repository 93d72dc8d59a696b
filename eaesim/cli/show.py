"""Showing a rat, a drug, or the explanation of a code that a sentence uses."""

from __future__ import annotations

import click


@click.command(
    name="show", short_help="A rat, a patient, a trial, a drug, a finding, a mechanism, a parameter."
)
@click.argument("name")
@click.option("--latex", is_flag=True, help="For a rat: equations and parameters as LaTeX.")
@click.option("--drugs", "folders", multiple=True, metavar="FOLDER", help="Folder with further drug files.")
def command(name: str, latex: bool, folders: tuple[str, ...]) -> None:
    """Explain a name or a code, with its sources.

    NAME is a rat, a patient, a fit by its folder or a strain by its file (its model card), a trial, a drug, a
    row or a table of the evidence (A1, B, T5), a claim of the review (S2), a mechanism (H1a), a parameter, an
    endpoint, a state, or a key of the bibliography (Pashov1998).
    """
    from eaesim.model.pharmacy import drugs_from

    with drugs_from(".", *folders):
        _show(name, latex)


def _show(name: str, latex: bool) -> None:
    from eaesim.cli.explanation import codes, explain
    from eaesim.errors import ProtocolError, unknown_name
    from eaesim.model import rat_names
    from eaesim.model.card import card, latex_card
    from eaesim.model.patient import patient_names
    from eaesim.study import load
    from eaesim.study.ensemble import is_fit
    from eaesim.study.rats import is_strain

    subjects = (*rat_names(), *patient_names())
    text = None if name in subjects else explain(name)
    if name in subjects or (text is None and (is_fit(name) or is_strain(name))):
        click.echo(latex_card(load(name)) if latex else card(load(name)))
        return
    if text is None:
        raise unknown_name(name, "known name", [*subjects, *codes()])
    if latex:
        raise ProtocolError(f'--latex is for rats and patients ({", ".join(subjects)}); "{name}" is none.')
    click.echo(text, nl=False)
