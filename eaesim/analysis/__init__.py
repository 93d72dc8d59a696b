"""Questions asked of rats and studies, one module a question."""

from eaesim.analysis.timing import Timing, timing

__all__ = ["Timing", "timing"]
