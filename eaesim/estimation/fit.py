"""The published data that rats are estimated from, what simulates them, and the fit without some parts.

From the posterior of the whole model each smaller one is reached by letting the difference of the two in
little by little, all numbers moving on the way. That gives the ratio of the two evidences with far less
noise than two fits from the prior, whose difference it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from eaesim.endpoints import Floats
from eaesim.errors import ProtocolError, QuantityError
from eaesim.estimation.ensembles import member_places
from eaesim.estimation.experiment import read_experiments
from eaesim.estimation.population import Simulator
from eaesim.estimation.prior import read_prior
from eaesim.estimation.rats import EVEN_RATS, EVEN_SEED
from eaesim.estimation.record import Record
from eaesim.estimation.sampler import Start, sample
from eaesim.estimation.target import Target, log_likelihood, read_targets
from eaesim.model import FULL, LEAN, load
from eaesim.model.species import companions
from eaesim.protocol.quantity import shown
from eaesim.study.ensemble import Ensemble

ANIMALS = EVEN_RATS
# Moves once the part is removed: the evidence is known before them, they only show which rows suffer.
LAST_MOVES = 3


def published_simulator(
    rats: Sequence[str],
    *,
    animals: int,
    seed: int = EVEN_SEED,
    fixed: Mapping[str, float] | None = None,
    targets: Sequence[Target] | None = None,
    workers: int | None = None,
) -> Simulator:
    """Return what simulates the published data that are about some rats, or other `targets` than these.

    The seed is of the rats, and the same for every fit: it was chosen, and no draw depends on it.

    Examples
    --------
    >>> len(published_simulator(["da"], animals=4).targets)
    16
    """
    is_list = targets is None or isinstance(targets, Sequence)
    if not is_list or not all(isinstance(one, Target) for one in targets or ()):
        raise ProtocolError(f"rows to fit are Targets; given: {shown(targets)}.")
    asked = [load(name) for name in dict.fromkeys(rats)]
    prior = read_prior({rat.strain: rat for rat in asked}, fixed=fixed)
    every = read_experiments()
    experiments = {name: each for name, each in every.items() if each.strain in prior.rats}
    rows = read_targets()[0] if targets is None else targets
    used = tuple(row for row in rows if row.experiment in experiments or row.experiment not in every)
    if not used:
        raise QuantityError(f"no row is about {', '.join(rats)}.")
    return Simulator(prior, used, experiments, seed=seed, animals=animals, workers=workers)


def check_strains(rats: Sequence[str]) -> None:
    """Make sure that rats can be estimated from published data.

    Raises
    ------
    UnknownNameError
        If one has none.
    QuantityError
        If there is no rat, one is given twice, or lean ones are mixed with others.
    """
    companions(rats)
    for name in rats:
        if list(rats).count(name) > 1:
            raise QuantityError(f"{name} is given twice; each rat is estimated once.")
    if not rats:
        raise QuantityError(f"no rat is given; choose of {', '.join((*FULL, *LEAN))}.")


def whole_fit(ensembles: Mapping[str, Ensemble], workers: int | None) -> tuple[Simulator, list[Floats]]:
    """Return the fit that made the ensembles, and where the draws of each chain lie in its prior."""
    one = next(iter(ensembles.values()))
    try:
        animals = int(one.about["animals"])
        chain = np.array(one.about["chain"], dtype=np.int64)
    except (KeyError, ValueError, TypeError):
        chain = np.empty(0, dtype=np.int64)
    if chain.shape != one.weight.shape:
        raise QuantityError(
            "the ensembles do not say from how many animals and which chains they were made; "
            "regenerate them with eaesim fit."
        )
    if np.ptp(one.weight) > 0:
        raise QuantityError("the parameter sets differ in weight; those of eaesim fit do not.")
    names = [ensemble.rat.name for ensemble in ensembles.values()]
    simulator = published_simulator(names, animals=animals, workers=workers)
    places = member_places(ensembles, simulator.prior)
    return simulator, [places[chain == each] for each in np.unique(chain)]


def without_part(whole: Simulator, held: Mapping[str, float]) -> Simulator:
    """Return the simulator of a model in which some parameters are held."""
    names = [rat.name for rat in whole.prior.rats.values()]
    return published_simulator(names, animals=whole.animals, workers=whole.workers, fixed=held)


def leave(
    whole: Simulator,
    without: Simulator,
    places: Floats,
    *,
    particles: int,
    moves: int,
    seed: int,
    folder: Path | None,
    known: Floats | None = None,
) -> tuple[float, Floats]:
    """Bridge from the whole model to one without a part: change of evidence, and its places.

    The whole model's log-likelihoods at the places may be known, since every part starts there.
    """
    likely = likelihood_at(whole, ..., folder and folder / "whole")

    def before(at: Floats) -> Floats:
        return known if known is not None and at is places else likely(at)

    columns = [whole.prior.labels.index(label) for label in without.prior.labels]
    found, _, stages = sample(
        likelihood_at(without, columns, folder and folder / "without"),
        numbers=places.shape[1],
        particles=particles,
        moves=moves,
        last_moves=LAST_MOVES,
        seed=seed,
        start=Start(places, before),
    )
    arrived = stages[-1].share == 1.0
    return stages[-1].log_evidence if arrived else -np.inf, found[:, columns]


def likelihood_at(simulator: Simulator, columns: Any, folder: Path | None) -> Callable[[Floats], Floats]:
    """Return the likelihood of the rows at places of the whole model; only some of its numbers are given."""
    return Record(
        lambda places: log_likelihood(simulator.targets, simulator.read(places[:, columns])), folder
    )
