"""A timing in a patient, in words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from eaesim.files import Unchecked
from eaesim.proportion import percent

if TYPE_CHECKING:
    import pandas as pd

FOLDER = "timing"
STEPS = "dosing days"
#: Days after the onset on which trials of acute relapses began to treat.
ACUTE_DAYS = (1, 14)
CAPTION = (
    "Share of the relapses that one dose leaves, against the day it is given; the attack is on day 0. "
    "Bands are 95 % intervals over parameter sets and patients; black lines say when trials gave IVIG. "
    "Prediction: no trial gave one dose at such days."
)
METHODS = (
    "Each patient had one attack on day 0, of a size drawn as the patient's attacks are, and no other. A "
    "relapse is a rise of the EDSS by 0.75 for three days, looked for until day 90."
)


def animals(settings: Unchecked) -> str:
    """Return who was simulated, from the settings of a manifest.

    Examples
    --------
    >>> animals({"subject": "patient"})
    'patient: the same patients for every dosing day'
    """
    return f"{settings.get('subject', 'patient')}: the same patients for every dosing day"


def terms(settings: Unchecked) -> list[tuple[str, str]]:
    """Return what was given and when, from the settings of a manifest.

    Examples
    --------
    >>> terms({"dose": ["1 g/kg"], "days": [0.0]})
    [('Treatment', 'one dose of 1 g/kg, against none'), ('Days of dosing', '0, counted from the attack')]
    """
    doses, days = settings.get("dose", []), settings.get("days", [])
    of = f" of {settings['drug']}" if settings.get("drug", "ivig") != "ivig" else ""
    listed = ", ".join(f"{day:g}" for day in days)
    return [
        ("Treatment", f"one dose of {' or '.join(doses)}{of}, against none"),
        ("Days of dosing", f"{listed}, counted from the attack"),
    ]


def trial_windows(seen: float) -> list[tuple[str, float, float]]:
    """Return when trials gave IVIG, by name: first and last day, relative to the attack.

    Within six weeks of a first episode IVIG is given to prevent the next attack, so before it.

    Parameters
    ----------
    seen
        Day on which the relapse is seen.

    Examples
    --------
    >>> trial_windows(15.0)[2]
    ('acute relapse, S4', 16.0, 29.0)
    """
    return [
        ("prevention, S2", -math.inf, 0.0),
        ("first episode (6 weeks), S3", -math.inf, 0.0),
        ("acute relapse, S4", seen + ACUTE_DAYS[0], seen + ACUTE_DAYS[1]),
    ]


def in_short(table: pd.DataFrame, relapses: pd.DataFrame) -> str:
    """Return a line for each mechanism and dose: at the attack, before it, and when it is too late."""
    lines = []
    for (mechanism, dose), rows in table.groupby(["mechanism", "dose"], sort=False):
        seen = relapses[relapses["mechanism"] == mechanism].iloc[0]
        near = rows.iloc[int(rows["day"].abs().to_numpy().argmin())]
        said = f"{percent(near['left'])} of the relapses (95 % interval {percent(near['left_low'])} to "
        said += f"{percent(near['left_high'])}) {_when(near['day'])}"
        before = rows[rows["day"] <= -28]
        if len(before):
            last = before.iloc[-1]
            said += f", {percent(last['left'])} {_when(last['day'])}"
        late = rows[rows["day"] > rows.loc[rows["left"] < 0.95, "day"].max()]
        if len(late) and rows["left"].min() < 0.95:
            said += f", and at least 95 % from day {late['day'].iloc[0]:g} on"
        lines.append(
            f"Predicted: {dose} under {mechanism} leaves {said}; the relapse is seen on day "
            f"{seen['median_day']:g} (5 to 95 %: {seen['day_5_percent']:g} to {seen['day_95_percent']:g})."
        )
    return "\n".join(lines)


def _when(day: float) -> str:
    return "on the day of the attack" if day == 0 else f"on day {day:g}"
