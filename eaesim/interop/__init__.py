"""SBML and other exchange formats."""

from eaesim.interop.antimony import antimony_text
from eaesim.interop.formats import FORMATS, export
from eaesim.interop.sbml import sbml_text

__all__ = ["FORMATS", "antimony_text", "export", "sbml_text"]
