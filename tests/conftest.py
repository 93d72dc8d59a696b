"""What several rooms' tests need."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

from eaesim.estimation.ensembles import read_ensembles
from eaesim.estimation.target import Target, read_targets
from eaesim.model import load
from eaesim.study import Ensemble, write_ensemble

# Some of lewis's parameters, to be known less well.
VARIED = ("priming_rate", "expansion_rate", "inflammation_rate", "cns_entry_rate", "potency_maturation")

# A busy machine is no failure.
settings.register_profile(
    "patient", max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("patient")


def pytest_collection_finish() -> None:
    """Search for garbage seldom, and not among thousands of collected tests: it took a tenth of the time."""
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


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


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Return the address of a cluster in this process."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=False, protocol="tcp://", dashboard_address="127.0.0.1:0"
    ) as started:
        yield started.scheduler_address


@pytest.fixture
def few_dots(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write figures of few dots, where nobody looks at them."""
    for dots in ("DOTS_PER_INCH", "DOTS_OF_PAGES"):
        monkeypatch.setattr(f"eaesim.workbench.figure.save.{dots}", 20)


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
    """Return the published data on a few of the experiments."""
    return tuple(row for row in read_targets()[0] if row.experiment in FEW)


def thinned(ensemble: Ensemble, every: int, **about: object) -> Ensemble:
    """Return an ensemble with some of its members, by turns of both chains where `every` is odd."""
    own = dict(ensemble.about) | {"chain": ensemble.about["chain"][::every]} | about
    return replace(
        ensemble,
        values=ensemble.values[::every],
        weight=ensemble.weight[::every],
        about=own,
        likelihood={name: each[::every] for name, each in ensemble.likelihood.items()},
        effect={name: each[::every] for name, each in ensemble.effect.items()},
    )


@pytest.fixture(scope="session")
def some_members() -> dict[str, Ensemble]:
    """Return every fifth member of the shipped ensembles."""
    return {strain: thinned(each, 5) for strain, each in read_ensembles().items()}


@pytest.fixture(scope="session")
def few_members() -> dict[str, Ensemble]:
    """Return a few members of the shipped ensembles, as if fitted to populations of four rats."""
    return {strain: thinned(each, 25, animals=4) for strain, each in read_ensembles().items()}


@pytest.fixture(scope="session")
def few_members_folder(few_members: dict[str, Ensemble], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of them."""
    folder = tmp_path_factory.mktemp("members")
    for strain, each in few_members.items():
        write_ensemble(folder, strain, each)
    return folder
