"""The tables of a laboratory's results: one row per animal, mean and test."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from eaesim.endpoints.followup import AT_LEAST, SUMMED
from eaesim.endpoints.student import interval_note
from eaesim.evidence.laboratoryendpoints import SAY_LOST, SHARES, LaboratoryEndpoints

if TYPE_CHECKING:
    import pandas as pd


def animals_table(result: LaboratoryEndpoints) -> pd.DataFrame:
    """Return one row per animal.

    Returns
    -------
    pandas.DataFrame
        `arm`; `animal`; `followed_to`, the last day of follow-up (for deaths, the end);
        `ended`: ``dead``, ``removed`` or ``sacrificed``, ``blank`` where its last cells are empty without a
        reason, and empty if it was followed to the last day; `end_day`, the day of that end;
        `at_least`, the endpoints that are lower bounds because it was lost; `at_most`,
        ``onset_day`` where it was not read on the day before its first sign; and every endpoint, empty where
        unknown.
    """
    import pandas as pd

    frames = []
    for arm in result.arms:
        seen, ends = result.watched(arm), result.scores.ends(arm)
        own = {name: result.endpoint(arm, name) for name in result.endpoints}
        bounds = [
            ";".join(name for name in AT_LEAST if lost and not np.isnan(own[name][place]))
            for place, lost in enumerate(seen.is_lost)
        ]
        frames.append(
            pd.DataFrame(
                {
                    "arm": arm,
                    "animal": result.scores.animals(arm),
                    "followed_to": seen.last.astype(int),
                    "ended": [
                        end.how if end is not None else "blank" if lost else ""
                        for end, lost in zip(ends, seen.is_lost, strict=True)
                    ],
                    "end_day": [math.nan if end is None else float(end.day) for end in ends],
                    "at_least": bounds,
                    "at_most": np.where(result.open_onset(arm), "onset_day", ""),
                    **own,
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def means_table(result: LaboratoryEndpoints) -> pd.DataFrame:
    """Return means with 95 % intervals, and differences from the control.

    Returns
    -------
    pandas.DataFrame
        Indexed by arm and endpoint; the header states the rule for dead animals. `until` is the
        last day of the mean, `compared_until` that of the difference; `animals` is the number in the
        mean, `lost` the number lost before the last day; `note` says why a number or an interval is missing,
        and what was assumed.
    """
    import pandas as pd

    rows = []
    for arm in result.arms:
        lost = int(result.watched(arm).is_lost.sum())
        for name in result.endpoints:
            own, apart = result.mean(arm, name), result.difference(arm, name)
            rows.append(
                {
                    "arm": arm,
                    "endpoint": name,
                    "until": result.until(arm),
                    "mean": own.value,
                    "low": own.low,
                    "high": own.high,
                    "compared_until": result.common_day(arm),
                    "difference": apart.value,
                    "difference_low": apart.low,
                    "difference_high": apart.high,
                    "animals": result.number(arm, name),
                    "lost": lost,
                    "note": _note(result, arm, name),
                }
            )
    table = pd.DataFrame(rows).set_index(["arm", "endpoint"])
    table.columns.name = f"{result.dead_words}; {result.signs_words}"
    return table


def _note(result: LaboratoryEndpoints, arm: str, name: str) -> str:
    seen, values = result.watched(arm), result.endpoint(arm, name)
    if count := result.withheld(arm, name):
        return f"withheld: {count} lost with signs; {SAY_LOST}"
    notes = []
    if name in SHARES:
        (found,) = result.shares(name, arm, until=result.until(arm))
        if unknown := int((np.isnan(found.value) & seen.is_lost).sum()) - found.between:
            notes.append(f"{unknown} lost, not known")
        if found.between:
            notes.append(f"Kaplan-Meier: {found.between} lost between the first and the last event")
    elif why := interval_note(values):
        notes.append(why)
    count = int((seen.is_lost & ~np.isnan(values)).sum())
    if count and name in AT_LEAST:
        notes.append(f"of {count} lost, at least what was read")
    if count and name in SUMMED:
        how = "the score of death" if result.lost == "score" else "their last score"
        notes.append(f"{count} lost, with {how} after the last reading")
    return "; ".join(notes)
