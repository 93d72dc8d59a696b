"""Antimony, the human-readable form of SBML."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from eaesim.errors import EaesimError, missing_library
from eaesim.interop.sbml import sbml_text
from eaesim.model import Rat
from eaesim.study import Study


def antimony_text(subject: Study | Rat | str, *, arm: str | None = None, mechanism: str | None = None) -> str:
    """Return the typical rat of one arm, with its inductions and doses, as Antimony.

    Parameters
    ----------
    subject, arm, mechanism
        As for `sbml_text`, whose SBML is translated.

    Examples
    --------
    >>> "antigen' = -antigen*antigen_clearance;" in antimony_text("lewis")
    True
    """
    antimony = _library()
    # Antimony keeps all modules it reads; an existing module of the same name is harmless.
    read = antimony.loadSBMLString(sbml_text(subject, arm=arm, mechanism=mechanism))
    if read < 0:
        raise EaesimError(f"Antimony cannot read the SBML: {' '.join(antimony.getLastError().split())}")
    return str(antimony.getAntimonyString(antimony.getMainModuleName()))


def _library() -> ModuleType:
    try:
        return import_module("antimony")
    except ImportError as error:
        raise missing_library("Antimony", "the library antimony", extra="exchange") from error
