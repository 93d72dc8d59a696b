"""A network that knows what a simulator would read: places in the prior to readings, whatever was published.

It never sees the published values, so one emulator serves every set of rows of the same readings. Shares are
learnt by cross-entropy, numbers in units of their row's error, and for each its probability of having a
value at all.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from types import ModuleType
from typing import NamedTuple, TypeAlias, TypedDict

import numpy as np
import numpy.typing as npt

from eaesim.endpoints import Floats
from eaesim.errors import missing_library
from eaesim.estimation.target import USUAL_ANIMALS, Target

#: An array in single precision; in a compiled program JAX's own, which is used in the same way.
Narrow: TypeAlias = npt.NDArray[np.float32]

#: Residual layers and their width.
LAYERS, WIDTH = 3, 256
_BATCH, _RATE, _DECAY = 256, 2e-3, 1e-4
# Programs are compiled for each shape and kept: numbers of batches and of sets are rounded to few shapes.
_BATCHES_ALIKE, _SETS_ALIKE = 8, 2_048
# A number farther off than so many errors counts in proportion, not as a square.
_FAR = 4.0
# Every so many sets one is kept out of training, to see how far off the network is.
_HELD_OUT = 10
# A share on the logit scale stays within this.
_LARGEST_LOGIT = 7.0
# Scales a uniform distribution from 0 to 1 to standard deviation 1.
_STRETCH = float(np.sqrt(12))


def libraries() -> tuple[ModuleType, ModuleType, ModuleType]:
    """Return JAX, Optax and NumPyro.

    Raises
    ------
    MissingLibraryError
        If one is not installed.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what they say on import is for their developers
            import jax
            import numpyro
            import optax
    except ImportError as error:
        purpose = "a fit that starts from an emulator (from the prior it does not: --start prior)"
        raise missing_library(purpose, str(error.name), extra="fit") from error
    return jax, optax, numpyro


def narrow(values: npt.ArrayLike) -> Narrow:
    """Return an array in single precision, as the network counts."""
    return np.asarray(values, dtype=np.float32)


@dataclass(frozen=True)
class Readings:
    """The different readings of some rows.

    Attributes
    ----------
    columns
        The first row of each reading.
    of_row
        Which reading each row has.
    share
        Whether it is a share, which is learnt and compared on the logit scale.
    unit
        The smallest error of its rows, on their scale.
    """

    columns: npt.NDArray[np.int64]
    of_row: npt.NDArray[np.int64]
    share: npt.NDArray[np.bool_]
    unit: Floats

    def on_scale(self, values: Floats) -> Floats:
        """Return readings, shape (sets, readings), on the scale on which they are compared."""
        inner = np.where(self.share & np.isfinite(values), values, 0.5)
        inner = (inner * USUAL_ANIMALS + 0.5) / (USUAL_ANIMALS + 1)
        return np.where(self.share & np.isfinite(values), np.log(inner / (1 - inner)), values)


def different_readings(targets: Sequence[Target]) -> Readings:
    """Return the different readings of some rows.

    Examples
    --------
    >>> row = Target(finding="A1", experiment="lewis", reading="peak_score", low=1, high=1, laboratory=0.5)
    >>> different_readings([row, row]).of_row.tolist()
    [0, 0]
    """
    first: dict[tuple[str, str, str], int] = {}
    for place, target in enumerate(targets):
        first.setdefault((target.experiment, target.reading, target.scale), place)
    number = {key: place for place, key in enumerate(first)}
    of_row = np.array([number[each.experiment, each.reading, each.scale] for each in targets])
    spread = np.array([target.spread for target in targets])
    unit = np.array([spread[of_row == each].min() for each in range(len(first))])
    share = np.array([targets[row].scale == "logit" for row in first.values()])
    return Readings(np.array(list(first.values())), of_row, share, unit)


class Arrays(TypedDict):
    """What a network needs to say a reading, as arrays."""

    weights: tuple[Narrow, ...]
    centre: Narrow
    spread: Narrow
    share: npt.NDArray[np.bool_]


class Scale(TypedDict):
    """How its loss weighs each reading."""

    spread: Narrow
    unit: Narrow
    share: npt.NDArray[np.bool_]


