"""Simulated trials in words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from eaesim.files import Unchecked

if TYPE_CHECKING:
    import pandas as pd

    from eaesim.protocol.outcome import Published
    from eaesim.protocol.trial import Trial

CAPTION = (
    "IVIG against placebo in each trial: published (open diamonds, 95 % interval where there is one) and "
    "predicted (filled, with the interval of 90 % of simulated trials of the published size)."
)
METHODS = (
    "Patients are the rat's equations with human values. They have attacks at random, run in untreated, "
    "and enter as the trial's patients did; every arm starts from the same patients with the same future "
    "attacks. The rate of attacks is calibrated to the placebo arm where the trial file asks for it. Trials "
    "of the published size are drawn from the pool, nobody twice for one trial, and tested as trials are."
)
STEPS = "trials"
#: Title of each measure.
MEASURE_TITLES = {
    "ratio": "ratio",
    "difference": "difference",
    "hazard_ratio": "hazard ratio",
    "value": "value",
}
_ENDPOINTS = {
    "relapse_rate": "relapse rates",
    "relapse_free": "shares without relapse",
    "first_relapse_day": "time to the first relapse",
    "edss_change": "EDSS change",
    "confirmed_progression": "confirmed progression",
    "mri_activity": "MRI activity",
    "edss_gain_share": "shares better by one EDSS point",
}


def headline(trial: Trial) -> Published | None:
    """Return the main published row of a trial: its first comparison with an interval, else without one."""
    rows = [row for row in trial.published if row.measure != "value" and row.since >= 0]
    with_interval = [row for row in rows if row.low is not None]
    return next(iter([*with_interval, *rows, *trial.published]), None)


def measured(endpoint: str, measure: str) -> str:
    """Return what is compared, in words.

    Examples
    --------
    >>> measured("relapse_rate", "ratio"), measured("edss_change", "difference")
    ('ratio of relapse rates', 'difference in EDSS change')
    """
    words = _ENDPOINTS.get(endpoint, endpoint)
    if measure == "value":
        return words
    between = {"ratio": "ratio of", "difference": "difference in", "hazard_ratio": "hazard ratio of"}
    return f"{between[measure]} {words}"


def in_short(table: pd.DataFrame) -> str:
    """Return a line for the main row of each trial and mechanism."""
    lines = []
    for _, row in table[table["is_main"]].iterrows():
        under = f" under {row['mechanism']}" if table["mechanism"].nunique() > 1 else ""
        found = f"{row['predicted']:.2f} (90 % interval {row['low']:.2f} to {row['high']:.2f})"
        lines.append(
            f"{row['trial']}{under}: {measured(row['endpoint'], row['measure'])} predicted {found}, "
            f"published {_published(row)}{_significant(row)}."
        )
    return "\n".join(lines)


def _published(row: pd.Series) -> str:
    if not math.isnan(row["published"]):
        has_ends = not math.isnan(row["published_low"])
        ends = f" ({row['published_low']:.2f} to {row['published_high']:.2f})" if has_ends else ""
        return f"{row['published']:.2f}{ends}"
    return str(row["published_words"]) or f"p = {row['published_p']:g}"


def _significant(row: pd.Series) -> str:
    share = row["significant"]
    return "" if math.isnan(share) else f"; {share:.0%} of simulated trials are significant"


def terms(settings: Unchecked) -> list[tuple[str, str]]:
    """Return what was simulated, from the settings of a manifest.

    Examples
    --------
    >>> terms({"trials": ["aims"], "replicates": 2000})
    [('Trials', 'aims, 2000 times each')]
    """
    names = ", ".join(settings.get("trials", []))
    found = [("Trials", f"{names}, {settings.get('replicates', '')} times each")]
    given = {
        "from_lesion": "attacks from lesions",
        "microbial": "microbial attacks",
        "kinetics": "kinetics of IgG",
    }
    found += [(title, str(settings[name])) for name, title in given.items() if settings.get(name) is not None]
    return found
