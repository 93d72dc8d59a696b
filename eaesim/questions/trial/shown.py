"""The rows of simulated trials as a terminal prints them, in 80 columns."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from eaesim.evidence.thresholds import thresholds
from eaesim.protocol.outcome import PLANNED

if TYPE_CHECKING:
    import pandas as pd

# Short names of what is compared: those of ratios, of hazard ratios and of differences differ.
_SHORT = {
    "relapse_rate": "rate",
    "relapse_free": "free",
    "first_relapse_day": "relapse",
    "edss_change": "EDSS",
    "confirmed_progression": "progression",
    "mri_activity": "MRI",
    "edss_gain_share": "gain",
}
#: What the short names are.
ROW_KEY = (
    "rate, MRI: ratio, IVIG over placebo. relapse, progression: hazard ratio.\n"
    "EDSS, free, gain: difference. same: no difference was published.\n"
    "inf: nobody on placebo had a relapse. p<0.05: share of trials significant."
)


#: What the star at a verdict is.
STAR_KEY = "* The typical patient alone: the interval lacks the uncertainty of the rat."


def printed_table(rows: pd.DataFrame, *, is_typical: bool) -> pd.DataFrame:
    """Return the comparisons of arms with short names; all rows where nothing is compared.

    Parameters
    ----------
    rows
        Rows of ``trial.csv`` under one mechanism.
    is_typical
        Whether only the typical patient was simulated; a star stands at its verdicts.
    """
    import pandas as pd

    compared = rows[rows["measure"] != "value"]
    own = compared if len(compared) else rows
    return pd.DataFrame(
        {
            "row": row_names(own),
            "published": [published_short(row) for _, row in own.iterrows()],
            "predicted (90 %)": [predicted_short(row) for _, row in own.iterrows()],
            "p<0.05": ["" if np.isnan(share) else f"{100 * share:.0f} %" for share in own["significant"]],
            "verdict": own["verdict"] + "*" * is_typical,
        }
    )


def row_names(rows: pd.DataFrame) -> list[str]:
    """Return the short name of each row: trial, arm where it needs one, what is compared, and days."""
    arms = rows.groupby("trial")["arm"].transform("nunique") > 1
    names = [
        " ".join(filter(None, (row["trial"], row["arm"] if several else "", _short(row), row["days"])))
        for several, (_, row) in zip(arms, with_days(rows).iterrows(), strict=True)
    ]
    return [
        f"{name} {names[:place].count(name) + 1}" if name in names[:place] else name
        for place, name in enumerate(names)
    ]


def _short(row: pd.Series) -> str:
    name = str(row["endpoint"])
    return _SHORT.get(name, name)


def with_days(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows with the days that are read, empty where these are all days of the trial."""
    last = rows.groupby("trial")["until"].transform("max")
    whole = (rows["since"] == 0) & (rows["until"] == last)
    days = [f"{since}-{until}" for since, until in zip(rows["since"], rows["until"], strict=True)]
    return rows.assign(days=np.where(whole, "", days))


def predicted_short(row: pd.Series) -> str:
    """Return what is predicted, with its interval."""
    return f"{amount(row['predicted'])} ({amount(row['low'])} to {amount(row['high'])})"


def published_short(row: pd.Series) -> str:
    """Return what was published: a number, one word, or p."""
    if not math.isnan(row["published"]):
        return amount(row["published"])
    if row["published_words"] == PLANNED:
        return "nothing"
    short = {"no difference": "same", "the same": "same"}.get(
        word := word_of(str(row["published_words"])), word
    )
    return short or ("in words" if math.isnan(row["published_p"]) else f"p {row['published_p']:g}")


def word_of(result: str) -> str:
    """Return how a result in words begins, where it is a word with a threshold; else an empty text.

    Examples
    --------
    >>> word_of("No difference in strength"), word_of("slightly better")
    ('no difference', '')
    """
    said = result.casefold()
    return next((word for word in thresholds().results if said.startswith(word)), "")


def amount(value: float) -> str:
    """Return a number with two decimals.

    Examples
    --------
    >>> amount(0.4567), amount(-0.001), amount(float("inf")), amount(float("nan")), amount(123.4)
    ('0.46', '0.00', 'inf', 'none', '123')
    """
    if math.isnan(value):
        return "none"
    if math.isinf(value):
        return "inf"
    text = f"{value:.0f}" if abs(value) >= 100 else f"{value:.2f}"
    return text.lstrip("-") if float(text) == 0 else text
