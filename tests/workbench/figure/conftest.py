from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text

from eaesim.evidence.setting import is_prediction
from eaesim.model import load
from eaesim.protocol import Arm, Bolus, Immunisation, Relapse
from eaesim.questions.timing.answer import Panel, Timing
from eaesim.questions.timing.panel import ENDPOINTS_AROUND
from eaesim.study import Result, Study
from eaesim.workbench.figure.page import DOUBLE, HIGHEST, SINGLE, SMALLEST

# Of what is drawn on white: letters, and lines that are read.
LETTERS, LINES = 4.5, 3.0
DAYS = (-7.0, -3.0, 0.0, 4.0, 8.0, 14.0)


def immunisation_panel(rat: str = "lewis") -> Panel:
    return Panel(load(rat), "immunisation", "complete", onset=11.5, control=2.8)


def relapse_panel(adjuvant: str = "none", *, control: float = 1.5) -> Panel:
    return Panel(load("da"), "relapse", adjuvant, onset=8.0, control=control)


@pytest.fixture(scope="session")
def make_timing() -> Callable[..., Timing]:
    """Build a timing from nothing but numbers that are told apart by panel, mechanism, dose and day."""

    def make(
        panels: Sequence[Panel] = (),
        *,
        mechanisms: Sequence[str] = ("H1a",),
        doses: Sequence[str] = ("1 g/kg",),
        days: Sequence[float] = DAYS,
        failed: int = 0,
    ) -> Timing:
        panels = tuple(panels) or (immunisation_panel(),)
        random = np.random.default_rng(1)
        rows = []
        for panel in panels:
            for mechanism in mechanisms:
                for dose in doses:
                    for day, setting in panel.settings(days, dose=1000).items():
                        own = () if panel.relapse else ("mean_score[:30]",)
                        for endpoint in (*ENDPOINTS_AROUND[panel.around], *own):
                            effect = np.nan if panel.empty else random.uniform(0, 0.9)
                            rows.append(
                                {
                                    "rat": panel.rat.name,
                                    "mechanism": mechanism,
                                    "around": panel.around,
                                    "adjuvant": panel.adjuvant,
                                    "dose": dose,
                                    "day": day,
                                    "endpoint": endpoint,
                                    "treated": 1.0,
                                    "control": 2.0,
                                    "effect": effect,
                                    "effect_low": effect - 0.1,
                                    "effect_high": effect + 0.1,
                                    "animals": 5,
                                    "failed": failed,
                                    "prediction": is_prediction(setting),
                                }
                            )
        return Timing(pd.DataFrame(rows), panels, animals=5, seed=1, dead="score")

    return make


@pytest.fixture(scope="session")
def default_timing(make_timing: Callable[..., Timing]) -> Timing:
    return make_timing(
        [immunisation_panel(), immunisation_panel("da"), relapse_panel("none"), relapse_panel("complete")]
    )


@pytest.fixture(scope="session")
def result() -> Result:
    ivig = Bolus("1 g/kg")
    arms = [
        Arm("vehicle"),
        Arm("before", ivig.at(day=-2)),
        Arm("twice", Bolus("0.4 g/kg", every="7 day", doses=2).at(day=0)),
        Arm("at onset", ivig.at(onset="score >= 1", after=1)),
    ]
    return Study("lewis", until=20, arms=arms).run(animals=3, seed=8, members=1)


@pytest.fixture(scope="session")
def relapse_result() -> Result:
    return Study(
        "da",
        until=50,
        inductions=[Immunisation(day=0), Relapse(35)],
        arms=[
            Arm("vehicle"),
            Arm("at relapse induction", Bolus("1 g/kg").at(day=35)),
            Arm("at relapse", Bolus("1 g/kg").at(relapse="score rise >= 1")),
        ],
    ).run(animals=3, seed=8, members=1)


@pytest.fixture(scope="session")
def texts() -> Callable[[Figure], list[str]]:
    """Return every text of a figure that is not empty."""
    return lambda figure: [text.get_text() for text in figure.findobj(Text) if text.get_text()]


