"""Questions asked of rats and studies, one module a question."""

from eaesim.analysis.comparison import compare, comparison_summary
from eaesim.analysis.timing import timing
from eaesim.analysis.timingresult import Timing

__all__ = [
    "Timing",
    "compare",
    "comparison_summary",
    "timing",
]
