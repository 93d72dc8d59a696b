"""The judge's criteria for the published data of trials.

The predictive interval is that of trials of the published size, so it has the error of the trial in it
already. A row agrees if the published number lies inside and the interval excludes the opposite finding: no
difference where the trial saw one, an assumed difference where it saw none. A result in words is no
difference, or is judged by the share of simulated trials on its side.
"""

from __future__ import annotations

import math

import numpy as np

from eaesim.endpoints import Floats
from eaesim.endpoints.replicates import SIGNIFICANT, Prediction
from eaesim.evidence.judge import NOT_COMPARABLE, by_interval, by_share
from eaesim.evidence.thresholds import thresholds
from eaesim.proportion import percent
from eaesim.protocol.outcome import Published

#: What each measure is without a difference between the arms.
NO_DIFFERENCE = {"ratio": 1.0, "hazard_ratio": 1.0, "difference": 0.0}
_NONE = "none"


def saw_difference(row: Published) -> bool | None:
    """Return whether a trial saw a difference between its arms; None if its words have no threshold.

    Its 95 % interval decides, else its p, else its words, else its number.

    Examples
    --------
    >>> row = Published(endpoint="edss_change", measure="difference", arm="IVIG", p=0.89,
    ...                 source=("Sorensen2004",))
    >>> saw_difference(row)
    False
    """
    none = NO_DIFFERENCE[row.measure]
    if row.low is not None and row.high is not None:
        return not row.low <= none <= row.high
    if row.p is not None:
        return row.p < SIGNIFICANT
    if row.value is not None:
        return row.value != none
    word = result_word(row)
    return None if word is None else word != _NONE


def result_word(row: Published) -> str | None:
    """Return the word with a threshold that a result in words stands for; None if there is none."""
    said = row.result.casefold()
    return next((word for begin, word in thresholds().results.items() if said.startswith(begin)), None)


def judge_row(row: Published, found: Prediction, estimates: Floats) -> tuple[str, str]:
    """Return the verdict on a row and its reason.

    Examples
    --------
    >>> row = Published(endpoint="relapse_rate", measure="ratio", arm="IVIG", value=0.41, low=0.24,
    ...                 high=0.71, source=("Fazekas1997",))
    >>> judge_row(row, Prediction(0.5, 0.3, 0.8, 0.6, 0.7, 0.0), np.full(20, 0.5))[0]
    'agrees'
    """
    if math.isnan(found.low):
        return NOT_COMPARABLE, "No simulated trial has a value."
    if row.measure == "value":
        if row.value is None:
            return NOT_COMPARABLE, "No number was published."
        opposite = row.value / 2 if row.value else 0.5
        return _judged(row.value, opposite, "half of what was published" if row.value else "half", found)
    saw = saw_difference(row)
    none = NO_DIFFERENCE[row.measure]
    if saw is None:
        return NOT_COMPARABLE, f'"{row.result}" has no threshold.'
    if saw and row.value is None:
        return _by_words(row, estimates)
    if saw:
        assert row.value is not None
        return _judged(row.value, none, "no difference", found)
    half = thresholds().opposite.get(row.endpoint if row.measure == "difference" else row.measure)
    if half is None:
        return NOT_COMPARABLE, f"The opposite of no difference in {row.endpoint} is not defined."
    published = none if row.value is None else row.value
    return _judged(published, half, "an assumed difference", found)


def _judged(published: float, opposite: float, said: str, found: Prediction) -> tuple[str, str]:
    inside, other = (found.low <= each <= found.high for each in (published, opposite))
    between = f"{found.low:.2f} to {found.high:.2f}"
    held = "holds" if inside else "does not hold"
    also = f", and {'' if other else 'not '}the opposite, {said} ({opposite:.2g})" if inside else ""
    return by_interval(inside, other), f"The interval, {between}, {held} {published:.2f}{also}."


def _by_words(row: Published, estimates: Floats) -> tuple[str, str]:
    word = thresholds().words.get(result_word(row) or "")
    if word is None or row.measure == "difference":
        return NOT_COMPARABLE, f'"{row.result}" has no threshold.'
    known = 1.0 - estimates[~np.isnan(estimates)]
    share = float(np.mean((known >= word.least) & (known <= word.most)))
    return by_share(share), f"{percent(share)} of the simulated trials have {word.said} (assumed)."
