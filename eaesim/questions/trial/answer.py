"""Simulated trials beside published ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from eaesim.model import Rat
from eaesim.protocol.trial import Trial
from eaesim.questions.trial.parts import PARTS, KeptTrials, Simulated
from eaesim.questions.trial.plan import TrialPlan, plan
from eaesim.questions.trial.ranking import RATIOS, ranking
from eaesim.questions.trial.request import TrialRequest
from eaesim.questions.trial.rows import placebo_rows, ratio_rows, trial_rows
from eaesim.questions.trial.shown import ROW_KEY, STAR_KEY, printed_table
from eaesim.questions.trial.words import closing_words, in_words
from eaesim.solver import Effort
from eaesim.study import Store
from eaesim.study.patients import Patients
from eaesim.study.placebo import Calibrated, Placebo, placebo_attacks, values_of
from eaesim.study.recruitment import recruit
from eaesim.study.trialpool import Read, simulate_trial
from eaesim.workbench.answer import Answer, Shown
from eaesim.workbench.request import asks

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["TrialAnswer", "answer", "plan", "trial"]

_RANKED = ("mechanism", "log_likelihood", "no_effect", "inside", "rows", "agrees", "disagrees")


@dataclass(frozen=True)
class TrialAnswer(Answer):
    """What simulated trials find, beside what was published.

    Attributes
    ----------
    table
        The columns of ``trial.csv``.
    placebo
        Those of ``placebo.csv``.
    ratios
        Ratios of relapse rates that mechanisms are ranked by, of each parameter set.
    trials
        The trials.
    request
        What was asked.

    Examples
    --------
    >>> from eaesim import trial
    >>> found = trial("tarims_index", parameter_sets=1, patients=300, replicates=50)
    >>> sorted(found.tables())
    ['mechanisms', 'placebo', 'trial']
    """

    table: pd.DataFrame
    placebo: pd.DataFrame
    ratios: pd.DataFrame
    trials: tuple[Trial, ...]
    request: TrialRequest

    @property
    def is_typical(self) -> bool:
        """Whether only the typical patient was simulated, so that the uncertainty of the rat is missing."""
        return self.placebo["parameter_set"].nunique() == 1

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables by the names of their CSV files."""
        return {"trial": self.table, "placebo": self.placebo, "mechanisms": self.ranking()}

    def ranking(self) -> pd.DataFrame:
        """Return how likely the published ratios are, and how many rows agree, by mechanism."""
        return ranking(self.table, self.ratios)

    def shown(self) -> list[Shown]:
        """Return what the terminal prints: the rows by mechanism, and how several mechanisms compare."""
        several, is_typical = self.table["mechanism"].nunique() > 1, self.is_typical
        found = [
            Shown(
                f"{name}: published, and predicted with the 90 % interval",
                table=printed_table(own, is_typical=is_typical),
            )
            for name, own in self.table.groupby("mechanism", sort=False)
        ]
        found.append(Shown(note=f"{ROW_KEY}\n{STAR_KEY}" if is_typical else ROW_KEY))
        if several:
            title = "mechanisms: log likelihood of the published ratios of relapse rates, and rows inside"
            found.append(Shown(title, table=self.ranking()[list(_RANKED)].round(2)))
        return found

    def notes(self) -> list[str]:
        """Return a line for each thing that a reader must know."""
        # Mechanisms with the same parameter sets share the placebo arm.
        sets = self.placebo.drop_duplicates(["trial", "parameter_set", "attacks_per_year"])
        lost = sets[~sets["reached"]]
        found = [
            f"{name}: in {len(own)} of {int((sets['trial'] == name).sum())} sets no rate of attacks brings "
            "the placebo arm within a tenth of what was published; the nearest is taken."
            for name, own in lost.groupby("trial", sort=False)
        ]
        failed = self.placebo.groupby("trial", sort=False)["failed"].first()
        found += [
            f"{name}: {count} patients failed and were left out." for name, count in failed.items() if count
        ]
        stand_in = sorted(set(self.table.loc[self.table["stand_in"], "trial"]))
        if stand_in:
            found.append(
                f"{', '.join(stand_in)}: what was measured is not in the model; EDSS stands in for it."
            )
        return found

    def sentence(self) -> str:
        """Return what is missed, the main row of each trial, and how likely the mechanisms are."""
        return in_words(self.table, self.ranking(), is_typical=self.is_typical)

    def closing(self) -> list[str]:
        """Return what the answer rests on, and the next command."""
        sets = int(self.placebo["parameter_set"].nunique())
        return closing_words(self.request, sets, self.trials)


