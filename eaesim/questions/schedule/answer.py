"""Running schedules side by side: the same rats under every one, with and without antibodies against IgG."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from eaesim.endpoints import DEAD_RULES, Floats, MemberEstimate
from eaesim.endpoints import endpoint as find_endpoint
from eaesim.errors import ProtocolError
from eaesim.questions.schedule.plan import Given, SchedulePlan, given
from eaesim.questions.schedule.plan import plan_schedules as plan
from eaesim.questions.schedule.request import ScheduleRequest
from eaesim.solver import Effort
from eaesim.study import Result, Study
from eaesim.workbench.answer import Answer, Row, Shown
from eaesim.workbench.request import asks
from eaesim.workbench.runstudy import run_study

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "arm",
    "antibodies",
    "mean",
    "effect",
    "effect_low",
    "effect_high",
    "grams",
    "doses",
    "volume",
    "igg_peak",
    "effect_per_gram",
    "conclusion",
)


OFF, ON = "off", "on"
SHOWN = ("peak_score", "cumulative_score", "incidence", "relapse_incidence", "mortality", "demyelination_end")


@dataclass(frozen=True)
class Schedules(Answer):
    """Schedules compared.

    Attributes
    ----------
    plan
        What was asked.
    plain
        The study.
    immune
        The control and the repeated schedules in rats that make antibodies against IgG; None without any.

    Examples
    --------
    >>> from eaesim import Arm, Bolus, Study
    >>> arms = [Arm("vehicle"), Arm("early", Bolus("1 g/kg").at(day=0))]
    >>> study = Study("lewis", until=20, arms=arms)
    >>> schedule(study, animals=2, parameter_sets=1).arms
    ('early',)
    """

    plan: SchedulePlan
    plain: Result
    immune: Result | None

    @property
    def control(self) -> str:
        """Name of the control."""
        return self.plan.study.design.control

    @property
    def arms(self) -> tuple[str, ...]:
        """Names of the schedules, without the control."""
        return tuple(name for name in self.plain.arms if name != self.control)

    @cached_property
    def given(self) -> dict[tuple[str, str], Given]:
        """What each schedule gave, by its name and antibodies off or on."""
        runs = [(OFF, self.plain), *([(ON, self.immune)] if self.immune is not None else [])]
        return {
            (arm.name, antibodies): given(result, arm, level=self.plan.level)
            for antibodies, result in runs
            for arm in result.design.arms
        }

    def _result(self, arm: str, antibodies: str) -> Result | None:
        if antibodies == OFF:
            return self.plain
        asked = (self.control, *(each.name for each in self.plan.repeated))
        return self.immune if arm in asked else None

    def effect(
        self, arm: str, *, endpoint: str | None = None, antibodies: str = OFF
    ) -> MemberEstimate | None:
        """Return 1 - schedule / control of the means; None if it was not run with antibodies.

        Parameters
        ----------
        arm
            The schedule.
        endpoint
            By default the one that schedules are ranked by.
        antibodies
            ``"off"`` or ``"on"``.
        """
        result = self._result(arm, antibodies)
        return None if result is None else result.effect(arm, self.control, endpoint or self.plan.endpoint)

    def ranked(self, antibodies: str = OFF) -> list[str]:
        """Return the schedules, the strongest effect first; with antibodies, repeated ones have them."""

        def reached(arm: str) -> float:
            found = self.effect(arm, antibodies=antibodies) or self.effect(arm)
            return -np.inf if found is None or np.isnan(found.value) else found.value

        return sorted(self.arms, key=reached, reverse=True)

    def conclusion(self, arm: str, *, endpoint: str | None = None) -> str:
        """Say whether the effect of a repeated schedule persists with antibodies against IgG; else empty."""
        with_them = self.effect(arm, endpoint=endpoint, antibodies=ON)
        without = self.effect(arm, endpoint=endpoint)
        if with_them is None or without is None:
            return ""
        shown, still = _helps(without), _helps(with_them)
        if shown and not still:
            return "lost"
        if still and not shown:
            return "appears"
        return "holds, weaker" if shown and with_them.value < without.low else "holds"

    def table(self) -> pd.DataFrame:
        """Return a row for every schedule, endpoint, and antibodies off or on: ``schedule.csv``."""
        import pandas as pd

        rows = []
        for arm in (self.control, *self.arms):
            for antibodies in (OFF, ON):
                if (result := self._result(arm, antibodies)) is not None:
                    endpoints = dict.fromkeys((self.plan.endpoint, *SHOWN))
                    rows += [self._row(result, arm, endpoint, antibodies) for endpoint in endpoints]
        return pd.DataFrame(rows)

    def _row(self, result: Result, arm: str, endpoint: str, antibodies: str) -> Row:
        mean = result.mean(arm, endpoint, control=self.control)
        apart = result.effect(arm, self.control, endpoint)
        own = self.given[arm, antibodies]
        return {
            "arm": arm,
            "endpoint": endpoint,
            "antibodies": antibodies,
            "mean": mean.value,
            "low": mean.low,
            "high": mean.high,
            "effect": apart.value,
            "effect_low": apart.low,
            "effect_high": apart.high,
            "effect_animal_low": apart.animal_low,
            "effect_animal_high": apart.animal_high,
            "effect_per_gram": apart.value / own.grams if own.grams > 0 else np.nan,
            **own.row(),
            "animals": int((~np.isnan(result.pair(arm, self.control, endpoint)[0])).sum()),
            "failed": result.failed(arm, self.control),
            "conclusion": self.conclusion(arm, endpoint=endpoint)
            if antibodies == ON and arm != self.control
            else "",
        }

    def best_beside_next(self) -> MemberEstimate | None:
        """Return by how much the best schedule's endpoint lies below that of the next; None of one alone."""
        first, *others = self.ranked()
        if not others:
            return None
        return self.plain.difference(others[0], first, self.plan.endpoint)

    def sentence(self) -> str:
        """Say in plain words which schedule does most."""
        name = find_endpoint(self.plan.endpoint).title
        best = self.ranked()[0]
        found = self.effect(best)
        if found is None or np.isnan(found.value):
            raise ProtocolError(f"no schedule can be compared by {self.plan.endpoint}.")
        amount = found.percent()
        sure = [arm for arm in self.ranked() if (own := self.effect(arm)) is not None and _helps(own)]
        if not sure:
            return f'Nothing beats "{self.control}": at best, "{best}" lowers {name} by {amount}.'
        text = f'"{best}" lowers {name} most, by {amount}'
        if best not in sure:
            # The largest mean may be the least certain; what does beat the control must not be passed over.
            text += f', but may do nothing; the first to beat "{self.control}" is "{sure[0]}"'
        beside = self.best_beside_next()
        if beside is not None:
            parted = "distinguishable" if beside.low > 0 else "not distinguishable"
            text += f', {parted} from the next, "{self.ranked()[1]}"'
        lost = [arm for arm in self.arms if self.conclusion(arm) == "lost"]
        with_them = self.ranked(ON)[0]
        if self.immune is not None:
            text += (
                f"; with antibodies against IgG {self._first(with_them, best)} does most"
                f"{', and no effect is left of ' + _listed(lost) if lost else ''}"
            )
        return f"{text}."

    def _first(self, arm: str, best: str) -> str:
        return "it still" if arm == best else f'"{arm}"'

    def notes(self) -> list[str]:
        """Return what should be known of the rows."""
        undosed = [
            f'"{arm}": no rat was given a dose.' for arm in self.arms if not self.given[arm, OFF].dosed
        ]
        return [*self.plain.notes(), *undosed]

    def scores(self, arm: str, antibodies: str = OFF) -> Floats | None:
        """Return the daily scores of a schedule's rats; None if it was not run with antibodies."""
        result = self._result(arm, antibodies)
        return None if result is None else result.scores(arm)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables by the names of their CSV files."""
        return {"schedule": self.table()}

    def shown(self) -> list[Shown]:
        """Return what the terminal prints."""
        whole = self.table()
        short = whole[(whole["endpoint"] == self.plan.endpoint) & (whole["arm"] != self.control)]
        note = (
            f"{DEAD_RULES[self.plan.subjects.dead]}; volume: the largest at once, mL/kg; grams: IVIG in all, "
            "g/kg; igg_peak: of given IgG in the plasma of the typical rat, mg/mL."
        )
        return [Shown(f"schedules by {self.plan.endpoint}", table=short[list(COLUMNS)], note=note)]


def answer(plan: SchedulePlan, effort: Effort) -> Schedules:
    """Run what was planned.

    Raises
    ------
    ProtocolError
        If no rat of the control has the endpoint.
    NothingComputedError
        If every rat failed.
    """
    subjects = plan.subjects
    animals, progress = subjects.animals, effort.progress
    again = plan.with_antibodies if plan.repeated else None
    arms = [len(plan.study.design.arms), 0 if again is None else len(again.design.arms)]

    def run(study: Study, before: int) -> Result:
        shown = progress and (lambda done, _: progress(before * animals + done, sum(arms) * animals))
        return run_study(study, subjects, replace(effort, progress=shown), courses=True)

    plain = run(plan.study, 0)
    control = plain.endpoint(plan.study.design.control, plan.endpoint)
    if not np.nansum(control) > 0:
        raise ProtocolError(
            f"{plan.endpoint} is 0 or missing in every rat of the control, so no schedule can lower it; "
            "choose another endpoint, or induce what it measures."
        )
    return Schedules(plan, plain, None if again is None else run(again, arms[0]))


@asks(ScheduleRequest, of=Study)
def schedule(study: Study, request: ScheduleRequest) -> Schedules:
    """Compare the schedules of a study on the same rats.

    Parameters
    ----------
    study
        Each arm is a schedule; they are compared with the control.

    Raises
    ------
    UnknownNameError
        If the endpoint is unknown.
    ProtocolError
        If there is nothing to compare, or no rat of the control has the endpoint.
    NothingComputedError
        If every rat failed.

    Examples
    --------
    >>> from eaesim.protocol import Arm, Bolus
    >>> once, late = Bolus("1 g/kg").at(day=0), Bolus("1 g/kg").at(onset="score >= 1")
    >>> study = Study("lewis", until=24, arms=[Arm("vehicle"), Arm("day 0", once), Arm("onset", late)])
    >>> schedule(study, animals=40, parameter_sets=4).ranked()[0]
    'day 0'
    """
    return answer(plan(study, request), request.effort)


def _helps(found: MemberEstimate) -> bool:
    return bool(found.low > 0)


def _listed(names: list[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
