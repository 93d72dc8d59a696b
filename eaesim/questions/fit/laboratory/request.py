"""Settings of the fit of a laboratory's own rat."""

from __future__ import annotations

from dataclasses import dataclass

from eaesim.estimation.bank import SETS
from eaesim.estimation.budget import LIMITS
from eaesim.evidence.scorerequest import ScoreRequest
from eaesim.model import FULL, LEAN
from eaesim.model.species import DEFAULT
from eaesim.protocol.kinds import Count, Text, choice, count
from eaesim.protocol.settings import Setting
from eaesim.workbench.request import WorkRequest


@dataclass(frozen=True, kw_only=True)
class LaboratoryRequest(ScoreRequest, WorkRequest):
    """Estimate a laboratory's own rat from the daily scores of its control animals.

    Examples
    --------
    >>> LaboratoryRequest(rat="da", signs=2).changed()
    {'rat': 'da', 'signs': 2.0}
    """

    table = "laboratory"
    title = "A laboratory's own rat"
    asked_by = "scores"

    rat: Text = Setting(choice("strain", (*FULL, *LEAN)), DEFAULT[0], "Strain whose ensemble is moved.")
    seed: Count = Setting(count(*LIMITS["seed"]), 1, "Random seed of the rats that are tried.")
    sets: Count = Setting(count(*LIMITS["sets"]), SETS, "Rats of the strain that are tried.")
