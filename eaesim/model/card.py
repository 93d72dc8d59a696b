"""The model card: parameters of a rat, the source of every number, and what is only a prediction."""

from __future__ import annotations

import textwrap
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files

from eaesim.model.mechanism import MECHANISMS
from eaesim.model.parameter_file import KINDS, Parameter, Subject
from eaesim.model.state import STATES
from eaesim.model.structure import COMMAND, DECIDED, structure

#: Maximum line length of a card.
WIDTH = 110
#: Ratio treated/control to which each mechanism alone is calibrated: one dose at immunisation, DA rats.
CALIBRATING_RATIO = 0.26
#: A ratio above this counts as not reached.
REACHED = 0.30

_COLUMNS = (2, 33, 12, 16, 20, 9, 8)
_LATEX = {letter: rf"\{letter}" for letter in "&%$#_{}"} | {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}


@cache
def card_texts() -> Mapping[str, list[str]]:
    """Return the texts of a card by name, as ``card.toml`` lists them.

    Examples
    --------
    >>> card_texts()["rule"][0][:42]
    'No treatment term contains time: the equat'
    """
    text = files("eaesim.model").joinpath("card.toml").read_text("utf-8")
    found: Mapping[str, list[str]] = tomllib.loads(text)["note"]
    return found


def paragraphs(rat: Subject) -> dict[str, list[str]]:
    """Return the sections of a rat's card that are sentences, by title.

    Examples
    --------
    >>> from eaesim.model.species import load
    >>> list(paragraphs(load("lewis")))[:2]
    ['Predictions', 'Data used in the fit']
    """
    texts = card_texts()
    return {
        "Predictions": texts["prediction"],
        "Data used in the fit": [*texts["shown"], *texts["assumed"], *texts["fitted"]],
        "The rule": texts["rule"],
        "Changes from the original model structure, with reasons": texts["changes"],
        "Weak points": [_strength_of_priming_block(rat), *texts["weak"]],
    }


def card(rat: Subject) -> str:
    """Return the model card as plain text, at most `WIDTH` columns wide.

    Examples
    --------
    >>> from eaesim.model.species import load
    >>> print(card(load("lewis")).splitlines()[0])
    Lewis rat: monophasic, refractory afterwards
    """
    numbers = _source_numbers(rat)
    head = [("name", rat.name), ("strain", rat.strain), ("source", rat.source)]
    texts = card_texts()
    if rat.attacks:
        return _joined(
            [
                (rat.title, _table(head, (10, 100))),
                ("What a patient is here", _bullets(texts["patient"])),
                ("The rule", _bullets(texts["rule"])),
                ("Attacks", _attacks(rat)),
                ("States", _states()),
                ("Mechanisms, with the strengths of the rat", _mechanisms(rat)),
                *_by_kind(rat, numbers),
            ]
        )
    *first, changes, weak = ((title, _bullets(own)) for title, own in paragraphs(rat).items())
    sections = [
        (rat.title, _table(head, (10, 100))),
        *first,
        *_lean(rat),
        ("States", _states()),
        ("Mechanisms", _mechanisms(rat)),
        *_by_kind(rat, numbers),
        changes,
        ("Contribution of each component", _parts()),
        weak,
    ]
    return _joined(sections)


def _joined(sections: Sequence[tuple[str, str]]) -> str:
    return "\n\n".join(f"{title}\n{'-' * len(title)}\n{body}" for title, body in sections) + "\n"


def _by_kind(rat: Subject, numbers: dict[str, int]) -> list[tuple[str, str]]:
    """Return the parameters of each kind, and their sources."""
    return [
        *((f"Parameters: {kind}", _parameters(rat, kind, numbers)) for kind in KINDS),
        ("Sources", _table([(f"[{number}]", source) for source, number in numbers.items()], (6, 104))),
    ]


def _attacks(rat: Subject) -> str:
    rows = [
        (name, _amount(one), _bounds(one), f"{one.title}; {one.basis}") for name, one in rat.attacks.items()
    ]
    return _table([("setting", "value", "low..high", "what it is; source"), *rows], (13, 14, 14, 69))


def latex_card(rat: Subject) -> str:
    r"""Return a LaTeX fragment: the equations, and a table of the parameters with their sources.

    It needs the packages ``amsmath`` and ``longtable``.

    Examples
    --------
    >>> from eaesim.model.species import load
    >>> print(latex_card(load("lewis")).splitlines()[0])
    \section*{Lewis rat: monophasic, refractory afterwards}
    """
    from eaesim.model.sheet import sheet
    from eaesim.model.symbols import latex_equations

    numbers = _source_numbers(rat)
    rows = [
        " & ".join(
            map(_latex, (one.name, _number(one.value), one.unit, _bounds(one), f"[{numbers[one.basis]}]"))
        )
        for one in rat.entries.values()
    ]
    return "\n".join(
        (
            rf"\section*{{{_latex(rat.title)}}}",
            sheet(rat).latex() if rat.off else latex_equations(),
            r"\begin{longtable}{lrlrl}",
            " \\\\\n".join(("Parameter & Value & Unit & Range & Source", *rows)),
            r"\end{longtable}",
            r"\begin{description}",
            *(rf"\item[{{[{number}]}}] {_latex(source)}" for source, number in numbers.items()),
            r"\end{description}",
        )
    )


def _lean(rat: Subject) -> list[tuple[str, str]]:
    """Return the section on disabled components of a rat: the remaining equations, and why."""
    if not rat.off:
        return []
    from eaesim.model.sheet import sheet

    left = sheet(rat)
    equations = "\n".join(left.lines(WIDTH))
    reasons = [(name, _number(rat.entries[name].value), rat.entries[name].source) for name in rat.off]
    return [
        (f"Equations: the {len(left.rates)} states that are integrated for intravenous IgG", equations),
        ("Disabled components", _table([("held at", "value", "why"), *reasons], (33, 9, 68))),
    ]


