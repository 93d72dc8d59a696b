"""Words of a study's figure: its finding, its footer and its alternative text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product

from eaesim.endpoints import endpoint as find_endpoint
from eaesim.evidence.setting import given_doses
from eaesim.model.pharmacy import load_drug
from eaesim.protocol.dose import STUDIED_DRUG
from eaesim.protocol.quantity import dose_text
from eaesim.study import Result
from eaesim.workbench.figure.armforest import ZONE, Column, Mark, Row
from eaesim.workbench.figure.grid import Grid
from eaesim.workbench.figure.page import OF_SETS
from eaesim.workbench.figure.studyforest import is_effect
from eaesim.workbench.figure.words import PREVENTED, changes_words, left_out_words, rat_words, shortened

#: Words of a title.
MOST_WORDS = 12
# Words of an arm's name in a title.
_NAME_WORDS = (6, 5, 4, 3, 2)
MOST_DOSES = 3
_OF_RATS = "95 % interval over rats"

Named = tuple[str, Mark]


def title_words(
    result: Result, rows: Sequence[Row], columns: Sequence[Column], endpoints: Sequence[str]
) -> str:
    """Return the finding of the first endpoint: the arm that stands out, then the opposite one if it fits."""
    marks = [
        (row.name, mark)
        for row, mark in zip(rows, columns[0].marks, strict=True)
        if mark is not None and math.isfinite(mark.value)
    ]
    dosed = {arm.name for arm in result.design.arms if given_doses(arm)}
    marks = [one for one in marks if one[0] in dosed] or marks
    found, is_part = find_endpoint(endpoints[0]), is_effect(result, endpoints[0])
    what = found.title.partition(",")[0]
    if not marks:
        return f"{rat_words(result.rat)}: no value of {what}"
    marks.sort(key=lambda one: -abs(one[1].value) if is_part else -one[1].value)
    if is_part and abs(marks[0][1].value) < ZONE:
        who = "No arm changes" if len(marks) > 1 else f"{shortened(marks[0][0], 4)} does not change"
        return _capital(f"{who} {_prevented(found.whole, what)} by {ZONE:.0f} % or more")
    ends = marks[:1] if len(marks) == 1 else [marks[0], marks[-1]]
    for count, words in product(range(len(ends), 0, -1), _NAME_WORDS):
        said = [(shortened(name, words), mark) for name, mark in ends[:count]]
        text = (
            _effects(said, _prevented(found.whole, what))
            if is_part
            else _values(said, PREVENTED.get(found.whole, what) if found.unit == "share" else what)
        )
        if len(text.replace(" %", "%").split()) <= MOST_WORDS and (words > 2 or count == 1):
            break
    return _capital(text)


def _prevented(whole: str, what: str) -> str:
    of_relapse = " of the relapse"
    short = f"relapse's {what.removesuffix(of_relapse)}" if what.endswith(of_relapse) else what
    return PREVENTED.get(whole, short)


def _effects(said: Sequence[Named], what: str) -> str:
    (name, first), *others = said
    value = f"{abs(first.value):.0f} %"
    the = "" if what in PREVENTED.values() else "the "
    start = f"prevents {value} of {the}{what}" if first.value > 0 else f"raises {the}{what} by {value}"
    least = "".join(f", {_beyond(other, name)} {round(mark.value) + 0:.0f} %" for other, mark in others)
    return f"{name} {start}{least}"


def _beyond(name: str, first: str) -> str:
    """Return a name without its first word if another begins with it as well."""
    word, _, rest = name.partition(" ")
    return rest if rest and word == first.partition(" ")[0] else name


def _values(said: Sequence[Named], what: str) -> str:
    values = (f"{mark.label.partition(' (')[0]} ({name})" for name, mark in said)
    return f"{what}: {', '.join(values)}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def forest_words(result: Result, columns: Sequence[Column], endpoints: Sequence[str]) -> tuple[str, str]:
    """Return title and subtitle of the forest, which says what of its marks is drawn."""
    parts = [is_effect(result, name) for name in endpoints]
    title = "Effects against the same rats without the dose" if all(parts) else "Endpoints by arm"
    marks = [mark for one in columns for mark in one.marks if mark]
    published = any(mark for one in columns for each in one.published for mark in each)
    said = [
        f"dot and line: mean and {OF_SETS if result.members > 1 else _OF_RATS}",
        "" if all(mark.is_tested for mark in marks) else "dashed: not tested",
        f"grey: within {ZONE:.0f} %" if any(one.zone for one in columns) else "",
        "black: published, hollow if used in the fit" if published else "",
    ]
    return title, "; ".join(part for part in said if part)


def footer_words(result: Result, *, group: int | None, left_out: int) -> str:
    """Return mechanisms, doses, rats and seed, what the bands are, and what is not drawn."""
    design = result.design
    failed = max(result.failed(arm, design.control) for arm in result.arms)
    sets = f" of {result.members} parameter sets" if result.members > 1 else ""
    parts = [
        f"{_treated_words(result) or 'Untreated'}.",
        f"{result.number} rats{sets}, seed {result.seed}.",
        "" if group is None else f"Bands: 95 % of groups of n = {group}.",
    ]
    needed = [
        changes_words(result.rat),
        f"Up to {failed} rats of an arm {left_out_words(design)} and are left out." if failed else "",
        "The courses are not drawn." if group is None else "",
        f"Arms that are not drawn: {left_out}." if left_out else "",
    ]
    return " ".join(part for part in (*parts, *needed) if part)


def _treated_words(result: Result) -> str:
    """Return drugs with the mechanisms of IVIG and up to three doses of each."""
    design = result.design
    given: dict[str, dict[str, None]] = {}
    mechanisms: dict[str, None] = {}
    for arm in design.arms:
        for line in given_doses(arm):
            given.setdefault(line.dose.drug, {})[dose_text(line.dose.amount)] = None
            if line.dose.drug == STUDIED_DRUG:
                mechanisms[arm.mechanism_or(design.mechanism)] = None
    parts = []
    for drug, doses in given.items():
        name = ", ".join(mechanisms) if drug == STUDIED_DRUG else load_drug(drug).title
        parts.append(", ".join([name, *(doses if len(doses) <= MOST_DOSES else ())]))
    return "; ".join(parts)


def alt_words(grid: Grid, rows: Sequence[Row], columns: Sequence[Column]) -> str:
    """Return kind, axes, main numbers and what is a prediction."""
    count = len(grid.titles)
    graphs = f"{count} graph{'s' * (count > 1)} of the clinical score of the living by day, and a forest"
    numbers = "; ".join(
        f"{row.name} {mark.label}"
        for row, mark in zip(rows, columns[0].marks, strict=True)
        if mark is not None
    )
    marks = [mark for mark in columns[0].marks if mark]
    predicted = "" if all(mark.is_tested for mark in marks) else " Dashed arms are predictions."
    return f"{graphs if count else 'A forest'} of {len(rows)} arms.{predicted} {columns[0].axis}: {numbers}."
