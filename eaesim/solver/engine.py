"""Which solver runs, and why."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec

from eaesim.errors import EngineError, unknown_name
from eaesim.solver.problem import Problem, Progress, Solution

ENGINES = ("auto", "lanes", "reference")


@dataclass(frozen=True)
class Engine:
    """A solver, and why it was chosen.

    Attributes
    ----------
    name
        ``"lanes"`` or ``"reference"``.
    why
        In words.
    """

    name: str
    why: str


def choose_engine(engine: str = "auto") -> Engine:
    """Return the solver that runs.

    Parameters
    ----------
    engine
        One of `ENGINES`; ``"auto"`` takes the lanes where they work on this machine.

    Raises
    ------
    UnknownNameError
        If there is no such engine.
    EngineError
        If the lanes are asked for and do not work here.

    Examples
    --------
    >>> choose_engine("reference").name
    'reference'
    """
    if engine not in ENGINES:
        raise unknown_name(engine, "engine", ENGINES)
    if engine == "reference":
        return Engine("reference", "asked for")
    obstacle = _obstacle()
    if not obstacle:
        return Engine("lanes", "asked for" if engine == "lanes" else "the lanes work here")
    if engine == "lanes":
        raise EngineError(f"the lanes do not work here: {obstacle}; use the engine auto or reference.")
    return Engine("reference", obstacle)


@cache
def _obstacle() -> str:
    """Return why the lanes do not work here; nothing where they do."""
    if find_spec("numba") is None:
        return "Numba is not installed (pip install numba)"
    try:
        from eaesim.solver.lanes.cache import load_driver
        from eaesim.solver.lanes.processor import lanes_width

        load_driver(lanes_width())
    except EngineError:
        raise
    except Exception as error:  # whatever a compiler on an unknown machine may raise
        return f"they cannot be compiled ({' '.join(str(error).split())[:200]})"
    return ""


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
    EaesimError
        If there is no such engine, or it does not work here.
    """
    if choose_engine(engine).name == "lanes":
        from eaesim.solver.lanes import crowd

        return crowd.solve(problem, workers=workers, progress=progress)
    from eaesim.solver import reference

    return reference.solve(problem, workers=workers, progress=progress)
