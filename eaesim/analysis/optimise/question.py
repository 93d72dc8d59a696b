"""The best schedule: searched on some rats, chosen on others, and reported on fresh ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from eaesim.analysis.optimise.evaluation import Evaluation
from eaesim.analysis.optimise.limits import (
    DOSES,
    LEAST,
    STEP,
    TOTAL,
    VOLUME,
    Planned,
    Schedule,
    limits_of,
)
from eaesim.analysis.optimise.optimum import BEST, Budget, Optimum
from eaesim.analysis.optimise.plain import plain_schedules
from eaesim.analysis.optimise.search import GENERATIONS, search, simpler
from eaesim.endpoints import ENDPOINTS
from eaesim.endpoints import endpoint as find_endpoint
from eaesim.errors import ProtocolError, unknown_name
from eaesim.protocol.optimisetable import ROBUST
from eaesim.solver import Progress
from eaesim.study import Study

#: Rats of the search, of the choice, and of the report.
SEARCHED, CHOSEN, FRESH = 100, 400, 1000
#: More or less of every dose, and what of the effect may be lost on a day that is as good.
CHANGES, AS_GOOD = (0.75, 1.25), 0.05
_LATE = "onset_day"
#: How often the doses of plain schedules are lowered to keep plasma IgG below its ceiling.
_LOWERED = 8


def optimise(
    study: Study,
    *,
    total: float = TOTAL,
    doses: int = DOSES,
    earliest: float = 0.0,
    latest: float | None = None,
    endpoint: str = "cumulative_score",
    least: float = LEAST,
    volume: float = VOLUME,
    ceiling: float = np.inf,
    route: str = "iv",
    robust: str = "mean",
    target: float | None = None,
    budgets: Sequence[float] = (),
    animals: int = FRESH,
    seed: int = 1,
    members: int | None = None,
    generations: int = GENERATIONS,
    progress: Progress | None = None,
) -> Optimum:
    """Search the days and amounts of IVIG that do most, or that reach a target with the least.

    Parameters
    ----------
    study
        The rat, its inductions, the mechanism and the last day; its arms do not matter.
    total
        IVIG in all, mg/kg.
    doses
        The most doses, each with its own day and amount.
    earliest, latest
        Days between which they are given; by default from day 0 to two days before the end.
    endpoint
        What is to be small.
    least
        Of a single dose, mg/kg.
    volume
        The most at once, mL/kg.
    ceiling
        The most IgG in plasma, mg/mL.
    route
        ``"iv"``, ``"ip"`` or ``"sc"``.
    robust
        ``"mean"`` over rats, or ``"worst tenth"`` of the ensemble's members.
    target
        An effect from 0 to 1: the least IgG that reaches it is searched instead.
    budgets
        Totals for which the best schedule is searched too.
    animals, seed, members
        The fresh rats of the report; the search and the choice have their own.
    generations
        Of the search.
    progress
        Called with the part that is done and the whole.

    Raises
    ------
    UnknownNameError
        If the endpoint, the route or the way to be robust is not known.
    ProtocolError
        If nothing can be given within the limits, they lie past the end, or no schedule reaches the target.

    Examples
    --------
    >>> from eaesim.protocol import Arm
    >>> study = Study("lewis", until=24, arms=[Arm("vehicle")])
    >>> found = optimise(study, total=1000, doses=1, latest=7, animals=40, generations=4)
    >>> found.best[0].day < 4
    True
    """
    limits = limits_of(
        study.design.until,
        total=total,
        doses=doses,
        earliest=earliest,
        latest=latest,
        least=least,
        volume=volume,
        ceiling=ceiling,
        route=route,
    )
    smaller_limits = [replace(limits, total=budget) for budget in budgets]
    endpoint = _checked(endpoint, robust, until=study.design.until)
    first = Evaluation(study, limits, endpoint, robust, target, SEARCHED, seed, members)
    second = replace(first, animals=CHOSEN, seed=seed + 1)
    whole = generations * (1 + len(budgets)) + 3

    def watch(before: int) -> Progress | None:
        return progress and (lambda done, _: progress(before * generations + done, whole))

    smallest = (Planned(limits.earliest, max(limits.least, STEP)),)
    if first.excess([smallest])[0] > 0:
        raise ProtocolError(
            f"the smallest dose that is allowed brings plasma IgG above the ceiling of {ceiling:g} mg/mL."
        )
    plain = _below_ceiling(first, plain_schedules(limits))
    if np.isnan(first.effects([next(iter(plain.values()))])[0]):
        raise ProtocolError(f"{endpoint} is 0 in every untreated rat, so nothing can lower it.")
    met = search(
        first,
        limits,
        starts=list(plain.values()),
        seed=seed,
        generations=generations,
        on_generation=watch(0),
    )
    candidates = list(dict.fromkeys([*met, *plain.values()]))
    judged = dict(zip(candidates, second(candidates), strict=True))
    best = simpler(second, limits, min(candidates, key=judged.__getitem__))
    best_plain = min(plain, key=lambda name: judged[plain[name]])
    reached = float(second.effects([best])[0])
    if target is not None and reached < target - 0.01:
        raise ProtocolError(
            f"no schedule within the limits reaches an effect of {target:g}; the best reaches {reached:.2f}."
        )
    front = [Budget(limits.total, best, reached)]
    for place, budget in enumerate(budgets, start=1):
        smaller = replace(first, limits=smaller_limits[place - 1], target=None)
        own = search(smaller, smaller.limits, seed=seed, generations=generations, on_generation=watch(place))
        front.append(Budget(budget, own[0], float(second.effects([own[0]])[0])))
    fresh = replace(first, animals=animals, seed=seed + 2)
    shown = {BEST: best, **{name: schedule for name, schedule in plain.items() if schedule != best}}
    result = fresh.run(shown)
    found = Optimum(
        evaluation=fresh,
        best=best,
        plain=plain,
        best_plain=best_plain,
        result=result,
        flat=_flatness(second, best),
        reached=reached,
        front=tuple(sorted(front, key=lambda each: each.total)),
    )
    if progress is not None:
        progress(whole, whole)
    return found


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
    return within or {"one smallest dose": (Planned(limits.earliest, max(limits.least, STEP)),)}


def _checked(endpoint: str, robust: str, *, until: int) -> str:
    """Return the name of the endpoint as it stands in tables, once it is sure that it can be made small."""
    found = find_endpoint(endpoint, until=until)
    if found.whole == _LATE:
        smaller = [name for name in ENDPOINTS if name != _LATE]
        raise unknown_name(endpoint, "endpoint that is to be small", smaller)
    if robust not in ROBUST:
        raise unknown_name(robust, "way to be robust", ROBUST)
    return found.name


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
