from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from eaesim.endpoints.groups import counted_band
from eaesim.endpoints.living import living
from eaesim.errors import QuantityError, UnknownNameError
from eaesim.protocol import Arm, Bolus, Immunisation, Infusion, Relapse, Transfer
from eaesim.questions.run.answer import run
from eaesim.solver import FAILED
from eaesim.study import Result, Study
from eaesim.workbench.figure.page import IVIG, OTHER_DRUG
from eaesim.workbench.figure.save import plot
from eaesim.workbench.figure.study import study_figure
from eaesim.workbench.figure.studypanels import panels

LONG = "a treatment whose name is so long that nobody would say it aloud, given once at the very start"
IVIG_DOSE = Bolus("1 g/kg")


def _lines(axes: Axes, label: str) -> list[Line2D]:
    return [line for line in axes.lines if line.get_label() == label]


def _named(figure: Figure, name: str) -> list[Axes]:
    return [axes for axes in figure.axes if axes.get_ylabel().replace("\n", " ") == name]


def _words(found: list[str]) -> str:
    """Return all texts in a line; some spaces of a text may not be broken."""
    return " ".join(" ".join(found).split())


def _forests(figure: Figure) -> list[Axes]:
    return [axes for axes in figure.axes if not axes.get_yticks().size and axes.get_xlabel()]


@pytest.fixture(scope="module")
def many() -> Result:
    arms = [Arm("vehicle"), *(Arm(f"day {day}", IVIG_DOSE.at(day=day)) for day in range(9))]
    return Study("lewis", until=20, arms=arms).run(animals=2, seed=3, members=1)


@pytest.fixture(scope="module")
def kinds() -> Result:
    """Every kind of arm: two mechanisms, another drug, an infusion, other inductions, long names."""
    late, cells = Bolus("1 mg/kg", drug="late_acting"), [Transfer()]
    arms = [
        Arm("vehicle"),
        Arm(LONG, IVIG_DOSE.at(day=0)),
        Arm("half a dose", Bolus("0.5 g/kg").at(day=2)),
        Arm("H7", IVIG_DOSE.at(day=0), mechanism="H7"),
        Arm("late", late.at(onset="score >= 1")),
        Arm("infused", Infusion("1 g/kg", over="4 day").at(day=-4)),
        Arm("cells", inductions=cells),
        Arm("cells, IVIG", IVIG_DOSE.at(day=0), inductions=cells),
    ]
    return Study("lewis", until=20, arms=arms).run(animals=6, seed=3, members=2)


@pytest.fixture(scope="module")
def one() -> Result:
    return Study("da", until=20, arms=[Arm(LONG)]).run(animals=40, seed=3, members=4)


def test_courses_are_those_of_the_living(relapse_result: Result) -> None:
    figure = plot(relapse_result)
    (scores,), (alive,) = _named(figure, "clinical score"), _named(figure, "alive (%)")
    for place, arm in enumerate(relapse_result.arms):
        simulation = relapse_result.simulation
        found = living(simulation.score[place], simulation.death_day[place])
        assert _lines(scores, arm)[0].get_ydata() == pytest.approx(found.mean, nan_ok=True)
        assert _lines(alive, arm)[0].get_ydata() == pytest.approx(100 * found.alive)


def test_the_dead_leave_the_mean_and_stand_below(one: Result) -> None:
    """Half of the rats die on day 10: the mean of the others stays, and no score of 5 is drawn."""
    courses = one.simulation.courses
    death = np.where(np.arange(one.number) % 2 == 0, 10.0, np.inf)[None]
    half = replace(courses, score=np.where(np.arange(21.0) < 10, courses.score, 1.0), death_day=death)
    figure = plot(replace(one, simulation=replace(one.simulation, kept=half)))
    (scores,), (alive,) = _named(figure, "clinical score"), _named(figure, "alive (%)")
    (mean,), (share,) = _lines(scores, LONG), _lines(alive, LONG)
    assert np.asarray(mean.get_ydata())[10:].tolist() == [1.0] * 11
    assert np.asarray(share.get_ydata())[[9, 10]].tolist() == [100.0, 50.0]
    (forest,) = _forests(figure)
    assert forest.get_xlabel() == "peak score (death = 5)"


