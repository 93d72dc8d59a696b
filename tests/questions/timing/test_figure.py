"""The timing figure: what is drawn is what was found, and a page that can be read."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from eaesim.endpoints.living import living
from eaesim.evidence import finding, load_findings
from eaesim.model import MECHANISMS, load
from eaesim.questions.timing.answer import Panel, Timing
from eaesim.questions.timing.result import ArmCourse
from eaesim.workbench.figure.save import plot, save
from eaesim.workbench.report.folder import RunFile
from eaesim.workbench.report.pictures import clean_svg

LEWIS = Panel(load("lewis"), "immunisation", "complete", onset=11.5, control=2.8)
DA = replace(LEWIS, rat=load("da"))
RELAPSE = Panel(load("da"), "relapse", "none", onset=8.0, control=1.5)
ADJUVANT = replace(RELAPSE, adjuvant="complete")
DOSES = ("0.1 g/kg", "0.2 g/kg", "0.4 g/kg", "1 g/kg", "1.5 g/kg", "2 g/kg", "2.5 g/kg", "3 g/kg")
Make = Callable[..., Timing]
Faults = Callable[[Figure], list[str]]


def with_courses(timing: Timing, names: Sequence[str] = ("vehicle", "day 0", "day 8")) -> Timing:
    """Add courses in which the first and the last arm are the same."""
    days = np.arange(31.0)
    ill = np.where((days > 9) & (days < 17), 2.0, 0.0)
    scores = np.array([ill + (ill > 0) * (rat % 3 - 1) for rat in range(10)])
    deaths = np.full(10, np.inf)
    deaths[9] = 12.0
    arms = [(names[0], (), scores), (names[1], (0.0,), scores / 3), (names[2], (8.0,), scores)]
    courses = tuple(ArmCourse(name, days, doses, living(score, deaths)) for name, doses, score in arms)
    return replace(timing, courses=courses)


def effects(figure: Figure) -> list[Axes]:
    """Return the axes of effects."""
    return [axes for axes in figure.axes if "prevented" in axes.get_ylabel()]


def dashed(axes: Axes) -> list[Line2D]:
    """Return the lines of effects over all days."""
    return [line for line in axes.lines if line.get_zorder() == 3]


def solid(axes: Axes) -> list[list[float]]:
    """Return the days of every dot and every solid stretch."""
    return [list(map(float, line.get_xdata())) for line in axes.lines if 3 < line.get_zorder() < 4]


@pytest.mark.parametrize("has_courses", [False, True])
def test_every_panel_draws_its_rows_in_percent(
    default_timing: Timing, has_courses: bool, page_faults: Faults
) -> None:
    timing = with_courses(default_timing) if has_courses else default_timing
    figure = plot(timing)
    panels = timing.panels[: 3 if has_courses else 4]
    assert len(effects(figure)) == len(panels)
    for axes, panel, name in zip(
        effects(figure), panels, [None, "mean_score[:30]", None, None], strict=False
    ):
        rows = timing.rows(panel, endpoint=name)
        (line,) = dashed(axes)
        assert list(line.get_xdata()) == rows["day"].tolist()
        assert line.get_ydata() == pytest.approx(100 * rows["effect"].to_numpy())
    assert effects(figure)[1].get_ylabel() == "mean daily score\nprevented (%)"
    assert page_faults(figure) == []


def test_the_band_is_the_range_over_parameter_sets(
    make_timing: Make, texts: Callable[..., list[str]]
) -> None:
    timing = make_timing([replace(LEWIS, members=20)])
    figure = plot(timing)
    (band,) = [one for one in effects(figure)[0].collections if isinstance(one, PolyCollection)]
    corners = {tuple(np.round(corner, 6)) for corner in band.get_paths()[0].vertices.tolist()}
    for row in timing.rows(timing.panels[0]).itertuples():
        assert (row.day, round(100 * row.effect_low, 6)) in corners
        assert (row.day, round(100 * row.effect_high, 6)) in corners
    assert "95 % range over parameter sets (20)" in _words(figure, texts)


def test_the_typical_rat_has_no_band(make_timing: Make, texts: Callable[..., list[str]]) -> None:
    figure = plot(make_timing([LEWIS]))
    assert not effects(figure)[0].collections
    assert "Typical rat." in _words(figure, texts)
    assert "Band" not in _words(figure, texts)


def _words(figure: Figure, texts: Callable[[Figure], list[str]]) -> str:
    return " ".join(" ".join(texts(figure)).replace("\u00a0", " ").split())


def test_days_that_were_tested_are_solid_and_no_others(
    make_timing: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    timing = make_timing([LEWIS, DA], days=range(-7, 15))
    lewis, da = effects(plot(timing))
    assert solid(lewis) == [[0.0], [float(day) for day in range(7, 15)]]
    assert solid(da) == [[0.0], [12.0]]
    timing = make_timing([LEWIS, DA], days=range(-7, 4))
    assert [solid(axes) for axes in effects(plot(timing))] == [[[0.0]], [[0.0]]]
    more = (*load_findings(), replace(finding("A5"), id="X1", day=3.0))
    for module in ("eaesim.evidence.setting", "eaesim.questions.timing.figurepublished"):
        monkeypatch.setattr(sys.modules[module], "load_findings", lambda: more)
    timing = make_timing([LEWIS, DA], days=range(-7, 4))
    assert [solid(axes) for axes in effects(plot(timing))] == [[[0.0], [3.0]], [[0.0]]]


def test_only_relapse_panels_are_predictions(default_timing: Timing, texts: Callable[..., list[str]]) -> None:
    assert len([text for text in texts(plot(default_timing)) if "PREDICTION" in text]) == 2
    figure = plot(replace(default_timing, panels=default_timing.panels[2:]))
    assert texts(figure)[-2].startswith("Predicted:") or _words(figure, texts).count("Predicted:") == 1
    assert all(not solid(axes) for axes in effects(figure))


@pytest.mark.parametrize("mechanisms", [("H2", "H3"), (*MECHANISMS, "H1a+H7", "none")])
def test_mechanisms_that_cannot_share_axes_have_axes_of_their_own(
    make_timing: Make, page_faults: Faults, mechanisms: tuple[str, ...]
) -> None:
    timing = make_timing([LEWIS, DA, RELAPSE, ADJUVANT], mechanisms=mechanisms)
    figure = plot(timing)
    drawn = [axes for axes in figure.axes if dashed(axes)]
    assert len(drawn) == (3 if len(mechanisms) < 9 else 2) * len(mechanisms)
    for place, axes in enumerate(drawn):
        panel, mechanism = timing.panels[place // len(mechanisms)], mechanisms[place % len(mechanisms)]
        rows = timing.rows(panel, endpoint="mean_score[:30]" if panel is timing.panels[1] else None)
        rows = rows[rows["mechanism"] == mechanism]
        assert dashed(axes)[0].get_ydata() == pytest.approx(100 * rows["effect"].to_numpy())
    assert page_faults(figure) == []


@pytest.mark.parametrize(
    ("mechanisms", "doses"),
    [(("H1a", "H1b", "H7"), DOSES[3:4]), (("H1a",), DOSES), (("H1a", "H1b"), DOSES[2:5])],
)
def test_one_three_and_eight_curves_can_be_told_apart(
    make_timing: Make, page_faults: Faults, mechanisms: tuple[str, ...], doses: tuple[str, ...]
) -> None:
    figure = plot(make_timing([LEWIS], mechanisms=mechanisms, doses=doses))
    lines = [line for axes in figure.axes for line in dashed(axes)]
    assert len(lines) == len(mechanisms) * len(doses)
    for axes in figure.axes:
        looks = {line.get_color() for line in dashed(axes)}
        assert len(looks) == len(dashed(axes))
    assert page_faults(figure) == []


def test_an_empty_panel_says_why_and_draws_no_curve(
    make_timing: Make, texts: Callable[..., list[str]]
) -> None:
    empty = replace(RELAPSE, control=0.2, onset=np.nan)
    for count in (1, 8):
        figure = plot(make_timing([LEWIS, empty], mechanisms=tuple(MECHANISMS)[:count]))
        assert "by 0.20 only, less than 0.5: no effect is given." in _words(figure, texts)
        assert len([axes for axes in figure.axes if dashed(axes)]) == count


def test_a_harmful_effect_stays_inside_the_axes(make_timing: Make, page_faults: Faults) -> None:
    timing = make_timing([LEWIS])
    figure = plot(replace(timing, table=timing.table.assign(effect=-0.8)))
    assert effects(figure)[0].get_ylim()[0] < -80
    assert page_faults(figure) == []


def test_the_courses_are_those_of_the_living(default_timing: Timing) -> None:
    timing = with_courses(default_timing)
    figure = plot(timing)
    (scores,) = [axes for axes in figure.axes if axes.get_ylabel() == "clinical score"]
    (alive,) = [axes for axes in figure.axes if axes.get_ylabel() == "alive\n(%)"]
    for line, course in zip(dashed(scores), timing.courses, strict=True):
        assert line.get_ydata() == pytest.approx(course.living.mean)
    assert dashed(alive)[0].get_ydata()[-1] == pytest.approx(90)
    assert "vehicle;\nday 8 the same" in [text.get_text() for text in scores.texts]


def test_the_footer_says_failures_and_own_parameters(
    make_timing: Make, texts: Callable[..., list[str]], page_faults: Faults
) -> None:
    own = replace(DA, rat=load("da").replace(lesion_priming_reach=1))
    figure = plot(replace(make_timing([own], failed=2), dead="exclude"))
    for part in ("Up to 2 of 5 rats", "lesion_priming_reach = 1", "Rats that die are left out"):
        assert part in _words(figure, texts)
    assert page_faults(figure) == []


@pytest.mark.parametrize(
    ("onset", "days"), [(1.0, (-7, 14)), (14.0, (0, 7)), (1.0, (-28, 0)), (14.0, (-28, 0)), (1.0, (3,))]
)
def test_a_page_has_no_faults_wherever_the_onset_is(
    make_timing: Make, page_faults: Faults, onset: float, days: tuple[int, ...]
) -> None:
    panels = [replace(one, onset=onset) for one in (LEWIS, DA, RELAPSE)]
    assert page_faults(plot(make_timing(panels, days=days))) == []


def test_long_names_break_into_lines(default_timing: Timing, page_faults: Faults) -> None:
    long = replace(load("lewis"), title="Lewis rat of the colony that was kept for forty years in the cellar")
    panels = (replace(default_timing.panels[0], rat=long), *default_timing.panels[1:])
    assert page_faults(plot(with_courses(replace(default_timing, panels=panels)))) == []


def test_the_drawing_has_text_title_description_and_the_ids_of_findings(
    default_timing: Timing, tmp_path: Path
) -> None:
    paths = [save(plot(with_courses(default_timing)), tmp_path / name) for name in ("one", "two")]
    assert [path.read_bytes() for path in paths[0]] == [path.read_bytes() for path in paths[1]]
    png, svg = paths[0]
    shown, description = clean_svg(RunFile(svg.name, svg, svg.stat().st_size, ""))  # as a report shows it
    assert int.from_bytes(png.read_bytes()[16:20], "big") == pytest.approx(300 * 180 / 25.4, abs=1)
    root = ElementTree.fromstring(svg.read_bytes())
    name = "{http://www.w3.org/2000/svg}"
    assert root[0].tag == f"{name}title"
    assert (root[0].text or "").startswith("IVIG")
    assert root[1].tag == f"{name}desc"
    assert len(root[1].text or "") <= 300
    assert description == root[1].text
    root = ElementTree.fromstring(shown)
    words = " ".join(text.text or "" for text in root.iter(f"{name}text"))
    assert "Lewis rat, immunised" in words
    ids = [element.get("id") for element in root.iter()]
    assert {"A1", "A4", "A5", "A3.peak_score"} <= set(ids)
    assert "font-family: Arial, Helvetica, 'Liberation Sans', 'DejaVu Sans', sans-serif" in svg.read_text(
        "utf-8"
    )
