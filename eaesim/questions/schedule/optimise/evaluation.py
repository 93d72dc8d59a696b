"""How good schedules are: the same rats under each of them, many schedules at once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from eaesim.endpoints import Floats
from eaesim.errors import ProtocolError
from eaesim.protocol import Arm, Design
from eaesim.protocol.donors import harvests
from eaesim.protocol.selection import with_donors
from eaesim.questions.schedule.optimise.limits import Limits, Schedule
from eaesim.solver import Effort
from eaesim.study import Result, Study, Subjects
from eaesim.study.plasmaruns import typical_peaks
from eaesim.workbench.runstudy import run_study

CONTROL = "vehicle"
#: Penalty for a shortfall of the target, or IgG above its ceiling, relative to an effect or a budget.
_PENALTY = 10.0
#: Days after the last dose by which its peak has passed, also that of a dose under the skin.
_ABSORBED = 10


@dataclass(frozen=True)
class Met:
    """What a search has run.

    Attributes
    ----------
    effects
        Effects by what they were judged by, and the schedule.
    untreated
        Untreated rats, by their number, seed and parameter sets.
    """

    effects: dict[tuple[object, ...], float] = field(default_factory=dict)
    untreated: dict[tuple[object, ...], Result] = field(default_factory=dict)


@dataclass(frozen=True)
class Evaluation:
    """What schedules are judged by.

    Attributes
    ----------
    study
        The rat, its inductions and the last day; its arms do not matter.
    limits
        What a schedule may use.
    endpoint
        Less of it is better.
    robust
        ``"mean"``: over all rats; ``"worst tenth"``: over the tenth of parameter sets with the least effect.
    target
        The effect to be reached with the least IgG; None for the greatest effect.
    animals, seed, members
        The rats.
    effort
        How they are run.
    met
        What other evaluations of the same study have run, so that nothing is run twice.
    """

    study: Study
    limits: Limits
    endpoint: str
    robust: str
    target: float | None
    animals: int
    seed: int
    members: int | None
    effort: Effort = field(default_factory=Effort)
    met: Met = field(default_factory=Met, repr=False, compare=False)

    def run(self, schedules: dict[str, Schedule], *, is_compared: bool = True) -> Result:
        """Run schedules, by name, together with untreated rats if they are compared with these."""
        given = [Arm(name, self.limits.regimen(schedule)) for name, schedule in schedules.items()]
        design = self.study.design
        own = (*([Arm(CONTROL)] if is_compared else []), *given)
        study = Study.from_design(
            self.study.rat,
            replace(design, arms=(*own, *_other_donors(design, own)), control=own[0].name, endpoints=()),
        ).reading(self.endpoint)
        subjects = Subjects(self.animals, self.seed, self.members)
        return run_study(study, subjects, self.effort, record=())

    def effects(self, schedules: Sequence[Schedule]) -> Floats:
        """Return 1 - treated / control of each schedule, robust as asked."""
        if self.endpoint.startswith("relapse_"):
            # A rat that dies before the relapse in one arm is left out of all that are run with it.
            result = self.run(_named(schedules))
            return np.array([self.effect(result, name) for name in _named(schedules)])
        rats = (self.animals, self.seed, self.members)
        judged = (*rats, self.endpoint, self.robust, self.limits.drug, self.limits.route)
        known = self.met.effects
        fresh = _named([each for each in dict.fromkeys(schedules) if (*judged, each) not in known])
        if fresh:
            if rats not in self.met.untreated:
                self.met.untreated[rats] = self.run({})
            untreated = self.met.untreated[rats]
            result = self.run(fresh, is_compared=False)
            for name, schedule in fresh.items():
                known[*judged, schedule] = self._beside(result, name, untreated)
        return np.array([known[*judged, each] for each in schedules])

    def effect(self, result: Result, arm: str) -> float:
        """Return the effect of one arm of `run`."""
        treated, control = result.pair(arm, CONTROL, self.endpoint)
        return self._robust(treated, control, result.pair_member(arm, CONTROL, self.endpoint))

    def _beside(self, result: Result, arm: str, untreated: Result) -> float:
        """Return the effect of an arm beside the same rats of another run."""
        kept = ~(result.has_failed(arm) | untreated.has_failed(CONTROL))
        treated, control = (
            one.endpoint(name, self.endpoint)[kept] for one, name in ((result, arm), (untreated, CONTROL))
        )
        return self._robust(treated, control, result.member[kept])

    def _robust(self, treated: Floats, control: Floats, member: npt.NDArray[np.int64]) -> float:
        both = ~(np.isnan(treated) | np.isnan(control))
        if self.robust == "mean":
            return _effect(treated[both], control[both])
        own = [
            _effect(treated[both & (member == each)], control[both & (member == each)])
            for each in np.unique(member)
        ]
        known = np.sort([value for value in own if not np.isnan(value)])
        return float(known[: max(1, len(known) // 10)].mean()) if len(known) else np.nan

    def __call__(self, schedules: Sequence[Schedule]) -> Floats:
        """Return what a search makes small, of each schedule."""
        effects = np.nan_to_num(self.effects(schedules), nan=-1.0)
        used = np.array([sum(dose.amount for dose in each) for each in schedules]) / self.limits.total
        if self.target is None:
            # Between two with the same effect, the one with less IgG.
            value = 1.0 - effects + 1e-6 * used
        else:
            value = used + _PENALTY * np.maximum(self.target - effects, 0.0)
        excess = self.excess(schedules)
        return np.asarray(value + _PENALTY * ((excess > 0) + excess))

    def excess(self, schedules: Sequence[Schedule]) -> Floats:
        """Return by what share plasma IgG goes above its ceiling, in the typical rat without disease."""
        if not np.isfinite(self.limits.ceiling):
            return np.zeros(len(schedules))
        return np.maximum(self.plasma_peaks(schedules) / self.limits.ceiling - 1.0, 0.0)

    def plasma_peaks(self, schedules: Sequence[Schedule]) -> Floats:
        """Return the highest plasma IgG of the typical rat under each schedule, mg/mL."""
        arms = [Arm(f"schedule {place}", self.limits.regimen(each)) for place, each in enumerate(schedules)]
        design = Design(math.ceil(max(0.0, self.limits.latest)) + _ABSORBED, [], arms, "none", None)
        return typical_peaks(self.study.rat, design)


def _named(schedules: Sequence[Schedule]) -> dict[str, Schedule]:
    """Return schedules with names for their arms."""
    return {f"schedule {place}": each for place, each in enumerate(schedules)}


def _other_donors(design: Design, arms: Sequence[Arm]) -> tuple[Arm, ...]:
    """Return the arms whose cells start disease in others, except those that are there already."""
    wanted = {each.donor for each in harvests(design.inductions)}
    names = {arm.name for arm in arms}
    needed = with_donors(design, wanted) if wanted else ()
    twice = next((arm.name for arm in needed if arm.name in names), None)
    if twice is not None:
        raise ProtocolError(f'the arm "{twice}" gives cells to the others; give it another name.')
    return needed


def _effect(treated: Floats, control: Floats) -> float:
    total = float(control.sum())
    return 1.0 - float(treated.sum()) / total if total > 0 else np.nan
