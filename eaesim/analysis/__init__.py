"""Questions asked of rats and studies, one module a question."""

from eaesim.analysis.comparison import compare, comparison_summary

__all__ = [
    "compare",
    "comparison_summary",
]
