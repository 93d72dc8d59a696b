"""What is usual in untreated rats, for `eaesim.evidence.firstlook`."""

from __future__ import annotations

import numpy as np

from eaesim.analysis.estimation.bank import laboratories, typical_rats
from eaesim.analysis.estimation.population import read_experiments, simulate_populations
from eaesim.study.ensemble import Ensemble

LABORATORIES, RATS = 100, 20
# Between these percentiles lie the onsets that are usual.
TAILS = (1, 99)
HEAD = """# How 2,000 untreated rats of each strain fall ill, by the shipped ensembles: 20 in each of 100
# laboratories. Made by eaesim.analysis.estimation.firstlook.first_look_text.
"""


def usual_numbers(ensemble: Ensemble, *, seed: int = 1, workers: int | None = None) -> dict[str, float]:
    """Simulate the rats, and return the numbers of `eaesim.evidence.firstlook.Usual`.

    Parameters
    ----------
    ensemble
        Of the strain.
    seed
        Of laboratories and rats.
    workers
        Threads.
    """
    names, values, _ = laboratories(ensemble, LABORATORIES, seed=seed)
    rat = ensemble.rat
    experiment = read_experiments()[f"{rat.strain}_immunised"]
    seen = simulate_populations(
        experiment,
        typical_rats(rat.parameters(), names, values),
        entries=rat.entries,
        animals=RATS,
        rats=np.arange(LABORATORIES),
        seed=seed,
        workers=workers,
    )
    found = seen.first
    ill = found["incidence"] > 0
    peak = np.where(ill, found["peak_score"], np.nan)
    groups = ill.sum(axis=1) >= 3
    low, high = np.percentile(found["onset_day"][ill], TAILS)
    within = float(np.nanvar(peak[groups], axis=1, ddof=1).mean())
    means = np.nanmean(peak[groups], axis=1)
    # Of the variance of the means, what few rats explain is taken off.
    chance = float((within / ill[groups].sum(axis=1)).mean())
    return {
        "rats": LABORATORIES * RATS,
        "onset_low": float(np.floor(low)),
        "onset_high": float(np.ceil(high)),
        "incidence": round(float(ill.mean()), 3),
        "peak": round(float(means.mean()), 3),
        "peak_between": round(float(np.sqrt(max(means.var(ddof=1) - chance, 0.0))), 3),
        "peak_within": round(float(np.sqrt(within)), 3),
    }


def first_look_text(ensembles: dict[str, Ensemble]) -> str:
    """Return the content of ``eaesim/evidence/firstlook.toml``."""
    parts = [HEAD]
    for strain, ensemble in ensembles.items():
        lines = [f"{name} = {value:g}" for name, value in usual_numbers(ensemble).items()]
        parts.append("\n".join([f"[{strain}]", *lines, ""]))
    return "\n".join(parts)
