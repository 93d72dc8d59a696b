"""What several rooms' tests need."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from eaesim.analysis.estimation.target import Target, read_targets
from eaesim.model import load
from eaesim.study import Ensemble, write_ensemble

# Some of lewis's parameters, to be known less well.
VARIED = ("priming_rate", "expansion_rate", "inflammation_rate", "cns_entry_rate", "potency_maturation")


# Of the twenty experiments of the rows: a fit of all takes minutes.
FEW = ("lewis_immunised", "lewis_transfer", "da_immunised")


def made_up_ensemble(members: int = 30, *, spread: float = 0.25) -> Ensemble:
    """Return an ensemble of lewis in which some parameters differ between members."""
    random, rat = np.random.default_rng(5), load("lewis")
    values = np.array([rat.entries[name].value for name in VARIED])
    scattered = values * np.exp(spread * random.standard_normal((members, len(VARIED))))
    about = {
        "command": "eaesim fit --seed 5",
        "seed": 5,
        "animals": 200,
        "versions": {"eaesim": "0.1.0"},
        "note": "made up",
    }
    return Ensemble(rat, VARIED, scattered, random.uniform(0.5, 1.5, members), about)


@pytest.fixture(scope="session")
def ensemble() -> Ensemble:
    return made_up_ensemble()


@pytest.fixture(scope="session")
def fit_folder(ensemble: Ensemble, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a fit."""
    folder = tmp_path_factory.mktemp("fit")
    write_ensemble(folder, "mine", ensemble)
    return folder


@pytest.fixture(scope="session")
def few_rows() -> tuple[Target, ...]:
    """Return the published rows on a few of the experiments."""
    return tuple(row for row in read_targets()[0] if row.experiment in FEW)
