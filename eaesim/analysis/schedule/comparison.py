"""Running schedules side by side: the same rats under every one, with and without antibodies against IgG."""

from __future__ import annotations

from typing import Any

import numpy as np

from eaesim.analysis.schedule.plan import SchedulePlan, plan_schedules
from eaesim.analysis.schedule.result import Schedules
from eaesim.errors import ProtocolError
from eaesim.solver import Progress
from eaesim.study import Study
from eaesim.study.study import RECORD


def schedule(study: Study, *, progress: Progress | None = None, **settings: Any) -> Schedules:
    """Compare the schedules of a study on the same rats.

    Parameters
    ----------
    study
        Each arm is a schedule; they are compared with the control.
    progress
        Called with the number of runs done and their total.
    **settings
        ``endpoint``, ``antibodies`` and ``level`` as for `plan_schedules`; the rest as for `run_schedules`.

    Raises
    ------
    EaesimError
        As `plan_schedules` and `run_schedules`.

    Examples
    --------
    >>> from eaesim.protocol import Arm, Bolus
    >>> once, late = Bolus("1 g/kg").at(day=0), Bolus("1 g/kg").at(onset="score >= 1")
    >>> study = Study("lewis", until=24, arms=[Arm("vehicle"), Arm("day 0", once), Arm("onset", late)])
    >>> schedule(study, animals=40).ranked()[0]
    'day 0'
    """
    own = {name: settings.pop(name) for name in ("endpoint", "antibodies", "level") if name in settings}
    return run_schedules(plan_schedules(study, **own), progress=progress, **settings)


def run_schedules(
    plan: SchedulePlan,
    *,
    animals: int = 320,
    seed: int = 1,
    members: int | None = None,
    dead: str = "score",
    engine: str = "auto",
    progress: Progress | None = None,
) -> Schedules:
    """Run what was planned.

    Parameters
    ----------
    plan
        From `plan_schedules`.
    animals, seed, members, dead, engine
        As for `Study.run`.
    progress
        Called with the number of runs done and their total.

    Raises
    ------
    ProtocolError
        If no rat of the control has the endpoint.
    EaesimError
        As `Study.run`.
    """
    given: dict[str, Any] = {
        "animals": animals,
        "seed": seed,
        "members": members,
        "dead": dead,
        "engine": engine,
        "record": RECORD,
    }
    again = plan.with_antibodies if plan.repeated else None
    arms = [len(plan.study.design.arms), 0 if again is None else len(again.design.arms)]

    def part(before: int) -> Progress | None:
        return progress and (lambda done, _: progress(before * animals + done, sum(arms) * animals))

    plain = plan.study.run(progress=part(0), **given)
    control = plain.endpoint(plan.study.design.control, plan.endpoint)
    if not np.nansum(control) > 0:
        raise ProtocolError(
            f"{plan.endpoint} is 0 or missing in every rat of the control, so no schedule can lower it; "
            "choose another endpoint, or induce what it measures."
        )
    return Schedules(plan, plain, None if again is None else again.run(progress=part(arms[0]), **given))
