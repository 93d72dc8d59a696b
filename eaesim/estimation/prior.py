"""What is estimated, and what is thought possible before any data: each parameter's low to its high."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from eaesim.endpoints import Floats
from eaesim.errors import QuantityError, unknown_name
from eaesim.model import LEAN, Parameter, Parameters, Rat

DATA = Path(__file__).parent / "data"
SHARED = "shared"


@dataclass(frozen=True)
class Free:
    """One number that is estimated.

    Attributes
    ----------
    name
        The parameter.
    strain
        The strain it belongs to, or ``"shared"``.
    low, high
        Its bounds.
    """

    name: str
    strain: str
    low: float
    high: float

    @property
    def label(self) -> str:
        """Its name, with the strain where it has its own value."""
        return self.name if self.strain == SHARED else f"{self.strain}.{self.name}"

    def value(self, place: Floats) -> Floats:
        """Return the value at a place from 0 (low) to 1 (high): evenly in its logarithm where low is above 0.

        Examples
        --------
        >>> float(Free("treg_loss", "shared", 0.1, 10.0).value(np.array(0.5)))
        1.0
        """
        if self.low > 0:
            return np.asarray(self.low * (self.high / self.low) ** place)
        return np.asarray(self.low + (self.high - self.low) * place)

    def place(self, value: Floats) -> Floats:
        """Return the place from 0 to 1 of a value; the inverse of `value`."""
        if self.low > 0:
            return np.asarray(np.log(value / self.low) / np.log(self.high / self.low))
        return np.asarray((value - self.low) / (self.high - self.low))


@dataclass(frozen=True)
class Prior:
    """Independent priors of everything that is estimated.

    Attributes
    ----------
    rats
        The typical rats, by strain; parameters that are not estimated keep their values.
    free
        What is estimated.
    """

    rats: Mapping[str, Rat]
    free: tuple[Free, ...]

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The label of each number that is estimated."""
        return tuple(each.label for each in self.free)

    def values(self, places: Floats) -> Floats:
        """Return values from places of 0 to 1, shape (sets, numbers)."""
        return np.column_stack([each.value(places[:, column]) for column, each in enumerate(self.free)])

    def names(self, strain: str) -> tuple[str, ...]:
        """Return the parameters of a strain that are estimated."""
        return tuple(each.name for each in self.free if each.strain in (SHARED, strain))

    def columns(self, strain: str) -> list[int]:
        """Return the indices of a strain's parameters among the numbers."""
        return [place for place, each in enumerate(self.free) if each.strain in (SHARED, strain)]

    def parameters(self, values: Floats, *, strain: str, mechanism: str = "none") -> list[Parameters]:
        """Return the typical rat of a strain for each set of values, shape (sets, numbers)."""
        base, names = self.rats[strain].parameters(mechanism), self.names(strain)
        return [
            base._replace(**dict(zip(names, map(float, row), strict=True)))
            for row in values[:, self.columns(strain)]
        ]


def read_prior(
    rats: Mapping[str, Rat], *, fixed: Mapping[str, float] | None = None, path: Path | None = None
) -> Prior:
    """Return the prior of some strains together.

    Parameters
    ----------
    rats
        By strain.
    fixed
        Values of parameters that are not estimated but held, in all strains: 0 switches a part of the model
        off, for an ablation.
    path
        Names what is estimated; by default ``free.toml``, or ``free_lean.toml`` of lean rats.

    Raises
    ------
    UnknownNameError
        If a name there is not a parameter.
    QuantityError
        If lean rats are to be estimated together with others.

    Examples
    --------
    >>> from eaesim.model import load
    >>> prior = read_prior({"da": load("da")})
    >>> prior.labels[0], prior.labels[-1]
    ('antigen_clearance', 'da.autoantibody_damage')
    """
    content = tomllib.loads((path or _free_list(rats.values())).read_text(encoding="utf-8"))
    held = dict(fixed or {})
    rats = {strain: rat.with_values(held, source="held by the fit") for strain, rat in rats.items()}
    entries = next(iter(rats.values())).entries
    free = free_numbers(content["shared"], SHARED, entries)
    for strain in rats:
        free += free_numbers((*content["strain"], *content.get(strain, ())), strain, entries)
    return Prior(rats, tuple(each for each in free if each.name not in held))


def _free_list(rats: Iterable[Rat]) -> Path:
    """Return the file that names what is estimated of some rats."""
    lean = {bool(rat.off) for rat in rats}
    if len(lean) > 1:
        raise QuantityError(f"lean rats ({', '.join(LEAN)}) are estimated together, not with others.")
    return DATA / ("free_lean.toml" if lean == {True} else "free.toml")


def free_numbers(names: Iterable[str], strain: str, entries: Mapping[str, Parameter]) -> list[Free]:
    """Return parameters of a strain as numbers that are estimated between their bounds.

    Raises
    ------
    UnknownNameError
        If a name is not a parameter.
    """
    for name in names:
        if name not in entries:
            raise unknown_name(name, "parameter", entries)
    return [Free(name, strain, entries[name].low, entries[name].high) for name in names]
