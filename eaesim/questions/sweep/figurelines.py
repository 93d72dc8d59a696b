"""Lines and clouds of a sweep: a quantity against the values of one path."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from eaesim.endpoints import Floats, endpoint
from eaesim.evidence.setting import arm_setting, is_prediction
from eaesim.questions.sweep.figureaxis import PathAxis
from eaesim.questions.sweep.result import Swept
from eaesim.study.change import change_study
from eaesim.workbench.figure.endpointwords import effect_words
from eaesim.workbench.figure.lines import LOOKS, UNTESTED, Line
from eaesim.workbench.figure.page import MEAN, RULE, RULES, SECOND, WHISKER
from eaesim.workbench.figure.words import endpoint_words

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

# More dots hide each other; more values than bins are put together.
MOST_DOTS, MOST_MARKERS, BINS, IN_BIN = 1_500, 60, 12, 20
# Distance of the first and last arm from the middle of a word.
ASIDE = 0.2


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