def answer(plan: TrialPlan, effort: Effort, store: Store | None = None) -> TrialAnswer:
    """Simulate every trial under every mechanism.

    Parameters
    ----------
    plan
        The trials.
    effort
        Engine, workers and progress.
    store
        Folder of the run, which keeps each trial until all are done; an interrupted run resumes.

    Raises
    ------
    ProtocolError
        If nobody meets the entry of a trial.
    NothingComputedError
        If every patient fails.
    """
    import pandas as pd

    kept = None if store is None else KeptTrials.begun(store)
    found: list[Simulated] = []
    total = sum(len(plan.mechanisms(trial)) for trial in plan.trials)
    tell = effort.progress or (lambda *_: None)
    for trial in plan.trials:
        shared = Shared()
        for mechanism in plan.mechanisms(trial):
            own = None if kept is None else kept.read(trial, mechanism)
            if own is None:
                own = _simulated(trial, mechanism, plan, shared, effort)
                if kept is not None:
                    kept.put(trial, mechanism, own)
            found.append(own)
            tell(len(found), total)
    rows, placebo, ratios = ([row for own in found for row in getattr(own, name)] for name in PARTS)
    return TrialAnswer(
        pd.DataFrame(rows),
        pd.DataFrame(placebo),
        pd.DataFrame(ratios, columns=list(RATIOS)),
        plan.trials,
        plan.request,
    )


@dataclass(frozen=True)
class Shared:
    """What the mechanisms of a trial share: calibrations, and patients with the same parameter sets."""

    calibrated: Calibrated = field(default_factory=dict)
    recruited: dict[tuple[str, ...], tuple[Placebo, Patients, dict[str, Read]]] = field(default_factory=dict)


def _simulated(trial: Trial, mechanism: str, plan: TrialPlan, shared: Shared, effort: Effort) -> Simulated:
    """Return the rows of a trial under one mechanism; the same parameter sets share the placebo arm."""
    quiet = effort.quiet
    subjects = plan.subjects(trial, mechanism)
    key = tuple(map(values_of, subjects))
    if key not in shared.recruited:
        shared.recruited[key] = (*_recruited(trial, subjects, plan, shared.calibrated, quiet), {})
    rates, patients, untreated = shared.recruited[key]
    pool = simulate_trial(trial, patients, mechanism=mechanism, untreated=untreated, effort=quiet)
    return Simulated(
        trial_rows(trial, mechanism, pool, plan.request),
        placebo_rows(trial, mechanism, rates, pool),
        ratio_rows(trial, mechanism, pool),
    )


def _recruited(
    trial: Trial, subjects: Sequence[Rat], plan: TrialPlan, known: Calibrated, effort: Effort
) -> tuple[Placebo, Patients]:
    """Return the calibrated attacks and the patients, at least as many of each set as the trial enrols."""
    how = plan.recruiting(trial, len(subjects))
    rates = placebo_attacks(trial, subjects, how, known=known, effort=effort)
    patients = recruit(trial, subjects, rates.attacks, how, effort=effort)
    fewest = int(np.bincount(patients.member, minlength=len(subjects)).min())
    more = plan.recruiting_more(trial, how, fewest)
    if more is not None:
        patients = recruit(trial, subjects, rates.attacks, more, effort=effort)
    return rates, patients


@asks(TrialRequest)
def trial(trial: Trial | str | Sequence[Trial | str] | None, request: TrialRequest) -> TrialAnswer:
    """Simulate clinical trials at their published size, and compare them with what was published.

    Parameters
    ----------
    trial
        A trial, the path of a trial file, the name of a shipped one, or several; ``"all"`` is every one.

    Raises
    ------
    EaesimError
        If a trial is not known or not valid, or nobody meets its entry.

    Examples
    --------
    >>> found = trial("noseworthy2001", parameter_sets=1, patients=300, replicates=50, mechanism="H7")
    >>> float(found.table["predicted"].abs().max()) < 1
    True
    """
    return answer(plan(trial, request), request.effort)
