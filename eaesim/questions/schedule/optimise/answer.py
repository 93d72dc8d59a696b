"""The best schedule: searched on some rats, chosen on others, and reported on fresh ones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from eaesim.errors import ProtocolError
from eaesim.questions.schedule.optimise.evaluation import Evaluation
from eaesim.questions.schedule.optimise.front import find_front
from eaesim.questions.schedule.optimise.limits import Planned, Schedule, plain_schedules
from eaesim.questions.schedule.optimise.plan import OptimisePlan
from eaesim.questions.schedule.optimise.plan import plan_search as plan
from eaesim.questions.schedule.optimise.request import OptimiseRequest
from eaesim.questions.schedule.optimise.result import BEST, Budget, OptimumResult
from eaesim.questions.schedule.optimise.search import search, simpler
from eaesim.solver import Effort, Progress
from eaesim.study import Study
from eaesim.workbench.answer import Answer, Shown
from eaesim.workbench.request import asks

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

#: Rats of the search, and of the choice.
SEARCHED, CHOSEN = 100, 400
#: More or less of every dose.
CHANGES = (0.75, 1.25)
#: How often the doses of plain schedules are lowered to keep plasma IgG below its ceiling.
_LOWERED = 8
COLUMNS = ("schedule", "total", "effect", "effect_low", "effect_high", "behind_best_low", "behind_best_high")


@dataclass(frozen=True)
class Optimum(OptimumResult, Answer):
    """The answer of a search, with its tables and figure.

    Examples
    --------
    >>> from eaesim import Arm, Bolus, Study
    >>> arms = [Arm("vehicle"), Arm("early", Bolus("1 g/kg").at(day=0))]
    >>> study = Study("lewis", until=20, arms=arms)
    >>> result = optimise(study, total="0.5 g/kg", doses=1, animals=8, parameter_sets=1, generations=2)
    >>> sorted(result.tables())
    ['budgets', 'flatness', 'front', 'optimum', 'schedules']
    """

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables by the names of their CSV files."""
        return {
            "optimum": self.doses_table(),
            "schedules": self.table(),
            "flatness": self.flatness_table(),
            "budgets": self.front_table(),
            "front": self.price_table(),
        }

    def more_figures(self) -> dict[str, Figure]:
        """Return the front of the effect against the total and the number of doses."""
        from eaesim.questions.schedule.optimise.figure import front_figure

        return {"optimum_front": front_figure(self)}

    def notes(self) -> list[str]:
        """Return what should be known of the fresh rats."""
        return self.result.notes()

    def shown(self) -> list[Shown]:
        """Return what the terminal prints."""
        title = f"schedules by {self.evaluation.endpoint}, on fresh rats"
        return [
            Shown("best schedule, with tolerance of each day", table=self.tables()["optimum"]),
            Shown(title, table=self.table()[list(COLUMNS)]),
        ]


