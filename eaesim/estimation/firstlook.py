"""What is usual in untreated rats, for `eaesim.evidence.firstlook`."""

from __future__ import annotations

import numpy as np

from eaesim.endpoints import Floats
from eaesim.estimation.bank import laboratories, simulate_immunised
from eaesim.files import Content
from eaesim.study.ensemble import Ensemble

LABORATORIES, RATS, AT_ONCE = 1_000, 20, 250
# Group size for the distribution of mean peaks; means outside 99.9 % of it are reported.
GROUPS, PEAK_TAILS = (3, 5, 10, 20), (0.05, 99.95)
# Between these percentiles lie the onsets that are usual.
TAILS = (1, 99)
HEAD = """# How untreated rats of each strain fall ill, by the shipped ensembles: 20 rats in each of 1,000
# laboratories. Made by eaesim.estimation.firstlook.first_look_text.
"""


def usual_numbers(ensemble: Ensemble, *, seed: int = 1, workers: int | None = None) -> dict[str, Content]:
    """Simulate the rats, and return the numbers of `eaesim.evidence.firstlook.Usual`.

    Parameters
    ----------
    ensemble
        Ensemble of the strain.
    seed
        Random seed of laboratories and rats.
    workers
        Threads.
    """
    names, values, _ = laboratories(ensemble, LABORATORIES, seed=seed)
    onset, peak = [], []
    for first in range(0, LABORATORIES, AT_ONCE):
        some, own = values[first : first + AT_ONCE], seed + first
        found = simulate_immunised(
            ensemble.rat, names, some, animals=RATS, seed=own, are_apart=True, workers=workers
        ).first
        ill = found["incidence"] > 0
        onset.append(np.where(ill, found["onset_day"], np.nan))
        peak.append(np.where(ill, found["peak_score"], np.nan))
    onsets, peaks = np.concatenate(onset), np.concatenate(peak)
    low, high = np.nanpercentile(onsets, TAILS)
    ends = [np.percentile(_means(peaks[:, :rats]), PEAK_TAILS) for rats in GROUPS]
    return {
        "rats": onsets.size,
        "onset_low": float(np.floor(low)),
        "onset_high": float(np.ceil(high)),
        "incidence": round(float((~np.isnan(onsets)).mean()), 3),
        "groups": list(GROUPS),
        "peak_low": [round(float(each[0]), 2) for each in ends],
        "peak_high": [round(float(each[1]), 2) for each in ends],
    }


def _means(peaks: Floats) -> Floats:
    """Return the mean peak of the rats with signs of each group in which there are enough."""
    ill = ~np.isnan(peaks)
    enough = ill.sum(axis=1) >= min(GROUPS)
    return np.asarray(np.where(ill, peaks, 0.0).sum(axis=1)[enough] / ill.sum(axis=1)[enough])


def first_look_text(ensembles: dict[str, Ensemble]) -> str:
    """Return the content of ``eaesim/evidence/firstlook.toml``."""
    parts = [HEAD]
    for strain, ensemble in ensembles.items():
        lines = [f"{name} = {value}" for name, value in usual_numbers(ensemble).items()]
        parts.append("\n".join([f"[{strain}]", *lines, ""]))
    return "\n".join(parts)
