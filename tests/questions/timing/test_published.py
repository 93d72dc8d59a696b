"""Published findings in the timing figure: in their own strain, induction and read-out alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from eaesim.evidence import finding, load_findings, published_effect
from eaesim.model import MECHANISMS, load
from eaesim.questions.timing.answer import Panel, Timing
from eaesim.questions.timing.figurepublished import dosing_day, findings_beside, undrawn
from eaesim.workbench.figure.save import plot

LEWIS = Panel(load("lewis"), "immunisation", "complete", onset=11.5, control=2.8)
DA = replace(LEWIS, rat=load("da"))
RELAPSE = Panel(load("da"), "relapse", "none", onset=8.0, control=1.5)
BARE = replace(DA, adjuvant="none")
Make = Callable[..., Timing]


def marks(figure: Figure, identity: str) -> list[Line2D]:
    """Return the marks of a finding."""
    lines = (line for axes in figure.axes for line in axes.lines)
    return [line for line in lines if identity in (line.get_gid() or "").split("--")]


def heights(figure: Figure) -> list[Line2D]:
    """Return the marks that stand at a height of the axes of effects."""
    return [line for axes in figure.axes if axes.axison for line in axes.lines if line.get_gid()]


@pytest.mark.parametrize("panel", [LEWIS, DA], ids=["lewis", "da"])
def test_every_ivig_row_on_an_immunised_rats_score_is_drawn_or_named(make_timing: Make, panel: Panel) -> None:
    timing = make_timing([panel])
    figure = plot(timing)
    for one in load_findings():
        here = one.drug == "ivig" and one.induction == "immunisation" and one.fits("peak_score")
        if here and one.strain in (panel.rat.strain, "rat", ""):
            assert bool(marks(figure, one.id)) != (one.row in undrawn(panel)), one.id


@pytest.mark.parametrize("panel", [LEWIS, DA, RELAPSE, BARE], ids=["lewis", "da", "relapse", "bare"])
def test_no_point_stands_in_the_panel_of_another_strain_induction_or_read_out(
    make_timing: Make, panel: Panel
) -> None:
    figure = plot(make_timing([panel]))
    for one in load_findings():
        if marks(figure, one.id):
            assert one.drug == "ivig"
            assert one.strain in (panel.rat.strain, "rat", "")
            assert one.induction == panel.around
            assert one.adjuvant in (panel.adjuvant, "")
            assert one.fits(panel.endpoint)
    if panel.relapse:
        assert findings_beside(panel) == ()


def test_a_number_stands_at_its_effect_by_its_own_reading(
    make_timing: Make, texts: Callable[[Figure], list[str]]
) -> None:
    timing = make_timing([LEWIS, DA])
    figure = plot(timing)
    (mark,) = heights(figure)
    effect, low, high = published_effect(finding("A1"))
    assert mark.get_gid() == "A1"
    assert mark.get_xdata()[0] == 0
    assert mark.get_ydata()[0] == pytest.approx(100 * effect)
    assert mark.axes.get_ylabel().startswith("mean daily score")
    ends = mark.axes.containers[0][2][0].get_segments()[0][:, 1]
    assert list(ends) == pytest.approx([100 * low, 100 * high])
    (label,) = [" ".join(text.split()) for text in texts(figure) if text.startswith("A1")]
    assert label == f"A1 {100 * effect:.0f} % ({100 * low:.0f} to {100 * high:.0f}), n not stated"
    # By the peak score, which it is no number of, it is not drawn.
    peak = replace(timing, table=timing.table[timing.table["endpoint"] == "peak_score"])
    assert marks(plot(peak), "A1") == []


def test_findings_without_a_number_stand_at_no_height(make_timing: Make) -> None:
    figure = plot(make_timing([LEWIS]))
    assert heights(figure) == []
    (protected,), (same,) = marks(figure, "A4"), marks(figure, "A5")
    assert protected.get_xdata()[0] == 0
    assert protected.get_markerfacecolor() == "white"
    assert marks(figure, "A8.clinical_score")[0].get_markerfacecolor() != "white"
    assert list(same.get_xdata()) == [7, same.axes.get_xlim()[1]]
    assert protected.get_marker() == "^"
    assert protected.get_ydata()[0] != same.get_ydata()[0]


def test_a_therapeutic_row_without_a_day_is_drawn_from_the_untreated_onset_on(
    make_timing: Make, texts: Callable[[Figure], list[str]]
) -> None:
    figure = plot(make_timing([DA]))
    (mark,) = marks(figure, "A3.peak_score")
    assert mark.get_xdata()[0] == DA.onset
    assert mark.get_linestyle() != "-"
    assert "no effect (A3; day not stated)" in texts(figure)
    healthy = replace(DA, onset=float("nan"))
    assert dosing_day(finding("A3.peak_score"), healthy) is None
    assert "A3" in undrawn(healthy)
    timing = make_timing([healthy])
    assert not marks(plot(timing), "A3.peak_score")
    assert "no dosing day stated, so not drawn" in str(timing.shown()[0].note)


def test_beside_many_mechanisms_a_finding_has_its_code(
    make_timing: Make, texts: Callable[[Figure], list[str]]
) -> None:
    figure = plot(make_timing([LEWIS, DA], mechanisms=tuple(MECHANISMS)))
    assert [texts(figure).count(row) for row in ("A1", "A3", "A4", "A5", "A8")] == [8] * 5
    assert len(marks(figure, "A1")) == 1
