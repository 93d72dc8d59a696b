"""Analyses of rats and studies, one module per analysis."""

from eaesim.analysis.comparison import compare, comparison_summary

__all__ = ["compare", "comparison_summary"]