def _source_numbers(rat: Subject) -> dict[str, int]:
    sources = dict.fromkeys(one.basis for one in rat.entries.values())
    return {source: number for number, source in enumerate(sources, start=1)}


def _states() -> str:
    rows = [(name, state.unit, state.title) for name, state in STATES.items()]
    return _table([("state", "unit", "what it is"), *rows], (24, 16, 70))


def _mechanisms(rat: Subject) -> str:
    head = (
        "Strength: each alone, as close as possible within its bounds to the calibrating ratio "
        f"{CALIBRATING_RATIO:g}: mean score of days 0 to 30, treated over control, DA rats, 1 g/kg at "
        "immunisation (finding A1). Computed in 200 virtual rats."
    )
    rows = [
        (name, one.title, one.potency, _amount(rat.entries[one.potency]), _reached(rat.entries[one.potency]))
        for name, one in MECHANISMS.items()
    ]
    table = _table(
        [("id", "what IVIG does", "parameter", "strength", "ratio reached"), *rows], (5, 40, 21, 17, 27)
    )
    return f"{textwrap.fill(head, WIDTH)}\n{table}"


def _reached(parameter: Parameter) -> str:
    if parameter.reached is None:
        return "not calibrated yet"
    if parameter.reached > REACHED:
        return f"cannot reach {CALIBRATING_RATIO:g} within its bounds: reaches {parameter.reached:.2f}"
    return f"{parameter.reached:.2f}"


def _parameters(rat: Subject, kind: str, numbers: dict[str, int]) -> str:
    lines = [_table([("", "parameter", "value", "unit", "low..high", "spread", "source")], _COLUMNS)]
    chosen = [one for one in rat.entries.values() if one.kind == kind]
    for one in chosen:
        mark = "*" if one.name in rat.differences else ""
        source = f"[{numbers[one.basis]}]"
        row = (mark, one.name, _number(one.value), one.unit, _bounds(one), f"{one.spread:g}", source)
        lines.append(_table([row], _COLUMNS))
        if one.note:
            lines.append(textwrap.indent(textwrap.fill(one.note, WIDTH - 6), " " * 6))
    if any(one.name in rat.differences for one in chosen):
        lines.append("* differs from the base")
    if any(one.spread for one in chosen):
        lines.append("spread: variation between rats (coefficient of variation); assumed")
    return "\n".join(lines)


def _parts() -> str:
    """Return the contribution of each model component, best supported first."""
    words = (
        "Change in log evidence of the published data without the component, all else being estimated again; "
        "in brackets the range of both chains. Below 0 the data support the component.",
        f"Inconclusive: not a factor of {DECIDED:g} in every chain. Such a component represents biology "
        "known from elsewhere (see its source), not from these data.",
        f"Made by: {COMMAND} --particles 24 --moves 6, from the shipped ensembles. Far below 0 the order is "
        "sure, the size is not.",
    )
    rows = [
        (
            f"{_tenth(part.log_evidence)} ({_tenth(part.low)} to {_tenth(part.high)})",
            part.title,
            part.setting,
            part.verdict,
        )
        for part in structure()
    ]
    head = ("change", "part", "without it", "the rows")
    return "\n".join((_bullets(words), "", _table([head, *rows], (20, 39, 36, 15))))


def _tenth(value: float) -> str:
    """Return a number to one digit, without a sign if it rounds to 0."""
    return f"{round(value, 1) + 0.0:.1f}"


def _strength_of_priming_block(rat: Subject) -> str:
    entries = {name: rat.entries[MECHANISMS[name].potency] for name in ("H1a", "H1b")}
    given = " and ".join(
        f"{name} at {1 / one.value:.2g} mg/mL" if one.value > 0 else f"{name} is off"
        for name, one in entries.items()
    )
    return (
        f"Half effect of {given}; in vitro, inhibition of human T cells depends on the concentration from "
        "1 mg/mL on (finding C7), with no threshold. Its relevance to rat dendritic cells is unknown."
    )


def _amount(parameter: Parameter) -> str:
    unit = "" if parameter.unit == "dimensionless" else f" {parameter.unit}"
    return f"{_number(parameter.value)}{unit}"


def _bounds(parameter: Parameter) -> str:
    return f"{_number(parameter.low)}..{_number(parameter.high)}"


def _number(value: float) -> str:
    return f"{value:.0f}" if 1000 <= abs(value) < 1e9 else f"{value:.4g}"


def _bullets(paragraphs: Iterable[str]) -> str:
    return "\n".join(
        textwrap.fill(one, WIDTH, initial_indent="- ", subsequent_indent="  ") for one in paragraphs
    )


def _table(rows: Iterable[Sequence[str]], widths: Sequence[int]) -> str:
    """Return rows in columns of the given widths; a cell too long for its column continues below."""
    lines = []
    for row in rows:
        cells = [
            textwrap.wrap(cell, width - 1, break_on_hyphens=False)
            for cell, width in zip(row, widths, strict=True)
        ]
        for line in range(max(map(len, cells))):
            texts = (cell[line] if line < len(cell) else "" for cell in cells)
            lines.append(
                "".join(text.ljust(width) for text, width in zip(texts, widths, strict=True)).rstrip()
            )
    return "\n".join(lines)


def _latex(text: str) -> str:
    return "".join(_LATEX.get(letter, letter) for letter in text)
