"""How much memory a machine has, said before it runs out."""

from __future__ import annotations

import os
from pathlib import Path

from eaesim.errors import MemoryShortError

_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def machine_memory() -> int | None:
    """Return the bytes that this machine, or the container it runs in, has; None where it cannot be known.

    Examples
    --------
    >>> (machine_memory() or 10**9) > 10**8
    True
    """
    found = []
    if hasattr(os, "sysconf") and {"SC_PAGE_SIZE", "SC_PHYS_PAGES"} <= set(os.sysconf_names):
        found.append(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    for limit in _LIMITS:
        try:
            found.append(int(Path(limit).read_text(encoding="ascii")))
        except (OSError, ValueError):  # no such limit, or "max"
            continue
    return min((size for size in found if size > 0), default=None)


def check_memory(needed: float) -> None:
    """Make sure that this machine has this much memory.

    Raises
    ------
    MemoryShortError
        If it does not.
    """
    there = machine_memory()
    if there is not None and needed > there:
        raise MemoryShortError(
            f"this needs about {gigabytes(needed)} of memory, and the machine has {gigabytes(there)}; "
            "use fewer points, rats or workers."
        )


def gigabytes(size: float) -> str:
    """Return a number of bytes in words.

    Examples
    --------
    >>> gigabytes(512e6), gigabytes(3.21e12)
    ('0.5 GB', '3210 GB')
    """
    return f"{size / 1e9:.1f} GB" if size < 1e11 else f"{size / 1e9:.0f} GB"
