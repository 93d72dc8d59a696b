"""The model card: parameters of a rat, the source of every number, and what is only a prediction."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from eaesim.model.mechanism import MECHANISMS
from eaesim.model.parameter_file import KINDS, Parameter
from eaesim.model.patientcard import PATIENT
from eaesim.model.state import STATES
from eaesim.model.structure import COMMAND, DECIDED, structure

#: Maximum line length of a card.
WIDTH = 110
#: Ratio treated/control to which each mechanism alone is calibrated: one dose at immunisation, DA rats.
CALIBRATING_RATIO = 0.26
#: A ratio above this counts as not reached.
REACHED = 0.30

#: Predictions without supporting data.
PREDICTION = (
    "Relapse prevented by dosing at its induction is a prediction: no experiment found has tested it. "
    "So is every other day around a relapse, and a dose given days before the immunisation.",
    "The review behind this project says that IVIG must be given at the induction of a relapse "
    "(Sorensen2008); in the rats it cites, IVIG was given at immunisation.",
)
#: Origin of the values, and data not used in the fit.
SHOWN = (
    "The values are one parameter set of the ensemble, the nearest to its medians; the strengths of IVIG are "
    "set by one dose at immunisation (A1). The fit used untreated rats only: first attacks, remission "
    "and relapse, second attacks, and the cells of donors. It did not use a dose on any other day, a "
    "treated relapse or transfer, or the rechallenge of protected rats."
)
#: Assumed bounds of the fit without a published number, from targets.toml.
ASSUMED = (
    "Assumed, without a published number, never counted as a finding: of DA rats 78 % or more are without "
    "signs on the best day between first peak and day 30; the mean severity of their second bout rises by "
    "0.9 or more, and on days 18 to 24 reaches 1.4 or more; 9 % or fewer are dead by day 35; a relapse "
    "induced on day 35, without adjuvant or with it, adds 1.4 or more to the peak of the living. Of Lewis "
    "recipients of 0.3 of the standard cells 60 % or more fall ill, of 0.06 of them 8 % or fewer, and of a "
    "second attack by cells in week 24 5 % or fewer."
)
#: Reliability of the shipped fit.
FITTED = (
    "The two chains of the fit agree: R-hat is at most 1.011 over 63 numbers. They were made by the parts of "
    "eaesim fit, not by one run of it: 192 particles each, started from populations of an earlier fit that "
    "were in different places, 165 moves. The whole command has not been run from its start to its end with "
    "these settings. The mean log-likelihood is -30.0 on the fit's own 64 rats and -31.1 on 384 others."
)
#: The rule that effects of timing must emerge from the dynamics.
RULE = (
    "No treatment term contains time: the equations depend on states and parameters, never on the day. A "
    "dose only adds IgG. That IVIG works early and fails late emerges from the sequence of cells in the "
    "immune response; it is not built in.",
)
_CHANGES = (
    "Regulatory T cells of the node have a carrying capacity (treg_capacity): without it, IVIG that expands "
    "them (H2) left one rat in ten with more of them than a rat has cells. In this rat it has little effect "
    "on the score: at its greatest strength H2 leaves 0.21 of it in A1, without the capacity 0.16.",
    "IgG in the CNS follows activated macrophages, not the cytokine they make: H6 neutralises that cytokine, "
    "and IgG would set its own entry in the same instant (an algebraic loop).",
    "H4 and H6 read only the IgG that reaches the CNS; H3 reads plasma IgG for a stated share "
    "(monocyte_blood_share) and CNS IgG for the rest, because monocytes are exposed in the blood before they "
    "enter. cns_reads_plasma = 1 gives the alternative, in which all three read plasma.",
    "Incomplete adjuvant is a separate state that IVIG does not bind: it has no mycobacteria. Its danger "
    "signal is weaker than that of complete adjuvant (adjuvant_incomplete_strength, assumed).",
    "Antibody is made by cells that mature in two stages (germinal_centre_rate), so that it appears in week "
    "4, as in rats (E9); without delay it peaked on day 9 and was gone by day 25.",
    "Effector cells leave the blood within one or two days (effector_blood_loss 0.5 to 2 per day, where 0.05 "
    "to 0.5 was allowed): with cells that stay for a week, influx continues and no attack ends.",
    "Depots for intraperitoneal and subcutaneous doses, because not every dose is intravenous.",
    "Anti-drug antibodies against IgG, off by default: seen in mice after weekly doses, no rat data found.",
    "Strengths are potencies, 1/IC50: 0 is off, and no value is infinite.",
    "Regulatory T cells of the CNS start in steady state: a healthy rat is at rest, so that a run from day "
    "-7 equals one from day 0.",
    "Reach of H1a and H1b into priming and recall by lesion antigen (lesion_priming_reach) is 0: with 1 a "
    "therapeutic dose would change the course, and the published one did not. 1 is the alternative.",
    "Exponents are numbers between 2 and 1: of severity (severity_linearity, estimated) and of IVIG's "
    "inhibition (inhibition_linearity: not informed by the data, so parameter sets cover the range); 0 is "
    "2, as before, 1 is 1.",
    "Between-animal variability is estimated: animal_spread scales every spread except those of drugs.",
    "The effect of autoantibody in DA rats (autoantibody_damage) is estimated, to give H4 and H5 a fair "
    "comparison; Lewis disease does not have it.",
)
_WEAK = (
    "With these values H7 cannot reach the calibrating ratio in DA rats: they fall ill without adjuvant too.",
    "A dose a week before immunisation still works (Lewis, peak score: effect 0.3 under H1a and H1b, where "
    "at immunisation it is 0.7 and 0.6); no experiment found has tested it.",
    "H4 and H5 have no clinical effect in lewis and da: little IgG reaches the CNS, and autoantibody has "
    "little effect. In the variant da_antibody it has more, but appears in week 4: with a dose at "
    "immunisation, H4 and H5 still do not reduce the score of days 0 to 30, so A1 cannot identify them.",
    "H2 and H3 do not fail late: Lewis rats dosed on day 7 keep effects of 0.9 and 1.0 on the peak score, "
    "where none was found (A5).",
    "Low adjuvant reduces everything: with a tenth of it the ensemble's Lewis rats have 0.60 (90 "
    "%: 0.37 to 0.74) of the T cells and 0.58 (0.32 to 0.77) of the inflammation. Strong influx with few "
    "signs, as after few mycobacteria, is reproduced in part (E26: inconclusive).",
    "Surviving DA rats are not all well between bouts: mean score 0.5 on day 16, where 61 % are without "
    "signs; 0.2 on day 34; 0.0 on day 60. No finding informs how soon a second bout ends.",
    "Not identified: barrier_opening and the parameters of regulatory T cells (treg in the name); values "
    "that differ severalfold fit equally well.",
    "The values are one set that fits, not estimates; runs draw from the ensemble that eaesim fit made.",
)
_COLUMNS = (2, 33, 12, 16, 20, 9, 8)
_LATEX = {letter: rf"\{letter}" for letter in "&%$#_{}"} | {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}


class Described(Protocol):
    """Subject of a card: a `Rat`."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def title(self) -> str: ...  # noqa: D102
    @property
    def strain(self) -> str: ...  # noqa: D102
    @property
    def source(self) -> str: ...  # noqa: D102
    @property
    def entries(self) -> Mapping[str, Parameter]: ...  # noqa: D102
    @property
    def differences(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def off(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def attacks(self) -> Mapping[str, Parameter]: ...  # noqa: D102


def card(rat: Described) -> str:
    """Return the model card as plain text, at most `WIDTH` columns wide.

    Parameters
    ----------
    rat
        Rat or patient to describe.

    Examples
    --------
    >>> from eaesim.model.species import load
    >>> print(card(load("lewis")).splitlines()[0])
    Lewis rat: monophasic, refractory afterwards
    """
    numbers = _source_numbers(rat)
    head = [("name", rat.name), ("strain", rat.strain), ("source", rat.source)]
    if rat.attacks:
        return _joined(
            [
                (rat.title, _table(head, (10, 100))),
                ("What a patient is here", _bullets(PATIENT)),
                ("The rule", _bullets(RULE)),
                ("Attacks", _attacks(rat)),
                ("States", _states()),
                ("Mechanisms, with the strengths of the rat", _mechanisms(rat)),
                *_by_kind(rat, numbers),
            ]
        )
    sections = [
        (rat.title, _table(head, (10, 100))),
        ("Predictions", _bullets(PREDICTION)),
        ("Data used in the fit", _bullets((SHOWN, ASSUMED, FITTED))),
        ("The rule", _bullets(RULE)),
        *_lean(rat),
        ("States", _states()),
        ("Mechanisms", _mechanisms(rat)),
        *_by_kind(rat, numbers),
        ("Changes from the original model structure, with reasons", _bullets(_CHANGES)),
        ("Contribution of each component", _parts()),
        ("Weak points", _bullets((_strength_of_priming_block(rat), *_WEAK))),
    ]
    return _joined(sections)


def _joined(sections: Sequence[tuple[str, str]]) -> str:
    return "\n\n".join(f"{title}\n{'-' * len(title)}\n{body}" for title, body in sections) + "\n"


def _by_kind(rat: Described, numbers: dict[str, int]) -> list[tuple[str, str]]:
    """Return the parameters of each kind, and their sources."""
    return [
        *((f"Parameters: {kind}", _parameters(rat, kind, numbers)) for kind in KINDS),
        ("Sources", _table([(f"[{number}]", source) for source, number in numbers.items()], (6, 104))),
    ]


def _attacks(rat: Described) -> str:
    rows = [
        (name, _amount(one), _bounds(one), f"{one.title}; {one.basis}") for name, one in rat.attacks.items()
    ]
    return _table([("setting", "value", "low..high", "what it is; source"), *rows], (13, 14, 14, 69))


def latex_card(rat: Described) -> str:
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


def _lean(rat: Described) -> list[tuple[str, str]]:
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


def _source_numbers(rat: Described) -> dict[str, int]:
    sources = dict.fromkeys(one.basis for one in rat.entries.values())
    return {source: number for number, source in enumerate(sources, start=1)}


def _states() -> str:
    rows = [(name, state.unit, state.title) for name, state in STATES.items()]
    return _table([("state", "unit", "what it is"), *rows], (24, 16, 70))


def _mechanisms(rat: Described) -> str:
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


def _parameters(rat: Described, kind: str, numbers: dict[str, int]) -> str:
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


def _strength_of_priming_block(rat: Described) -> str:
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
