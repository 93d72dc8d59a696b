"""Published findings, each drawn in the panel of its own strain, induction and read-out, on its day."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from eaesim.evidence import Finding, load_findings, published_effect
from eaesim.plot.style import INK, LETTERS_PER_INCH, LINE_HEIGHT, SMALL, inches
from eaesim.protocol.dose import STUDIED_DRUG
from eaesim.questions.timing.panel import Panel

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

# A finding without a day, but after first signs, is drawn at the untreated rats' onset.
AFTER_SIGNS = ("therapeutic", "during disease")
# Where findings without a number stand, in percent: a suppression of unknown size above all curves.
SUPPRESSED, NO_DIFFERENCE = 107.0, 0.0
_MARKERS = {"number": "o", "lower": "^", "none": "s"}
_SIZE = 6.0
_HALO = {"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none", "alpha": 0.8}


def findings_beside(panel: Panel) -> tuple[Finding, ...]:
    """Return the published findings on IVIG in such rats, induced like this, by the endpoint of a panel.

    A strain or an adjuvant that a paper does not state may be this one.
    """
    return tuple(
        finding
        for finding in load_findings()
        if finding.drug == STUDIED_DRUG
        and finding.induction == panel.around
        and finding.adjuvant in ("", panel.adjuvant)
        and not finding.other_strain(panel.rat.strain)
        and finding.fits(panel.endpoint)
    )


def dosing_day(finding: Finding, panel: Panel) -> float | None:
    """Return the day at which a finding is drawn; None if the paper gives no time at all."""
    if finding.day is None and finding.when in AFTER_SIGNS and math.isfinite(panel.onset):
        return panel.onset
    return finding.day


def kind_of(finding: Finding) -> str | None:
    """Return ``"number"``, ``"lower"`` or ``"none"`` (no difference); None without a result to draw."""
    return "number" if finding.ratio is not None else finding.direction or None


def draw_published(axes: Axes, panel: Panel, *, brief: bool) -> None:
    """Draw the published findings on the axes of a panel, whose limits are set; `brief` writes ids only."""
    groups: dict[tuple[str, float], list[Finding]] = {}
    for finding in findings_beside(panel):
        kind, day = kind_of(finding), dosing_day(finding, panel)
        if kind is not None and day is not None:
            groups.setdefault((kind, day), []).append(finding)
    first, last = axes.get_xlim()
    step = 0.035 * (last - first)
    below = NO_DIFFERENCE
    taken = first
    for (kind, day), findings in sorted(groups.items(), key=lambda group: group[0][1]):
        for place, finding in enumerate(findings):
            across = day + step * (place - (len(findings) - 1) / 2)
            _draw(axes, finding, kind, across)
        label = _label(findings, kind, brief=brief)
        if kind == "none":
            half = _width(axes, label) / 2
            below = below - _height(axes, label) if day - half < taken else NO_DIFFERENCE
            taken = day + half
            _write(axes, label, day, below - 0.4 * _height(axes, "A"), "center", "top")
        else:
            height = SUPPRESSED if kind == "lower" else 100 * max(map(_highest, findings))
            _write(axes, label, day + step * (len(findings) + 1) / 2, height, "left", "center")


def undrawn(panel: Panel) -> str:
    """Return a line on the findings that have no place on the days of a panel; "" if all have."""
    left = [
        f"{finding.row} ({finding.result}, {finding.dose or 'dose not stated'})"
        for finding in findings_beside(panel)
        if kind_of(finding) is None or dosing_day(finding, panel) is None
    ]
    return f"Published, but no dosing day stated: {', '.join(left)}." if left else ""


def legend_entries(panels: Iterable[Panel]) -> list[tuple[Artist, str]]:
    """Return the legend entries of the published findings drawn on these panels."""
    from matplotlib.lines import Line2D

    drawn = [
        kind_of(finding)
        for panel in panels
        for finding in findings_beside(panel)
        if kind_of(finding) is not None and dosing_day(finding, panel) is not None
    ]
    words = {
        "number": "published, 95 % interval (± taken as SEM)",
        "lower": "published: suppressed (size not given)",
        "none": "published: no difference (size not given)",
    }
    return [
        (Line2D([], [], linestyle="none", **_marker(kind)), text)
        for kind, text in words.items()
        if kind in drawn
    ]


def _marker(kind: str) -> dict[str, Any]:
    return {"marker": _MARKERS[kind], "markersize": _SIZE, "color": INK}


def _draw(axes: Axes, finding: Finding, kind: str, day: float) -> None:
    look = _marker(kind)
    options: dict[str, Any] = {"linewidth": 1.4, "zorder": 5, "label": finding.id}
    if kind != "number":
        height = SUPPRESSED if kind == "lower" else NO_DIFFERENCE
        axes.plot([day], [height], linestyle="none", **options, **look)
        if finding.when == "from day":
            end = (axes.get_xlim()[1], height)
            arrow = {"arrowstyle": "-|>", "color": INK, "linewidth": 1.0, "shrinkA": 4, "shrinkB": 0}
            axes.annotate("", end, (day, height), arrowprops=arrow, zorder=5)
        return
    interval = published_effect(finding)
    value = _value(finding)
    if interval is not None:
        ends = [100 * interval[1], 100 * interval[2]]
        axes.plot([day, day], ends, marker="_", markersize=_SIZE, color=INK, **options)
    axes.plot([day], [100 * value], linestyle="none", **options, **look)


def _value(finding: Finding) -> float:
    assert finding.ratio is not None
    return 1 - finding.ratio


def _highest(finding: Finding) -> float:
    interval = published_effect(finding)
    return _value(finding) if interval is None else interval[2]


def _label(findings: list[Finding], kind: str, *, brief: bool) -> str:
    rows = ", ".join(finding.row for finding in findings)
    if brief:
        return rows
    if kind == "number":
        return f"{rows} {', '.join(finding.study.partition(',')[0] for finding in findings)}"
    if kind == "lower":
        return f"{rows} {', '.join(dict.fromkeys(finding.result for finding in findings))}"
    times = ["day not stated" if one.day is None else f"{one.when} {one.day:g}" for one in findings]
    return f"{rows}\n{', '.join(dict.fromkeys(times))}"


def _width(axes: Axes, text: str) -> float:
    """Return about how many days a text covers."""
    first, last = axes.get_xlim()
    return max(map(len, text.splitlines())) / LETTERS_PER_INCH / inches(axes)[0] * (last - first)


def _height(axes: Axes, text: str) -> float:
    """Return about how much of the axis of effects a text covers."""
    low, high = axes.get_ylim()
    return LINE_HEIGHT * len(text.splitlines()) / inches(axes)[1] * (high - low)


def _write(axes: Axes, text: str, day: float, height: float, across: str, upright: str) -> None:
    axes.text(
        day,
        height,
        text,
        fontsize=SMALL,
        color=INK,
        ha=across,
        va=upright,
        bbox=_HALO,
        zorder=4,
        linespacing=1.1,
    )
