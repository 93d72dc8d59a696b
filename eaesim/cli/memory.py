"""Memory that a command has freed is kept for its next arrays."""

from __future__ import annotations

import ctypes

# Names of glibc's settings, and the bytes from which it gives memory back: more than any array here has.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _MOST = -1, -3, 1 << 30


def keep_freed() -> None:
    """Keep freed memory in this process, where its C library is glibc; elsewhere do nothing.

    A run frees and takes the same arrays thousands of times. If they are given back each time, the kernel
    clears every page again, which is a tenth of the CPU time. This is for a process of our own: in that of
    a user, what is done with memory is the user's choice.

    Examples
    --------
    >>> keep_freed()
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return
    # Setting either stops glibc from adapting both, so the second is set only if the first was.
    if mallopt(_MMAP_THRESHOLD, _MOST):
        mallopt(_TRIM_THRESHOLD, _MOST)
