"""What a person is told of a laboratory's scores: what was left out, and the main result."""

from __future__ import annotations

import numpy as np

from eaesim.endpoints.readings import MISSING_RULE
from eaesim.evidence.laboratoryresult import LaboratoryResult


def laboratory_notes(result: LaboratoryResult) -> list[str]:
    """Return what could not be read, and what was done about days without a reading, a line each."""
    scores = result.scores
    notes, first = list(scores.notes), int(scores.days[0])
    if first < 0:
        notes.append(f"endpoints start at day 0; what was read before, from day {first}, is not in them.")
    if first > 0 or np.isnan(scores.score).any() or len(scores.days) <= result.last_day - first:
        notes.append(f"{MISSING_RULE}.")
    if result.until < result.last_day:
        notes.append(
            f"endpoints end on day {result.until}, the last to which animals of every arm were followed; "
            f"the table goes on to day {result.last_day}."
        )
    for arm in result.arms:
        for name, last, course in zip(
            scores.animals(arm), result.followed(arm), scores.scores(arm), strict=True
        ):
            known = np.flatnonzero(~np.isnan(course))
            if course[known[0]] >= 1:
                notes.append(
                    f"animal {name} ({arm}) has signs at its first reading, on day {scores.days[known[0]]}; "
                    "its onset may be earlier."
                )
            if last < result.until:
                notes.append(
                    f"animal {name} ({arm}) was followed to day {last:.0f} only and has no endpoints; its "
                    "onset and its readings count."
                )
    for (arm, test, name), one in result.tests.items():
        if np.isnan(one.p_value):
            notes.append(f"{arm}: no {test} on {name}: {one.note.rstrip('.')}.")
    return notes


def laboratory_sentence(result: LaboratoryResult) -> str:
    """Return the main result in one plain sentence."""
    control = result.scores.control
    if not result.treated:
        return f"{control}: {_course_words(result, control)}."
    parts = []
    for arm in result.treated:
        p_value = result.tests[arm, "Mann-Whitney", "cumulative_score"].p_value
        tested = "not tested" if np.isnan(p_value) else f"Mann-Whitney {p_words(p_value)}"
        parts.append(f"{arm}: {_course_words(result, arm)} ({tested})")
    return f"Against {control} ({_course_words(result, control)}), {'; '.join(parts)}."


def p_words(p_value: float) -> str:
    """Return a p value as it is written.

    Examples
    --------
    >>> p_words(0.0421), p_words(0.00002)
    ('p = 0.042', 'p < 0.001')
    """
    return f"p = {p_value:.2g}" if p_value >= 0.001 else "p < 0.001"


def _course_words(result: LaboratoryResult, arm: str) -> str:
    signs = result.endpoint(arm, "incidence")
    signs = signs[~np.isnan(signs)]
    if not len(signs):
        return "no animal with endpoints"
    total = result.mean(arm, "cumulative_score").value
    return f"signs in {int(signs.sum())} of {len(signs)}, mean cumulative score {total:.1f}"
