from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from eaesim.evidence import finding, load_findings
from eaesim.model import MECHANISMS, load
from eaesim.plot import plot
from eaesim.plot.style import PREDICTION, TINT
from eaesim.questions.timing.answer import Panel, Timing

IMMUNISATION = Panel(load("lewis"), "immunisation", "complete", onset=11.5, control=2.8)
RELAPSE = Panel(load("da"), "relapse", "none", onset=8.0, control=1.5)
DOSES = ("0.4 g/kg", "1 g/kg", "2 g/kg")


def _line(axes: Axes, label: str) -> tuple[np.ndarray, np.ndarray]:
    (line,) = [line for line in axes.lines if line.get_label() == label]
    return np.asarray(line.get_xdata()), np.asarray(line.get_ydata())


def _rows(timing: Timing, panel: Panel, mechanism: str, dose: str):
    rows = timing.rows(panel)
    return rows[(rows["mechanism"] == mechanism) & (rows["dose"] == dose)]


def test_every_panel_draws_its_rows_in_percent(default_timing: Timing) -> None:
    figure = plot(default_timing)
    assert len(figure.axes) == 4
    for axes, panel in zip(figure.axes, default_timing.panels, strict=True):
        rows = _rows(default_timing, panel, "H1a", "1 g/kg")
        days, effect = _line(axes, "H1a blocks maturation of dendritic cells, 1 g/kg")
        assert days.tolist() == rows["day"].tolist()
        assert effect == pytest.approx(100 * rows["effect"].to_numpy())


def test_the_band_is_the_interval(default_timing: Timing) -> None:
    axes, panel = plot(default_timing).axes[1], default_timing.panels[1]
    rows = _rows(default_timing, panel, "H1a", "1 g/kg")
    (band,) = axes.collections
    corners = {tuple(np.round(corner, 6)) for corner in band.get_paths()[0].vertices.tolist()}
    for name in ("effect_low", "effect_high"):
        for day, value in zip(rows["day"], rows[name], strict=True):
            assert (day, round(100 * value, 6)) in corners


def test_panels_share_the_axis_of_effects(default_timing: Timing) -> None:
    limits = {axes.get_ylim() for axes in plot(default_timing).axes}
    assert len(limits) == 1
    low, high = limits.pop()
    assert low <= -20
    assert high >= 105


def test_a_harmful_effect_stays_inside_the_axes(make_timing: Callable[..., Timing]) -> None:
    timing = make_timing([IMMUNISATION])
    harmed = replace(timing, table=timing.table.assign(effect=-0.8))
    assert plot(harmed).axes[0].get_ylim()[0] < -80


def test_several_mechanisms_and_doses_have_lines_of_their_own(make_timing: Callable[..., Timing]) -> None:
    timing = make_timing([IMMUNISATION], mechanisms=("H1a", "H7"), doses=DOSES)
    (axes,) = plot(timing).axes
    looks = set()
    for mechanism in ("H1a", "H7"):
        for dose in DOSES:
            label = f"{mechanism} {MECHANISMS[mechanism].title}, {dose}"
            _, effect = _line(axes, label)
            assert effect == pytest.approx(
                100 * _rows(timing, IMMUNISATION, mechanism, dose)["effect"].to_numpy()
            )
            (line,) = [line for line in axes.lines if line.get_label() == label]
            looks.add((line.get_color(), line.get_linestyle()))
    assert len(looks) == 6


