"""Plasma of single rats under single schedules: solved from the first dose on, and only once."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from hashlib import blake2b

import numpy as np

from eaesim.endpoints import Floats
from eaesim.solver import FAILED, Problem, solve
from eaesim.solver.problem import at_the_start

# Values kept for the next request, 8 MB; more than that at once are not kept.
MOST_VALUES = 1_000_000
_KNOWN: OrderedDict[bytes, Floats] = OrderedDict()


def plasma_values(problem: Problem, *, engine: str, is_kept: bool = True) -> Floats:
    """Return the recorded quantity of each row on each day, shape (rows, days); NaN for a failed row.

    A table, its figure and other arms ask for the same rats under the same schedule again.

    Parameters
    ----------
    problem
        Rats without disease, one quantity recorded that is 0 before the first dose.
    engine
        As in `eaesim.solver.solve`.
    is_kept
        Whether values are kept: then all problems with one `record` have the same equations.
    """
    rows, times = len(problem.parameters), len(problem.days)
    if not is_kept or rows * times > MOST_VALUES:
        return _solved(problem, engine)
    keys = _keys(problem, engine)
    new = [row for row, key in enumerate(keys) if key not in _KNOWN]
    if new:
        fresh = _solved(problem.rows(np.array(new)), engine)
        _KNOWN.update((keys[row], values) for row, values in zip(new, fresh.copy(), strict=True))
    found = np.array([_KNOWN[key] for key in keys])
    _forget()
    return found


def _keys(problem: Problem, engine: str) -> list[bytes]:
    """Return what tells rows apart, one each."""
    events = problem.events
    shared = blake2b(repr((engine, problem.record)).encode() + problem.days.tobytes(), digest_size=16)
    keys = []
    for parts in zip(problem.parameters, events.day, events.state, events.amount, strict=True):
        own = shared.copy()
        for part in parts:
            own.update(np.ascontiguousarray(part).tobytes())
        keys.append(own.digest())
    return keys


def _forget() -> None:
    """Drop the oldest values beyond `MOST_VALUES`."""
    held = sum(len(values) for values in _KNOWN.values())
    while held > MOST_VALUES:
        held -= len(_KNOWN.popitem(last=False)[1])


def _solved(problem: Problem, engine: str) -> Floats:
    solution = solve(_from_the_first_dose(problem), engine=engine)
    return np.where((solution.status == FAILED)[:, None], np.nan, solution.values[:, :, 0])


def _from_the_first_dose(problem: Problem) -> Problem:
    """Return a problem whose runs begin with the first dose: a healthy rat without one does not change."""
    events = problem.events
    first = np.where(events.amount != 0, events.day, np.inf).min(axis=1, initial=np.inf)
    late = (first > 0) & (first <= problem.days[-1])
    begun = at_the_start(problem)
    begun.clock[late, 0] = first[late]
    begun.passed[late, 1] = np.searchsorted(problem.days, first[late])
    values = np.zeros((len(first), len(problem.days), len(problem.record)))
    return replace(problem, begun=replace(begun, values=values))
