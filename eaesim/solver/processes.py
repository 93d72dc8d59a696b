"""Worker processes that end with their parent, however it ends."""

from __future__ import annotations

import os
import time
from threading import Thread
from typing import Any

# Seconds between checks of a worker that its parent still runs.
LOOK = 1.0


def processes(number: int) -> Any:
    """Return a pool that runs delayed calls in processes, and yields each result when ready."""
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
    """In a worker: exit as soon as the parent process is gone, killed or not.

    On Windows this cannot be detected; an idle worker there exits after some minutes.
    """
    parent = os.getppid()
    if parent == master or parent == 1:
        Thread(target=_watch, args=(master,), daemon=True).start()


def _watch(master: int) -> None:
    while os.getppid() == master:
        time.sleep(LOOK)
    os._exit(1)
