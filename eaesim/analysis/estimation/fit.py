"""Estimating rats from published rows: never one set of values, but an ensemble of sets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from eaesim.analysis.estimation.budget import check_budget
from eaesim.analysis.estimation.chain import Chain, Way, fit_way, from_emulator, from_prior
from eaesim.analysis.estimation.emulator import libraries
from eaesim.analysis.estimation.fitresult import Fit
from eaesim.analysis.estimation.kinetics import draw_kinetics
from eaesim.analysis.estimation.population import Simulator, read_experiments
from eaesim.analysis.estimation.potency import estimate_potencies
from eaesim.analysis.estimation.prior import read_prior
from eaesim.analysis.estimation.rats import EVEN_RATS, EVEN_SEED
from eaesim.analysis.estimation.record import Record, claim_records
from eaesim.analysis.estimation.start import SETS, Draws, Learnt, draw_start, learn, rounds_of
from eaesim.analysis.estimation.target import Target, log_likelihood, read_targets
from eaesim.errors import NothingComputedError, QuantityError
from eaesim.model import FULL, LEAN, MECHANISMS, load
from eaesim.model.species import DEFAULT, companions
from eaesim.solver import Progress

CHAINS, ANIMALS = 2, EVEN_RATS
_LEAST_PARTICLES, _LEAST_SETS = 8, 600
# Members of an ensemble: no more than chains and particles have.
MEMBERS = 384
# Of a progress bar: from the prior to all the data, then the last moves.
_PARTS, _UNTIL_DATA, _DECADES = 1000, 0.4, 2.5
# Of one of a fit that starts from an emulator: until that is trained, and until its posterior is drawn from.
_TRAINED, _DRAWN = 0.5, 0.6


START = "emulator"


def fit(
    rats: Sequence[str] = DEFAULT,
    *,
    start: str = START,
    particles: int | None = None,
    chains: int = CHAINS,
    animals: int = ANIMALS,
    seed: int = 1,
    moves: int | None = None,
    sets: int = SETS,
    fixed: Mapping[str, float] | None = None,
    targets: Sequence[Target] | None = None,
    folder: Path | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Fit:
    """Estimate rats from every published row that is marked to calibrate.

    The untreated rats of all strains are estimated together: they share all but a few parameters. Then
    IgG in the rat is drawn for every member as the calibrating rows on it ask, and each mechanism's strength
    from the calibrating rows on treated rats; how likely those are in a member is how much it counts in runs
    under that mechanism.

    Parameters
    ----------
    rats
        Of ``"lewis"`` and ``"da"``, or the lean ones, ``"lewis_lean"`` and ``"da_lean"``.
    start
        Where chains start: ``"emulator"`` is a network that is trained on simulated sets first, whose
        posterior lies near that of the rows; it needs the extra ``fit``. From the ``"prior"`` chains rarely
        agree.
    particles
        Of each chain: how many move at once. By default 256 from an emulator, 128 from the prior.
    chains
        Independent runs, which must agree.
    animals
        Rats in each simulated population.
    seed
        Of everything but the rats, which are the same in every fit.
    moves
        Moves of the particles once all data count. By default 96 from an emulator, 1,500 from the prior.
    sets
        Simulated to train the emulator.
    fixed
        Values that are held instead of estimated, as for `read_prior`.
    targets
        Other rows on untreated rats than the published ones, or only some of these.
    folder
        Where likelihoods are kept, so that a run that was stopped goes on; None keeps nothing.
    workers
        Threads; they change no result.
    progress
        Called with the part that is done and the whole.

    Raises
    ------
    UnknownNameError
        If there is no such rat.
    QuantityError
        If a number is too small, or lean rats are mixed with others.
    NothingComputedError
        If no set of values gives the data any chance.
    MissingLibraryError
        If it is to start from an emulator, and a library for that is not installed.

    Examples
    --------
    >>> found = fit(["lewis"], start="prior", particles=8, chains=1, animals=4, moves=1)
    >>> found.posterior().shape[0]
    8
    """
    check_strains(rats)
    way = fit_way(start, particles=particles, moves=moves)
    check_budget(
        particles=(way.particles, _LEAST_PARTICLES),
        chains=chains,
        moves=way.moves,
        animals=animals,
        seed=seed,
    )
    if start == "emulator":
        libraries()
        check_budget(sets=sets)
        if sets < _LEAST_SETS:
            raise QuantityError(f"sets = {sets}; it must be at least {_LEAST_SETS}.")
    simulator = published_simulator(rats, animals=animals, fixed=fixed, targets=targets, workers=workers)
    prior = simulator.prior
    own = {"sets": int(sets)} if start == "emulator" else {}
    claim_records(
        folder,
        simulator.targets,
        question="fit",
        start=start,
        rats=[rat.name for rat in prior.rats.values()],
        animals=int(animals),
        seed=int(seed),
        fixed={name: float(value) for name, value in sorted((fixed or {}).items())},
        **own,
    )
    begun = _PARTS * _DRAWN if start == "emulator" else 0.0
    emulated = _emulated(simulator, chains, sets, seed, folder, progress) if start == "emulator" else None
    runs = [
        _chain(
            simulator,
            emulated,
            number,
            way=way,
            seed=seed * 1_000 + number,
            folder=None if folder is None else folder / f"chain-{number}",
            on_move=_watch(progress, number, chains, begun),
        )
        for number in range(chains)
    ]
    if not all(np.isfinite(run.log_likelihood).all() for run in runs):
        raise NothingComputedError("no set of values within the priors gives the published rows any chance.")
    found = Fit(
        simulator=simulator,
        left_out=read_targets()[1],
        places=np.array([run.places for run in runs]),
        log_likelihood=np.array([run.log_likelihood for run in runs]),
        stages=tuple(run.stages for run in runs),
    )
    found = with_mechanisms(found, seed=seed, workers=workers)
    if progress is not None:
        progress(_PARTS, _PARTS)
    return found


def with_mechanisms(found: Fit, *, seed: int, workers: int | None = None) -> Fit:
    """Return a fit whose members have the drug, and each mechanism at the strength that the rows leave it.

    Parameters
    ----------
    found
        Of the untreated rats.
    seed
        Of what is drawn.
    workers
        Threads.
    """
    prior, animals = found.simulator.prior, found.simulator.animals
    members = found.members(min(MEMBERS, found.places[..., 0].size))
    drug = draw_kinetics(next(iter(prior.rats.values())).entries, len(members), seed=seed)
    typical = {
        strain: drug.given(prior.parameters(prior.values(members), strain=strain)) for strain in prior.rats
    }
    potencies = {
        mechanism: estimate_potencies(
            mechanism, typical, rats=prior.rats, animals=animals, seed=seed, workers=workers
        )
        for mechanism in MECHANISMS
    }
    return found.with_drug(drug, potencies)


def _chain(
    simulator: Simulator,
    emulated: tuple[Learnt, Draws] | None,
    number: int,
    *,
    way: Way,
    seed: int,
    folder: Path | None,
    on_move: Callable[[float, float], None],
) -> Chain:
    """Run a chain from an emulator, or from the prior without one."""
    if emulated is not None:
        learnt, draws = emulated
        return from_emulator(
            simulator.read,
            simulator.targets,
            learnt,
            draws.start(number),
            way=way,
            seed=seed,
            folder=folder,
            on_move=on_move,
        )
    asked = Record(lambda places: log_likelihood(simulator.targets, simulator.read(places)), folder)
    return from_prior(asked, numbers=len(simulator.prior.free), way=way, seed=seed, on_move=on_move)


def _emulated(
    simulator: Simulator, chains: int, sets: int, seed: int, folder: Path | None, progress: Progress | None
) -> tuple[Learnt, Draws]:
    """Return what the chains start from."""

    def say(part: float) -> None:
        if progress is not None:
            progress(int(_PARTS * part), _PARTS)

    learnt = learn(
        lambda places: simulator.read(places),
        simulator.targets,
        numbers=len(simulator.prior.free),
        seed=seed,
        rounds=rounds_of(sets),
        folder=folder,
        on_round=lambda part: say(_TRAINED * part),
    )
    draws = draw_start(learnt.emulator, simulator.targets, bridges=chains, seed=seed, folder=folder)
    say(_DRAWN)
    return learnt, draws


def published_simulator(
    rats: Sequence[str],
    *,
    animals: int,
    seed: int = EVEN_SEED,
    fixed: Mapping[str, float] | None = None,
    targets: Sequence[Target] | None = None,
    workers: int | None = None,
) -> Simulator:
    """Return what simulates the published rows that are about some rats; parameters are those of `fit`.

    The seed is of the rats, and the same for every fit: it was chosen, and no draw depends on it.

    Examples
    --------
    >>> len(published_simulator(["da"], animals=4).targets)
    16
    """
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
    """Make sure that rats can be estimated from published rows.

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


def _watch(
    progress: Progress | None, chain: int, chains: int, begun: float
) -> Callable[[float, float], None]:
    """Say how far a chain is, from how much the data count and the moves that were made."""

    def watch(share: float, moved: float) -> None:
        if progress is not None:
            part = _UNTIL_DATA * float(np.clip(1 + np.log10(share) / _DECADES, 0, 1))
            part = _UNTIL_DATA + (1 - _UNTIL_DATA) * moved if share == 1 else part
            all_chains = begun + (_PARTS - begun) * (chain + part) / chains
            progress(min(int(all_chains), _PARTS - 1), _PARTS)

    return watch
