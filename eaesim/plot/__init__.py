"""Figures of what a study or an analysis found."""

from eaesim.plot.figure import plot, save

__all__ = ["plot", "save"]
