"""How many rats run abreast on this machine."""

from __future__ import annotations

import os

from eaesim.errors import EngineError

WIDTH_VARIABLE = "EAESIM_LANES"
WIDTHS = (1, 4, 8)


def lanes_width() -> int:
    """Return the number of lanes; `explain_width` says why.

    Raises
    ------
    EngineError
        If ``EAESIM_LANES`` is none of `WIDTHS`.
    """
    return explain_width()[0]


def explain_width() -> tuple[int, str]:
    """Return the number of lanes, 8 where a register holds eight doubles, else 4, and why.

    ``EAESIM_LANES`` set to 1, 4 or 8 comes first; 1 is the scalar build of the same source.

    Raises
    ------
    EngineError
        If ``EAESIM_LANES`` is none of `WIDTHS`.
    """
    asked = os.environ.get(WIDTH_VARIABLE, "")
    if asked:
        if asked not in map(str, WIDTHS):
            raise EngineError(f"{WIDTH_VARIABLE} = {asked!r}; give one of {', '.join(map(str, WIDTHS))}.")
        return int(asked), f"{WIDTH_VARIABLE} asks for it"
    if "avx512f" in features():
        return 8, "this processor's registers hold eight doubles (avx512f)"
    return 4, "this processor has no registers of eight doubles (avx512f)"


def features() -> tuple[str, ...]:
    """Return the names of what this processor can do, as LLVM calls them."""
    from llvmlite import binding

    return tuple(sorted(name for name, able in binding.get_host_cpu_features().items() if able))
