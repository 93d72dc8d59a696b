"""The best schedule within limits."""

from eaesim.analysis.optimise.optimum import Optimum
from eaesim.analysis.optimise.question import optimise

__all__ = ["Optimum", "optimise"]
