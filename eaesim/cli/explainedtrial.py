"""Explanation of the review's claims and of the rows of trials."""

from __future__ import annotations

from eaesim.cli.explainedfinding import cited
from eaesim.cli.labelled import Entries, Explanation
from eaesim.evidence.claims import claims, trial_rows
from eaesim.protocol.trialfile import not_simulable

#: Name and title of the table of trials, and of that of claims.
TRIALS, CLAIMS = ("T", "Trials of IVIG"), ("S", "Claims of the review")


def explain_claim(name: str) -> Explanation:
    """Return a claim with the rows and the trials that it rests on.

    Examples
    --------
    >>> explain_claim("S6").title
    'S6: IVIG does nothing in secondary progression.'
    """
    one = claims()[name]
    rows = [row for row in trial_rows().values() if name in row.claim]
    trials = dict.fromkeys(row.trial for row in rows if row.trial and row.trial not in not_simulable())
    entries: Entries = {
        "about": one.short,
        "rests on": [*one.rows, *(f"{row.name}: {row.text}" for row in rows)],
        "simulate": [f"eaesim trial {trial}" for trial in trials],
        "source": cited("Sorensen2008"),
    }
    return Explanation(f"{name}: {one.text}", entries)


def explain_trial_row(name: str) -> Explanation:
    """Return a row of table T: what was published, its claim, and its trial.

    Examples
    --------
    >>> explain_trial_row("T27").title
    'T27: relapse rate 0.46 a year in both arms'
    """
    row = trial_rows()[name]
    reason = not_simulable().get(row.trial, "")
    entries: Entries = {
        "claim": [f"{each}: {claims()[each].text}" for each in row.claim],
        "simulate": f"eaesim trial {row.trial}" if row.trial and not reason else "",
        "left out": reason or ("" if row.trial else "a review of trials"),
        "source": [line for key in row.key for line in cited(key)],
    }
    return Explanation(f"{name}: {row.text}", entries)


def explain_trial_table() -> Explanation:
    """Return every row of table T."""
    return Explanation(": ".join(TRIALS), {name: row.text for name, row in trial_rows().items()})


def explain_claims() -> Explanation:
    """Return every claim."""
    return Explanation(": ".join(CLAIMS), {name: one.text for name, one in claims().items()})
