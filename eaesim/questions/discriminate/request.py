"""What experiments that would tell mechanisms apart are asked with."""

from __future__ import annotations

from dataclasses import dataclass

from eaesim.model import MECHANISMS
from eaesim.protocol.kinds import Text, Texts, choice, listed
from eaesim.protocol.settings import Setting
from eaesim.workbench.ensembles import PopulationRequest, mechanism_kind


@dataclass(frozen=True, kw_only=True)
class DiscriminateRequest(PopulationRequest):
    """Rank experiments that a laboratory could run by what they are expected to tell about the mechanism.

    Each mechanism gets its strength from published rows, in every member of the ensembles. Designs that
    repeat a published experiment are listed apart. Writes discriminate.csv and the figure. A file with a
    [discriminate] table may give the settings; options come before it.

    Examples
    --------
    >>> DiscriminateRequest(mechanism=["H1a", "H7"]).changed()
    {'mechanism': ['H1a', 'H7']}
    """

    table = "discriminate"
    title = "Experiments that would tell mechanisms apart"

    mechanism: Texts = Setting(
        listed(mechanism_kind(), least=2),
        tuple(MECHANISMS),
        "Mechanisms to tell apart; default: each single one.",
        formerly=("mechanisms",),
    )
    prior: Text = Setting(
        choice("prior", ("equal", "score")),
        "equal",
        "Probability of the mechanisms beforehand: equal, or score (as calibrating and validating rows say).",
    )
