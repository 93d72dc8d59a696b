"""Questions asked of rats and studies, one module a question."""

from eaesim.analysis.comparison import compare, comparison_summary
from eaesim.analysis.sweep import sweep
from eaesim.analysis.sweepresult import SweepResult, read_sweep

__all__ = [
    "SweepResult",
    "compare",
    "comparison_summary",
    "read_sweep",
    "sweep",
]
