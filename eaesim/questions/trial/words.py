"""Simulated trials in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from textwrap import fill
from typing import TYPE_CHECKING

from eaesim.evidence.claims import claims
from eaesim.evidence.judge import DISAGREES, NOT_COMPARABLE
from eaesim.files import Unchecked
from eaesim.protocol.outcome import PLANNED
from eaesim.questions.trial.shown import predicted_short, published_short, row_names
from eaesim.workbench.question import command

if TYPE_CHECKING:
    import pandas as pd

    from eaesim.protocol.outcome import Published
    from eaesim.protocol.trial import Trial
    from eaesim.questions.trial.request import TrialRequest

#: Columns of the answer in words.
WIDTH = 76
# Of so many trials the main row of each is told; of more the table has them.
_FEW = 3
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
#: What a verdict on the typical patient rests on.
LACKS = "verdicts and intervals lack the uncertainty of the rat"
#: Title of each endpoint, where two arms are compared.
ENDPOINT_TITLES = {
    "relapse_rate": "relapse rate",
    "relapse_free": "share without relapse",
    "first_relapse_day": "time to relapse",
    "edss_change": "EDSS change",
    "confirmed_progression": "progression",
    "mri_activity": "MRI activity",
    "edss_gain_share": "share better by a point",
}
_ENDPOINTS = {
    **ENDPOINT_TITLES,
    "relapse_rate": "relapse rates",
    "relapse_free": "shares without relapse",
    "first_relapse_day": "time to the first relapse",
    "confirmed_progression": "confirmed progression",
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


def in_words(table: pd.DataFrame, mechanisms: pd.DataFrame, *, is_typical: bool) -> str:
    """Return the answer in plain words, what is missed first, in lines of at most 76 columns.

    Parameters
    ----------
    table, mechanisms
        ``trial.csv`` and ``mechanisms.csv``.
    is_typical
        Whether only the typical patient was simulated.
    """
    several = len(mechanisms) > 1
    lines = [f"The typical patient alone: {LACKS}."] if is_typical else []
    lines += [
        _missed(own, f" under {name}" if several else "")
        for name, own in table.groupby("mechanism", sort=False)
    ]
    if not several and table["trial"].nunique() <= _FEW:
        lines += [_main(row) for _, row in table[table["is_main"]].iterrows()]
    lines += _ranked(mechanisms) if several else _counted(mechanisms.iloc[0])
    return "\n".join(map(_folded, lines))


def _folded(text: str) -> str:
    """Return a text in lines of at most `WIDTH` columns; a number stays with its percent sign."""
    return fill(text.replace(" %", "\N{NO-BREAK SPACE}%"), WIDTH, subsequent_indent="  ").replace(
        "\N{NO-BREAK SPACE}", " "
    )


def missed(table: pd.DataFrame) -> pd.DataFrame:
    """Return the comparisons of arms whose published result lies outside the 90 % interval."""
    return table[(table["measure"] != "value") & (table["verdict"] == DISAGREES)]


def _missed(own: pd.DataFrame, under: str) -> str:
    compared = own[
        (own["measure"] != "value") & (own["use"] != "calibrate") & (own["verdict"] != NOT_COMPARABLE)
    ]
    if not len(compared):
        return f"No comparison of IVIG with placebo can be judged{under}."
    misses = missed(compared)
    names = row_names(compared)
    said = [
        name
        if under
        else f"{name} ({_about(row)}published {published_short(row)}, predicted {predicted_short(row)})"
        for name, (place, row) in zip(names, compared.iterrows(), strict=True)
        if place in misses.index
    ]
    of = f"of {len(compared)} published comparisons{under}"
    return (
        f"Missed: none {of}."
        if not said
        else f"Missed, {len(said)} {of}: {(', ' if under else '; ').join(said)}."
    )


def _about(row: pd.Series) -> str:
    """Return what the claims of a row are about."""
    known = [claims()[each].short for each in str(row["claim"]).split(", ") if each in claims()]
    return f"{' and '.join(known)}: " if known else ""


def _main(row: pd.Series) -> str:
    return (
        f"{row['trial']}: {measured(row['endpoint'], row['measure'])} predicted {predicted_short(row)}, "
        f"{_published(row)}{_significant(row)}; {row['verdict']}."
    )


def _counted(row: pd.Series) -> list[str]:
    """Return how many rows agree under a mechanism, and how likely the published ratios are."""
    found = []
    if row["rows"] > 1:
        found.append(
            f"{row['inside']} of {row['rows']} lie inside the 90 % interval of trials of their size: "
            f"{row['agrees']} agree, {row['inconclusive']} are inconclusive (the interval holds the opposite "
            "too)."
        )
    if row["ratios"]:
        found.append(
            f"Log likelihood of {_ratios(row)} {row['log_likelihood']:.1f}; if IVIG did nothing "
            f"{row['no_effect']:.1f}."
        )
    return found


def _ranked(mechanisms: pd.DataFrame) -> list[str]:
    known = mechanisms[mechanisms["ratios"] > 0]
    if not len(known):
        return []
    said = ", ".join(f"{row['mechanism']} {row['log_likelihood']:.1f}" for _, row in known.iterrows())
    first = known.iloc[0]
    return [f"Log likelihood of {_ratios(first)}: {said}; if IVIG did nothing {first['no_effect']:.1f}."]


def _ratios(row: pd.Series) -> str:
    one = row["ratios"] == 1
    return f"{'the' if one else row['ratios']} published ratio{'' if one else 's'} of relapse rates"


def closing_words(request: TrialRequest, sets: int, trials: Sequence[Trial]) -> list[str]:
    """Return what the answer rests on, and the next command."""
    share, own = request.from_lesion, []
    fitted = (
        "Fitted to patients on IVIG: nothing. Strengths are those of the rat."
        if not share
        else f"Fitted to patients on IVIG: one number, the share of attacks from lesions, {share:g}."
    )
    who = (
        "the typical patient alone"
        if sets == 1
        else f"{sets} parameter sets of the rat, each fitted to untreated patients"
    )
    if request.microbial:
        own.append(f"{request.microbial:.0%} of attacks are started by microbes that IVIG binds (assumed)")
    if request.own_igg:
        own.append("the patient's own IgG acts as given IgG does")
    if request.kinetics:
        own.append(f"kinetics of IgG: {request.kinetics}")
    if any(trial.attacks.calibrated for trial in trials):
        own.append("a rate of attacks that the placebo arm sets")
    rests = f"It rests on {'; '.join((who, *own))}."
    asked = command("trial", "all" if len(trials) > 1 else trials[0].file or trials[0].name)
    if share:
        then = f"{asked}, with nothing fitted"
    elif "all" in request.mechanism:
        then = f"{asked} --from-lesion 0.2, a share that H1 does not reach"
    else:
        then = f"{asked} --mechanism all"
    # A command is copied, so it stays in one line.
    return [_folded(fitted), _folded(rests), f"Next: {then}"]


def _published(row: pd.Series) -> str:
    if not math.isnan(row["published"]):
        has_ends = not math.isnan(row["published_low"])
        ends = f" ({row['published_low']:.2f} to {row['published_high']:.2f})" if has_ends else ""
        return f"published {row['published']:.2f}{ends}"
    if row["published_words"] == PLANNED:
        return PLANNED
    p = "" if math.isnan(row["published_p"]) else f"p {row['published_p']:g}"
    return f"published {', '.join(filter(None, (str(row['published_words']), p)))}"


def _significant(row: pd.Series) -> str:
    share = row["significant"]
    return "" if math.isnan(share) else f"; significant in {100 * share:.0f} % of simulated trials"


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
