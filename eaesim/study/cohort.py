"""Virtual rats: random differences that depend only on the seed and the rat's number."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from zlib import crc32

import numpy as np
import numpy.typing as npt

from eaesim.elementary import exp, log1p
from eaesim.endpoints import Floats
from eaesim.errors import ProtocolError
from eaesim.model import Parameter, Parameters
from eaesim.protocol.quantity import shown

MOST_ANIMALS = 1_000_000
# Rats of a run that keeps none of them, but sums.
MOST_SUMMED = 10_000_000
# Cohorts up to this size are cached: a sweep uses the same one at every point.
FEW_ANIMALS = 1_000
# Each purpose has its own stream, so that none can shift another.
_DIFFERENCES, _OBSERVER, _DEATH = range(3)
_SCALE = Parameters._fields.index("animal_spread")


@dataclass(frozen=True)
class Cohort:
    """Random draws of a number of rats.

    Attributes
    ----------
    differences
        Standard normal deviates, shape (rats, parameters).
    observer
        Observer errors as standard normal deviates, shape (rats, days).
    death
        Cumulative hazard at which each rat dies.
    first
        Number in the study of the first rat.
    names
        Names of the parameters.
    """

    differences: Floats
    observer: Floats
    death: Floats
    first: int = 0
    names: tuple[str, ...] = Parameters._fields

    def of(self, names: tuple[str, ...]) -> Floats:
        """Return the differences in some of the parameters, in that order; 0 where rats do not differ."""
        if names == self.names:
            return self.differences
        columns = dict(zip(self.names, self.differences.T, strict=True))
        alike = np.zeros(len(self.death))
        return np.array([columns.get(name, alike) for name in names]).T


def draw_cohort(animals: int, *, seed: int, days: int) -> Cohort:
    """Draw a cohort; rat number i is the same in every cohort of the same seed.

    Parameters
    ----------
    animals
        Number of rats.
    seed
        Seed of the study, 0 or more.
    days
        Number of daily readings.

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
    check_animals(animals, seed=seed)
    return next(draw_chunks(animals, seed=seed, days=days, size=animals))


def check_animals(animals: int, *, seed: int, most: int = MOST_ANIMALS) -> None:
    """Check the number of rats, at most `most`, and the seed.

    Raises
    ------
    ProtocolError
        If there is no rat, or the seed is negative.
    """
    for what, value, least, greatest in (("animals", animals, 1, most), ("seed", seed, 0, 2**63 - 1)):
        if (
            isinstance(value, bool)
            or not isinstance(value, (int, np.integer))
            or not least <= value <= greatest
        ):
            raise ProtocolError(f"{what} = {shown(value)}; give a whole number from {least} to {greatest}.")


def draw_chunks(
    animals: int, *, seed: int, days: int, size: int, varied: Sequence[str] = Parameters._fields
) -> Iterator[Cohort]:
    """Draw a cohort chunk by chunk; together the chunks equal the cohort drawn at once.

    Parameters
    ----------
    animals, seed, days
        As for `draw_cohort`.
    size
        Rats per chunk; the last may have fewer.
    varied
        Names of the parameters in which rats differ; the columns of the others are 0. Those of drugs follow
        those of the rat.

    Yields
    ------
    Cohort
        The next rats.
    """
    if animals <= min(size, FEW_ANIMALS):
        yield _few(int(animals), int(seed), days, tuple(varied))
        return
    streams = _Streams(seed, days, varied)
    for first in range(0, animals, size):
        yield replace(streams.draw(min(size, animals - first)), first=first)


@lru_cache(maxsize=8)
def _few(animals: int, seed: int, days: int, varied: tuple[str, ...]) -> Cohort:
    cohort = _Streams(seed, days, varied).draw(animals)
    for values in (cohort.differences, cohort.observer, cohort.death):
        values.flags.writeable = False
    return cohort


class _Streams:
    """One stream per parameter and day, in which rat number i has the i-th draw.

    So a rat is independent of the numbers of rats, days and parameters, and of their order.
    """

    def __init__(self, seed: int, days: int, varied: Sequence[str]) -> None:
        self.names = tuple(dict.fromkeys((*Parameters._fields, *varied)))
        self.differences = {
            self.names.index(name): random_stream(seed, _DIFFERENCES, name) for name in varied
        }
        self.observer = [random_stream(seed, _OBSERVER, str(day)) for day in range(days)]
        self.death = random_stream(seed, _DEATH, "")

    def draw(self, rats: int) -> Cohort:
        """Draw the next rats."""
        differences = np.zeros((len(self.names), rats))
        for place, stream in self.differences.items():
            stream.standard_normal(out=differences[place])
        observer = np.empty((len(self.observer), rats))
        for day, stream in enumerate(self.observer):
            stream.standard_normal(out=observer[day])
        death = self.death.standard_exponential(rats)
        return Cohort(differences.T, np.ascontiguousarray(observer.T), death, names=self.names)