def test_bands_are_those_of_groups(one: Result, texts: Callable[[Figure], list[str]]) -> None:
    widths = {}
    for group in (None, 8, 20):
        figure = plot(one, group=group)
        (band,) = _named(figure, "clinical score")[0].collections
        corners = {tuple(np.round(corner, 6)) for corner in band.get_paths()[0].vertices.tolist()}
        low, high = counted_band(one.counts(one.arms[0]), animals=group or 8)
        assert {(day, round(float(high[day]), 6)) for day in range(21)} <= corners
        assert f"95 % of groups of n = {group or 8}" in _words(texts(figure))
        widths[group] = float(np.sum(high - low))
    assert widths[None] == widths[8] > widths[20]


@pytest.mark.parametrize("group", [0, 101, 1.5])
def test_a_group_that_cannot_be_is_refused(one: Result, group: int) -> None:
    with pytest.raises(QuantityError, match="group"):
        plot(one, group=group)


def test_an_answer_without_groups_takes_none(default_timing: object) -> None:
    with pytest.raises(UnknownNameError, match="leave group out"):
        plot(default_timing, group=8)  # type: ignore[arg-type]


def test_a_run_draws_the_endpoints_and_the_group_that_it_was_asked_for(
    texts: Callable[[Figure], list[str]],
) -> None:
    study = Study("lewis", until=20, arms=[Arm("vehicle"), Arm("early", IVIG_DOSE.at(day=0))])
    found = run(study, animals=4, parameter_sets=1, drawn=["cumulative_score", "mortality"], group=5)
    figure = found.figure()
    assert [axes.get_xlabel().replace("\n", " ") for axes in _forests(figure)] == [
        "cumulative score (death = 5) prevented (%)",
        "deaths prevented (%)",
    ]
    assert "n = 5" in _words(texts(figure))
    assert len(_forests(plot(found, endpoint="peak_score"))) == 1
    assert "n = 9" in _words(texts(plot(found, group=9)))
    with pytest.raises(UnknownNameError, match="peak_score"):
        run(study, animals=4, parameter_sets=1, drawn=["peak_scor"])


@pytest.mark.parametrize("endpoint", ["peak_score", "incidence", "cumulative_score"])
def test_the_forest_shows_the_effects_of_the_result(result: Result, endpoint: str) -> None:
    (axes,) = _forests(plot(result, endpoint=endpoint))
    assert axes.get_xlabel().replace("\n", " ").endswith("prevented (%)")
    values = _lines(axes, "value")
    assert len(values) == 3
    for line, arm in zip(values, result.arms[1:], strict=True):
        found = result.effect(arm, "vehicle", endpoint)
        assert line.get_xdata()[0] == pytest.approx(100 * found.value)


def test_intervals_are_those_over_parameter_sets(kinds: Result, texts: Callable[[Figure], list[str]]) -> None:
    figure = plot(kinds)
    found = kinds.effect(LONG, "vehicle", "peak_score")
    first = _lines(_forests(figure)[0], "interval")[0]
    assert list(first.get_xdata()) == pytest.approx([100 * found.low, 100 * found.high])
    assert "95 % range over parameter sets" in _words(texts(figure))


def test_a_day_is_no_effect(result: Result) -> None:
    (axes,) = _forests(plot(result, endpoint="onset_day"))
    assert axes.get_xlabel() == "first day with signs"
    onset = result.mean("vehicle", "onset_day").value
    assert _lines(axes, "value")[0].get_xdata()[0] == pytest.approx(onset)


def test_untreated_rats_stand_beside_published_ones_of_their_strain(
    texts: Callable[[Figure], list[str]],
) -> None:
    study = Study("lewis", until=20, arms=[Arm("vehicle"), Arm("cells", inductions=[Transfer()])])
    figure = plot(study.run(animals=4, members=1))
    assert {"B3, n = 15", "B3, n = 7"} <= set(texts(figure))
    ids = {line.get_gid() for line in _lines(_forests(figure)[0], "value")}
    assert {"B3.peak_score", "B3.peak_score_second_control"} <= ids
    other = Study("da", until=20, arms=[Arm("vehicle")]).run(animals=4, members=1)
    assert not any(text.startswith("B3") for text in texts(plot(other)))


