"""The model card: equations, states, endpoints, mechanisms, drugs, and every parameter with its source."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pages.evidence import explained_terms, linked
from pages.markdown import page, plain, prose, table
from pages.places import anchor, explained

#: Rats whose values stand side by side, and the parameter sets from which their ranges are read.
RATS, SETS = ("lewis", "da"), 64
# A page of a wide table has no list of its sections beside it.
_WIDE = "---\nhtml_theme.sidebar_secondary.remove: true\n---\n\n"
_KINDS = {
    "biology": "Biology",
    "drug": "Drug",
    "protocol": "Protocol",
    "reading": "Reading of the score",
}


def pages() -> dict[str, str]:
    """Return the pages of the model by path."""
    return {
        "model/index.md": _index(),
        "model/equations.md": _equations(),
        "model/parameters.md": _parameters(),
        "model/mechanisms.md": _mechanisms(),
        "model/states.md": _states(),
        "model/endpoints.md": _endpoints(),
        "model/drugs.md": _drugs(),
        "model/components.md": _components(),
    }


def _index() -> str:
    from eaesim.model import load, rat_names
    from eaesim.model.card import paragraphs

    rats = [[f"`{name}`", plain(load(name).title), prose(load(name).source)] for name in rat_names()]
    names = ("equations", "states", "endpoints", "parameters", "mechanisms", "drugs", "components")
    tree = "\n".join(["```{toctree}", ":hidden:", "", *names, "```"])
    sections = [
        "\n".join([f"## {plain(title)}", "", *(f"- {prose(text)}" for text in texts)])
        for title, texts in paragraphs(load("lewis")).items()
    ]
    return page(
        "Model card",
        "What the animal is made of, what every number rests on, and what is only a prediction. `eaesim "
        "show lewis` "
        "prints this card in a terminal, `eaesim show lewis --latex` its equations for a supplement.",
        table(["rat", "what it is", "source"], rats),
        *sections,
        tree,
    )


def _equations() -> str:
    from eaesim.workbench.report.equations import equations

    shared = [one for one in equations() if not one.title]
    rates = [one for one in equations() if one.title]
    return page(
        "Equations",
        "They are traced from the code that runs, so this page cannot differ from it. States are "
        "upright, parameters "
        "slanted, intermediate quantities coloured; time is in days. No term contains time: a dose only "
        "adds drug, and "
        "an induction only adds antigen, adjuvant or cells.",
        "## Intermediate quantities",
        *(_equation(one.name, "", one.markup) for one in shared),
        "## Rate of change of each state",
        *(_equation(one.name, one.title, one.markup) for one in rates),
    )


def _equation(name: str, title: str, markup: str) -> str:
    shown = name.replace("_", " ")
    text = f"{plain(title)}: `{name}`" if title else ""
    box = f'<div class="equation" role="region" tabindex="0" aria-label="Equation of {shown}">{markup}</div>'
    return "\n\n".join(part for part in (text, f"```{{raw}} html\n{box}\n```") if part)


def _parameters() -> str:
    from eaesim.model import load
    from eaesim.study.ensemble import ensemble_of
    from eaesim.workbench.report.parameters import parameter_rows, parameter_sources
    from eaesim.workbench.report.rats import RunRat

    rats = [RunRat(name, SETS, load(name), ensemble_of(load(name))) for name in RATS]
    sources = parameter_sources(rats)
    parts = [
        f"Value in Lewis and in DA rats: where it is estimated, median, lowest and highest of {SETS} "
        f"parameter sets. "
        "*Bounds* are those of an unknown value; *between rats* is a coefficient of variation, which is "
        "assumed. "
        "The number in the last column is that of the [source](#sources-of-the-values) below; a value that "
        "is not estimated and has no paper says *assumed*. `--set NAME=VALUE` changes any of them."
    ]
    head = ["parameter", "Lewis", "DA", "unit", "bounds", "between rats", "source"]
    for kind, rows in parameter_rows(rats):
        parts += [f"## {_KINDS.get(kind, kind)}", table(head, [_parameter(one) for one in rows])]
    parts += ["## Sources of the values", _numbered([linked(text) for text in sources])]
    return f"{_WIDE}{page('Parameters', *parts)}"


def _parameter(row: Any) -> Sequence[str]:
    name = row.name.replace(" ", "_")
    note = f"\n\n{prose(row.note)}" if row.note else ""
    sources = ", ".join(map(str, row.sources)) + (", assumed" if row.is_assumed else "")
    first = f"[{plain(name)}]{{#{anchor(name)}}}{note}"
    return [
        first.replace("<br>", "\n\n"),
        *map(plain, row.values),
        plain(row.unit),
        row.bounds,
        row.spread,
        sources,
    ]


def _numbered(texts: Sequence[str]) -> str:
    return "\n".join(f"{number}. {text}" for number, text in enumerate(texts, start=1))


def _explained(names: Sequence[str]) -> list[str]:
    """Return a section for each name, as `eaesim show` explains it."""
    parts = []
    for name in names:
        one = explained(name)
        parts += [f"({anchor(name)})=", f"## {plain(one.title)}", explained_terms(one.entries)]
    return parts


def _mechanisms() -> str:
    from eaesim.model import MECHANISMS

    intro = (
        "What IVIG may do, each a rival of the others. `--mechanism H1a` chooses one, `H1a+H2` combines "
        "two, `all` asks "
        "of each. Which agree with the published findings: "
        "[experiment 13](../experiments/13_mechanisms.md); which experiment would tell them apart: "
        "[experiment 14](../experiments/14_discriminate.md)."
    )
    return page("Mechanisms of IVIG", intro, *_explained(list(MECHANISMS)))


def _drugs() -> str:
    from eaesim.model.pharmacy import drug_names

    intro = (
        "A drug is a file of compartments and actions, and no code; "
        "[How to add things](../develop/adding.md) "
        "says how to write your own, and the [second tutorial](../tutorials/own_regimen.md) does so."
    )
    return page("Drugs", intro, *_explained(drug_names()))


def _states() -> str:
    from eaesim.model import STATES

    rows = [
        [f"[{plain(name)}]{{#{anchor(name)}}}", plain(one.title), plain(one.unit)]
        for name, one in STATES.items()
    ]
    intro = "What the equations compute, hour by hour. `--record NAME` keeps the course of a state."
    return page("States", intro, table(["state", "what it is", "unit"], rows))


def _endpoints() -> str:
    from eaesim.endpoints import ENDPOINTS

    rows = [
        [f"[{plain(name)}]{{#{anchor(name)}}}", plain(one.title), plain(one.unit)]
        for name, one in ENDPOINTS.items()
    ]
    intro = (
        "What is read from the daily scores of a rat, as a laboratory would. Scores are read on whole "
        "days, before that "
        "day's events. A window of days is written behind the name: `cumulative_score[12:42]`."
    )
    return page("Endpoints", intro, table(["endpoint", "what it is", "unit"], rows))


def _components() -> str:
    from eaesim.model.structure import COMMAND, DECIDED, structure

    rows = [
        [
            plain(one.title),
            f"`{one.setting}`",
            f"{one.log_evidence:.1f} ({one.low:.1f} to {one.high:.1f})",
            one.verdict,
        ]
        for one in structure()
    ]
    intro = (
        "How much each component improves the fit: change in log evidence of the published data without "
        "it, all "
        "else being estimated again, with the range of both chains. Below 0 the data support the component; "
        f"*inconclusive* is less than a factor of {DECIDED:g} in some chain. Made by `{COMMAND}`; drawn in "
        "[experiment 21](../experiments/21_structure.md)."
    )
    return page(
        "Contribution of each component",
        intro,
        table(["component", "without it", "change in log evidence", "the data"], rows),
    )
