"""Dose finding in patients, in words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from eaesim.files import Unchecked
from eaesim.questions.trial.relapsing import METHODS_OF_PATIENTS, arm_name, given_terms, transfer_words
from eaesim.workbench.figure.words import sentence_case

if TYPE_CHECKING:
    import pandas as pd

CAPTION = (
    "Relapse rate over that on placebo against the amount of IVIG, and against the IgG before an infusion; "
    "bands: 90 % of parameter sets. A prediction."
)
METHODS = (
    f"{METHODS_OF_PATIENTS} The same patients with the "
    "same future attacks are followed on placebo and under every amount and interval. IgG is the mean over "
    "200 patients, once it is steady."
)
STEPS = "arms"
#: Share of the largest effect that counts as nearly all of it.
NEARLY = 0.9


def in_short(table: pd.DataFrame) -> str:
    """Return a line for each share of attacks from lesions: the effect, and the least IVIG for most of it."""
    lines = []
    for share in table["from_lesion"].unique().tolist():
        own = table[table["from_lesion"] == share].sort_values("g_per_kg_year")
        best = own.sort_values("prevented", kind="stable").iloc[-1]
        enough = own[own["prevented"] >= NEARLY * best["prevented"]]
        least = enough.iloc[0]
        lines.append(
            f"{sentence_case(transfer_words(share))}: at most {best['prevented']:.2f} relapses a "
            f"patient-year are prevented ({_arm(best)}, rate ratio {_ratio(best)}). The least IVIG for nine "
            "tenths of it is "
            f"{_arm(least)}: rate ratio {_ratio(least)}, IgG {least['trough']:.1f} mg/mL higher before an "
            f"infusion, {least['treated_for_one']:.1f} patients and {least['grams_for_one']:,.0f} g a year "
            "for one relapse prevented. A prediction."
        )
    return "\n".join(lines)


def _arm(row: pd.Series) -> str:
    return arm_name(row["amount"], row["interval"])


def _ratio(row: pd.Series) -> str:
    ends = row["ratio_low"], row["ratio_high"]
    known = "" if any(math.isnan(each) for each in ends) else f" (90 % {ends[0]:.2f} to {ends[1]:.2f})"
    return f"{row['ratio']:.2f}{known}"


def terms(settings: Unchecked) -> list[tuple[str, str]]:
    """Return what was simulated, from the settings of a manifest.

    Examples
    --------
    >>> terms({"doses": {"placebo_rate": 0.65, "amounts": ["0.2 g/kg"], "intervals": [28.0]}})[0]
    ('Relapses a year on placebo', '0.65')
    """
    asked = settings.get("doses", {})
    titles = {
        "placebo_rate": "Relapses a year on placebo",
        "amounts": "Amounts of IVIG",
        "intervals": "Days between infusions",
        "from_lesion": "Shares of attacks from lesions",
        "mechanism": "Mechanism of IVIG",
    }
    return given_terms(asked, titles)