def test_a_zone_stands_where_a_published_experiment_saw_no_effect(
    texts: Callable[[Figure], list[str]],
) -> None:
    arms = [Arm("vehicle"), Arm("at onset", IVIG_DOSE.at(onset="score >= 1")), Arm("d", IVIG_DOSE.at(day=0))]
    result = Study("da", until=30, arms=arms).run(animals=4, members=1)
    figure = study_figure(result, endpoints=("cumulative_score", "relapse_incidence"))
    first, second = _forests(figure)
    assert [text for text in texts(figure) if "no effect" in text] == ["A3: no effect"]
    # Only the row of the dose at onset, only by a reading of A3.
    (zone,) = first.collections
    assert not second.collections
    corners = zone.get_paths()[0].vertices
    assert (corners[:, 0].min(), corners[:, 0].max()) == (-15, 15)
    assert corners[:, 1].max() <= max(first.get_ylim()) / 2 + 1e-6


def test_a_published_effect_stands_by_its_own_reading_only() -> None:
    arms = [Arm("vehicle"), Arm("day 0", IVIG_DOSE.at(day=0))]
    result = Study("da", until=40, arms=arms).run(animals=4, members=1)
    for endpoint, ids in (("mean_score[:30]", ["A1"]), ("peak_score", []), ("mean_score[:20]", [])):
        (axes,) = _forests(plot(result, endpoint=endpoint))
        assert [line.get_gid() for line in _lines(axes, "value") if line.get_gid()] == ids


def test_arms_of_one_drug_share_axes_with_their_control(kinds: Result) -> None:
    found = {panel.title: [one.arm.name for one in panel.treatments] for panel in panels(kinds)}
    assert found == {
        "vehicle, IVIG, H1a": ["vehicle", LONG, "half a dose", "infused"],
        "vehicle, IVIG, H7": ["vehicle", "H7"],
        "vehicle, late-acting comparator (assumed): PREDICTION": ["vehicle", "late"],
        "cells": ["cells", "cells, IVIG"],
    }
    colours = {one.arm.name: one.colour for panel in panels(kinds) for one in panel.treatments}
    assert (colours[LONG], colours["H7"], colours["late"]) == (IVIG.lower(), "#009e73", OTHER_DRUG)


def test_many_doses_have_several_panels(many: Result) -> None:
    found = panels(many)
    assert [len(panel.treatments) for panel in found] == [4, 4, 4]
    assert {panel.treatments[0].arm.name for panel in found} == {"vehicle"}
    assert len(_forests(plot(many))) == 1


def test_more_than_four_mechanisms_are_compared_in_the_forest_alone(
    texts: Callable[[Figure], list[str]],
) -> None:
    names = ["H1a", "H1b", "H2", "H3", "H7"]
    arms = [Arm("vehicle"), *(Arm(name, Bolus("1 g/kg").at(day=0), mechanism=name) for name in names)]
    figure = plot(Study("lewis", until=20, arms=arms).run(animals=2, members=2))
    assert _named(figure, "clinical score") == []
    assert len(_forests(figure)) == 1
    assert "The courses are not drawn." in _words(texts(figure))


def test_untested_days_are_dashed(result: Result) -> None:
    found = {one.arm.name: one.is_tested for panel in panels(result) for one in panel.treatments}
    # Lewis rats: A4 and A8 were dosed on day 0, once, A5 from day 7 on, as at onset; nobody before.
    assert found == {"vehicle": True, "before": False, "twice": False, "at onset": True}
    (axes,) = _named(plot(result), "clinical score")
    assert _lines(axes, "before")[0].get_linestyle() == "--"


