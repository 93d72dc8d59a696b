"""Joint search of days and amounts for any objective."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from eaesim.endpoints import Floats
from eaesim.questions.schedule.optimise.limits import Limits, Planned, Schedule

if TYPE_CHECKING:
    from cma import CMAEvolutionStrategy

#: Generations, schedules in each, and how many of the best are returned.
GENERATIONS, POPULATION, KEPT = 60, 24, 6
_WIDTH = 1.5
#: Single changes from the best, in days and in steps of amounts, and how often.
SHIFTS = (-3, -2, -1, 1, 2, 3)
AMOUNTS = (-10, -4, -1, 1, 4, 10)
ROUNDS = 30
#: A schedule with fewer doses is taken if it is worse by no more.
NEARLY = 0.005

Objective = Callable[[Sequence[Schedule]], Floats]


def search(
    objective: Objective,
    limits: Limits,
    *,
    starts: Sequence[Schedule] = (),
    seed: int = 1,
    generations: int = GENERATIONS,
    on_generation: Callable[[int, int], None] | None = None,
    known: dict[Schedule, float] | None = None,
) -> list[Schedule]:
    """Search schedules within limits by evolution with an adapted covariance (CMA-ES, Hansen's own library).

    Parameters
    ----------
    objective
        From schedules to numbers, less being better; called with a generation at once.
    limits
        What a schedule may use.
    starts
        Schedules to begin from; half of the generations start from the best of them, half from the middle.
    seed, generations
        Random seed and length of the search.
    on_generation
        Called with the generations done and their total.
    known
        Receives every schedule that was met, with its number.

    Returns
    -------
    list
        The best that were met, the very best first, no two alike.

    Examples
    --------
    >>> limits = Limits(1000.0, 2, -3.0, 10.0)
    >>> only_day_4 = lambda many: np.array([-sum(d.amount for d in each if d.day == 4) for each in many])
    >>> [tuple(dose) for dose in search(only_day_4, limits)[0]]
    [(4.0, 1000.0)]
    """
    known = {} if known is None else known
    judged = _judging(objective, known)
    judged([limits.rounded(each) for each in starts])
    halves = generations - generations // 2, generations // 2
    done = 0
    for half, count in enumerate(halves):
        best = min(known, key=known.__getitem__) if half and known else None
        middle = np.zeros(2 * limits.doses + 1) if best is None else limits.encoded(best)
        evolution = _evolution(middle, seed=seed * 2 + half + 1)
        for _ in range(count):
            places = evolution.ask()
            evolution.tell(places, judged([limits.decoded(np.asarray(place)) for place in places]))
            done += 1
            if on_generation is not None:
                on_generation(done, generations)
    _polish(known, judged, limits)
    return sorted(known, key=lambda each: _rank(each, known))[:KEPT]


def polished(objective: Objective, limits: Limits, starts: Sequence[Schedule]) -> Schedule:
    """Return the best that single changes make of some schedules.

    Examples
    --------
    >>> limits = Limits(1000.0, 1, 0.0, 10.0)
    >>> only_day_4 = lambda many: np.array([-sum(d.amount for d in each if d.day == 4) for each in many])
    >>> [tuple(dose) for dose in polished(only_day_4, limits, [(Planned(2.0, 500.0),)])]
    [(4.0, 1000.0)]
    """
    known: dict[Schedule, float] = {}
    judged = _judging(objective, known)
    judged(list(dict.fromkeys([*starts, ()])))
    _polish(known, judged, limits)
    return min(known, key=lambda each: _rank(each, known))


def _judging(
    objective: Objective, known: dict[Schedule, float]
) -> Callable[[Sequence[Schedule]], list[float]]:
    """Return a function that judges schedules, each once."""

    def judged(schedules: Sequence[Schedule]) -> list[float]:
        fresh = [each for each in dict.fromkeys(schedules) if each not in known]
        if fresh:
            known.update(zip(fresh, map(float, objective(fresh)), strict=True))
        return [known[each] for each in schedules]

    return judged


def _rank(schedule: Schedule, known: dict[Schedule, float]) -> tuple[float, int, Schedule]:
    return known[schedule], len(schedule), schedule


def _polish(
    known: dict[Schedule, float], judged: Callable[[Sequence[Schedule]], list[float]], limits: Limits
) -> None:
    """Go on from the best by single changes, for as long as one is better."""
    for _ in range(ROUNDS):
        best = min(known, key=lambda each: _rank(each, known))
        judged(neighbours(best, limits))
        if min(known, key=lambda each: _rank(each, known)) == best:
            return


def simpler(objective: Objective, limits: Limits, schedule: Schedule) -> Schedule:
    """Leave doses out, or merge two into one, for as long as that costs next to nothing.

    Examples
    --------
    >>> limits = Limits(1000.0, 2, 0.0, 10.0)
    >>> only_day_4 = lambda many: np.array([-sum(d.amount for d in each if d.day == 4) for each in many])
    >>> [tuple(dose) for dose in simpler(only_day_4, limits, (Planned(4.0, 900.0), Planned(7.0, 100.0)))]
    [(4.0, 1000.0)]
    """
    allowed = float(objective([schedule])[0]) + NEARLY
    while fewer := [each for each in neighbours(schedule, limits) if len(each) < len(schedule)]:
        values = objective(fewer)
        place = int(np.argmin(values))
        if values[place] > allowed:
            break
        schedule = fewer[place]
    return schedule


def neighbours(schedule: Schedule, limits: Limits) -> list[Schedule]:
    """Return the schedules that one change makes of a schedule, within limits.

    Examples
    --------
    >>> limits = Limits(100.0, 1, 0.0, 1.0)
    >>> [tuple(each[0]) if each else () for each in neighbours((Planned(0.0, 50.0),), limits)]
    [(), (0.0, 100.0), (1.0, 50.0)]
    """
    unused = limits.total - sum(dose.amount for dose in schedule)
    found = [(*schedule, Planned(float(day), unused)) for day in limits.days]
    for place, dose in enumerate(schedule):
        others = (*schedule[:place], *schedule[place + 1 :])
        found += [(*others, dose._replace(day=dose.day + shift)) for shift in SHIFTS]
        found += [
            (*others, dose._replace(amount=max(dose.amount + limits.step * steps, 0.0))) for steps in AMOUNTS
        ]
        found += [
            (*others[:other], to._replace(amount=to.amount + dose.amount), *others[other + 1 :])
            for other, to in enumerate(others)
        ]
        found.append(others)
    first, last = limits.earliest, limits.latest
    inside = [each for each in found if all(first <= dose.day <= last for dose in each)]
    return sorted({limits.rounded(each) for each in inside} - {schedule})


def _evolution(middle: Floats, *, seed: int) -> CMAEvolutionStrategy:
    import cma

    options = {"seed": seed, "popsize": POPULATION, "verbose": -9, "verb_log": 0}
    return cma.CMAEvolutionStrategy(middle, _WIDTH, options)
