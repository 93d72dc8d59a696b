from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from eaesim.evidence import finding, load_findings, published_effect
from eaesim.model import load
from eaesim.plot import plot
from eaesim.questions.timing.answer import Panel, Timing
from eaesim.questions.timing.published_figure import dosing_day, findings_beside, undrawn

LEWIS = Panel(load("lewis"), "immunisation", "complete", onset=11.5, control=2.8)
DA = replace(LEWIS, rat=load("da"))
RELAPSE = Panel(load("da"), "relapse", "none", onset=8.0, control=1.5)
BARE = replace(DA, adjuvant="none")


def _markers(figure: Figure, identity: str) -> list[Line2D]:
    return [
        line
        for axes in figure.axes
        for line in axes.lines
        if line.get_label() == identity and line.get_linestyle() == "None"
    ]


def test_every_ivig_row_on_an_immunised_rats_score_is_drawn_or_named(
    make_timing: Callable[..., Timing],
) -> None:
    figure = plot(make_timing([LEWIS]))
    for one in load_findings():
        here = one.drug == "ivig" and one.induction == "immunisation" and one.fits("peak_score")
        if here and one.strain in ("lewis", "rat", ""):
            assert bool(_markers(figure, one.id)) != (one.row in undrawn(LEWIS)), one.id


def test_rows_on_transfer_or_other_read_outs_are_not_drawn(make_timing: Callable[..., Timing]) -> None:
    figure = plot(make_timing([LEWIS]))
    for identity in ("A6", "A3.demyelination_end", "A8.t_cell_response", "A9"):
        assert _markers(figure, identity) == []


def test_no_published_row_stands_on_a_relapse_panel(make_timing: Callable[..., Timing]) -> None:
    figure = plot(make_timing([RELAPSE]))
    assert findings_beside(RELAPSE) == ()
    assert not any(_markers(figure, one.id) for one in load_findings())


@pytest.mark.parametrize("panel", [LEWIS, DA, RELAPSE, BARE], ids=["lewis", "da", "relapse", "bare"])
def test_no_point_stands_in_the_panel_of_another_strain_induction_or_read_out(
    make_timing: Callable[..., Timing], panel: Panel
) -> None:
    figure = plot(make_timing([panel]))
    for one in load_findings():
        if _markers(figure, one.id):
            assert one.drug == "ivig"
            assert one.strain in (panel.rat.strain, "rat", "")
            assert one.induction == panel.around
            assert one.adjuvant in (panel.adjuvant, "")
            assert one.fits(panel.endpoint)
        other = one.strain not in (panel.rat.strain, "rat", "")
        assert not (other and one.row in undrawn(panel))


def test_a1_stands_in_the_panel_of_da_rats_alone(make_timing: Callable[..., Timing]) -> None:
    both = plot(make_timing([LEWIS, DA]))
    lewis, da = ([line.get_label() for line in axes.lines] for axes in both.axes)
    assert "A1" not in lewis
    assert "A1" in da
    assert "A4" in lewis
    assert "A4" not in da


def test_numbers_stand_at_their_effect_with_their_interval(make_timing: Callable[..., Timing]) -> None:
    (axes,) = plot(make_timing([DA])).axes
    effect, low, high = published_effect(finding("A1"))
    lines = [line for line in axes.lines if line.get_label() == "A1"]
    assert sorted(list(line.get_ydata()) for line in lines) == [
        pytest.approx([100 * low, 100 * high]),
        pytest.approx([100 * effect]),
    ]
    assert all(set(line.get_xdata()) == {0} for line in lines)


def test_directions_claim_no_size(make_timing: Callable[..., Timing]) -> None:
    figure = plot(make_timing([LEWIS]))
    (suppressed,) = _markers(figure, "A4")
    assert suppressed.get_ydata()[0] > 100
    assert abs(suppressed.get_xdata()[0]) < 1
    (same,) = _markers(figure, "A5")
    assert (same.get_xdata()[0], same.get_ydata()[0]) == (7, 0)
    assert suppressed.get_marker() != same.get_marker()


def test_from_day_reaches_to_the_end(make_timing: Callable[..., Timing]) -> None:
    (axes,) = plot(make_timing([LEWIS])).axes
    arrows = {text.xyann: text.xy for text in axes.texts if getattr(text, "arrow_patch", None) is not None}
    assert arrows[7, 0] == (axes.get_xlim()[1], 0)


def test_a_therapeutic_row_without_a_day_stands_at_the_untreated_onset(
    make_timing: Callable[..., Timing], texts: Callable[[Figure], list[str]]
) -> None:
    figure = plot(make_timing([DA]))
    (marker,) = _markers(figure, "A3.peak_score")
    assert marker.get_xdata()[0] == DA.onset
    assert "A3\nday not stated" in texts(figure)


def test_without_an_onset_it_is_named_below(make_timing: Callable[..., Timing]) -> None:
    healthy = replace(DA, onset=float("nan"))
    assert dosing_day(finding("A3.peak_score"), healthy) is None
    assert "A3" in undrawn(healthy)
    assert not _markers(plot(make_timing([healthy])), "A3.peak_score")


def test_the_legend_explains_every_kind_of_mark(
    make_timing: Callable[..., Timing], texts: Callable[[Figure], list[str]]
) -> None:
    words = texts(plot(make_timing([LEWIS, DA])))
    for start in ("published, 95 %", "published: suppressed", "published: no difference"):
        assert len([text for text in words if text.startswith(start)]) == 1
    assert not [text for text in texts(plot(make_timing([RELAPSE]))) if text.startswith("published")]