def test_ivig_in_an_induced_relapse_is_a_prediction(
    relapse_result: Result, texts: Callable[[Figure], list[str]]
) -> None:
    found = texts(plot(relapse_result))
    assert any(text.endswith(": PREDICTION") for text in found)
    assert "relapse induction" in found
    untreated = Study("da", until=40, inductions=[Immunisation(day=0), Relapse(35)], arms=[Arm("vehicle")])
    assert not any("PREDICTION" in text for text in texts(plot(untreated.run(animals=2, members=1))))


def test_doses_stand_on_their_days_as_large_as_their_amount(kinds: Result) -> None:
    figure = plot(kinds)
    marks = [line for axes in figure.axes for line in _lines(axes, "dose")]
    sizes = {tuple(line.get_xdata()): line.get_markersize() for line in marks}
    assert sizes[0.0,] == pytest.approx(4.5)
    assert sizes[2.0,] == pytest.approx(4.5 / np.sqrt(2))
    assert min(axes.get_xlim()[0] for axes in figure.axes) < -4


def test_triggered_doses_say_their_days_and_rats(
    result: Result, texts: Callable[[Figure], list[str]]
) -> None:
    days = result.endpoint("at onset", "onset_day") + 1
    found = _words(texts(plot(result)))
    assert f"1 d after first signs: day {days.min():g}\u2013{days.max():g}, 3 of 3" in found


def test_lines_like_the_control_are_named_so(result: Result, texts: Callable[[Figure], list[str]]) -> None:
    found = _words(texts(plot(result)))
    assert "at onset: the same as vehicle" in found


def test_rats_that_failed_are_left_out_and_counted(
    result: Result, texts: Callable[[Figure], list[str]]
) -> None:
    simulation = result.simulation
    score, status, death = simulation.score.copy(), simulation.status.copy(), simulation.death_day.copy()
    score[1, 0], death[1, 0], status[1, 0] = np.nan, np.nan, FAILED
    courses = replace(simulation.courses, score=score, death_day=death)
    figure = plot(replace(result, simulation=replace(simulation, kept=courses, status=status)))
    (line,) = _lines(_named(figure, "clinical score")[0], "before")
    assert line.get_ydata() == pytest.approx(result.scores("before")[1:].mean(axis=0))
    assert "Up to 1 rats" in _words(texts(figure))


def test_an_endpoint_that_no_rat_has_says_so(texts: Callable[[Figure], list[str]]) -> None:
    healthy = Study("lewis", until=5, inductions=[], arms=[Arm("healthy")]).run(animals=2)
    found = texts(plot(healthy, endpoint="onset_day"))
    assert "no value" in found
    assert "Lewis rat: no value of first day with signs" in found


def test_the_title_is_the_finding(one: Result) -> None:
    title = plot(one).get_label().partition("\n")[0]
    assert title.startswith("Peak score: ")
    assert title.endswith("(a treatment whose name is so …)")


CASES = ["result", "relapse_result", "many", "kinds", "one"]


@pytest.mark.parametrize("name", CASES)
def test_a_page_keeps_the_house_style(
    name: str, page_faults: Callable[[Figure], list[str]], request: pytest.FixtureRequest
) -> None:
    result = request.getfixturevalue(name)
    drawn = ("cumulative_score", "relapse_incidence", "onset_day", "duration")
    for endpoints in (drawn[:3], drawn):
        figure = study_figure(result, endpoints=endpoints)
        assert page_faults(figure) == []
        title, _, alt = figure.get_label().partition("\n")
        assert len(title.replace(" %", "%").split()) <= 12
        assert 0 < len(alt) <= 300


def test_a_hundred_arms_have_a_forest_of_the_first(
    page_faults: Callable[[Figure], list[str]], texts: Callable[[Figure], list[str]]
) -> None:
    arms = [Arm("vehicle"), *(Arm(f"{LONG} {day}", IVIG_DOSE.at(day=day % 5)) for day in range(100))]
    figure = plot(Study("lewis", until=5, arms=arms).run(animals=2, members=1))
    assert page_faults(figure) == []
    assert any("Arms that are not drawn: " in text.replace("\n", " ") for text in texts(figure))
