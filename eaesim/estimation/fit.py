"""The published rows that rats are estimated from, and what simulates them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from eaesim.errors import ProtocolError, QuantityError
from eaesim.estimation.population import Simulator, read_experiments
from eaesim.estimation.prior import read_prior
from eaesim.estimation.rats import EVEN_RATS, EVEN_SEED
from eaesim.estimation.target import Target, read_targets
from eaesim.model import FULL, LEAN, load
from eaesim.model.species import companions
from eaesim.protocol.quantity import shown

ANIMALS = EVEN_RATS


def published_simulator(
    rats: Sequence[str],
    *,
    animals: int,
    seed: int = EVEN_SEED,
    fixed: Mapping[str, float] | None = None,
    targets: Sequence[Target] | None = None,
    workers: int | None = None,
) -> Simulator:
    """Return what simulates the published rows that are about some rats, or other `targets` than these.

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
