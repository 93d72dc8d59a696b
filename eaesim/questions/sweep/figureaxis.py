"""The axis of a path: the position and label of each of its values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from eaesim.endpoints import Floats
from eaesim.protocol.path import StudyPath
from eaesim.protocol.values import Range
from eaesim.questions.sweep.result import Swept
from eaesim.workbench.figure.style import TEXT

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_QUANTITY = re.compile(r"([-+]?[\d.]+(?:[eE][-+]?\d+)?) (\D.*)")
# A list of numbers that spans this ratio, each step at least doubling, is read as ratios.
WIDE, DOUBLING = 8.0, 1.5


@dataclass(frozen=True)
class PathAxis:
    """One path as an axis.

    Attributes
    ----------
    label
        The path, with its unit.
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

        axes.set_xlabel(self.label, fontsize=TEXT)
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
        return PathAxis(path.text, places, names, log=False)
    unit = unit or _unit(result, path)
    label = path.text if unit in ("", "dimensionless") else f"{path.text} ({unit})"
    return PathAxis(label, numbers, (), log=_log(result, path, numbers))


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
        return "day" if path.keys[-1] in ("day", "after", "until") else ""
    unit = result.plan.study.rat.entries[str(path.keys[1])].unit
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
