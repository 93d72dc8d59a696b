"""The fit that made the shipped ensembles, read from these: nothing is estimated again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from eaesim.errors import ProtocolError
from eaesim.estimation.ensembles import read_ensembles
from eaesim.estimation.kinetics import kinetics_of
from eaesim.estimation.parts import whole_fit
from eaesim.model.species import companions
from eaesim.questions.fit.request import FitRequest
from eaesim.questions.fit.result import Fit


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


def check_shipped(request: FitRequest, targets: object) -> None:
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
