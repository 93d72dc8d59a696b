"""The front: effect against the total and against the number of doses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eaesim.endpoints import endpoint
from eaesim.questions.schedule.optimise.front import DOSES, TOTAL
from eaesim.questions.schedule.optimise.result import OptimumResult
from eaesim.workbench.figure.endpointwords import effect_words
from eaesim.workbench.figure.page import DOUBLE, HEAD, INK, MARGIN, OF_SETS, RULE, RULES, SECOND, Page
from eaesim.workbench.figure.words import acting_words, rat_words, sentence_case

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LEFT, WIDE, TALL, BELOW = 15.0, 62.0, 38.0, 10.0


def front_figure(found: OptimumResult) -> Figure:
    """Draw the best effect for less in all, and for fewer doses, each with its interval."""
    result, limits = found.result, found.evaluation.limits
    page, top = Page.around(
        DOUBLE,
        HEAD + TALL + BELOW,
        title=_title(found),
        footer=(
            f"{sentence_case(acting_words(result.design))}; {result.number} fresh rats, seed {result.seed}; "
            f"bars: {OF_SETS if result.members > 1 else '95 % of resamples of rats'}. A prediction."
        ),
        alt=f"The front of the effect against the total and the number of doses. {_title(found)}.",
    )
    panels = (
        (TOTAL, "Less in all", "total (mg/kg)", 1.06 * limits.total),
        (DOSES, "Fewer doses", "most doses", limits.doses + 0.5),
    )
    for place, (along, title, label, end) in enumerate(panels):
        left = MARGIN + place * (LEFT + WIDE + 8.0)
        page.panel("ab"[place], title, rat_words(result.rat), left=left, top=top, width=LEFT + WIDE)
        axes = page.axes(left=left + LEFT, top=top + HEAD, width=WIDE, height=TALL)
        points = [one for one in found.price if one.along == along]
        effects = [found.price_effect(one) for one in points]
        values, low, high = (
            100 * np.array([getattr(one, name) for one in effects], dtype=float)
            for name in ("value", "low", "high")
        )
        at = np.array([one.limit for one in points])
        axes.vlines(at, low, high, color=INK, linewidth=SECOND)
        axes.plot(at, values, color=INK, linewidth=SECOND, marker="o", markersize=3)
        axes.axhline(0, color=RULES, linewidth=RULE, zorder=1)
        axes.set_xlim(0, end)
        axes.set_ylim(min(-4.0, float(np.nanmin(low, initial=0.0)) - 2.0), 104)
        axes.set_xlabel(label)
        if along == DOSES:
            axes.set_xticks(at)
        if place == 0:
            axes.set_ylabel(
                effect_words(found.evaluation.endpoint, dead="").replace(" prevented", "\nprevented")
            )
    return page.figure


def _title(found: OptimumResult) -> str:
    words = found.price_words()
    if words:
        return "The front is flat: less does nearly as well"
    return f"Less of the drug lowers the {endpoint(found.evaluation.endpoint).title} less"
