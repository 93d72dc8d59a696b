"""How something is computed: it says nothing about the result."""

from __future__ import annotations

from dataclasses import dataclass

from eaesim.solver.problem import Progress

#: Threads or processes that may be asked for.
MOST_WORKERS = 1_024


@dataclass(frozen=True)
class Effort:
    """Engine, workers, cluster and progress of a question.

    Attributes
    ----------
    engine
        ``"lanes"``, ``"reference"``, or ``"auto"``: lanes where they work on this machine.
    workers
        Threads or processes; by default as many as there are cores.
    cluster
        Address of a Dask scheduler, or ``"local"``; without one, processes on this machine.
    progress
        Called with the number of steps done and their total.

    Examples
    --------
    >>> Effort(workers=2).engine
    'auto'
    """

    engine: str = "auto"
    workers: int | None = None
    cluster: str | None = None
    progress: Progress | None = None
