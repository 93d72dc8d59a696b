"""The figure of a fit of patients."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eaesim.questions.fit.patient.answer import PatientFit
from eaesim.workbench.figure.dotrows import Dot, DotRow, draw_dot_rows, row_heights
from eaesim.workbench.figure.page import DOUBLE, MARGIN, VEHICLE, Page

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_WORDS, _WIDTH, _SAID, _BELOW = 72.0, 58.0, 36.0, 9.0
_FARTHEST, _MATCH = 4.0, 2.0


def figure(found: PatientFit) -> Figure:
    """Draw what is read less what was published, in errors of the published numbers."""
    table = found.tables()["natural"]
    rows = [
        DotRow(
            row["what"],
            (
                Dot(
                    (row["read"] - row["published"]) / row["error"],
                    (row["low"] - row["published"]) / row["error"],
                    (row["high"] - row["published"]) / row["error"],
                    colour=VEHICLE,
                ),
            ),
            said=f"{row['published']:g} published, {row['read']:.2f} read",
        )
        for _, row in table.iterrows()
    ]
    height = sum(row_heights(rows, _WORDS, _SAID))
    page, top = Page.around(
        DOUBLE,
        height + _BELOW,
        title="Untreated patients against their natural history",
        footer=f"Median and 90 % range over {len(found.fits)} parameter sets, by their weights. "
        f"Grey: within {_MATCH:g} errors. Errors without a published one are assumed.",
        alt=f"Dots with ranges. {found.sentence()}",
    )
    draw_dot_rows(
        page,
        rows,
        left=MARGIN,
        top=top,
        words=_WORDS,
        width=_WIDTH,
        said=_SAID,
        limits=(-_FARTHEST, _FARTHEST),
        axis="read less published (errors)",
        zone=(-_MATCH, _MATCH),
        reference=0.0,
    )
    return page.figure
