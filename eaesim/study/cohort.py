"""Virtual rats: what differs between them, drawn from a seed and the rat's number, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from zlib import crc32

import numpy as np

from eaesim.endpoints import Floats
from eaesim.errors import ProtocolError
from eaesim.model import Parameter, Parameters

# Each purpose has a stream of its own, so that none can shift another.
MOST_ANIMALS = 1_000_000
_DIFFERENCES, _OBSERVER, _DEATH = range(3)


@dataclass(frozen=True)
class Cohort:
    """The draws of a number of rats.

    Attributes
    ----------
    differences
        Standard normal deviates, shape (rats, parameters).
    observer
        The observer's errors as standard normal deviates, shape (rats, days).
    death
        The cumulative hazard at which each rat dies.
    """

    differences: Floats
    observer: Floats
    death: Floats


def draw_cohort(animals: int, *, seed: int, days: int) -> Cohort:
    """Draw a cohort; rat number i is the same in every cohort of the same seed.

    Parameters
    ----------
    animals
        How many rats.
    seed
        Seed of the study, 0 or more.
    days
        How many daily readings.

    Raises
    ------
    ProtocolError
        If there is no rat, or the seed is negative.

    Examples
    --------
    >>> few, many = draw_cohort(2, seed=1, days=10), draw_cohort(5, seed=1, days=40)
    >>> bool((few.observer == many.observer[:2, :10]).all())
    True
    """
    for what, value, least, most in (("animals", animals, 1, MOST_ANIMALS), ("seed", seed, 0, 2**63 - 1)):
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or not least <= value <= most:
            raise ProtocolError(f"{what} = {value!r}; give a whole number from {least} to {most}.")
    # A stream for every parameter and every day, of which rat number i takes the i-th draw: a rat depends
    # neither on how many rats, days or parameters there are, nor on their order.
    return Cohort(
        differences=np.column_stack(
            [_stream(seed, _DIFFERENCES, name).standard_normal(animals) for name in Parameters._fields]
        ),
        observer=np.column_stack(
            [_stream(seed, _OBSERVER, str(day)).standard_normal(animals) for day in range(days)]
        ),
        death=_stream(seed, _DEATH, "").standard_exponential(animals),
    )


def _stream(seed: int, purpose: int, name: str) -> np.random.Generator:
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(purpose, crc32(name.encode()))))


def individual_parameters(
    parameters: Parameters, *, entries: Mapping[str, Parameter], differences: Floats
) -> Floats:
    """Return the parameters of each rat, shape (rats, parameters).

    Parameters
    ----------
    parameters
        The values of the typical rat.
    entries
        Gives every parameter's `spread`: the coefficient of variation of a log-normal; for a fraction, a
        dimensionless parameter with bounds within 0 and 1, of a logit-normal. 0 stays 0.
    differences
        Standard normal deviates, shape (rats, parameters).
    """
    columns = []
    for value, name, deviate in zip(parameters, Parameters._fields, differences.T, strict=True):
        entry = entries[name]
        if entry.spread == 0 or value == 0:
            columns.append(np.full(len(deviate), value))
        elif _is_fraction(entry) and value < 1:
            logit = np.log(value / (1.0 - value)) + entry.spread / (1.0 - value) * deviate
            columns.append(1.0 / (1.0 + np.exp(-logit)))
        else:
            columns.append(value * np.exp(np.sqrt(np.log1p(entry.spread**2)) * deviate))
    return np.column_stack(columns)


def _is_fraction(entry: Parameter) -> bool:
    return entry.unit == "dimensionless" and entry.low >= 0 and entry.high <= 1
