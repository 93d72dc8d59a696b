"""Explanation of a code that a sentence uses: a finding, a mechanism, a parameter, a source."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial

from eaesim.cli.explainedfinding import cited, explain_row, seen
from eaesim.cli.explainedtrial import (
    CLAIMS,
    TRIALS,
    explain_claim,
    explain_claims,
    explain_trial,
    explain_trial_row,
    explain_trial_table,
)
from eaesim.cli.labelled import Entries, Explanation
from eaesim.endpoints import ENDPOINTS, endpoint
from eaesim.evidence import Finding, load_findings
from eaesim.evidence.claims import claims, trial_rows
from eaesim.model import MECHANISMS, STATES, Parameter, Parameters, load, rat_names
from eaesim.model.action import Mechanism
from eaesim.model.bibliography import bibliography, source
from eaesim.model.drug import Drug
from eaesim.model.parameter_file import basis
from eaesim.model.pharmacy import drug_names, load_drug
from eaesim.protocol.trialfile import not_simulable, trial_names

#: Tables of findings, and the rows outside them that belong to one.
TABLES = {
    "A": "IVIG in rat EAE",
    "B": "Untreated rats",
    "C": "IgG in the rat",
    "D": "For and against each mechanism",
    "E": "Further experiments in rats",
    "F": "Parameters with literature",
    "P": "IgG in people",
}


def codes() -> Mapping[str, Callable[[], Explanation]]:
    """Return every name that can be explained, and what explains it.

    Examples
    --------
    >>> codes()["H1a"]().title
    'H1a: IVIG blocks maturation of dendritic cells'
    """
    found: dict[str, Callable[[], Explanation]] = {name: partial(_drug, name) for name in drug_names()}
    found |= {name: partial(_table, name) for name in TABLES}
    found |= {one.id: partial(explain_row, one.id, [one]) for one in load_findings()}
    # A row of several readings comes before a reading of the same name.
    found |= {name: partial(explain_row, name, rows) for name, rows in _rows().items()}
    found |= {name: partial(explain_claim, name) for name in claims()}
    found |= {name: partial(explain_trial_row, name) for name in trial_rows()}
    found |= {TRIALS[0]: explain_trial_table, CLAIMS[0]: explain_claims}
    found |= {name: partial(_mechanism, one) for name, one in MECHANISMS.items()}
    found |= {name: partial(_source, name) for name in bibliography()}
    found |= {name: partial(_named, name, one.title, one.unit, "state") for name, one in STATES.items()}
    found |= {name: partial(_named, name, one.title, one.unit, "endpoint") for name, one in ENDPOINTS.items()}
    found |= {name: partial(explain_trial, name) for name in (*trial_names(), *not_simulable())}
    return found | {name: partial(_parameter, name) for name in Parameters._fields}


def explain(code: str) -> str | None:
    """Return the explanation of a code, at most 76 columns wide; None if it is not a code.

    Parameters
    ----------
    code
        A row or a reading of the evidence, a mechanism or a combination, a parameter, an endpoint with or
        without a window, a state or a key of the bibliography. Capital letters do not matter.

    Examples
    --------
    >>> print(explain("a4").splitlines()[0])
    A4: clinical score, suppressed
    >>> explain("Q7") is None
    True
    """
    if "[" in code:
        one = endpoint(code.strip().casefold())
        return _named(one.name, one.title, one.unit, "endpoint").text()
    known = codes()
    # A trial and its paper may differ by a capital letter alone; then what is typed exactly comes first.
    if (exact := code.strip()) in known:
        return known[exact]().text()
    folded = {name.casefold(): name for name in known}
    # The names of a trial and of its source may differ in a capital letter alone.
    given = [
        part if part in known else part.casefold() for part in (each.strip() for each in code.split("+"))
    ]
    # H1 means its two forms.
    parts = [name for part in given for name in (("h1a", "h1b") if part == "h1" else (part,))]
    names = [part if part in known else folded.get(part, "") for part in parts]
    if not all(names) or (len(names) > 1 and not all(name in MECHANISMS for name in names)):
        return None
    return "\n".join(known[name]().text() for name in names)


@cache
def _rows() -> Mapping[str, list[Finding]]:
    rows: dict[str, list[Finding]] = {}
    for one in load_findings():
        rows.setdefault(one.row, []).append(one)
    return rows


def _mechanism(one: Mechanism) -> Explanation:
    rows = [finding for finding in load_findings() if one.name in finding.mechanism]
    entries: Entries = {
        "acts on": one.site,
        "strength": _by_rat({name: _strength(load(name).entries[one.potency]) for name in rat_names()}),
        "set by": load("da").entries[one.potency].source,
        "in runs": "parameter sets of an ensemble each have their own strength",
    }
    for stance in ("for", "against"):
        entries[stance] = [
            f"{each.id}: {each.text} ({each.study})" for each in rows if each.stance == stance
        ] or "no row"
    keys = dict.fromkeys(key for each in rows for key in each.key)
    entries["sources"] = [f"{key}: {source(key).text}" for key in keys]
    return Explanation(f"{one.name}: IVIG {one.title}", entries)


def _by_rat(texts: Mapping[str, str]) -> list[str]:
    """Return each text once, with the rats that it holds for; the text alone where it holds for all."""
    if len(set(texts.values())) == 1:
        return [next(iter(texts.values()))]
    rats = {text: [rat for rat, own in texts.items() if own == text] for text in texts.values()}
    return [f"{', '.join(names)}: {text}" for text, names in rats.items()]


def _strength(one: Parameter) -> str:
    half = f", half effect at {1 / one.value:.2g} mg/mL" if one.unit == "mL/mg" and one.value else ""
    reached = "" if one.reached is None else f"; alone it leaves {one.reached:.2g} of the mean score in A1"
    return f"{one.name} = {_amount(one)}{half}{reached}"


def _parameter(name: str) -> Explanation:
    rats = {rat: load(rat).entries[name] for rat in rat_names()}
    first = next(iter(rats.values()))
    bases: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
    for rat, one in rats.items():
        bases.setdefault((one.source, one.support, one.key), []).append(rat)
    acting = next((f" ({one.name})" for one in MECHANISMS.values() if one.potency == name), "")
    entries: Entries = {
        "value": _by_rat({rat: _amount(one) for rat, one in rats.items()}),
        "bounds": f"{first.low:g} to {first.high:g}",
        "rats differ": f"coefficient of variation {first.spread:g}, assumed"
        if first.spread
        else "the same in all",
        "kind": first.kind,
        "note": first.note,
    }
    for (origin, support, keys), told in bases.items():
        entries[f"in {', '.join(told)}" if len(bases) > 1 else "from"] = [
            origin,
            *([f"literature, {support}"] if support else []),
            *(line for key in keys for line in cited(key)),
        ]
    return Explanation(f"{name}{acting}", entries)


def _source(key: str) -> Explanation:
    one = source(key)
    cited = [finding.id for finding in load_findings() if key in finding.key]
    parameters = dict.fromkeys(
        name for rat in rat_names() for name, entry in load(rat).entries.items() if key in entry.key
    )
    entries: Entries = {
        "citation": one.text,
        "page": "" if one.url in one.text else one.url,
        "read": f"{one.read}; the full text was not",
        "verified": "every field above was read on a page"
        if one.verified
        else f"not verified; from memory: {', '.join(one.from_memory) or 'nothing'}",
        "note": one.note,
        "findings": ", ".join(cited) or "none of this version",
        "parameters": ", ".join(parameters),
    }
    return Explanation(key, entries)


def _drug(name: str) -> Explanation:
    return explain_drug(load_drug(name))


def explain_drug(drug: Drug) -> Explanation:
    """Return what a drug is, does, and rests on.

    Examples
    --------
    >>> explain_drug(load_drug("late_acting")).title
    'late_acting: late-acting comparator'
    """
    entries: Entries = {
        "target": drug.target,
        "routes": ", ".join(drug.routes),
        "record": ", ".join(drug.states),
        "product": f"{drug.concentration:g} mg/mL" if drug.concentration else "",
        "source": [drug.source, *(line for key in drug.key for line in cited(key))],
        "note": drug.note,
    }
    for action in drug.actions:
        entries[f"{action.does} {', '.join(action.on)}".strip()] = action.text()
    for one in drug.mechanisms.values():
        acts = [f"{action.does} {', '.join(action.on)}: {action.text()}" for action in one.actions]
        entries[one.name] = [one.title, *acts]
    for parameter, entry in drug.parameters.items():
        bounds = f" ({entry.low:g} to {entry.high:g})" if entry.low < entry.high else ""
        entries[parameter] = [
            f"{_amount(entry)}{bounds}; {basis(entry.source, entry.support, ())}",
            *([f"source: {', '.join(entry.key)}"] if entry.key else []),
            entry.note,
        ]
    return Explanation(f"{drug.name}: {drug.title}", entries)


def _named(name: str, title: str, unit: str, kind: str) -> Explanation:
    return Explanation(name, {kind: title, "unit": unit})


def _table(letter: str) -> Explanation:
    if letter == "F":
        rats = [load(rat).entries for rat in rat_names()]
        entries: Entries = {
            name: list(
                dict.fromkeys(
                    "; ".join(part for part in (one.support, ", ".join(one.key)) if part)
                    for one in (entries[name] for entries in rats)
                    if one.support
                )
            )
            for name in Parameters._fields
            if any(entries[name].support for entries in rats)
        }
    else:
        entries = {one.id: f"{seen(one)} ({one.study})" for one in load_findings() if one.table == letter}
    return Explanation(f"{letter}: {TABLES[letter]}", entries)


def _amount(one: Parameter) -> str:
    return f"{one.value:g}{'' if one.unit == 'dimensionless' else f' {one.unit}'}"
