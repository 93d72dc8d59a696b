"""Unknowns of the drug in the rat: distribution of IgG and steepness of its effect, from the rows of table C.

The untreated rat does not depend on it, so it is drawn separately for every parameter set.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from eaesim.endpoints import Floats
from eaesim.errors import unknown_name
from eaesim.estimation.prior import DATA, SHARED, Free, free_numbers
from eaesim.estimation.target import Target, log_likelihood, read_targets
from eaesim.evidence import finding
from eaesim.model import Parameter
from eaesim.model.ivig import igg_loss
from eaesim.model.parameters import Parameters

#: Sets that are tried; those that the rows make likely are kept.
TRIED = 100_000
# A share of the way to equilibrium that counts as all of it.
_EQUILIBRIUM = 0.95
_HOURS = 24.0
# mg/kg; the dose of the row on the loss of another IgG.
_LARGE = 2_000.0


@dataclass(frozen=True)
class Kinetics:
    """The drug's numbers in every parameter set.

    Attributes
    ----------
    free
        What is drawn, with its bounds.
    values
        Shape (members, numbers), in each parameter's unit.
    targets
        The rows.
    readings
        What each row would read in each parameter set, shape (members, rows).
    """

    free: tuple[Free, ...]
    values: Floats
    targets: tuple[Target, ...]
    readings: Floats

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters that are drawn."""
        return tuple(each.name for each in self.free)

    def given(self, typical: Sequence[Parameters]) -> list[Parameters]:
        """Return the typical rats, each with the drug's numbers of its parameter set."""
        return [
            rat._replace(**dict(zip(self.names, map(float, row), strict=True)))
            for rat, row in zip(typical, self.values, strict=True)
        ]

    def rows(self) -> list[dict[str, float | str]]:
        """Return each row with what the parameter sets predict: median and 90 % interval."""
        return [
            {
                "finding": target.finding,
                "experiment": "igg",
                "reading": target.reading,
                "published": finding(target.finding).text,
                "predicted": float(np.median(seen)),
                "low": float(np.percentile(seen, 5)),
                "high": float(np.percentile(seen, 95)),
                "laboratory_sd": target.laboratory,
                "scale": target.scale,
                "why": target.why,
                "source": finding(target.finding).source,
            }
            for target, seen in zip(self.targets, self.readings.T, strict=True)
        ]


def kinetics_of(names: Sequence[str], values: Floats, entries: Mapping[str, Parameter]) -> Kinetics:
    """Return the drug's numbers of parameter sets that were drawn before.

    Parameters
    ----------
    names, values
        Parameters, those of the drug among them, and a row of values for each set.
    entries
        Give the bounds of each parameter, and the values of the rest.
    """
    free, targets = _drawn(entries)
    own = values[:, [list(names).index(each.name) for each in free]]
    return Kinetics(free, own, targets, read_kinetics(entries, [each.name for each in free], own, targets))


def draw_kinetics(entries: Mapping[str, Parameter], count: int, *, seed: int) -> Kinetics:
    """Draw the drug's numbers from their priors, as likely as the rows of table C make them.

    Parameters
    ----------
    entries
        Give the bounds of each parameter, and the values of the rest.
    count
        Members.
    seed
        Random seed of the draws.

    Raises
    ------
    UnknownNameError
        If a row names no reading, or what is drawn is no parameter.

    Examples
    --------
    >>> from eaesim.model import load
    >>> drawn = draw_kinetics(load("lewis").entries, 50, seed=1)
    >>> half_life = drawn.readings[:, [row.reading for row in drawn.targets].index("half_life")]
    >>> bool(4 < half_life.min() < half_life.max() < 11)
    True
    """
    return likely_kinetics(*_drawn(entries), partial(read_kinetics, entries), count, seed=seed)


def likely_kinetics(
    free: tuple[Free, ...],
    targets: tuple[Target, ...],
    read: Callable[[Sequence[str], Floats, Sequence[Target]], Floats],
    count: int,
    *,
    seed: int,
    tried: int = TRIED,
) -> Kinetics:
    """Draw numbers from their priors, as likely as rows make them.

    Parameters
    ----------
    free
        What is drawn.
    targets
        The rows.
    read
        From names of numbers, sets of their values and rows, what each row would read, shape (sets, rows).
    count
        Draws that are kept.
    seed
        Random seed of the draws.
    tried
        Draws that are tried.
    """
    random = np.random.default_rng([seed, 17])
    tried_sets = np.column_stack([each.value(random.random(tried)) for each in free])
    readings = read([each.name for each in free], tried_sets, targets)
    fitness = log_likelihood(targets, readings)
    weights = np.cumsum(np.exp(fitness - fitness.max()))
    places = (random.random() + np.arange(count)) / count
    chosen = random.permutation(np.searchsorted(weights / weights[-1], places))
    return Kinetics(free, tried_sets[chosen], targets, readings[chosen])


