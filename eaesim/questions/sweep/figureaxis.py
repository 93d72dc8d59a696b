"""The axis of a path: the position and label of each of its values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from eaesim.endpoints import Floats
from eaesim.model.parameter_file import parameter_words
from eaesim.protocol.path import StudyPath
from eaesim.protocol.values import Range
from eaesim.questions.sweep.result import Swept
from eaesim.study.ensemble import ensemble_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_QUANTITY = re.compile(r"([-+]?[\d.]+(?:[eE][-+]?\d+)?) (\D.*)")
# Words for the last key of a path.
_OF_ARMS = {"day": "dosing day", "after": "days after the sign", "until": "last day", "every": "days between"}
_OF_INDUCTIONS = {"day": "day of induction", "amount": "amount of induction", "cells": "cells of induction"}
# A list of numbers that spans this ratio, each step at least doubling, is read as ratios.
WIDE, DOUBLING = 8.0, 1.5


@dataclass(frozen=True)
class PathAxis:
    """One path as an axis.

    Attributes
    ----------
    label
        What the path leads to, in words, with its unit.
    places
        Position of the value of each row.
    names
        Labels at 0, 1, 2, ... where values are words; empty for numbers.
    log
        Whether equal steps are equal ratios.
    """

    label: str
    places: Floats
    names: tuple[str, ...]
    log: bool

    def scale(self, axes: Axes) -> None:
        """Set the horizontal axis."""
        from matplotlib.ticker import MaxNLocator

        axes.set_xlabel(self.label)
        if self.names:
            axes.set_xticks(range(len(self.names)), [short_name(name) for name in self.names])
            axes.set_xlim(-0.5, len(self.names) - 0.5)
        elif self.log:
            axes.set_xscale("log")
            axes.xaxis.set_major_formatter("{x:g}")
        elif (self.places == self.places.round()).all():
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))


def path_axis(result: Swept, path: StudyPath, values: pd.Series) -> PathAxis:
    """Return the axis of a path.

    Parameters
    ----------
    result
        Has the unit of a parameter, and the scale of a range.
    path
        The path.
    values
        Its values, a row each.
    """
    numbers, unit = _numbers(values.tolist())
    if numbers is None:
        names = tuple(dict.fromkeys(str(value) for value in values))
        listed = result.plan.points.values[path].listed
        names = tuple(sorted(names, key=[str(value) for value in listed].index)) if listed else names
        places = np.array([names.index(str(value)) for value in values], dtype=np.float64)
        return PathAxis(path_words(result, path), places, names, log=False)
    unit, words = unit or _unit(result, path), path_words(result, path)
    label = words if unit in ("", "dimensionless") else f"{words} ({unit})"
    return PathAxis(label, numbers, (), log=_log(result, path, numbers))


def path_words(result: Swept, path: StudyPath) -> str:
    """Return what a path leads to, in words; with its arm, where several arms are treated."""
    last = str(path.keys[-1])
    if path.parameter:
        is_half = path.parameter != path.keys[1]
        return "IVIG for half block" if is_half else parameter_words(path.parameter)
    if path.keys[0] == "induction":
        return f"{_OF_INDUCTIONS.get(last, last)} {int(path.keys[1]) + 1}"
    words = _OF_ARMS.get(last, last)
    return f"{words}, {path.keys[1]}" if path.keys[0] == "arm" and len(result.plan.treated) > 1 else words


def posterior_range(result: Swept, path: StudyPath) -> tuple[float, float] | None:
    """Return the 95 % range of a parameter over the parameter sets of the rat; None for another path."""
    ensemble = ensemble_of(result.plan.study.rat) if path.parameter and "rat" not in result.paths else None
    if ensemble is None or path.keys[1] not in ensemble.names:
        return None
    ensemble = ensemble.given(result.plan.study.design.mechanism)
    values = ensemble.values[:, ensemble.names.index(str(path.keys[1]))]
    order = np.argsort(values)
    reached = np.cumsum(ensemble.weight[order]) - 0.5 * ensemble.weight[order]
    low, high = np.interp([0.025, 0.975], reached / ensemble.weight.sum(), values[order]).tolist()
    # A half-blocking concentration is one over a strength.
    return (low, high) if path.parameter == path.keys[1] else (1 / high, 1 / low)


def _numbers(values: list[object]) -> tuple[Floats | None, str]:
    """Return the numbers in front of the same words, with these words; None where values are words."""
    if all(isinstance(value, int | float) for value in values):
        return np.array(values, dtype=np.float64), ""
    matches = [_QUANTITY.fullmatch(str(value)) for value in values]
    units = {match[2] if match else None for match in matches}
    unit = next(iter(units))
    if len(units) > 1 or unit is None:
        return None, ""
    return np.array([float(match[1]) for match in matches if match]), unit


def _unit(result: Swept, path: StudyPath) -> str:
    if not path.parameter:
        return ""
    unit = result.plan.study.rat.entry(str(path.keys[1])).unit
    if path.parameter == path.keys[1]:
        return unit
    above, _, below = unit.partition("/")  # an IC50 is one over a potency
    return f"{below}/{above}" if below and "/" not in below else f"1/({unit})"


def _log(result: Swept, path: StudyPath, numbers: Floats) -> bool:
    values = result.plan.points.values[path]
    if isinstance(values, Range):
        return values.scale == "log"
    own = np.unique(numbers)
    return bool(
        len(own) > 2 and own[0] > 0 and own[-1] / own[0] >= WIDE and (own[1:] / own[:-1]).min() >= DOUBLING
    )


def short_name(name: str) -> str:
    """Return a value in words as far as it fits under a tick."""
    return name if len(name) <= 14 else f"{name[:13]}…"
