"""How much of an effect is left when it is not known when."""

from eaesim.analysis.mistiming.question import mistiming
from eaesim.analysis.mistiming.result import Mistiming

__all__ = ["Mistiming", "mistiming"]
