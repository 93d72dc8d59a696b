"""What a person is told of a laboratory's scores: what was left out or assumed, and the main result."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from eaesim.endpoints.readings import MISSING_RULE
from eaesim.evidence.firstlook import first_look
from eaesim.evidence.laboratoryendpoints import SAY_LOST
from eaesim.evidence.laboratoryresult import LaboratoryResult

_ENDED = {"dead": "died", "removed": "removed at the end", "sacrificed": "sacrificed at the end"}
_LOST = {"blank": "blank at the end, neither dead nor removed is said"}
_AFTER = {"score": "scored as dead from then on", "carry": "their last score is kept", "exclude": "left out"}


def laboratory_notes(result: LaboratoryResult) -> list[str]:
    """Return what could not be read, was left out or was assumed, in one line for each arm and thing."""
    scores, control = result.scores, result.scores.control
    notes, first = list(scores.notes), int(scores.days[0])
    if first < 0:
        notes.append(f"endpoints start at day 0; what was read before, from day {first}, is not in them.")
    if first > 0 or np.isnan(scores.score).any() or len(scores.days) <= int(scores.days[-1]) - first:
        notes.append(f"{MISSING_RULE}.")
    notes += [note for arm in result.arms if (note := arm_note(result, arm))]
    if below := _below(result):
        notes.append(below)
    for arm in result.treated:
        common, longer = result.common_day(arm), max((arm, control), key=result.until)
        if common < result.until(longer):
            notes.append(
                f"{arm} and {control} are compared up to day {common}, the last that they have in common; "
                f"{longer} was read to day {result.until(longer)}."
            )
    for (arm, test, name), one in result.tests.items():
        if np.isnan(one.p_value) and SAY_LOST not in one.note:  # which the lines of the arms say
            notes.append(f"{arm}: no {test} on {name}: {one.note.rstrip('.')}.")
    return notes + first_look(result)


def arm_note(result: LaboratoryResult, arm: str) -> str:
    """Return in one line what was left out or assumed of the animals of an arm; empty if nothing was."""
    seen, ends = result.watched(arm), result.scores.ends(arm)
    number, until = len(seen.last), result.until(arm)
    parts = []
    for how, said in _ENDED.items():
        days = [
            end.day
            for end, lost in zip(ends, seen.is_lost, strict=True)
            if end is not None and end.how == how and not lost
        ]
        if days:
            later = sum(day > until for day in days)
            left = f"; {later} of them after day {until}, the last that is counted" if later else ""
            parts.append(f"{len(days)} of {number} {said} ({_days(days)}{left})")
    if seen.is_lost.any():
        kinds = Counter(
            "blank" if end is None else end.how for end, lost in zip(ends, seen.is_lost, strict=True) if lost
        )
        listed = ", ".join(f"{count} {_LOST.get(name, name)}" for name, count in kinds.items())
        parts.append(f"{seen.is_lost.sum()} of {number} lost before day {until} ({listed})")
        parts += _assumed(result, arm)
    if (first := result.open_onset(arm)).any():
        on = _days(seen.times[0][first].tolist())
        parts.append(
            f"{first.sum()} of {number} not read on the day before the first sign ({on}): onset then or "
            "earlier"
        )
    return f"{arm}: {'; '.join(parts)}." if parts else ""


def _days(days: Sequence[float]) -> str:
    first, last = min(days), max(days)
    return f"day {first:g}" if first == last else f"days {first:g} to {last:g}"


def _assumed(result: LaboratoryResult, arm: str) -> list[str]:
    """Return what was assumed of an arm's lost animals."""
    seen, lost = result.watched(arm), result.lost
    parts = []
    if count := int(seen.is_censored.sum()):
        sums = f"cumulative score: {_AFTER[lost]}" if lost else "no peak or cumulative score"
        parts.append(f"{count} of these without signs while others fell ill: censored; {sums}")
    if count := int(seen.is_well.sum()):
        sums = _AFTER[lost or "carry"]
        parts.append(f"{count} of these without signs after the last onset: cumulative score: {sums}")
    if count := int(seen.is_recovered.sum()):
        sums = _AFTER[lost or "carry"]
        parts.append(f"{count} of these after signs, with none at the last reading: cumulative score: {sums}")
    if count := int(seen.is_high.sum()):
        last = np.unique(seen.last_score[seen.is_high])
        score = f"{last[0]:g}" if len(last) == 1 else f"{last[0]:g} to {last[-1]:g}"
        sums = f"cumulative score: {_AFTER[lost]}" if lost else f"no cumulative or mean score: {SAY_LOST}"
        parts.append(f"{count} of these with a last score of {score}: {sums}")
    peaks = seen.endpoints["peak_score"]
    if count := int((seen.is_lost & ~np.isnan(peaks)).sum()):
        parts.append(f"{count} {'peak is' if count == 1 else 'peaks are'} at least what was read")
    return parts


def _below(result: LaboratoryResult) -> str:
    known = result.scores.score[~np.isnan(result.scores.score)]
    below = known[(known > 0) & (known < result.signs)]
    if not len(below):
        return ""
    counted = "reading counts" if len(below) == 1 else "readings count"
    return (
        f"{len(below)} {counted} as no sign, being above 0 and below {result.signs:g}; --signs sets what "
        f"counts, such as --signs {below.min():g}."
    )


def laboratory_sentence(result: LaboratoryResult) -> str:
    """Return the main result in plain words; every animal is counted."""
    control = result.scores.control
    if not result.treated:
        return f"{control}: {_course_words(result, control, result.until(control))}."
    sentences = []
    for until in dict.fromkeys(result.common_day(arm) for arm in result.treated):
        parts = []
        for arm in (arm for arm in result.treated if result.common_day(arm) == until):
            p_value = result.tests[arm, "Mann-Whitney", "cumulative_score"].p_value
            tested = "not tested" if np.isnan(p_value) else f"Mann-Whitney {p_words(p_value)}"
            parts.append(f"{arm}: {_course_words(result, arm, until)} ({tested})")
        against = f"Against {control} ({_course_words(result, control, until)})"
        sentences.append(f"{against}, {'; '.join(parts)}.")
    return " ".join(sentences)


def p_words(p_value: float) -> str:
    """Return a p value as it is written.

    Examples
    --------
    >>> p_words(0.0421), p_words(0.00002)
    ('p = 0.042', 'p < 0.001')
    """
    return f"p = {p_value:.2g}" if p_value >= 0.001 else "p < 0.001"


def _course_words(result: LaboratoryResult, arm: str, until: int) -> str:
    seen = result.watched(arm, until)
    text = f"{int(seen.had_signs.sum())} of {len(seen.last)} with signs by day {until}"
    if lost := int((seen.is_lost & ~seen.had_signs).sum()):
        text += f", {lost} lost before"
    if seen.dead == "exclude" and (died := int(np.isfinite(seen.death_day).sum())):
        text += f", {died} that died left out"
    if count := result.withheld(arm, "cumulative_score", until=until):
        return f"{text}, mean cumulative score withheld for {count} lost with signs: {SAY_LOST}"
    total = result.mean(arm, "cumulative_score", until=until).value
    return f"{text}, " + ("no cumulative score" if np.isnan(total) else f"mean cumulative score {total:.1f}")
