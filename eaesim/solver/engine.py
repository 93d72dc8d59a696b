"""Which solver runs, and why."""

from __future__ import annotations

from eaesim.errors import unknown_name
from eaesim.solver.problem import Problem, Progress, Solution

ENGINES = ("auto", "lanes", "reference")


def solve(
    problem: Problem, *, engine: str = "auto", workers: int | None = None, progress: Progress | None = None
) -> Solution:
    """Solve every rat of a problem.

    Parameters
    ----------
    problem
        The rats.
    engine
        ``"lanes"``, ``"reference"``, or ``"auto"``: lanes where they work on this machine.
    workers
        Threads of the lanes, processes of the reference; by default as many as there are cores.
    progress
        Called with the number of rats done and their total.

    Raises
    ------
    UnknownNameError
        If there is no such engine.
    """
    if engine not in ENGINES:
        raise unknown_name(engine, "engine", ENGINES)
    from eaesim.solver import reference

    return reference.solve(problem, workers=workers, progress=progress)
