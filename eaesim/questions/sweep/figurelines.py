"""Lines and clouds of a sweep: a quantity against the values of one path, and the axis of that path."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from eaesim.endpoints import Floats, endpoint
from eaesim.evidence.setting import arm_setting, is_prediction
from eaesim.model.parameter_file import parameter_words
from eaesim.protocol.path import StudyPath
from eaesim.protocol.values import Range
from eaesim.questions.sweep.result import Swept
from eaesim.study.change import change_study
from eaesim.study.ensemble import ensemble_of
from eaesim.workbench.figure.lines import LOOKS, UNTESTED, Line
from eaesim.workbench.figure.page import MEAN, RULE, RULES, SECOND, WHISKER
from eaesim.workbench.figure.words import effect_words, endpoint_words

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

# More dots hide each other; more values than bins are put together.
MOST_DOTS, MOST_MARKERS, BINS, IN_BIN = 1_500, 60, 12, 20
# Distance of the first and last arm from the middle of a word.
ASIDE = 0.2
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


def _numbers(values: list[float | str]) -> tuple[Floats | None, str]:
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


@dataclass(frozen=True)
class Shown:
    """The quantity read from each row.

    Attributes
    ----------
    endpoint
        Its name.
    effect
        Whether the effect on it is shown, in percent, rather than its mean.
    dead
        The rule for the dead.
    """

    endpoint: str
    effect: bool
    dead: str = ""

    @property
    def label(self) -> str:
        """For an axis."""
        if self.effect:
            return effect_words(self.endpoint, dead=self.dead)
        return f"mean {endpoint_words(self.endpoint)}"

    @property
    def title(self) -> str:
        """What the endpoint is."""
        return endpoint(self.endpoint).title

    def read(self, rows: pd.DataFrame) -> tuple[Floats, Floats, Floats]:
        """Return the value, and the low and high end of its interval."""
        names = ("effect", "effect_low", "effect_high") if self.effect else ("mean", "low", "high")
        value, low, high = (rows[name].to_numpy() * (100.0 if self.effect else 1.0) for name in names)
        return value, low, high


def lines_of(
    result: Swept, rows: pd.DataFrame, *, path: PathAxis, shown: Shown, arms: Sequence[str], has_band: bool
) -> list[Line]:
    """Return for each arm a line, dashed where no experiment tested its dose, then what was tested of it.

    Only the first arm has a band.
    """
    lines: list[Line] = []
    for number, arm in enumerate(arms):
        own = rows[rows["arm"] == arm]
        order = np.argsort(path.places[(rows["arm"] == arm).to_numpy()], kind="stable")
        own = own.iloc[order]
        across = path.places[(rows["arm"] == arm).to_numpy()][order]
        value, low, high = shown.read(own)
        colour, _ = LOOKS[number % len(LOOKS)]
        label = arm if len(arms) > 1 else ""
        if path.names:
            middle = (len(arms) - 1) / 2
            beside = across + ASIDE * (number - middle) / max(middle, 1.0)
            lines.append(Line(beside, value, label, colour, width=0.0, low=low, high=high, mark="o"))
            continue
        tested = is_tested(result, arm, own["point"].tolist())
        dash = "-" if tested.all() else LOOKS[number % len(LOOKS)][1] if number else UNTESTED
        mark = "o" if (len(across) <= MOST_MARKERS and tested.all()) or len(across) == 1 else ""
        band = (low, high) if has_band and number == 0 else (None, None)
        lines.append(Line(across, value, label, colour, dash, low=band[0], high=band[1], mark=mark))
        if tested.any() and not tested.all():
            lines.append(Line(across, np.where(tested, value, np.nan), "", colour, mark="o"))
    return lines


def is_tested(result: Swept, arm: str, points: Sequence[int]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return at which points an experiment was done on such a dose; an arm without IVIG counts as tested."""
    plan, paths = result.plan, tuple(result.plan.points.values)
    found = []
    for point in points:
        study = change_study(plan.study, dict(zip(paths, plan.points.at(point), strict=True)))
        own = next(each for each in study.design.arms if each.name == arm)
        found.append(not is_prediction(arm_setting(own, design=study.design, strain=study.rat.strain)))
    return np.array(found, dtype=np.bool_)


def frame(axes: Axes, path: PathAxis, shown: Shown, values: Sequence[Floats]) -> None:
    """Set the axes: effects from 0 to 100, wider where something lies beyond."""
    path.scale(axes)
    axes.set_ylabel(shown.label.replace(" prevented", "\nprevented"))
    known = np.concatenate([each[np.isfinite(each)] for each in values])
    if not len(known):
        return
    low, high = float(known.min()), float(known.max())
    if shown.effect:
        axes.axhline(0, color=RULES, linewidth=RULE, zorder=1)
        axes.set_ylim(
            25 * np.floor(low / 25) if low < -4 else -4.0, 25 * np.ceil(high / 25) if high > 100.5 else 104
        )
    else:
        axes.set_ylim(min(0.0, 1.05 * low), 1.08 * high or 1.0)


def draw_whiskers(axes: Axes, lines: Sequence[Line]) -> None:
    """Draw the intervals of points that are not joined."""
    for one in lines:
        if one.low is not None and one.high is not None:
            axes.vlines(one.across, one.low, one.high, color=one.colour, linewidth=WHISKER, zorder=2)


def cloud_of(
    axes: Axes, rows: pd.DataFrame, *, path: PathAxis, shown: Shown, arms: Sequence[str]
) -> list[Line]:
    """Draw one dot per point for each arm, and return the mean over all else that varied."""
    lines: list[Line] = []
    for arm, (colour, dash) in zip(arms, LOOKS, strict=False):
        own = (rows["arm"] == arm).to_numpy()
        places, (value, _, _) = path.places[own], shown.read(rows[own])
        known = ~np.isnan(value)
        places, value = places[known], value[known]
        if not len(places):
            continue
        chosen = slice(None, None, -(-len(places) // MOST_DOTS))
        width = 0.3 if path.names else 0.0
        scatter = width * (np.arange(len(places)) * 0.618034 % 1 - 0.5)
        axes.plot(
            (places + scatter)[chosen],
            value[chosen],
            ".",
            color=colour,
            markersize=3,
            alpha=0.35,
            markeredgewidth=0,
            linewidth=0,
            zorder=2,
        )
        across, along = means_along(places, value, log=path.log)
        label = arm if len(arms) > 1 else ""
        lines.append(
            Line(across, along, label, colour, width=0.0, mark="o")
            if path.names
            else Line(across, along, label, colour, dash, SECOND if lines else MEAN)
        )
    return lines


def means_along(places: Floats, values: Floats, *, log: bool) -> tuple[Floats, Floats]:
    """Return means of values by place; of more than `BINS` places, by neighbours that are equally many.

    Examples
    --------
    >>> means_along(np.array([1.0, 2.0, 2.0]), np.array([1.0, 3.0, 5.0]), log=False)
    (array([1., 2.]), array([1., 4.]))
    """
    own = np.unique(places)
    if len(own) <= BINS:
        groups = [np.flatnonzero(places == place) for place in own]
    else:
        number = min(BINS, max(len(places) // IN_BIN, 2))
        groups = np.array_split(np.argsort(places, kind="stable"), number)
    middles = np.log(places) if log else places
    across = np.array([middles[group].mean() for group in groups if len(group)])
    along = np.array([values[group].mean() for group in groups if len(group)])
    return (np.exp(across) if log else across), along
