"""Settings of the ablation."""

from __future__ import annotations

from dataclasses import dataclass

from eaesim.protocol.kinds import Count, Flag, count, flag
from eaesim.protocol.settings import Setting
from eaesim.workbench.ensembles import EnsembleRequest


@dataclass(frozen=True, kw_only=True)
class AblationRequest(EnsembleRequest):
    """Estimate the model again without each of its parts: how much less likely the published data are.

    Every smaller model is reached from the posterior of the whole one. With --set only the values fixed there
    are judged. Writes ablation.csv (one row per part) and the figure. An interrupted run resumes. A file with
    an [ablation] table may give the settings; options override it.

    Examples
    --------
    >>> AblationRequest(particles=8).changed()
    {'particles': 8}
    """

    table = "ablation"
    title = "Ablation of model components"
    former_names = ("structure",)

    # Most parts change so little that reweighting the parameter sets of the fit gives the evidence; moves are
    # for the others.
    particles: Count = Setting(count(4, 10_000), 32, "Particles from each chain of the fit.")
    moves: Count = Setting(count(1, 1_000_000), 8, "Moves of the particles at every step.")
    shipped: Flag = Setting(
        flag(), False, "Show the stored results for the shipped ensembles; nothing is estimated again."
    )