#: Weights in training, with what the optimiser remembers of them; and which sets it sees in which order.
State: TypeAlias = tuple[tuple[Narrow, ...], object]
Orders: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Emulator:
    """A network that was trained.

    Attributes
    ----------
    readings
        What it emulates.
    weights
        Weights of its layers, from the first to the last: a matrix and a vector each.
    centre, spread
        Mean and SD of the numbers that it was trained on first, in their units.
    residual
        Standard deviation of what it is off by in sets that it has not seen, on the scale of each reading.
    """

    readings: Readings
    weights: tuple[Narrow, ...]
    centre: Floats
    spread: Floats
    residual: Floats

    @property
    def numbers(self) -> int:
        """How many numbers a place has."""
        return int(self.weights[0].shape[0])

    def arrays(self) -> Arrays:
        """Return what `predicted` needs, as arrays."""
        return {
            "weights": self.weights,
            "centre": narrow(self.centre * self.readings.unit),
            "spread": narrow(self.spread * self.readings.unit),
            "share": self.readings.share,
        }

    def values(self, places: Floats) -> Floats:
        """Return the readings at places, shape (sets, readings); NaN where none is likely."""
        found = _compiled().predicted(self.arrays(), _padded(narrow(places), 64))
        value, known = (np.asarray(each, dtype=np.float64)[: len(places)] for each in found)
        value = np.where(self.readings.share, 1 / (1 + np.exp(-value)), value)
        return np.where(known > 0, value, np.nan)


def predicted(arrays: Arrays, places: Narrow) -> tuple[Narrow, Narrow]:
    """Return readings on their scale, and the logit of how likely each is to have a value."""
    jax, _, _ = libraries()
    out, logit = _outputs(arrays["weights"], places)
    number = arrays["centre"] + arrays["spread"] * out
    inside = jax.numpy.clip(out, -_LARGEST_LOGIT, _LARGEST_LOGIT)
    return jax.numpy.where(arrays["share"], inside, number), logit


def _outputs(weights: tuple[Narrow, ...], places: Narrow) -> tuple[Narrow, Narrow]:
    jax, _, _ = libraries()
    jnp, gelu = jax.numpy, jax.nn.gelu
    layers = list(zip(weights[::2], weights[1::2], strict=True))
    state = gelu((places - 0.5) * _STRETCH @ layers[0][0] + layers[0][1])
    for matrix, vector in layers[1:-1]:
        state = state + gelu(state @ matrix + vector)
    out, logit = jnp.split(state @ layers[-1][0] + layers[-1][1], 2, axis=-1)
    return out, logit