@pytest.fixture(scope="session")
def collisions() -> Callable[[Figure], list[str]]:
    """Return a line for every two texts that overlap and every text that leaves the figure."""

    def find(figure: Figure) -> list[str]:
        figure.draw_without_rendering()  # it lays out all that it would draw
        # Tick labels beyond the ends of an axis exist, but are not drawn.
        axis = [one for axes in figure.axes for one in (axes.xaxis, axes.yaxis)]
        beyond = {
            tick.label1
            for one in axis
            for tick in one.majorTicks
            if not min(one.get_view_interval()) <= tick.get_loc() <= max(one.get_view_interval())
        }
        boxes = [
            (text.get_text().replace("\n", " "), text.get_window_extent().extents.tolist())
            for text in figure.findobj(Text)
            if text not in beyond and text.get_visible() and text.get_text().strip()
        ]
        width, height = figure.bbox.width, figure.bbox.height
        found = [
            f"{text!r} leaves the figure"
            for text, (left, bottom, right, top) in boxes
            if left < 0 or bottom < 0 or right > width or top > height
        ]
        for (one, box), (other, another) in combinations(boxes, 2):
            left, bottom, right, top = box
            if (
                min(right, another[2]) - max(left, another[0]) > 1
                and min(top, another[3]) - max(bottom, another[1]) > 1
            ):
                found.append(f"{one!r} on {other!r}")
        return found

    return find


@pytest.fixture(scope="session")
def page_faults(collisions: Callable[[Figure], list[str]]) -> Callable[[Figure], list[str]]:
    """Return a line for everything that breaks the style of a page."""

    def find(figure: Figure) -> list[str]:
        width, height = 25.4 * figure.get_size_inches()
        found = collisions(figure)
        if min(abs(width - SINGLE), abs(width - DOUBLE)) > 0.01 or height > HIGHEST + 0.01:
            found.append(f"the page is {width:.1f} mm wide and {height:.1f} mm high")
        for text in figure.findobj(Text):
            if text.get_text() and text.get_visible():
                if text.get_fontsize() < SMALLEST:
                    found.append(f"{text.get_text()!r} is small")
                if _contrast(text.get_color(), text.get_alpha()) < LETTERS:
                    found.append(f"{text.get_text()!r} is pale")
        for axes in figure.axes:
            for line in axes.lines:
                name = f"line {line.get_label()} of {axes.get_ylabel()!r}"
                if line.get_linewidth() >= 1 and _contrast(line.get_color(), line.get_alpha()) < LINES:
                    found.append(f"{name} is pale")
                if line.get_transform() == axes.transData and len(line.get_xdata()):
                    for values, ends in (
                        (line.get_xdata(), axes.get_xlim()),
                        (line.get_ydata(), axes.get_ylim()),
                    ):
                        if not min(ends) <= np.nanmin(values) <= np.nanmax(values) <= max(ends):
                            found.append(f"{name} leaves its axes")
            curves = [line for line in axes.lines if line.get_linewidth() >= 1 and len(line.get_xdata()) > 2]
            curves = [line for line in curves if line.get_transform() == axes.transData]
            for one, other in combinations(curves, 2):
                alike = one.get_color() != other.get_color() and _dash(one) == _dash(other)
                # A thin line on a thick one is told by its width.
                widths = sorted(line.get_linewidth() for line in (one, other))
                if alike and widths[1] < 1.4 * widths[0] and abs(_lightness(one) - _lightness(other)) < 15:
                    colours = f"{one.get_color()}, {other.get_color()}"
                    found.append(f"lines of {axes.get_ylabel()!r} are alike in grey: {colours}")
        return found

    return find


def _dash(line: Line2D) -> object:
    return line._unscaled_dash_pattern if line.is_dashed() else "solid"  # type: ignore[attr-defined]


def _lightness(line: Line2D) -> float:
    """Return L* of the colour of a line on white."""
    share = 1.05 / _contrast(line.get_color(), line.get_alpha()) - 0.05
    return 116 * share ** (1 / 3) - 16 if share > 0.008856 else 903.3 * share


def _contrast(colour: object, alpha: float | None) -> float:
    """Return how much darker than white a colour is, as the guidelines on web content count it."""
    red, green, blue, opaque = to_rgba(colour, alpha)
    mixed = np.array([red, green, blue]) * opaque + 1 - opaque
    linear = np.where(mixed <= 0.03928, mixed / 12.92, ((mixed + 0.055) / 1.055) ** 2.4)
    return float(1.05 / (linear @ [0.2126, 0.7152, 0.0722] + 0.05))
