"""SBML and other exchange formats."""

from eaesim.interop.sbml import sbml_text

__all__ = ["sbml_text"]
