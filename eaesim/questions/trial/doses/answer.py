"""Dose finding in patients: the same patients under every amount and interval."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from eaesim.endpoints import Floats
from eaesim.protocol import Arm
from eaesim.questions.trial.doses.exposure import Exposure, arm, exposure, individuals
from eaesim.questions.trial.doses.request import DosesRequest
from eaesim.questions.trial.doses.words import in_short
from eaesim.questions.trial.relapsing import (
    PLACEBO,
    RelapsingAnswer,
    RelapsingPlan,
    arm_name,
    regimen,
    said_of,
    stepping,
    transfer_words,
)
from eaesim.solver import Effort
from eaesim.study.relapses import RelapseCounts
from eaesim.workbench.answer import Row, Shown
from eaesim.workbench.request import asks

if TYPE_CHECKING:
    import pandas as pd

#: Weight of a patient in which grams are counted, kg; assumed.
WEIGHT = 70.0
_ENDS = (0.05, 0.95)
_SHOWN = ("amount", "interval", "trough", "ratio", "ratio_low", "ratio_high", "prevented", "treated_for_one")


@dataclass(frozen=True)
class DosesPlan(RelapsingPlan):
    """Dose finding that can be done.

    Attributes
    ----------
    request
        What was asked.
    """

    request: DosesRequest

    def summary(self) -> str:
        """Return in a few words what would be done."""
        asked = self.request
        return f"{len(asked.amounts)} amounts of IVIG at {len(asked.intervals)} intervals, against placebo"


@dataclass(frozen=True, kw_only=True)
class TrialDoses(RelapsingAnswer):
    """Relapses and IgG under every amount and interval.

    Attributes
    ----------
    table
        The columns of ``doses.csv``.
    request
        What was asked.
    sets
        Number of parameter sets.
    said
        Lines that a reader must know.

    Examples
    --------
    >>> few = {"from_lesion": [0], "parameter_sets": 1, "patients": 60}
    >>> found = trial_doses(amounts=["0.4 g/kg"], intervals=[28], **few)
    >>> found.table["interval"].tolist()
    [28.0]
    """

    of_one: ClassVar[str] = "one parameter set: intervals are not known."
    request: DosesRequest

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables by the names of their CSV files."""
        return {"doses": self.table}

    def shown(self) -> list[Shown]:
        """Return what the terminal prints: a table for each share of attacks from lesions."""
        title = "relapse rate over that on placebo, with its 90 % interval over parameter sets"
        return [
            Shown(
                f"{title}; {transfer_words(share)}",
                table=self.table.loc[self.table["from_lesion"] == share, list(_SHOWN)],
            )
            for share in self.request.from_lesion
        ]

    def sentence(self) -> str:
        """Return a line for each share of attacks from lesions."""
        return in_short(self.table)


def plan(doses: None, request: DosesRequest) -> DosesPlan:
    """Check that nothing but settings is given.

    Raises
    ------
    EaesimError
        If something is given, or more parameter sets are asked for than there are.
    """
    found = DosesPlan(request)
    found.check(doses, "dose finding")
    return found


def answer(plan: DosesPlan, effort: Effort) -> TrialDoses:
    """Follow the patients on placebo and under every amount and interval.

    Raises
    ------
    NothingComputedError
        If every patient fails.
    """
    import pandas as pd

    asked, rows = plan.request, list[Row]()
    given = {(a, i): arm_name(a, i) for i in asked.intervals for a in asked.amounts}
    arms = [Arm(PLACEBO), *(arm(name, *key, asked.until) for key, name in given.items())]
    step = stepping(effort, len(asked.from_lesion) * len(arms))
    followed, levels = list(plan.followed(arms, effort, step)), dict[tuple[float, float], Exposure]()
    for one in followed:
        persons = individuals(one.patients)
        levels = levels or {key: exposure(persons, *key, asked.until) for key in given}
        rows += [
            _row(one.from_lesion, key, name, one.counts, levels[key], asked.until)
            for key, name in given.items()
        ]
    return TrialDoses(
        table=pd.DataFrame(rows),
        request=asked,
        sets=len(plan.subjects()),
        said=said_of(followed, asked.placebo_rate),
    )


def _row(
    share: float,
    key: tuple[float, float],
    name: str,
    counts: RelapseCounts,
    level: Exposure,
    until: int,
) -> Row:
    amount, interval = key
    placebo, treated = counts.rates(PLACEBO), counts.rates(name)
    prevented = placebo - treated
    a_year = amount * regimen(amount, interval, until).doses / counts.years
    middle = float(np.nanmedian(prevented))
    low, high = _ends(prevented)
    return {
        "from_lesion": share,
        "amount": amount,
        "interval": interval,
        "g_per_kg_year": a_year,
        "mean_igg": level.mean,
        "trough": level.trough,
        "placebo_rate": float(np.nanmedian(placebo)),
        "rate": float(np.nanmedian(treated)),
        **_named("ratio", counts.ratios(name, PLACEBO)),
        "prevented": middle,
        "prevented_low": low,
        "prevented_high": high,
        "prevented_per_g_kg": middle / a_year if a_year else np.nan,
        "prevented_per_gram": middle / (a_year * WEIGHT) if a_year else np.nan,
        "treated_for_one": 1.0 / middle if middle > 0 else np.inf,
        "grams_for_one": a_year * WEIGHT / middle if middle > 0 else np.inf,
    }


def _named(name: str, values: Floats) -> Mapping[str, float]:
    low, high = _ends(values)
    return {name: float(np.nanmedian(values)), f"{name}_low": low, f"{name}_high": high}


def _ends(values: Floats) -> tuple[float, float]:
    """Return the 90 % interval over parameter sets; NaN with one."""
    known = values[~np.isnan(values)]
    if len(known) < 2:
        return np.nan, np.nan
    low, high = np.quantile(known, _ENDS)
    return float(low), float(high)


@asks(DosesRequest)
def trial_doses(doses: None, request: DosesRequest) -> TrialDoses:
    """Find the dose of IVIG for patients with relapsing-remitting multiple sclerosis.

    The same patients, with the same attacks, are followed on placebo and under every amount and interval.

    Parameters
    ----------
    doses
        Nothing; the settings say all.

    Raises
    ------
    EaesimError
        If a setting cannot be used, or every patient fails.

    Examples
    --------
    >>> few = {"from_lesion": [0], "parameter_sets": 1, "patients": 60}
    >>> found = trial_doses(amounts=["0 g/kg"], intervals=[28], **few)
    >>> found.table["ratio"].tolist()
    [1.0]
    """
    return answer(plan(doses, request), request.effort)