def train(
    places: Floats,
    values: Floats,
    readings: Readings,
    *,
    epochs: int,
    seed: int,
    newest: int = 0,
    before: Emulator | None = None,
) -> Emulator:
    """Train an emulator on simulated sets.

    Parameters
    ----------
    places
        In the unit cube, shape (sets, numbers).
    values
        What was read of them, shape (sets, readings); NaN where there is no value.
    readings
        What is emulated.
    epochs
        How often each set is seen.
    seed
        Random seed of the first weights and of the order.
    newest
        How many sets, the last ones, tell how far off the network is; by default all.
    before
        An emulator to continue from.

    Examples
    --------
    >>> row = Target(finding="A1", experiment="a", reading="b", low=1, high=1, laboratory=0.1)
    >>> places = np.random.default_rng(1).random((2_000, 2))
    >>> found = train(places, places[:, :1] ** 2, different_readings([row]), epochs=30, seed=1)
    >>> bool(abs(found.values(np.array([[0.5, 0.5]]))[0, 0] - 0.25) < 0.02)
    True
    """
    jax, _, _ = libraries()
    random = np.random.default_rng([seed, 21])
    held = np.zeros(len(places), dtype=bool)
    held[len(places) - (newest or len(places)) :: _HELD_OUT] = True
    centre, spread = (before.centre, before.spread) if before else _spread(values, readings)
    weights = before.weights if before else _first_weights(random, places.shape[1], values.shape[1])
    scaled = np.where(readings.share, values, (values / readings.unit - centre) / spread)
    known = np.isfinite(values)
    seen = [narrow(each[~held]) for each in (places, np.where(known, scaled, 0.0), known)]
    count = len(seen[0])
    each: Scale = {"spread": narrow(spread), "unit": narrow(readings.unit), "share": readings.share}
    batches, size = max(1, count // _BATCH), min(_BATCH, count)
    batches -= batches % _BATCHES_ALIKE if batches > _BATCHES_ALIKE else 0
    programs = _compiled()
    state = programs.begin(tuple(map(jax.numpy.asarray, weights)))
    # The order names no set that pads.
    data = tuple(jax.numpy.asarray(_padded(each, _SETS_ALIKE)) for each in seen)
    for epoch in range(epochs):
        order = random.permutation(count)[: batches * size].reshape(batches, size)
        done = (epoch + np.arange(batches) / batches) / epochs
        rates = _RATE * np.minimum(1.0, 20 * done + 0.02) * 0.5 * (1 + np.cos(np.pi * done))
        state = programs.epoch(state, data, order, narrow(rates), each)
    found = Emulator(
        readings, tuple(np.asarray(one) for one in state[0]), centre, spread, np.zeros(len(readings.unit))
    )
    return _with_residual(found, places[held], values[held])


def _padded(rows: Narrow, alike: int) -> Narrow:
    """Return rows with the last one repeated, until their number is a multiple."""
    return np.pad(rows, ((0, -len(rows) % alike), (0, 0)), mode="edge") if len(rows) else rows


def _spread(values: Floats, readings: Readings) -> tuple[Floats, Floats]:
    """Return the middle of the numbers, and how far apart they are, in units; 0 and 1 for shares."""
    scaled = values / readings.unit
    some = np.isfinite(scaled).any(axis=0)
    scaled = np.where(some, scaled, 0.0)
    low, centre, high = np.nanpercentile(scaled, [16, 50, 84], axis=0)
    return np.where(readings.share, 0.0, centre), np.where(readings.share, 1.0, 0.5 * (high - low) + 0.5)


def _first_weights(random: np.random.Generator, numbers: int, readings: int) -> tuple[Narrow, ...]:
    sizes = [numbers, *[WIDTH] * (LAYERS + 1), 2 * readings]
    weights: list[Floats] = []
    for before, after in pairwise(sizes):
        weights += [random.standard_normal((before, after)) / np.sqrt(before), np.zeros(after)]
    weights[-2] = 0.1 * weights[-2]
    return tuple(narrow(each) for each in weights)


def _with_residual(found: Emulator, places: Floats, values: Floats) -> Emulator:
    """Return the emulator with what it is off by in sets that it has not seen."""
    off = found.readings.on_scale(found.values(places)) - found.readings.on_scale(values)
    known = np.isfinite(off)
    most = 3 * _FAR * found.readings.unit
    square = np.where(known, np.clip(np.where(known, off, 0.0), -most, most) ** 2, 0.0).sum(axis=0)
    residual = np.sqrt(square / np.maximum(known.sum(axis=0), 1))
    return Emulator(found.readings, found.weights, found.centre, found.spread, residual)


def _loss(weights: tuple[Narrow, ...], batch: tuple[Narrow, ...], each: Scale) -> Narrow:
    jax, optax, _ = libraries()
    jnp = jax.numpy
    places, values, known = batch
    out, logit = _outputs(weights, places)
    shares = optax.sigmoid_binary_cross_entropy(out, values) / (0.2 * jnp.minimum(each["unit"], 1.0) ** 2)
    numbers = optax.huber_loss(out * each["spread"], values * each["spread"], delta=_FAR)
    either: Narrow = jnp.where(each["share"], shares, numbers)
    there = optax.sigmoid_binary_cross_entropy(logit, known)
    loss: Narrow = (known * either + there).sum(axis=1).mean()
    return loss


class _Programs(NamedTuple):
    predicted: Callable[[Arrays, Narrow], tuple[Narrow, Narrow]]
    begin: Callable[[tuple[Narrow, ...]], State]
    epoch: Callable[[State, tuple[Narrow, ...], Orders, Narrow, Scale], State]


@cache
def _compiled() -> _Programs:
    """Return the programs of this module."""
    jax, optax, _ = libraries()
    adam = optax.chain(optax.clip_by_global_norm(1_000.0), optax.scale_by_adam(b2=0.99))

    def step(state: State, order: Orders, rate: float, data: tuple[Narrow, ...], each: Scale) -> State:
        weights, moments = state
        slope = jax.grad(_loss)(weights, tuple(one[order] for one in data), each)
        change, moments = adam.update(slope, moments)
        return jax.tree.map(lambda one, by: one - rate * (by + _DECAY * one), weights, change), moments

    def epoch(state: State, data: tuple[Narrow, ...], orders: Orders, rates: Narrow, each: Scale) -> State:
        def body(now: State, batch: tuple[Orders, float]) -> tuple[State, None]:
            return step(now, *batch, data, each), None

        last: State = jax.lax.scan(body, state, (orders, rates))[0]
        return last

    return _Programs(jax.jit(predicted), lambda weights: (weights, adam.init(weights)), jax.jit(epoch))
