"""Forest of a study: effects against the control or, without doses, values, with published ones."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from eaesim.endpoints import endpoint as find_endpoint
from eaesim.estimation.potency import UNTIL
from eaesim.evidence import Finding, load_findings, published_effect
from eaesim.evidence.setting import concerns, mismatch
from eaesim.proportion import NORMAL_95, wilson_interval
from eaesim.study import Result
from eaesim.workbench.figure.armforest import ZONE, Column, Mark, Row
from eaesim.workbench.figure.studypanels import Treatment
from eaesim.workbench.figure.words import counted_words, effect_words

# The reading to which the published effect on the mean score was set.
_CALIBRATED = f"mean_score[:{UNTIL['da']}]"
_MARGIN = 0.03


def forest(
    result: Result, drawn: Sequence[Treatment], endpoints: Sequence[str], *, most: int
) -> tuple[list[Row], list[Column], int]:
    """Return a row per arm, a column per endpoint, and how many arms have no row, being more than the most.

    An arm that others are compared with has no effect to show.
    """
    effects = [is_effect(result, name) for name in endpoints]
    chosen = [one for one in drawn if one.control is not None] if all(effects) else list(drawn)
    left_out, chosen = max(len(chosen) - most, 0), chosen[:most]
    columns = [
        _effects(result, chosen, name) if is_part else _values(result, chosen, name)
        for name, is_part in zip(endpoints, effects, strict=True)
    ]
    notes = [_protected(one, endpoints) or _counted(result, one, endpoints, effects) for one in chosen]
    return [Row(one.arm.name, note) for one, note in zip(chosen, notes, strict=True)], columns, left_out


def _counted(result: Result, one: Treatment, endpoints: Sequence[str], effects: Sequence[bool]) -> str:
    """Return from when on relapses are counted, where a value of them is drawn and one is induced."""
    induced = [one.day for one in result.design.inductions_of(one.arm) if one.kind == "relapse"]
    is_drawn = any(
        name.startswith("relapse_") and not is_part for name, is_part in zip(endpoints, effects, strict=True)
    )
    return f"relapses from day {min(induced):g} on" if induced and is_drawn else ""


def is_effect(result: Result, name: str) -> bool:
    """Return whether an endpoint is drawn as what is prevented of it: not a day, and not without doses."""
    dosed = any(line.dose.amount > 0 for arm in result.design.arms for line in arm.regimen.lines)
    return dosed and not find_endpoint(name).whole.endswith("_day")


def findings_beside(one: Treatment, name: str) -> list[Finding]:
    """Return published findings on rats of this strain, induced and treated like this, by this reading."""
    reading = "mean_score" if name == _CALIBRATED else name
    return [
        finding
        for finding in load_findings()
        if finding.table in "AB"
        and finding.fits(reading)
        and finding.strain == one.setting.strain
        and concerns(finding, one.setting)
        and (finding.induction or "immunisation") == one.setting.induction
        and mismatch(finding, one.setting) is None
    ]


def _effects(result: Result, chosen: Sequence[Treatment], name: str) -> Column:
    marks, published, none = [], [], []
    for one in chosen:
        marks.append(None if one.control is None else _effect(result, one, name))
        beside = findings_beside(one, name)
        none.append([finding.row for finding in beside if finding.direction == "none"])
        numbers = beside if name == _CALIBRATED else []
        published.append([_published_effect(finding) for finding in numbers if finding.ratio is not None])
    rows = ", ".join(dict.fromkeys(row for each in none for row in each))
    low, high = _range([*marks, *(mark for each in published for mark in each)])
    limits = (
        min(-ZONE - 5 if rows else -4.0, 25.0 * math.floor(low / 25) if low < -ZONE else low - 2),
        100.0 if high <= 100.5 else 25.0 * math.ceil(high / 25),
    )
    return Column(
        effect_words(name, dead=result.dead),
        marks,
        published,
        limits,
        [bool(each) for each in none],
        f"{rows}: no effect" if rows else "",
        is_effect=True,
    )


def _effect(result: Result, one: Treatment, name: str) -> Mark:
    assert one.control is not None
    found = result.effect(one.arm.name, one.control.name, name)
    value, low, high = 100 * found.value, 100 * found.low, 100 * found.high
    return _mark(one, value, low, high, unit=" %")


def _values(result: Result, chosen: Sequence[Treatment], name: str) -> Column:
    scale = 100 if find_endpoint(name).unit in ("share", "fraction") else 1
    unit = " %" if scale == 100 else ""
    marks, published = [], []
    for one in chosen:
        found = result.mean(one.arm.name, name)
        marks.append(_mark(one, scale * found.value, scale * found.low, scale * found.high, unit=unit))
        beside = (_published_value(finding, scale) for finding in findings_beside(one, name))
        published.append([mark for mark in beside if mark is not None])
    low, high = _range([*marks, *(mark for each in published for mark in each)])
    word = find_endpoint(name).unit
    words = counted_words(name, dead=result.dead)
    limits = (0.0, 100.0) if scale == 100 else (0.0, 5.0) if word == "score" else (low, high)
    margin = _MARGIN * (limits[1] - limits[0]) or 1.0
    # Titles of days and scores say their unit.
    shown = " (%)" if scale == 100 else "" if word in ("score", "day") else f" ({word})"
    return Column(f"{words}{shown}", marks, published, (limits[0] - margin, limits[1] + margin))


def _mark(one: Treatment, value: float, low: float, high: float, *, unit: str) -> Mark:
    if not math.isfinite(value):
        return Mark(math.nan, label="no value")
    digits = 0 if unit else 2 if high < 10 else 1
    label = f"{_number(value, digits)}{unit}"
    if math.isfinite(low) and math.isfinite(high):
        label += f" ({_number(low, digits)} to {_number(high, digits)})"
    return Mark(value, low, high, label, colour=one.colour, is_tested=one.is_tested, is_filled=one.rank == 0)


def _number(value: float, digits: int) -> str:
    """Return a number without the sign of a rounded zero."""
    return f"{round(value, digits) + 0.0:.{digits}f}".replace("-", "\u2212")


def _published_effect(finding: Finding) -> Mark:
    found = published_effect(finding)
    value = 100 * (1 - (finding.ratio or 0.0))
    low, high = (math.nan, math.nan) if found is None else (100 * found[1], 100 * found[2])
    return _said(finding, value, low, high)


def _published_value(finding: Finding, scale: int) -> Mark | None:
    """Return a published value; a ± is taken as SEM."""
    if finding.measure == "range" and finding.low is not None and finding.high is not None:
        low, high = scale * finding.low, scale * finding.high
        return _said(finding, 0.5 * (low + high) if low == high else math.nan, low, high)
    if finding.value is None or finding.measure not in ("mean", "fraction"):
        return None
    value = scale * finding.value
    if finding.measure == "fraction":
        number = finding.animals
        low, high = wilson_interval(finding.value, number) if number else (math.nan, math.nan)
        return _said(finding, value, scale * low, scale * high)
    half = math.nan if finding.error is None else NORMAL_95 * scale * finding.error
    return _said(finding, value, value - half, value + half)


def _said(finding: Finding, value: float, low: float, high: float) -> Mark:
    count = "n not stated" if finding.animals is None else f"n = {finding.animals}"
    return Mark(
        value,
        low,
        high,
        f"{finding.row}, {count}",
        is_filled=finding.use != "calibrate",
        id=finding.id,
    )


def _protected(one: Treatment, endpoints: Sequence[str]) -> str:
    """Return which findings without a number say that such a treatment protects."""
    rows = dict.fromkeys(
        finding.row
        for name in endpoints
        for finding in findings_beside(one, name)
        if finding.direction == "lower" and finding.ratio is None
    )
    return f"published: protected ({', '.join(rows)})" if rows else ""


def _range(marks: Sequence[Mark | None]) -> tuple[float, float]:
    ends = [end for mark in marks if mark for end in (mark.value, mark.low, mark.high)]
    known = np.array([end for end in ends if math.isfinite(end)] or [0.0])
    return float(known.min()), float(known.max())
