"""Processes that work for this one, and end with it, however it ends."""

from __future__ import annotations

import os
import time
from threading import Thread
from typing import Any

# Seconds between two looks at whether the process is there that a worker works for.
LOOK = 1.0


def processes(number: int) -> Any:
    """Return what runs delayed calls in so many processes, and hands back each outcome once it is there."""
    from joblib import Parallel

    return Parallel(
        n_jobs=number,
        return_as="generator_unordered",
        batch_size=1,
        max_nbytes=None,
        initializer=follow,
        initargs=(os.getpid(),),
    )


def follow(master: int) -> None:
    """In a worker: end it as soon as the process that started it is gone, killed or not.

    On Windows a process does not learn of it; there a worker that waits ends after some minutes.
    """
    parent = os.getppid()
    if parent == master or parent == 1:
        Thread(target=_watch, args=(master,), daemon=True).start()


def _watch(master: int) -> None:
    while os.getppid() == master:
        time.sleep(LOOK)
    os._exit(1)
