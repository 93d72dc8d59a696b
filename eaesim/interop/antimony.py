"""Antimony, the human-readable form of SBML."""

from __future__ import annotations

from eaesim.errors import EaesimError
from eaesim.interop.sbml import exchange_library, sbml_text
from eaesim.model import Rat
from eaesim.study import Study


def antimony_text(subject: Study | Rat | str, *, arm: str | None = None, mechanism: str | None = None) -> str:
    """Return the typical rat of one arm, with its inductions and doses, as Antimony.

    Examples
    --------
    >>> "antigen' = -antigen*antigen_clearance;" in antimony_text("lewis")
    True
    """
    antimony = exchange_library("antimony", "Antimony", "the library antimony")
    # Antimony keeps all modules it reads; an existing module of the same name is harmless.
    read = antimony.loadSBMLString(sbml_text(subject, arm=arm, mechanism=mechanism))
    if read < 0:
        raise EaesimError(f"Antimony cannot read the SBML: {' '.join(antimony.getLastError().split())}")
    return str(antimony.getAntimonyString(antimony.getMainModuleName()))
