"""Which trials are simulated, with which patients."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from os import PathLike

from eaesim.errors import ProtocolError, UnknownNameError
from eaesim.files import Content
from eaesim.model import MECHANISMS, Rat
from eaesim.model.patient import patient_names, with_kinetics
from eaesim.protocol.outcome import planned_outcomes
from eaesim.protocol.trial import Trial
from eaesim.protocol.trialfile import not_simulable, read_trial, trial_names
from eaesim.questions.trial.request import ALL, TrialRequest
from eaesim.study.patients import Recruiting
from eaesim.study.patientsets import patient_sets
from eaesim.workbench.answer import Plan
from eaesim.workbench.request import EACH_SET, ONE_SET

# A pool holds this many times the patients of a trial; where fewer meet the entry, more are drawn, up to
# `_MOST_MORE` times as many.
_SPARE, _MOST_MORE = 1.5, 20


@dataclass(frozen=True)
class TrialPlan(Plan):
    """Trials that can be simulated.

    Attributes
    ----------
    trials
        The trials, with the settings of the request.
    mechanisms
        Mechanisms of each trial.
    request
        What was asked.
    """

    trials: tuple[Trial, ...]
    request: TrialRequest

    def settings(self) -> dict[str, Content]:
        """Return everything that decides the result, as plain values."""
        own = {trial.name: trial.fingerprint for trial in self.trials if not self._is_shipped(trial)}
        return {
            "trials": [trial.name for trial in self.trials],
            **({"own_trials": own} if own else {}),
            **self.request.written(),
        }

    def _is_shipped(self, trial: Trial) -> bool:
        return trial.name in trial_names() and trial == _changed(read_trial(trial.name), self.request)

    def summary(self) -> str:
        """Return in a few words what would be done."""
        names = ", ".join(trial.name for trial in self.trials)
        return f"{self.request.replicates} trials each of {names}"

    def warnings(self) -> list[str]:
        """Return a line for each trial that is left out."""
        if len(self.trials) < len(trial_names()):
            return []
        return [f"{name} is not simulated: {why}" for name, why in not_simulable().items()]

    def mechanisms(self, trial: Trial) -> tuple[str, ...]:
        """Return the mechanisms that a trial is simulated under, each once."""
        asked = self.request.mechanism or (trial.mechanism,)
        every = [name for one in asked for name in ((*MECHANISMS, "none") if one == ALL else (one,))]
        return tuple(dict.fromkeys(every))

    def subjects(self, trial: Trial, mechanism: str) -> tuple[Rat, ...]:
        """Return the parameter sets of a trial's patients."""
        sets = patient_sets(trial.subject, self.request.parameter_sets, mechanism=mechanism)
        sets = tuple(one.replace(**trial.parameters) for one in sets)
        kinetics = self.request.kinetics
        return sets if kinetics is None else tuple(with_kinetics(one, kinetics) for one in sets)

    def recruiting(self, trial: Trial, members: int) -> Recruiting:
        """Return how many patients are drawn for a trial."""
        needed = math.ceil(_SPARE * enrolled(trial))
        each = self.request.patients or max(ONE_SET if members == 1 else EACH_SET, needed)
        return Recruiting(each * members, self.request.seed, own_igg=self.request.own_igg)

    def recruiting_more(self, trial: Trial, how: Recruiting, fewest: int) -> Recruiting | None:
        """Return how many are drawn instead where few meet the entry; None if these are enough, or asked for.

        Parameters
        ----------
        trial
            The trial.
        how
            How many were drawn.
        fewest
            Fewest patients of a parameter set that meet the entry.
        """
        if self.request.patients is not None or fewest >= enrolled(trial):
            return None
        more = min(_SPARE * enrolled(trial) / max(fewest, 1), _MOST_MORE)
        return replace(how, patients=math.ceil(how.patients * more))


def enrolled(trial: Trial) -> int:
    """Return the number of patients of a trial; those of a crossover stand in every arm."""
    arms = trial.arms[:1] if trial.sequence else trial.arms
    return sum(arm.patients for arm in arms)


def plan(trial: Trial | str | Sequence[Trial | str] | None, request: TrialRequest) -> TrialPlan:
    """Return the trials that are to be simulated.

    Raises
    ------
    EaesimError
        If a trial or its subject is not known, or its file is not valid.
    """
    if not isinstance(trial, Trial) and not trial:
        raise ProtocolError(f"no trial is given; name a file, {ALL}, or one of {', '.join(trial_names())}.")
    given = [trial] if isinstance(trial, str) or not isinstance(trial, Sequence) else trial
    for one in given:
        if not isinstance(one, Trial | str | PathLike):
            raise ProtocolError(
                f"{one!r} is not a trial; name a file, {ALL}, or one of {', '.join(trial_names())}."
            )
    names = [name for one in given for name in (trial_names() if str(one) == ALL else (one,))]
    found = [one if isinstance(one, Trial) else read_trial(one) for one in names]
    for place, one in enumerate(found):
        if one.name in (each.name for each in found[:place]):
            raise ProtocolError(f"two trials are named {one.name}; give each once, under a name of its own.")
    largest = max(found, key=enrolled)
    needed = enrolled(largest)
    if request.patients is not None and request.patients < needed:
        raise ProtocolError(
            f"patients = {request.patients} are too few to draw the {needed} of {largest.name} from; "
            f"give {needed} or more, or leave patients out."
        )
    return TrialPlan(tuple(_changed(one, request) for one in found), request)


def _changed(trial: Trial, request: TrialRequest) -> Trial:
    """Return a trial with the attacks of the request."""
    if trial.subject not in patient_names():
        raise UnknownNameError(
            f'{trial.name}: "{trial.subject}" is not a patient; allowed: {", ".join(patient_names())}.'
        )
    given = {"from_lesion": request.from_lesion, "microbial": request.microbial}
    asked = {name: value for name, value in given.items() if value is not None}
    return replace(
        trial,
        attacks=replace(trial.attacks, **asked),
        published=trial.published or planned_outcomes([arm.name for arm in trial.arms if not arm.is_placebo]),
    )
