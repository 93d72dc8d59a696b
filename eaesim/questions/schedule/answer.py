"""Running schedules side by side: the same rats under every one, with and without antibodies against IgG."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from eaesim.endpoints import DEAD_RULES
from eaesim.errors import ProtocolError
from eaesim.questions.schedule.plan import SchedulePlan, plan_schedules
from eaesim.questions.schedule.request import ScheduleRequest
from eaesim.questions.schedule.result import ScheduleResult
from eaesim.solver import Effort
from eaesim.study import Result, Study
from eaesim.study.study import RECORD
from eaesim.workbench.answer import Answer, Shown
from eaesim.workbench.request import asks

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

plan = plan_schedules


@dataclass(frozen=True)
class Schedules(ScheduleResult, Answer):
    """The answer of a comparison of schedules, with its table and figure.

    Examples
    --------
    >>> from eaesim import Arm, Bolus, Study
    >>> arms = [Arm("vehicle"), Arm("early", Bolus("1 g/kg").at(day=0))]
    >>> study = Study("lewis", until=20, arms=arms)
    >>> schedule(study, animals=2, parameter_sets=1).arms
    ('early',)
    """

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
        return study.run(
            animals=animals,
            seed=subjects.seed,
            members=subjects.parameter_sets,
            dead=subjects.dead,
            record=RECORD,
            engine=effort.engine,
            accuracy=effort.accuracy,
            workers=effort.workers,
            progress=progress and (lambda done, _: progress(before * animals + done, sum(arms) * animals)),
        )

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
