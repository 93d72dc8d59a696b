"""One thread of linear algebra: more sum in another order, and wait for each other on a busy machine."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any


@contextmanager
def one_thread() -> Iterator[None]:
    """Let the libraries of linear algebra that are loaded use one thread.

    Examples
    --------
    >>> import numpy as np
    >>> with one_thread():
    ...     float(np.ones(3) @ np.ones(3))
    3.0
    """
    with _libraries("scipy.linalg" in sys.modules).limit(limits=1):
        yield


@cache
def _libraries(_with_scipy: bool) -> Any:
    """Return what sets the threads of NumPy's library and, once it is loaded, of SciPy's."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
