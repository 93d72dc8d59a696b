"""The figure of dose finding: relapses against the amount, and against the IgG before an infusion."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eaesim.proportion import percent
from eaesim.questions.trial.doses.answer import TrialDoses
from eaesim.questions.trial.relapsing import transfer_words
from eaesim.workbench.figure.lines import LOOKS, Line, draw_lines, label_lines
from eaesim.workbench.figure.page import DOUBLE, HEAD, MARGIN, RULE, RULES, Page
from eaesim.workbench.figure.words import sentence_case

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_LEFT, _WIDE, _TALL, _BELOW, _LABELS, _GAP = 12.0, 52.0, 38.0, 10.0, 20.0, 4.0


def figure(found: TrialDoses) -> Figure:
    """Draw the ratio of relapse rates: left against the amount, right against the trough of IgG.

    Parameters
    ----------
    found
        Of `eaesim.trial_doses`.

    Returns
    -------
    matplotlib.figure.Figure
        A row for each share of attacks from lesions, and a line for each interval.
    """
    shares = list(found.request.from_lesion)
    page, top = Page.around(
        DOUBLE,
        len(shares) * (HEAD + _TALL + _BELOW),
        title=_title(found),
        footer=_footer(found),
        alt=f"Graphs of relapses against dose and exposure. {found.sentence()}",
    )
    for row, share in enumerate(shares):
        own = found.table[found.table["from_lesion"] == share]
        start = top + row * (HEAD + _TALL + _BELOW)
        words = transfer_words(share)
        for place, (across, label) in enumerate(
            (("amount", "g/kg in one infusion"), ("trough", "IgG rise before an infusion (mg/mL)"))
        ):
            left = MARGIN + place * (_LEFT + _WIDE + _LABELS + _GAP)
            title = sentence_case(words)
            subtitle = f"PREDICTION, by {'amount and interval' if place == 0 else 'exposure'}"
            page.panel("abcdef"[2 * row + place], title, subtitle, left=left, top=start, width=_LEFT + _WIDE)
            axes = page.axes(left=left + _LEFT, top=start + HEAD, width=_WIDE, height=_TALL)
            _draw(page, axes, own, across, has_labels=place == 0)
            axes.set_xlabel(label)
            axes.set_ylabel("relapse rate over placebo")
    return page.figure


def _draw(page: Page, axes: Axes, own: pd.DataFrame, across: str, *, has_labels: bool) -> None:
    lines = []
    for (interval, rows), (colour, dash) in zip(own.groupby("interval", sort=True), LOOKS, strict=False):
        rows = rows[rows[across] > 0].sort_values(across)
        if not len(rows):
            continue
        low, high = (rows[name].to_numpy(float) for name in ("ratio_low", "ratio_high"))
        has_band = bool(np.isfinite(low).all())
        lines.append(
            Line(
                rows[across].to_numpy(float),
                rows["ratio"].to_numpy(float),
                f"every {interval:g} days" if has_labels else "",
                colour,
                dash,
                low=low if has_band else None,
                high=high if has_band else None,
                mark="o",
            )
        )
    axes.set_xscale("log")
    axes.set_ylim(0, 1.05)
    axes.axhline(1, color=RULES, linewidth=RULE)
    if lines:
        ends = [float(each) for one in lines for each in one.across]
        axes.set_xlim(0.8 * max(min(ends), 1e-3), 1.25 * max(ends))
        ticks = [each for each in _ticks(across) if 0.8 * min(ends) <= each <= 1.25 * max(ends)]
        axes.set_xticks(ticks, [f"{each:g}" for each in ticks])
        axes.minorticks_off()
    draw_lines(axes, lines)
    if has_labels:
        label_lines(page, axes, lines, room=_LABELS)


def _ticks(across: str) -> tuple[float, ...]:
    if across == "amount":
        return (0.05, 0.1, 0.2, 0.4, 0.8, 2.0, 4.0)
    return (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)


def _title(found: TrialDoses) -> str:
    last = found.table[found.table["from_lesion"] == found.request.from_lesion[-1]]
    best = last.sort_values("ratio").iloc[0]
    where = transfer_words(best["from_lesion"])
    return f"With {where}, {percent(best['ratio'])} of relapses remain at any dose"


def _footer(found: TrialDoses) -> str:
    asked = found.request
    sets = f"{found.sets} parameter sets, bands: 90 % of them" if found.sets > 1 else "the typical patient"
    return (
        f"Model {asked.mechanism}; {sets}; {asked.placebo_rate:g} relapses a year on placebo, "
        f"{asked.until} days, seed {asked.seed}; the same patients and attacks in every arm."
    )
