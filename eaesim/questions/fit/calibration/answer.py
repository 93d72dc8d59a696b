"""Whether intervals are calibrated: synthetic data with known truth, estimated as real ones are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eaesim.errors import ProtocolError
from eaesim.estimation import bank, calibration
from eaesim.estimation.calibration import Calibration, calibrate, read_ranks
from eaesim.estimation.ensembles import read_ensembles
from eaesim.estimation.fit import ANIMALS, check_strains
from eaesim.estimation.fitcalibration import DATA_SETS, MOVES, PARTICLES, calibrate_rows
from eaesim.estimation.start import SETS
from eaesim.estimation.target import Target
from eaesim.files import Content
from eaesim.questions.fit.calibration.request import ROWS, SCORES, CalibrationRequest
from eaesim.solver import Effort
from eaesim.study import Store
from eaesim.workbench.answer import Answer, Plan
from eaesim.workbench.request import asks

if TYPE_CHECKING:
    import pandas as pd

# Default settings, by what is calibrated.
_USUAL = {
    ROWS: {"data_sets": DATA_SETS, "particles": PARTICLES, "moves": MOVES, "animals": ANIMALS, "sets": SETS},
    SCORES: {"data_sets": calibration.DATA_SETS, "animals": calibration.ANIMALS, "sets": bank.SETS},
}


@dataclass(frozen=True)
class FitCalibration(Answer):
    """Rank of the truth of each synthetic data set in its posterior.

    Attributes
    ----------
    request
        What was asked.
    found
        Ranks by strain for a laboratory's own rat; for published data one entry without a name.

    Examples
    --------
    >>> import numpy as np
    >>> ranks = Calibration(("priming_rate",), np.linspace(0.02, 0.98, 25)[:, None], left_out=0)
    >>> FitCalibration(CalibrationRequest(), {"": ranks}).tables()["calibration"]["covered"].tolist()
    [23]
    """

    request: CalibrationRequest
    found: Mapping[str, Calibration]

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables by the names of their CSV files: one row per quantity, and one per data set."""
        named = [(f"_{rat}" if rat else "", one) for rat, one in self.found.items()]
        tables = {f"calibration{name}": one.table() for name, one in named}
        return tables | {f"ranks{name}": one.ranks() for name, one in named}

    def sentence(self) -> str:
        """Return in a sentence how often 90 % intervals hold."""
        said = [f"{rat}: {one.sentence()}" if rat else one.sentence() for rat, one in self.found.items()]
        return " ".join(said)


@dataclass(frozen=True)
class CalibrationPlan(Plan):
    """A calibration that is possible, with every number that was left open."""

    targets: Sequence[Target] | None
    request: CalibrationRequest

    def settings(self) -> dict[str, Content]:
        """Return everything that decides the result."""
        return {"rat": list(self.request.rat), "seed": self.request.seed, **self.request.changed()}

    def summary(self) -> str:
        """Return in a few words what would be done."""
        request = self.request
        if request.ranks is not None:
            return f"the ranks in {request.ranks}"
        return f"{request.data_sets} synthetic data sets with known truth, by the fit of {request.of}"


def plan(targets: Sequence[Target] | None, request: CalibrationRequest) -> CalibrationPlan:
    """Check the request.

    Raises
    ------
    EaesimError
        If the rats are not estimated together, or a setting is not for what is calibrated.
    """
    check_strains(request.rat)
    usual = _USUAL[request.of]
    if request.ranks is not None:
        return CalibrationPlan(targets, request)
    for name in _USUAL[ROWS]:
        if name not in usual and getattr(request, name) is not None:
            raise ProtocolError(f"{name} is not for a calibration of {request.of}.")
    chosen = {name: getattr(request, name) or value for name, value in usual.items()}
    return CalibrationPlan(targets, request.with_values(**chosen))


def answer(plan: CalibrationPlan, effort: Effort, store: Store | None = None) -> FitCalibration:
    """Estimate the data sets; with a store, resume a run with the same settings.

    Raises
    ------
    NothingComputedError
        If hardly any truth has a value for every row.
    MissingLibraryError
        If a library that trains the emulator is not installed.
    """
    request = plan.request
    asked = {name: getattr(request, name) for name in (*_USUAL[request.of], "seed")}
    if request.ranks is not None:
        return FitCalibration(request, {"": read_ranks(request.ranks)})
    if request.of == ROWS:
        folder = None if store is None else store.keep()
        rows = calibrate_rows(
            request.rat,
            **asked,
            targets=plan.targets,
            folder=folder,
            workers=effort.workers,
            progress=effort.progress,
        )
        return FitCalibration(request, {"": rows})
    found, ensembles = dict[str, Calibration](), read_ensembles(rats=request.rat)
    sets, workers = asked.pop("sets"), effort.workers
    for strain, ensemble in ensembles.items():
        made = bank.build_bank(ensemble, until=calibration.UNTIL, sets=sets, workers=workers)
        found[strain] = calibrate(made, **asked, workers=workers)
        if effort.progress is not None:
            effort.progress(len(found), len(ensembles))
    return FitCalibration(request, found)


@asks(CalibrationRequest)
def calibrate_fit(targets: Sequence[Target] | None, request: CalibrationRequest) -> FitCalibration:
    """Fit synthetic data with known truth as real ones are fitted, and rank the truth in its posterior.

    A synthetic published row is a number: what a large population of the truth shows, off by the errors of
    the published data. Truths for which some row has no value (nobody fell ill, say) are drawn anew. Of
    scores each data set is a group of animals, and one that says nothing is left out.

    Parameters
    ----------
    targets
        Other rows on untreated rats than the published ones, or only some of these.

    Raises
    ------
    EaesimError
        If a setting cannot be used.
    NothingComputedError
        If hardly any truth has a value for every row.
    MissingLibraryError
        If a library that trains the emulator is not installed.

    Examples
    --------
    >>> calibrate_fit(rat=["lewis"], data_sets=0)
    Traceback (most recent call last):
    ...
    eaesim.errors.QuantityError: data_sets 0 is not a whole number from 1 to 10000.
    """
    return answer(plan(targets, request), request.effort)
