"""The pictures: error against time a rat, and time against the number of rats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.equal import ERROR, OWN, costs, curves
from benchmarks.measure import Point
from eaesim.workbench.figure.page import (
    DOUBLE,
    INK,
    MEAN,
    RULE,
    RULES,
    SECOND,
    SMALLEST,
    Page,
)
from eaesim.workbench.figure.save import save

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Okabe and Ito's colours for all kinds of colour vision, without those too faint on white.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#7a4b00", "#8c8c8c", "#CC79A7", "#56B4E9")
DASHES = ("-", "--", ":", "-.", (0, (5, 1, 1, 1, 1, 1)))
# The place of the axes, in millimetres; names of engines stand at their right.
LEFT, WIDTH, HEIGHT, BELOW = 18.0, 100.0, 70.0, 10.0


def draw_precision(points: Sequence[Point], stem: Path) -> tuple[Path, Path]:
    """Draw error against CPU time a rat, one curve an engine, and return the files.

    Parameters
    ----------
    points
        From `benchmarks.measure.measure`.
    stem
        Path without suffix.
    """
    page, axes = _page(
        "Work and precision: 60 days of one rat, all states daily, one core",
        f"Engines of one run, compared where they cross the grey line, a median error of {ERROR:.0e}.",
        "Lines: median error against CPU time a rat, one line per engine; both axes are logarithmic.",
    )
    measured = curves(points)
    quickest_first = {cost.engine: measured[cost.engine] for cost in costs(points)}
    _draw(
        axes,
        {
            engine: ([point.best for point in found], [point.quantile(0.5) for point in found])
            for engine, found in quickest_first.items()
        },
    )
    axes.axhline(ERROR, color=RULES, linewidth=RULE, zorder=0)
    axes.set_xlabel("CPU time a rat (s)")
    axes.set_ylabel("error, median over rats")
    return save(page.figure, stem)


def draw_cohorts(times: Mapping[str, Mapping[int, float]], stem: Path) -> tuple[Path, Path]:
    """Draw seconds on the wall against the number of rats, one curve an engine, and return the files.

    Parameters
    ----------
    times
        Seconds by number of rats, by engine.
    stem
        Path without suffix.
    """
    page, axes = _page(
        "Cost of a cohort: 60 days, each library in its best setting",
        "Own engine in black; a dash for each setting of a library.",
        "Lines: time on the wall against the number of rats, one line per engine; both axes are logarithmic.",
    )
    _draw(axes, {engine: (list(found), list(found.values())) for engine, found in times.items()})
    axes.set_xlabel("rats")
    axes.set_ylabel("time on the wall (s)")
    return save(page.figure, stem)


def _page(title: str, footer: str, alt: str) -> tuple[Page, Axes]:
    """Return a page with logarithmic axes."""
    page, top = Page.around(DOUBLE, HEIGHT + BELOW, title=title, footer=footer, alt=alt)
    axes = page.axes(left=LEFT, top=top, width=WIDTH, height=HEIGHT)
    axes.set_xscale("log")
    axes.set_yscale("log")
    return page, axes


def _draw(axes: Axes, lines: Mapping[str, tuple[Sequence[float], Sequence[float]]]) -> None:
    """Draw curves: a colour for each library, our own in ink, and a dash for each of its settings."""
    settings: dict[str, int] = {}
    for engine, (across, up) in lines.items():
        library = engine.split()[0]
        settings[library] = settings.get(library, -1) + 1
        others = [name for name in settings if name != OWN.split()[0]]
        own = library not in others
        axes.plot(
            across,
            up,
            color=INK if own else COLOURS[others.index(library) % len(COLOURS)],
            linestyle=DASHES[settings[library] % len(DASHES)],
            linewidth=MEAN if own else SECOND,
            marker="o",
            markersize=3,
            label=engine,
        )
    axes.legend(loc="upper left", bbox_to_anchor=(1.03, 1.02), fontsize=SMALLEST, frameon=False)
