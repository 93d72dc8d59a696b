"""Figures of the result of a study or an analysis; `eaesim.plot` is also the function `plot`."""

import sys
from types import ModuleType

from eaesim.plot.figure import plot, save

__all__ = ["plot", "save"]


class _Callable(ModuleType):
    """A package that can be called: some importers put it where `eaesim` has the function of its name."""

    __call__ = staticmethod(plot)


sys.modules[__name__].__class__ = _Callable
