"""Count of finished runs."""

from __future__ import annotations

from eaesim.solver import Progress


class Counter:
    """Counter of finished runs; a run with pending triggered doses is not finished.

    Parameters
    ----------
    total
        Total number of runs.
    progress
        Called with the number of runs done and their total; it never decreases, and ends at the total.

    Examples
    --------
    >>> counter = Counter(10, lambda done, total: print(done, "of", total))
    >>> counter.solving(6, last=3)(4, 6)
    2 of 10
    >>> counter.add(5)
    5 of 10
    """

    def __init__(self, total: int, progress: Progress | None) -> None:
        self.total, self.progress, self.done = total, progress, 0

    def solving(self, rows: int, *, last: int) -> Progress | None:
        """Return the progress callback of a solver for `rows`, `last` of them without pending doses."""
        if self.progress is None:
            return None
        tell, before, total = self.progress, self.done, self.total
        return lambda done, _: tell(before + last * done // rows, total)

    def add(self, runs: int) -> None:
        """Count finished runs."""
        self.done += runs
        if self.progress is not None:
            self.progress(self.done, self.total)
