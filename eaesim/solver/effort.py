"""Settings of a computation that affect its result at most in the last digits."""

from __future__ import annotations

from dataclasses import dataclass

from eaesim.solver.problem import Progress

#: Maximum number of threads or processes.
MOST_WORKERS = 1_024


def chosen_accuracy(accuracy: str, *, has_states: bool) -> str:
    """Return the accuracy that ``"auto"`` stands for: courses where states are recorded, otherwise scores.

    Examples
    --------
    >>> chosen_accuracy("auto", has_states=False), chosen_accuracy("courses", has_states=False)
    ('scores', 'courses')
    """
    if accuracy != "auto":
        return accuracy
    return "courses" if has_states else "scores"


@dataclass(frozen=True)
class Effort:
    """Engine, accuracy, workers, cluster and progress of an analysis.

    Attributes
    ----------
    engine
        ``"lanes"``, ``"reference"``, or ``"auto"``: lanes where they work on this machine.
    accuracy
        ``"courses"``, ``"scores"``, or ``"auto"``: courses where states are recorded, otherwise scores.
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
    accuracy: str = "auto"
    workers: int | None = None
    cluster: str | None = None
    progress: Progress | None = None

    @property
    def quiet(self) -> Effort:
        """The same for a part of an analysis: on this machine, and without progress of its own.

        Examples
        --------
        >>> Effort("lanes", cluster="local").quiet
        Effort(engine='lanes', accuracy='auto', workers=None, cluster=None, progress=None)
        """
        return Effort(self.engine, self.accuracy, self.workers)


#: What is used where nothing is asked.
USUAL = Effort()
