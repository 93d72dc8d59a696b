"""The size of the next trial, in words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from eaesim.files import Unchecked
from eaesim.proportion import percent
from eaesim.questions.trial.relapsing import METHODS_OF_PATIENTS, given_terms, transfer_words
from eaesim.questions.trial.sizes.search import SMALLEST
from eaesim.workbench.figure.words import sentence_case

if TYPE_CHECKING:
    import pandas as pd

    from eaesim.questions.trial.sizes.request import SizesRequest

CAPTION = (
    "Patients an arm that the next trial of IVIG needs, for each comparison; bars: 90 % of parameter sets. "
    "A prediction."
)
METHODS = (
    f"{METHODS_OF_PATIENTS} The same patients are "
    "followed in every arm. Trials are drawn from them with replacement, each within one parameter set; "
    "assurance is the mean power over parameter sets. Tests are two-sided at 5 %; non-inferiority is shown "
    "where the 95 % interval of the ratio of rates lies below the margin. Nobody is lost to follow-up."
)
STEPS = "arms and comparisons"


def size_text(patients: float, limit: int) -> str:
    """Return a number of patients, or that it is beyond the limit.

    Examples
    --------
    >>> size_text(151.2, 3600), size_text(math.inf, 3600), size_text(12, 3600)
    ('152', 'more than 3,600', 'at most 12')
    """
    if patients <= SMALLEST:
        return f"at most {SMALLEST}"
    return f"{math.ceil(patients):,}" if math.isfinite(patients) else f"more than {limit:,}"


def in_short(table: pd.DataFrame, asked: SizesRequest) -> str:
    """Return a line for each share of attacks from lesions: patients an arm for each comparison."""
    test = asked.tests[-1]
    lines = []
    for share in asked.from_lesion:
        own = table[(table["from_lesion"] == share) & (table["allocation"] == asked.allocations[0])]
        parts = []
        for title, rows in own.groupby("comparison", sort=False):
            chosen = rows[rows["test"] == test] if (rows["test"] == test).any() else rows
            sizes = [size_text(each, asked.limit) for each in chosen["patients"]]
            parts.append(f"{title} {' / '.join(dict.fromkeys(sizes))}")
        wanted = " / ".join(percent(each) for each in asked.wanted)
        lines.append(
            f"{sentence_case(transfer_words(share))}, patients an arm for an assurance of {wanted} "
            f"({asked.until / 365:.3g} years, {asked.placebo_rate:g} relapses a year on placebo, IVIG every "
            f"{asked.interval:g} days): "
            f"{'; '.join(parts)}. A prediction."
        )
    return "\n".join(lines)


def terms(settings: Unchecked) -> list[tuple[str, str]]:
    """Return what was simulated, from the settings of a manifest.

    Examples
    --------
    >>> terms({"sizes": {"amounts": ["0.4 g/kg"], "limit": 3600}})
    [('Amounts of IVIG', '0.4 g/kg'), ('Most patients an arm', '3600')]
    """
    asked = settings.get("sizes", {})
    titles = {
        "placebo_rate": "Relapses a year on placebo",
        "amounts": "Amounts of IVIG",
        "comparators": "Other drugs",
        "margin": "Margin of non-inferiority",
        "from_lesion": "Shares of attacks from lesions",
        "limit": "Most patients an arm",
    }
    return given_terms(asked, titles)
