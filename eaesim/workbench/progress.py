"""Progress of a long run: a bar on a terminal or in a notebook, or an occasional line."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

from eaesim.errors import one_line

if TYPE_CHECKING:
    from eaesim.solver import Progress

#: How progress may be shown; by default a bar where somebody can see one.
BAR, LINES, NONE = WAYS = ("bar", "lines", "none")
# Seconds between two lines.
_BETWEEN = 10.0


@contextmanager
def progress(title: str, *, way: str = BAR) -> Iterator[Progress | None]:
    """Show progress on standard error.

    Parameters
    ----------
    title
        What is counted.
    way
        ``"bar"``: where standard error is a terminal, or this is a notebook with ipywidgets; ``"lines"``: at
        most one every ten seconds, for a log; ``"none"``.

    Yields
    ------
    callable
        To be called with the steps done and their total; None where nothing is shown.
    """
    if way == LINES:
        yield _lines(one_line(title), time.monotonic)
    elif way == BAR and _shows_bars():
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        words = TextColumn("{task.description}", markup=False)
        columns = (words, BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        console = None if in_notebook() else Console(file=sys.stderr)
        with Progress(*columns, console=console, transient=True) as bar:
            task = bar.add_task(one_line(title), total=None)
            yield lambda done, total: bar.update(task, completed=done, total=total)
    else:
        yield None


def _shows_bars() -> bool:
    """Say whether a bar can be seen; without ipywidgets, Rich would warn in a notebook instead of drawing."""
    return find_spec("ipywidgets") is not None if in_notebook() else sys.stderr.isatty()


def in_notebook() -> bool:
    """Say whether this runs in a notebook, which shows what it displays."""
    shell = sys.modules.get("IPython")
    return shell is not None and type(shell.get_ipython()).__name__ == "ZMQInteractiveShell"


def _lines(title: str, now: Callable[[], float]) -> Progress:
    begun = now()
    said = begun - _BETWEEN

    def tell(done: int, total: int) -> None:
        nonlocal said
        if done >= total or now() - said >= _BETWEEN:
            said = now()
            share = f", {100 * done // total} %" if total else ""
            print(f"{title}: {done} of {total}{share}, {said - begun:.0f} s", file=sys.stderr, flush=True)

    return tell
