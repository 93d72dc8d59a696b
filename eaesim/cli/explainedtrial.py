"""Explanation of the review's claims, of the rows of trials, and of trials: schedule, entry, and results."""

from __future__ import annotations

from dataclasses import fields

from eaesim.cli.explainedfinding import cited
from eaesim.cli.labelled import Entries, Explanation
from eaesim.evidence.claims import claims, trial_rows
from eaesim.protocol.dose import STUDIED_DRUG
from eaesim.protocol.outcome import Published
from eaesim.protocol.regimen import Regimen
from eaesim.protocol.trial import Trial
from eaesim.protocol.trialfile import not_simulable, read_trial

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


def explain_trial(trial: Trial | str) -> Explanation:
    """Return what a trial did and found, and how it is simulated.

    Examples
    --------
    >>> explain_trial("aims").title
    'aims: AIMS: monthly IVIG in relapsing-remitting MS'
    """
    if isinstance(trial, str) and trial in not_simulable():
        return Explanation(f"{trial}: a trial", {"not simulable": not_simulable()[trial]})
    found = read_trial(trial) if isinstance(trial, str) else trial
    arms = [f"{arm.name}: {arm.patients} patients, {_given(arm.arm.regimen)}" for arm in found.arms]
    entries: Entries = {
        "claim": f"{found.claim} of the review" if found.claim else "",
        "patients": found.subject,
        "arms": arms,
        "crossover": " then ".join(found.sequence),
        "background": _given(found.background) if found.background.lines else "",
        "until": f"day {found.until}; run-in of {found.run_in} days",
        "entry": _entry(found),
        "dropout": f"{found.dropout:.0%} a year" if found.dropout else "",
        "attacks": _attacks(found),
        "mechanism": found.mechanism,
        "published": [_published(row, found) for row in found.published],
    }
    keys = dict.fromkeys(key for row in found.published for key in row.source)
    entries["sources"] = [line for key in keys for line in cited(key)]
    return Explanation(f"{found.name}: {found.title or 'a trial'}", entries)


def _given(regimen: Regimen) -> str:
    """Return the doses of a regimen, a line each, with the day of the first."""
    lines = [
        f"{line.dose.text()}{'' if line.dose.drug == STUDIED_DRUG else f' of {line.dose.drug}'}"
        f"{'' if line.day is None else f' from day {line.day:g}'}"
        for line in regimen.lines
    ]
    return "; then ".join(lines) or "nothing"


def _entry(trial: Trial) -> str:
    if trial.entry is None:
        return "every patient"
    given = {one.name: getattr(trial.entry, one.name) for one in fields(trial.entry)}
    days = ("relapse_within", "first_attack_within", "stable")
    return ", ".join(
        f"{name.replace('_', ' ')} {value:g}{' days' if name in days else ''}"
        for name, value in given.items()
        if value is not None
    )


def _attacks(trial: Trial) -> str:
    row = trial.placebo
    if trial.attacks.calibrated and row is not None:
        return f"their rate is calibrated to {row.endpoint} {row.value:g} of the placebo arm"
    given = ", ".join(f"{name} {value}" for name, value in trial.attacks.given().items())
    return given or "those of the patient"


def _published(row: Published, trial: Trial) -> str:
    what = row.endpoint if row.measure == "value" else f"{row.measure} of {row.endpoint}"
    value = "" if row.value is None else f" {row.value:g}"
    interval = "" if row.low is None else f" ({row.low:g} to {row.high:g})"
    p = "" if row.p is None else f", p = {row.p:g}"
    words = f": {row.result}" if row.result else ""
    days = "" if (row.since, row.until) == (0, None) else f", days {row.since} to {row.until or trial.until}"
    stand_in = ", EDSS as a stand-in" if row.stand_in else ""
    return (
        f"{row.arm}: {what}{value}{interval}{p}{words}{days}{stand_in} ({row.use}; {', '.join(row.source)})"
    )
