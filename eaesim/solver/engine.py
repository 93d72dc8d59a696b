"""Which solver runs, and why."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from importlib.util import find_spec

import numpy as np

from eaesim.errors import EngineError, unknown_name
from eaesim.solver.faults import check, unsolvable
from eaesim.solver.problem import ACCURACIES, FAILED, Problem, Progress, Solution

ENGINES = ("auto", "lanes", "reference")
# Estimated rat-days per second on one core.
RAT_DAYS = {"lanes": 600_000.0, "reference": 2_000.0}


@dataclass(frozen=True)
class Engine:
    """A solver and the reason for its choice.

    Attributes
    ----------
    name
        ``"lanes"`` or ``"reference"``.
    why
        Reason in words.
    kept
        Cache location of the machine code of the lanes, or why there is none.
    """

    name: str
    why: str
    kept: str = ""


def choose_engine(engine: str = "auto") -> Engine:
    """Return the solver to use.

    Parameters
    ----------
    engine
        One of `ENGINES`; ``"auto"`` takes the lanes where they work on this machine.

    Raises
    ------
    UnknownNameError
        If there is no such engine.
    EngineError
        If the lanes are requested but do not work here.

    Examples
    --------
    >>> choose_engine("reference").name
    'reference'
    """
    if engine not in ENGINES:
        raise unknown_name(engine, "engine", ENGINES)
    if engine == "reference":
        return Engine("reference", "requested")
    found = _found()
    if found.name == "reference" and engine == "lanes":
        raise EngineError(f"the lanes do not work here: {found.why}; use the engine auto or reference.")
    return found


@cache
def _found() -> Engine:
    """Return the lanes if they work, otherwise the reference and the reason."""
    if find_spec("numba") is None:
        return Engine("reference", "Numba is not installed (pip install numba)")
    try:
        from eaesim.solver.lanes.drivercode import load_driver
        from eaesim.solver.lanes.processor import explain_width

        width, why = explain_width()
        kept = load_driver(width).kept
    except EngineError:
        raise
    except Exception as error:  # a compiler on an unknown machine may raise any error
        return Engine("reference", f"they cannot be compiled ({' '.join(str(error).split())[:200]})")
    return Engine("lanes", f"{width} rats abreast: {why}", kept)


def solve(
    problem: Problem,
    *,
    engine: str = "auto",
    accuracy: str = "courses",
    workers: int | None = None,
    progress: Progress | None = None,
) -> Solution:
    """Solve every rat of a problem.

    Parameters
    ----------
    problem
        Rats to be solved.
    engine
        ``"lanes"``, ``"reference"``, or ``"auto"``: lanes where they work on this machine.
    accuracy
        One of `ACCURACIES`: ``"courses"`` for the tolerance of the problem, ``"scores"`` for as much as daily
        scores and endpoints need. The reference always solves to the tolerance of the problem.
    workers
        Threads of the lanes, processes of the reference; by default as many as there are cores.
    progress
        Called with the number of rats done and their total.

    Raises
    ------
    EaesimError
        If there is no such engine, it does not work here, or the problem is invalid.
    """
    engine = choose_engine(engine).name
    if accuracy not in ACCURACIES:
        raise unknown_name(accuracy, "accuracy", ACCURACIES)
    check(problem)
    reasons = unsolvable(problem)
    if not reasons:
        return _solve(problem, engine, accuracy, workers, progress)
    rats = len(problem.parameters)
    good = np.setdiff1d(np.arange(rats), list(reasons))
    found = _solve(problem.rows(good), engine, accuracy, workers, progress)
    values = np.full((rats, *found.values.shape[1:]), np.nan)
    reduced = np.full((rats, *found.reduced.shape[1:]), np.nan)
    status = np.full(rats, FAILED, dtype=np.uint8)
    values[good], reduced[good], status[good] = found.values, found.reduced, found.status
    way = found.on_the_way
    if way is not None:
        place = np.full((rats, len(way.days)), -1)
        place[good] = way.place
        way = replace(way, place=place)
    reasons |= {int(good[row]): why for row, why in found.reason.items()}
    return Solution(values, reduced, status, reasons, way)


def _solve(
    problem: Problem, engine: str, accuracy: str, workers: int | None, progress: Progress | None
) -> Solution:
    if engine == "lanes":
        from eaesim.solver.lanes import crowd

        return crowd.solve(problem, accuracy=accuracy, workers=workers, progress=progress)
    from eaesim.solver import reference

    return reference.solve(problem, workers=workers, progress=progress)
