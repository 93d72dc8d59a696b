"""Questions asked of rats and studies, one module a question."""

from eaesim.analysis.comparison import compare, comparison_summary
from eaesim.analysis.sensitivity import sensitivity
from eaesim.analysis.sensitivityresult import Sensitivity
from eaesim.analysis.timing import timing
from eaesim.analysis.timingresult import Timing

__all__ = [
    "Sensitivity",
    "Timing",
    "compare",
    "comparison_summary",
    "sensitivity",
    "timing",
]
