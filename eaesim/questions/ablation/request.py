"""What the fit without parts of the model is asked with."""

from __future__ import annotations

from dataclasses import dataclass

from eaesim.protocol.kinds import Count, Flag, count, flag
from eaesim.protocol.settings import Setting
from eaesim.workbench.ensembles import EnsembleRequest


@dataclass(frozen=True, kw_only=True)
class AblationRequest(EnsembleRequest):
    """Estimate the model again without each of its parts: how much less likely the published rows are.

    Every smaller model is reached from the posterior of the whole one. With --set only what is held there is
    judged. Writes ablation.csv (a row a part) and the figure. A run that was stopped goes on where it was. A
    file with an [ablation] table may give the settings; options come before it.

    Examples
    --------
    >>> AblationRequest(particles=8).changed()
    {'particles': 8}
    """

    table = "ablation"
    title = "What each part of the model buys"
    former_names = ("structure",)

    # Most parts change so little that the members of the fit, weighed anew, tell the evidence: moves are for
    # the others.
    particles: Count = Setting(count(4, 10_000), 32, "Particles from each chain of the fit.")
    moves: Count = Setting(count(1, 1_000_000), 8, "Moves of the particles at every step.")
    shipped: Flag = Setting(
        flag(), False, "Show what was found of the shipped ensembles; nothing is estimated again."
    )
