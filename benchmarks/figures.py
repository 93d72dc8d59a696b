"""The pictures: error against time a rat, and time against the number of rats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.equal import ERROR, OWN, costs, curves
from benchmarks.measure import Point
from eaesim.workbench.figure.save import save
from eaesim.workbench.figure.style import (
    COLOURS,
    DASHES,
    INK,
    NOTE,
    PALE,
    SMALL,
    TEXT,
    TITLE,
    add_axes,
    sheet,
    write,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def draw_precision(points: Sequence[Point], stem: Path) -> tuple[Path, Path]:
    """Draw error against CPU time a rat, one curve an engine, and return the files.

    Parameters
    ----------
    points
        From `benchmarks.measure.measure`.
    stem
        Path without suffix.
    """
    figure = sheet(8.4, 4.8)
    axes = _axes(figure, "Work and precision: 60 days of one rat, all states daily, one core")
    note = f"Engines are compared where they cross the grey line, a median error of {ERROR:.0e}."
    write(figure, note, left=0.2, top=0.45, size=TEXT, color=NOTE)
    measured = curves(points)
    quickest_first = {cost.engine: measured[cost.engine] for cost in costs(points)}
    _draw(
        axes,
        {
            engine: ([point.best for point in found], [point.quantile(0.5) for point in found])
            for engine, found in quickest_first.items()
        },
    )
    axes.axhline(ERROR, color=PALE, linewidth=0.8, zorder=0)
    axes.set_xlabel("CPU time a rat (s)", fontsize=TEXT)
    axes.set_ylabel("error, median over rats", fontsize=TEXT)
    return save(figure, stem)


def draw_cohorts(times: Mapping[str, Mapping[int, float]], stem: Path) -> tuple[Path, Path]:
    """Draw seconds on the wall against the number of rats, one curve an engine, and return the files.

    Parameters
    ----------
    times
        Seconds by number of rats, by engine.
    stem
        Path without suffix.
    """
    figure = sheet(8.4, 4.8)
    axes = _axes(figure, "Cost of a cohort: 60 days, each library in its best setting")
    _draw(axes, {engine: (list(found), list(found.values())) for engine, found in times.items()})
    axes.set_xlabel("rats", fontsize=TEXT)
    axes.set_ylabel("time on the wall (s)", fontsize=TEXT)
    return save(figure, stem)


def _axes(figure: Figure, title: str) -> Axes:
    write(figure, title, left=0.2, top=0.2, size=TITLE)
    axes = add_axes(figure, left=0.9, top=0.85, width=4.9, height=3.3)
    axes.set_xscale("log")
    axes.set_yscale("log")
    return axes


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
            linewidth=1.8 if own else 1.1,
            marker="o",
            markersize=3,
            label=engine,
        )
    axes.legend(loc="upper left", bbox_to_anchor=(1.03, 1.02), fontsize=SMALL, frameon=False)
