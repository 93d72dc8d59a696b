"""Estimating rats from published data: never one set of values, but an ensemble of sets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np

from eaesim.errors import NothingComputedError, ProtocolError
from eaesim.estimation.budget import check_rats
from eaesim.estimation.chain import Chain, fit_way, from_emulator, from_prior
from eaesim.estimation.emulator import libraries
from eaesim.estimation.ensembles import read_ensembles
from eaesim.estimation.fit import ANIMALS, check_strains, published_simulator, whole_fit
from eaesim.estimation.kinetics import draw_kinetics, kinetics_of
from eaesim.estimation.population import Simulator
from eaesim.estimation.potency import estimate_potencies
from eaesim.estimation.record import Record, claim_records
from eaesim.estimation.start import SETS, Draws, Learnt, draw_start, learn, rounds_of
from eaesim.estimation.target import Target, log_likelihood
from eaesim.estimation.trial import Controls
from eaesim.files import Content
from eaesim.model import MECHANISMS
from eaesim.model.species import companions
from eaesim.questions.fit.request import FitRequest
from eaesim.questions.fit.result import Fit
from eaesim.solver import Effort
from eaesim.study import Store
from eaesim.workbench.answer import Plan
from eaesim.workbench.request import asks

# Members of an ensemble: no more than chains and particles have.
MEMBERS = 384
# Steps of a progress bar: from the prior to all the data, then the last moves.
_PARTS, _UNTIL_DATA, _DECADES = 1000, 0.4, 2.5
# Steps of a fit that starts from an emulator: until that is trained, and until its posterior is drawn from.
_TRAINED, _DRAWN = 0.5, 0.6

# Called with the share that is done.
Say = Callable[[float], None]


@dataclass(frozen=True)
class FitPlan(Plan):
    """A fit that is possible, with every number that was left to its start."""

    request: FitRequest
    simulator: Simulator

    def settings(self) -> dict[str, Content]:
        """Return everything that decides the result."""
        return {"rat": list(self.request.rat), "seed": self.request.seed, **self.request.changed()}

    def summary(self) -> str:
        """Return in a few words what would be done."""
        if self.request.shipped:
            return "the fit of the shipped ensembles"
        return (
            f"{', '.join(self.request.rat)} from {len(self.simulator.targets)} published data, by "
            f"{self.request.chains} chains of {self.request.particles} particles"
        )


def plan(targets: Sequence[Target] | None, request: FitRequest) -> FitPlan:
    """Check the request; `targets` replace the published data on untreated rats.

    Raises
    ------
    EaesimError
        If the rats are not estimated together, a held value is unknown, or the rats are too many at once.
    MissingLibraryError
        If it is to start from an emulator, and a library for that is not installed.
    """
    check_strains(request.rat)
    if request.shipped:
        check_shipped(request, targets)
        return FitPlan(request, published_simulator(request.rat, animals=ANIMALS))
    way = fit_way(request.start, particles=request.particles, moves=request.moves)
    animals = request.animals or ANIMALS
    check_rats(way.particles, animals)
    sets = request.sets
    if request.start == "emulator":
        libraries()
        sets = sets or SETS
    elif sets is not None:
        raise ProtocolError("sets train an emulator; leave them out where the start is the prior.")
    request = request.with_values(particles=way.particles, moves=way.moves, animals=animals, sets=sets)
    return FitPlan(
        request,
        published_simulator(request.rat, animals=animals, fixed=request.parameters, targets=targets),
    )


def answer(plan: FitPlan, effort: Effort, store: Store | None = None) -> Fit:
    """Estimate the rats; with a store, resume a run with the same settings."""
    if plan.request.shipped:
        return shipped_fit(plan.request, effort.workers)
    return run_fit(plan.request, plan.simulator, effort, None if store is None else store.keep())


@asks(FitRequest)
def fit(targets: Sequence[Target] | None, request: FitRequest) -> Fit:
    """Estimate rats from all published data marked for calibration.

    `Fit.ensembles()` returns the ensembles; `eaesim fit` writes them, and resumes an interrupted run.

    Parameters
    ----------
    targets
        Other rows on untreated rats than the published ones, or only some of these.

    Raises
    ------
    EaesimError
        If a setting cannot be used.
    NothingComputedError
        If no set of values gives the data any chance.
    MissingLibraryError
        If it is to start from an emulator, and a library for that is not installed.

    Examples
    --------
    >>> from eaesim.estimation.target import read_targets
    >>> row = next(row for row in read_targets()[0] if row.finding == "B1.onset_day")
    >>> found = fit([row], rat=["lewis"], start="prior", particles=8, chains=1, animals=4, moves=1)
    >>> len(found.posterior())
    8
    """
    return answer(plan(targets, request), request.effort)


def run_fit(request: FitRequest, simulator: Simulator, effort: Effort, folder: Path | None = None) -> Fit:
    """Estimate the untreated rats of all strains together, which share most parameters, then the drug.

    IgG in the rat is drawn for every parameter set from the calibration data on it, and each mechanism's
    strength from the calibration data on treated rats; their likelihood in a set is its weight in runs
    under that mechanism. Likelihoods are kept in `folder`, so that an interrupted run resumes.

    Raises
    ------
    NothingComputedError
        If no set of values gives the data any chance.
    FileError
        If the folder keeps what was begun with other settings, rows or another model.
    """
    simulator = replace(simulator, workers=effort.workers)

    def say(share: float) -> None:
        if effort.progress is not None:
            effort.progress(int(_PARTS * share), _PARTS)

    claim_records(
        folder,
        simulator.targets,
        question="fit",
        start=request.start,
        rats=[rat.name for rat in simulator.prior.rats.values()],
        animals=request.animals,
        seed=request.seed,
        fixed=dict(sorted((request.parameters or {}).items())),
        **({} if request.sets is None else {"sets": request.sets}),
    )
    _log(folder, "begun")
    emulated = None if request.sets is None else _emulated(simulator, request, request.sets, folder, say)
    runs = list[Chain]()
    for number in range(request.chains):
        runs.append(_chain(simulator, emulated, number, request, folder, say))
        _log(folder, f"chain {number + 1} of {request.chains} done")
    if not all(np.isfinite(run.log_likelihood).all() for run in runs):
        raise NothingComputedError("no set of values within the priors gives the published data any chance.")
    found = Fit(
        request=request,
        simulator=simulator,
        places=np.array([run.places for run in runs]),
        log_likelihood=np.array([run.log_likelihood for run in runs]),
        stages=tuple(run.stages for run in runs),
    )
    found = _with_mechanisms(found, seed=request.seed)
    log = _log(folder, "drug and mechanisms done")
    say(1.0)
    return replace(found, log=log)


def _log(folder: Path | None, done: str) -> str:
    """Add a line to the log of a run that is kept, and return all of it."""
    if folder is None:
        return ""
    path = folder / "fit.log"
    with path.open("a", encoding="utf-8") as log:
        log.write(f"{datetime.now().astimezone():%Y-%m-%d %H:%M:%S} {done}\n")
    return path.read_text(encoding="utf-8")


def _with_mechanisms(found: Fit, *, seed: int) -> Fit:
    """Return a fit whose parameter sets have the drug, and mechanisms at strengths drawn from the rows."""
    simulator = found.simulator
    prior, members = simulator.prior, found.members(min(MEMBERS, found.places[..., 0].size))
    drug = draw_kinetics(next(iter(prior.rats.values())).entries, len(members), seed=seed)
    controls = {}
    for strain, rat in prior.rats.items():
        typical = drug.given(prior.parameters(prior.values(members), strain=strain))
        controls[strain] = Controls(typical, rat.entries, simulator.animals, seed, simulator.workers)
    potencies = {
        mechanism: estimate_potencies(mechanism, controls, rats=prior.rats) for mechanism in MECHANISMS
    }
    return replace(found, drug=drug, potencies=potencies)


def _chain(
    simulator: Simulator,
    emulated: tuple[Learnt, Draws] | None,
    number: int,
    request: FitRequest,
    folder: Path | None,
    say: Say,
) -> Chain:
    """Run a chain from an emulator, or from the prior without one."""
    way = fit_way(request.start, particles=request.particles, moves=request.moves)
    seed, own = request.seed * 1_000 + number, None if folder is None else folder / f"chain-{number}"
    begun = 0.0 if emulated is None else _DRAWN

    def on_move(share: float, moved: float) -> None:
        part = _UNTIL_DATA * float(np.clip(1 + np.log10(share) / _DECADES, 0, 1))
        part = _UNTIL_DATA + (1 - _UNTIL_DATA) * moved if share == 1 else part
        say(min(begun + (1 - begun) * (number + part) / request.chains, 1 - 1 / _PARTS))

    if emulated is None:
        asked = Record(lambda places: log_likelihood(simulator.targets, simulator.read(places)), own)
        return from_prior(asked, numbers=len(simulator.prior.free), way=way, seed=seed, on_move=on_move)
    learnt, draws = emulated
    return from_emulator(
        simulator.read,
        simulator.targets,
        learnt,
        draws.start(number),
        way=way,
        seed=seed,
        folder=own,
        on_move=on_move,
    )


def _emulated(
    simulator: Simulator, request: FitRequest, sets: int, folder: Path | None, say: Say
) -> tuple[Learnt, Draws]:
    """Return what the chains start from."""
    learnt = learn(
        lambda places: simulator.read(places),
        simulator.targets,
        numbers=len(simulator.prior.free),
        seed=request.seed,
        rounds=rounds_of(sets),
        folder=folder,
        on_round=lambda part: say(_TRAINED * part),
    )
    draws = draw_start(
        learnt.emulator, simulator.targets, bridges=request.chains, seed=request.seed, folder=folder
    )
    _log(folder, "emulator trained and drawn from")
    say(_DRAWN)
    return learnt, draws


def shipped_fit(request: FitRequest, workers: int | None) -> Fit:
    """Return the fit of the shipped ensembles; likelihoods and evidence are not kept in these.

    Examples
    --------
    >>> shipped_fit(FitRequest(rat=["lewis_lean", "da_lean"], shipped=True), None).places.shape
    (2, 192, 20)
    """
    ensembles = read_ensembles(rats=request.rat)
    simulator, chains = whole_fit(ensembles, workers)
    fewest = min(map(len, chains))
    places = np.array([chain[:fewest] for chain in chains])
    one = next(iter(ensembles.values()))
    return Fit(
        request=request.with_values(seed=int(one.about["seed"]), animals=simulator.animals),
        simulator=replace(simulator, workers=workers),
        places=places,
        log_likelihood=np.full(places.shape[:2], np.nan),
        stages=(),
        drug=kinetics_of(one.names, one.values, one.rat.entries),
    )


def check_shipped(request: FitRequest, targets: Sequence[Target] | None) -> None:
    """Refuse rows or settings of a new fit together with the shipped one.

    Raises
    ------
    ProtocolError
        If one is given, or a rat without the other that was estimated with it.
    """
    more = [name for name in request.changed() if name not in ("shipped", "rat")]
    if targets is not None or more:
        raise ProtocolError(f"shipped shows what was estimated already; leave {[*more, 'targets'][0]} out.")
    together = companions(request.rat)
    if set(together) != set(request.rat):
        raise ProtocolError(
            f"shipped rats were estimated together; give {','.join(together)}, not {request.rat[0]} alone."
        )