def answer(plan: OptimisePlan, effort: Effort) -> Optimum:
    """Search, choose and report.

    Raises
    ------
    ProtocolError
        If nothing can be given below the ceiling, no rat has the endpoint, or no schedule reaches the target.
    """
    asked, limits = plan.request, plan.limits
    quiet = replace(effort, progress=None)
    first = Evaluation(
        plan.study,
        limits,
        plan.endpoint,
        asked.robust,
        asked.target,
        SEARCHED,
        asked.seed,
        asked.parameter_sets,
        quiet,
    )
    second = replace(first, animals=CHOSEN, seed=asked.seed + 1)
    generations, progress = asked.generations, effort.progress
    whole = generations * (1 + len(asked.budgets)) + 3

    def watch(before: int) -> Progress | None:
        return progress and (lambda done, _: progress(before * generations + done, whole))

    smallest = (Planned(limits.earliest, max(limits.least, limits.step)),)
    if first.excess([smallest])[0] > 0:
        raise ProtocolError(
            "the smallest dose that is allowed brings plasma IgG above the ceiling of "
            f"{limits.ceiling:g} mg/mL."
        )
    plain = _below_ceiling(first, plain_schedules(limits))
    if np.isnan(first.effects([next(iter(plain.values()))])[0]):
        raise ProtocolError(f"{plan.endpoint} is 0 in every untreated rat, so nothing can lower it.")
    every: dict[Schedule, float] = {}
    met = search(
        first,
        limits,
        known=every,
        starts=list(plain.values()),
        seed=asked.seed,
        generations=asked.generations,
        on_generation=watch(0),
    )
    candidates = list(dict.fromkeys([*met, *plain.values()]))
    judged = dict(zip(candidates, second(candidates), strict=True))
    best = simpler(second, limits, min(candidates, key=judged.__getitem__))
    best_plain = min(plain, key=lambda name: judged[plain[name]])
    reached = float(second.effects([best])[0])
    if asked.target is not None and reached < asked.target - 0.01:
        raise ProtocolError(
            f"no schedule within the limits reaches an effect of {asked.target:g}; "
            f"the best reaches {reached:.2f}."
        )
    front = [Budget(limits.total, best, reached)]
    for place, budget in enumerate(asked.budgets, start=1):
        smaller = replace(first, limits=plan.smaller[place - 1], target=None)
        own = search(
            smaller,
            smaller.limits,
            seed=asked.seed,
            generations=asked.generations,
            on_generation=watch(place),
        )
        front.append(Budget(budget, own[0], float(second.effects([own[0]])[0])))
    price = find_front(replace(first, target=None), every, best, limits)
    fresh = replace(first, animals=asked.animals, seed=asked.seed + 2)
    shown = {BEST: best, **{name: schedule for name, schedule in plain.items() if schedule != best}}
    result = fresh.run(shown | {one.name: one.schedule for one in price if one.schedule != best})
    found = Optimum(
        evaluation=fresh,
        best=best,
        plain=plain,
        best_plain=best_plain,
        result=result,
        flat=_flatness(second, best),
        reached=reached,
        front=tuple(sorted(front, key=lambda each: each.total)),
        price=price,
    )
    if progress is not None:
        progress(whole, whole)
    return found


@asks(OptimiseRequest, of=Study)
def optimise(study: Study, request: OptimiseRequest) -> Optimum:
    """Search the days and amounts of IVIG that do most, or that reach a target with the least.

    Parameters
    ----------
    study
        The rat, its inductions, the mechanism and the last day; its arms do not matter.

    Raises
    ------
    UnknownNameError
        If the endpoint, the route or the robustness criterion is unknown.
    ProtocolError
        If nothing can be given within the limits, they lie past the end, or no schedule reaches the target.

    Examples
    --------
    >>> from eaesim.protocol import Arm
    >>> study = Study("lewis", until=24, arms=[Arm("vehicle")])
    >>> found = optimise(study, total="1 g/kg", doses=1, latest=7, animals=8, generations=2)
    >>> found.best[0].day < 4
    True
    """
    return answer(plan(study, request), request.effort)


def _below_ceiling(evaluation: Evaluation, plain: dict[str, Schedule]) -> dict[str, Schedule]:
    """Return plain schedules with less in every dose, where plasma IgG would go above its ceiling."""
    limits, kept = evaluation.limits, plain
    for _ in range(_LOWERED):  # clearance is saturable: a share of a dose leaves more than its share
        above = evaluation.excess(list(kept.values())).tolist()
        if not any(above):
            break
        less = {
            name: limits.rounded((dose.day, dose.amount / (1 + share)) for dose in schedule)
            for (name, schedule), share in zip(kept.items(), above, strict=True)
        }
        kept = {name: schedule for name, schedule in less.items() if schedule}
    above = evaluation.excess(list(kept.values())).tolist() if kept else []
    within = {name: each for (name, each), share in zip(kept.items(), above, strict=True) if share == 0}
    return within or {"one smallest dose": (Planned(limits.earliest, max(limits.least, limits.step)),)}


def _flatness(evaluation: Evaluation, best: Schedule) -> dict[Schedule, tuple[int, str, float, float]]:
    """Return what single changes of the best leave: place of the dose, what changes, to what, the effect."""
    changed: dict[Schedule, tuple[int, str, float]] = {}
    for place, dose in enumerate(best):
        for day in evaluation.limits.days:
            changed.setdefault(_with(best, place, dose._replace(day=float(day))), (place, "day", float(day)))
        for share in CHANGES:
            amount = dose.amount * share
            changed.setdefault(
                _with(best, place, dose._replace(amount=amount)), (place, "amount", float(amount))
            )
    effects = evaluation.effects(list(changed)).tolist() if changed else list[float]()
    return {
        schedule: (*what, float(effect))
        for (schedule, what), effect in zip(changed.items(), effects, strict=True)
    }


def _with(schedule: Schedule, place: int, dose: Planned) -> Schedule:
    return (*schedule[:place], dose, *schedule[place + 1 :])
