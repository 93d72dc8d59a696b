"""Estimating rats from published rows: never one set of values, but an ensemble of sets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eaesim.errors import ProtocolError
from eaesim.estimation.budget import check_budget
from eaesim.estimation.chain import fit_way
from eaesim.estimation.emulator import libraries
from eaesim.estimation.fit import ANIMALS, check_strains, published_simulator
from eaesim.estimation.population import Simulator
from eaesim.estimation.start import SETS
from eaesim.estimation.target import Target
from eaesim.files import Content
from eaesim.questions.fit.request import LEAST_PARTICLES, FitRequest
from eaesim.questions.fit.result import Fit
from eaesim.questions.fit.run import check_shipped, run_fit, shipped_fit
from eaesim.solver import Effort
from eaesim.study import Store
from eaesim.workbench.answer import Plan
from eaesim.workbench.request import asks


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
            f"{', '.join(self.request.rat)} from {len(self.simulator.targets)} published rows, by "
            f"{self.request.chains} chains of {self.request.particles} particles"
        )


def plan(targets: Sequence[Target] | None, request: FitRequest) -> FitPlan:
    """Check the request; `targets` replace the published rows on untreated rats.

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
    check_budget(particles=(way.particles, LEAST_PARTICLES), animals=animals)
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


answer_kept = answer


@asks(FitRequest)
def fit(targets: Sequence[Target] | None, request: FitRequest) -> Fit:
    """Estimate rats from every published row that is marked to calibrate.

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