def random_stream(seed: int, purpose: int, name: str) -> np.random.Generator:
    """Return the stream of one purpose and name, in which subject number i has the i-th draw."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(purpose, crc32(name.encode()))))


def rat_members(rats: int, *, members: int, first: int = 0) -> npt.NDArray[np.int64]:
    """Return the parameter set of each rat, assigned in turn.

    Parameters
    ----------
    rats
        Number of rats.
    members
        Number of parameter sets.
    first
        Number of the first rat.

    Examples
    --------
    >>> rat_members(5, members=3).tolist()
    [0, 1, 2, 0, 1]
    """
    return np.arange(first, first + rats, dtype=np.int64) % members


def individual_parameters(
    parameters: Parameters, *, entries: Mapping[str, Parameter], differences: Floats
) -> Floats:
    """Return the parameters of each rat, shape (rats, parameters).

    Parameters
    ----------
    parameters
        Values of the typical rat.
    entries
        Every parameter's `spread`: the coefficient of variation of a log-normal; for a fraction, a
        dimensionless parameter with bounds within 0 and 1, of a logit-normal. 0 stays 0. The parameter
        `animal_spread` scales all deviates except those of drugs.
    differences
        Standard normal deviates, shape (rats, parameters).
    """
    return np.asarray(population_parameters([parameters], entries=entries, differences=differences)[0])


def population_parameters(
    typical: Sequence[Parameters], *, entries: Mapping[str, Parameter], differences: Floats
) -> Floats:
    """Return the parameters of rats around several typical ones.

    Parameters
    ----------
    typical
        Values of each typical rat.
    entries
        As for `individual_parameters`.
    differences
        Standard normal deviates, shape (rats, parameters) if they are the same for all typical rats, else
        (typical rats, rats, parameters).

    Returns
    -------
    array
        Shape (typical rats, rats, parameters).
    """
    around = np.array(typical, dtype=np.float64)
    values = np.repeat(around[:, None, :], differences.shape[-2], axis=1)
    names = typical[0]._fields
    _vary(values, names, entries=entries, differences=differences, scale=around[:, _SCALE, None])
    return values


def member_parameters(
    typical: Sequence[Parameters],
    member: npt.NDArray[np.int64],
    *,
    entries: Mapping[str, Parameter],
    differences: Floats,
) -> Floats:
    """Return the parameters of rats of several parameter sets, shape (rats, parameters).

    Parameters
    ----------
    typical
        Values of the typical rat of each set.
    member
        Parameter set of each rat.
    entries
        As for `individual_parameters`.
    differences
        Standard normal deviates, shape (rats, parameters).
    """
    values = np.array(typical, dtype=np.float64)[member]
    names, scale = typical[0]._fields, values[:, _SCALE].copy()
    _vary(values, names, entries=entries, differences=differences, scale=scale)
    return values


def _vary(
    values: Floats,
    names: Sequence[str],
    *,
    entries: Mapping[str, Parameter],
    differences: Floats,
    scale: Floats,
) -> None:
    """Replace typical values of rats, shape (..., parameters), by the rats' own."""
    for place, name in enumerate(names):
        entry, value = entries[name], values[..., place].copy()
        if entry.spread == 0 or not value.any():
            continue
        deviate = differences[..., place] * (1.0 if entry.kind == "drug" else scale)
        varied = value * exp(math.sqrt(log1p(entry.spread**2)) * deviate)
        if is_fraction(entry):
            inside = (value > 0) & (value < 1)
            safe = np.where(inside, value, 0.5)
            # The logistic function of logit(safe) plus the deviate, without a logarithm.
            odds_against = (1.0 - safe) * exp(-entry.spread / (1.0 - safe) * deviate)
            varied = np.where(inside, safe / (safe + odds_against), varied)
        values[..., place] = varied


def is_fraction(entry: Parameter) -> bool:
    """Return whether animals differ in a parameter as in a fraction, staying within 0 and 1."""
    return entry.unit == "dimensionless" and entry.low >= 0 and entry.high <= 1