def test_many_mechanisms_have_axes_of_their_own(make_timing: Callable[..., Timing]) -> None:
    timing = make_timing([IMMUNISATION, RELAPSE], mechanisms=tuple(MECHANISMS), doses=DOSES)
    figure = plot(timing)
    assert len(figure.axes) == 16
    names = list(MECHANISMS)
    for place, axes in enumerate(figure.axes):
        panel, mechanism = timing.panels[place // 8], names[place % 8]
        for dose in DOSES:
            _, effect = _line(axes, dose)
            assert effect == pytest.approx(100 * _rows(timing, panel, mechanism, dose)["effect"].to_numpy())


def test_the_badge_comes_from_the_evidence(
    make_timing: Callable[..., Timing],
    texts: Callable[[Figure], list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One more finding, on DA rats induced again with complete adjuvant, takes one badge of two away."""
    again = replace(RELAPSE, adjuvant="complete")
    timing = make_timing([IMMUNISATION, RELAPSE, again])
    assert texts(plot(timing)).count(PREDICTION) == 2
    found = {"id": "X1", "induction": "relapse", "adjuvant": "complete", "endpoint": "relapse_peak_score"}
    tested = replace(finding("A1"), **found)
    other = {
        "another strain": replace(tested, strain="lewis"),
        "another drug": replace(tested, drug="fty720"),
        "another induction": replace(tested, induction="transfer"),
    }
    for added, badges in [(tested, 1), *((one, 2) for one in other.values())]:
        rows = (*load_findings(), added)
        for module in ("eaesim.evidence.setting", "eaesim.questions.timing.published_figure"):
            monkeypatch.setattr(sys.modules[module], "load_findings", lambda rows=rows: rows)
        figure = plot(timing)
        assert texts(figure).count(PREDICTION) == badges
        tinted = [axes.get_facecolor() == _colour(TINT) for axes in figure.axes]
        assert tinted == [False, True, badges == 2]


def test_only_relapse_panels_are_tagged_and_tinted(
    default_timing: Timing, make_timing: Callable[..., Timing], texts: Callable[[Figure], list[str]]
) -> None:
    figure = plot(default_timing)
    assert texts(figure).count(PREDICTION) == 2
    tinted = [axes.get_facecolor() == _colour(TINT) for axes in figure.axes]
    assert tinted == [False, False, True, True]
    assert PREDICTION not in texts(plot(make_timing([IMMUNISATION])))


def test_small_multiples_are_tagged_once_for_each_relapse_panel(
    make_timing: Callable[..., Timing], texts: Callable[[Figure], list[str]]
) -> None:
    figure = plot(make_timing([IMMUNISATION, RELAPSE], mechanisms=tuple(MECHANISMS)))
    assert texts(figure).count(PREDICTION) == 1
    assert [axes.get_facecolor() == _colour(TINT) for axes in figure.axes] == [False] * 8 + [True] * 8


def _colour(name: str) -> tuple[float, ...]:
    from matplotlib.colors import to_rgba

    return to_rgba(name)


def test_induction_and_untreated_onset_are_marked(default_timing: Timing) -> None:
    for axes, panel in zip(plot(default_timing).axes, default_timing.panels, strict=True):
        upright = [float(line.get_xdata()[0]) for line in axes.lines if len(set(line.get_xdata())) == 1]
        assert {0.0, panel.onset} <= set(upright)
        words = [text.get_text() for text in axes.texts]
        assert "untreated\nonset" in words
        assert ("relapse\ninduction" if panel.relapse else "immunisation") in words


def test_an_empty_panel_says_why_and_draws_no_curve(
    make_timing: Callable[..., Timing], texts: Callable[[Figure], list[str]]
) -> None:
    figure = plot(make_timing([IMMUNISATION, replace(RELAPSE, control=0.2, onset=np.nan)]))
    (reason,) = [" ".join(text.split()) for text in texts(figure) if "Induction raises" in text]
    assert "by 0.20 only, less than 0.5" in reason
    assert not [line for line in figure.axes[1].lines if "H1a" in str(line.get_label())]


def test_one_dosing_day_keeps_its_interval(make_timing: Callable[..., Timing]) -> None:
    timing = make_timing([IMMUNISATION], days=[3.0])
    (row,) = timing.rows(IMMUNISATION).itertuples()
    bars = [line for line in plot(timing).axes[0].lines if list(line.get_xdata()) == [3.0, 3.0]]
    assert [list(bar.get_ydata()) for bar in bars] == [
        pytest.approx([100 * row.effect_low, 100 * row.effect_high])
    ]


def test_the_footer_says_rats_dead_rule_and_failures(
    make_timing: Callable[..., Timing], texts: Callable[[Figure], list[str]]
) -> None:
    words = " ".join(" ".join(texts(plot(make_timing([IMMUNISATION], failed=2)))).split())
    assert "5 rats" in words
    assert "the dead score 5 from that day on" in words
    assert "Up to 2 of them could not be solved" in words


@pytest.mark.parametrize("rat", ["lewis", "da", "da_antibody"])
@pytest.mark.parametrize("count", [1, 4, 8])
def test_no_text_covers_another(
    make_timing: Callable[..., Timing], collisions: Callable[[Figure], list[str]], rat: str, count: int
) -> None:
    panels = [
        replace(IMMUNISATION, rat=load(rat)),
        replace(RELAPSE, rat=load(rat)),
        replace(RELAPSE, rat=load(rat), adjuvant="complete", control=0.1),
    ]
    both = [IMMUNISATION, replace(IMMUNISATION, rat=load("da")), *panels[1:]]
    for chosen in (panels[:1], panels, both):
        timing = make_timing(chosen, mechanisms=tuple(MECHANISMS)[:count])
        assert collisions(plot(timing)) == []


@pytest.mark.parametrize("onset", [1.0, 5.0, 7.0, 9.0, 14.0])
@pytest.mark.parametrize("days", [(-7, 14), (0, 7), (-28, 0)])
def test_no_text_covers_another_wherever_the_onset_is(
    make_timing: Callable[..., Timing],
    collisions: Callable[[Figure], list[str]],
    onset: float,
    days: tuple[int, int],
) -> None:
    panels = [replace(IMMUNISATION, onset=onset), replace(RELAPSE, onset=onset)]
    assert collisions(plot(make_timing(panels, days=days))) == []


@pytest.mark.parametrize("doses", [("1 g/kg",), DOSES])
def test_the_legend_covers_no_axes(make_timing: Callable[..., Timing], doses: tuple[str, ...]) -> None:
    for mechanisms in (("H1a",), ("H1a", "H2"), tuple(MECHANISMS)):
        figure = plot(make_timing([IMMUNISATION, RELAPSE], mechanisms=mechanisms, doses=doses))
        (legend,) = figure.legends
        box = legend.get_window_extent()
        assert box.x1 <= figure.bbox.width
        assert not any(axes.bbox.overlaps(box) for axes in figure.axes)
