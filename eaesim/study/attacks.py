"""Drawn attacks: those of patient number i depend on the seed and i alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from eaesim.endpoints import Floats
from eaesim.errors import ProtocolError
from eaesim.protocol.attacks import Attacks
from eaesim.study.cohort import random_stream

YEAR = 365.25
# Most attacks of one patient; more would mean a rate of no disease.
MOST = 20_000
_ATTACKS = 3


@dataclass(frozen=True)
class DrawnAttacks:
    """Attacks by patient, one column each in the order of their days; a day of infinity is none.

    Attributes
    ----------
    day
        Shape (patients, attacks).
    size
        Relative to one immunisation of a rat.
    in_lesion, microbial
        Whether it starts in a lesion, and whether IgG binds its adjuvant.
    """

    day: Floats
    size: Floats
    in_lesion: npt.NDArray[np.bool_]
    microbial: npt.NDArray[np.bool_]

    def rows(self, chosen: npt.NDArray[np.int64]) -> DrawnAttacks:
        """Return the attacks of some patients."""
        return DrawnAttacks(*(each[chosen] for each in vars(self).values()))

    def shifted(self, days: Floats) -> DrawnAttacks:
        """Return the same attacks on another clock, on which each happens so many days later."""
        return DrawnAttacks(self.day + days[:, None], self.size, self.in_lesion, self.microbial)

    def between(self, first: float, last: float) -> DrawnAttacks:
        """Return only the attacks from day `first` on, and before day `last`."""
        inside = (self.day >= first) & (self.day < last)
        day = np.where(inside, self.day, np.inf)
        order = np.argsort(day, axis=1, kind="stable")[:, : int(inside.sum(axis=1).max(initial=0))]
        rest = (self.size, self.in_lesion, self.microbial)
        return DrawnAttacks(*(np.take_along_axis(each, order, axis=1) for each in (day, *rest)))


def draw_attacks(
    settings: Sequence[Attacks], patients: int, *, seed: int, start: float, end: float
) -> DrawnAttacks:
    """Draw the attacks of patients, gap by gap: a later end adds attacks and changes none.

    Parameters
    ----------
    settings
        One for each parameter set; patient number i has that with index i modulo their number.
    patients
        Number of patients.
    seed
        Seed of the study.
    start, end
        First day, and the day before which attacks are drawn.

    Raises
    ------
    ProtocolError
        If a patient would have more attacks than can be simulated.

    Examples
    --------
    >>> process = Attacks(rate=10, dispersion=1, lasting=548, size=0.25, spread=0.8)
    >>> short = draw_attacks([process], 50, seed=1, start=0, end=100).day
    >>> long = draw_attacks([process], 90, seed=1, start=0, end=300).between(0, 100).day[:50]
    >>> bool((short[short < 100] == long[long < 100]).all())
    True
    """
    value = _values(settings, patients)
    clock = _Clock(value, patients, seed=seed, start=start, end=end)
    columns: list[tuple[npt.NDArray[np.float64 | np.bool_], ...]] = []
    load = np.zeros(patients)
    while True:
        number = len(columns)
        load = load + _stream(seed, f"gap {number}").standard_exponential(patients)
        day = clock.day(load)
        if not (day < end).any():
            break
        if number == MOST:
            raise ProtocolError(f"a patient has more than {MOST:,} attacks; lower the rate, or end earlier.")
        columns.append((np.where(day < end, day, np.inf), *_kinds(value, number, patients, seed=seed)))
    if not columns:
        none = np.empty((patients, 0))
        return DrawnAttacks(none, none, none.astype(bool), none.astype(bool))
    return DrawnAttacks(*(np.stack(each, axis=1) for each in zip(*columns, strict=True)))


def one_attack(settings: Sequence[Attacks], patients: int, *, seed: int, day: float) -> DrawnAttacks:
    """Return one attack of each patient on the same day, with the size and kind of its first drawn one.

    Examples
    --------
    >>> process = Attacks(rate=10, dispersion=1, lasting=548, size=0.25, spread=0)
    >>> one_attack([process], 2, seed=1, day=60).size.tolist()
    [[0.25], [0.25]]
    """
    size, lesion, microbial = _kinds(_values(settings, patients), 0, patients, seed=seed)
    days = np.full((patients, 1), float(day))
    return DrawnAttacks(days, size[:, None], lesion[:, None], microbial[:, None])


def _values(settings: Sequence[Attacks], patients: int) -> dict[str, Floats]:
    """Return each setting of every patient."""
    own = np.arange(patients) % len(settings)
    return {name: np.array([getattr(each, name) for each in settings])[own] for name in vars(settings[0])}


def _kinds(
    value: dict[str, Floats], number: int, patients: int, *, seed: int
) -> tuple[Floats, npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Return size, place and kind of the attack with this number of every patient."""
    size = value["size"] * np.exp(value["spread"] * _stream(seed, f"size {number}").standard_normal(patients))
    lesion = _stream(seed, f"place {number}").random(patients) < value["from_lesion"]
    return size, lesion, _stream(seed, f"kind {number}").random(patients) < value["microbial"]


class _Clock:
    """Days on which the summed rate of each patient reaches a number of attacks."""

    def __init__(
        self, value: dict[str, Floats], patients: int, *, seed: int, start: float, end: float
    ) -> None:
        edges, sums = [np.full(patients, start)], [np.zeros(patients)]
        rates: list[Floats] = []
        while (edges[-1] < end).any():
            number = len(rates)
            shape = value["dispersion"]
            draw = _stream(seed, f"rate {number}")
            rates.append(value["rate"] / YEAR * _gamma(draw, shape))
            kept = value["lasting"] * _stream(seed, f"kept {number}").standard_exponential(patients)
            edges.append(edges[-1] + kept)
            sums.append(sums[-1] + kept * rates[-1])
        self.edges, self.sums, self.rates = edges, sums, rates

    def day(self, load: Floats) -> Floats:
        """Return the day on which the summed rate is `load`; infinity past the last of the stretches."""
        day = np.full(len(load), np.inf)
        with np.errstate(divide="ignore", invalid="ignore"):
            for place in range(len(self.rates) - 1, -1, -1):
                inside = (load >= self.sums[place]) & (load < self.sums[place + 1])
                found = self.edges[place] + (load - self.sums[place]) / self.rates[place]
                day = np.where(inside, found, day)
        return day


def _gamma(draw: np.random.Generator, shape: Floats) -> Floats:
    """Return gamma variates of mean 1, by the quantile of a uniform number: the same one for any shape."""
    from scipy.special import gammaincinv

    return np.asarray(gammaincinv(shape, draw.random(len(shape))) / shape)


def _stream(seed: int, name: str) -> np.random.Generator:
    return random_stream(seed, _ATTACKS, name)
