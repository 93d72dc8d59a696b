"""Sentences on exclusions and assumptions for the animals of a laboratory's arms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from eaesim.evidence.laboratoryendpoints import SAY_LOST, LaboratoryEndpoints

_ENDED = {"dead": "died", "removed": "removed at the end", "sacrificed": "sacrificed at the end"}
_LOST = {"blank": "blank at the end, neither dead nor removed is said"}
_AFTER = {"score": "scored as dead from then on", "carry": "their last score is kept", "exclude": "left out"}


def arm_note(result: LaboratoryEndpoints, arm: str) -> str:
    """Return one line on exclusions and assumptions for the animals of an arm; empty without any."""
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


def _assumed(result: LaboratoryEndpoints, arm: str) -> list[str]:
    """Return the assumptions about an arm's lost animals."""
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
