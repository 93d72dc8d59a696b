"""Number of lanes on this machine."""

from __future__ import annotations

import os
from functools import cache

from eaesim.errors import EngineError

WIDTH_VARIABLE = "EAESIM_LANES"
WIDTHS = (1, 4, 8)


def lanes_width() -> int:
    """Return the number of lanes; see `explain_width` for the reason.

    Raises
    ------
    EngineError
        If ``EAESIM_LANES`` is not one of `WIDTHS`.
    """
    return explain_width()[0]


def single_width() -> int:
    """Return the number of lanes in single precision: twice as many numbers fit a register."""
    width = lanes_width()
    return width if width == 1 else 2 * width


def explain_width() -> tuple[int, str]:
    """Return the number of lanes, 8 where a register holds eight doubles, otherwise 4, and the reason.

    ``EAESIM_LANES`` set to 1, 4 or 8 takes precedence; 1 is the scalar build of the same source.

    Raises
    ------
    EngineError
        If ``EAESIM_LANES`` is not one of `WIDTHS`.
    """
    asked = os.environ.get(WIDTH_VARIABLE, "")
    if asked:
        if asked not in map(str, WIDTHS):
            raise EngineError(f"{WIDTH_VARIABLE} = {asked!r}; give one of {', '.join(map(str, WIDTHS))}.")
        return int(asked), f"set by {WIDTH_VARIABLE}"
    if "avx512f" in features():
        return 8, "this processor's registers hold eight doubles (avx512f)"
    return 4, "this processor has no registers of eight doubles (avx512f)"


def states_at_once() -> int:
    """Return how many states' sums fit the registers, beside the factors of the slopes; it changes no bit."""
    return 11 if "avx512f" in features() else 5


@cache
def features() -> tuple[str, ...]:
    """Return the features of this processor, by LLVM name."""
    from llvmlite import binding

    return tuple(sorted(name for name, able in binding.get_host_cpu_features().items() if able))