def _drawn(entries: Mapping[str, Parameter]) -> tuple[tuple[Free, ...], tuple[Target, ...]]:
    """Return what is drawn, and the rows that make it likely."""
    names = tomllib.loads((DATA / "free.toml").read_text(encoding="utf-8"))["drug"]
    return tuple(free_numbers(names, SHARED, entries)), read_targets(DATA / "kinetics.toml", tables=("C",))[0]


def read_rows(
    read: Callable[[Parameters, Target], Floats],
    entries: Mapping[str, Parameter],
    names: Sequence[str],
    values: Floats,
    targets: Sequence[Target],
) -> Floats:
    """Return what each row would read for sets of values, shape (sets, rows).

    Parameters
    ----------
    read
        What reads one row of parameters that are numbers or arrays.
    entries
        Values of the numbers that are not named.
    names, values
        Parameters, and a row of values for each set.
    targets
        The rows.
    """
    parameters = parameters_of(entries, names, values)
    seen = (np.asarray(read(parameters, target)) for target in targets)
    return np.column_stack([np.broadcast_to(each, (len(values),)) for each in seen])


def _reading(parameters: Parameters, target: Target) -> Floats:
    if target.reading not in READINGS:
        raise unknown_name(target.reading, "reading", READINGS)
    return READINGS[target.reading](parameters)


#: What each row on the rat would read, as `read_rows` says.
read_kinetics = partial(read_rows, _reading)


def parameters_of(entries: Mapping[str, Parameter], names: Sequence[str], values: Floats) -> Parameters:
    """Return parameters with an array for each name, a value for each set; the model's functions take both.

    Parameters
    ----------
    entries
        Values of the numbers that are not named.
    names, values
        Parameters, and a row of values for each set.
    """
    own = dict(zip(names, values.T, strict=True))
    return Parameters(**{name: own.get(name, entry.value) for name, entry in entries.items()})


def tracer_rates(parameters: Parameters) -> tuple[Floats, Floats]:
    """Return the slow and the fast rate per day at which a tracer leaves plasma."""
    loss = igg_loss(parameters, 0.0)
    out = parameters.igg_exchange / parameters.igg_volume_plasma
    back = parameters.igg_exchange / parameters.igg_volume_tissue
    total = np.asarray(loss + out + back)
    root = np.sqrt(total**2 - 4 * loss * back)
    return (total - root) / 2, (total + root) / 2


def clearance(parameters: Parameters) -> Floats:
    """Return the clearance of a tracer, mL/kg per day."""
    return np.asarray(parameters.igg_volume_plasma * igg_loss(parameters, 0.0))


def _clearance_ratio(parameters: Parameters) -> Floats:
    spread = _LARGE / (parameters.igg_volume_plasma + parameters.igg_volume_tissue)
    return np.asarray(igg_loss(parameters, spread) / igg_loss(parameters, 0.0))


READINGS: dict[str, Callable[[Parameters], Floats]] = {
    "half_life": lambda parameters: np.log(2) / tracer_rates(parameters)[0],
    "equilibrium_time": lambda parameters: -np.log(1 - _EQUILIBRIUM) / tracer_rates(parameters)[1] * _HOURS,
    "volume_ratio": lambda parameters: np.asarray(
        1 + parameters.igg_volume_tissue / parameters.igg_volume_plasma
    ),
    "plasma_volume": lambda parameters: np.asarray(parameters.igg_volume_plasma),
    "clearance": lambda parameters: clearance(parameters) / _HOURS,
    "clearance_unrecycled": lambda parameters: np.asarray(
        parameters.igg_volume_plasma * parameters.igg_uptake / _HOURS
    ),
    "clearance_ratio": _clearance_ratio,
    "brain_to_plasma": lambda parameters: np.asarray(parameters.igg_cns_intact),
}
