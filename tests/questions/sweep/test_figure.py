"""The figure of a sweep: the kind that fits what varied, each number in its place, no text on another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import eaesim as ea
from eaesim.endpoints import ENDPOINTS
from eaesim.questions.sweep.figurelines import path_axis, posterior_range
from eaesim.questions.sweep.parts import part_schema
from eaesim.questions.sweep.plan import plan_sweep
from eaesim.questions.sweep.request import SweepRequest
from eaesim.study.ensemble import ensemble_of
from eaesim.workbench.figure.heatmap import draw_heat_map
from eaesim.workbench.figure.lines import LOOKS
from eaesim.workbench.figure.page import Page
from eaesim.workbench.figure.save import plot

RELAPSE = [ea.Immunisation(day=0), ea.Relapse(35)]


def made(
    table: dict[str, Any], *, arms: Sequence[str] = ("early", "at onset"), lost: bool = False, **study: Any
) -> ea.SweepResult:
    """Return a sweep of numbers that were made up, and differ everywhere."""
    own = [
        ea.Arm("vehicle"),
        *(ea.Arm(name, ea.Bolus("1 g/kg").at(day=place)) for place, name in enumerate(arms)),
    ]
    request = SweepRequest.from_table(table, animals=10)
    plan = plan_sweep(ea.Study("lewis", arms=own, until=60, **study), request)
    rows = []
    for point in range(len(plan.points)):
        for place, arm in enumerate(plan.arms):
            for name in ENDPOINTS:
                mean, effect = 3.0 - 0.01 * point - 0.2 * place, 0.1 * place + 0.8 * point / len(plan.points)
                low, high = (np.nan, np.nan) if lost and point == 1 else (0.1, 0.1)
                values = (mean, mean - low, mean + high, effect, effect - low, effect + high)
                if lost and point == 1:
                    values = (np.nan,) * 6
                rows.append((point, arm, name, *values, 10, int(lost and point == 1) * 10))
    frame = pd.DataFrame(rows, columns=part_schema().names)
    return ea.SweepResult.from_tables(
        plan, [pa.Table.from_pandas(frame, schema=part_schema(), preserve_index=False)]
    )


DAYS = {"arm.early.day": range(-3, 8)}
DOSES = {"arm.early.dose": {"low": "0.05 g/kg", "high": "2 g/kg", "points": 6, "scale": "log"}}
MECHANISMS = {"mechanism": ["H1a", "H1b", "H2", "H1a+H2"]}
RATE = {"parameter.ic50_maturation": {"low": 0.1, "high": 10, "points": 4, "scale": "log"}}
SAMPLE = {
    "method": "sobol",
    "samples": 64,
    **MECHANISMS,
    "arm.early.day": {"low": -3, "high": 8},
    "arm.early.dose": {"low": "0.05 g/kg", "high": "2 g/kg", "scale": "log"},
    "parameter.priming_rate": {"low": 0.3, "high": 0.9},
}
KINDS = {
    "days": DAYS,
    "doses": DOSES,
    "mechanisms": MECHANISMS,
    "one value": {"arm.early.day": [3]},
    "days and doses": DAYS | DOSES,
    "mechanisms and days": MECHANISMS | DAYS,
    "three": DAYS | DOSES | MECHANISMS,
    "sample": SAMPLE,
    "sample of one": {"method": "latin hypercube", "samples": 20, "until": range(20, 60)},
}


def panels(figure: Figure) -> list[Axes]:
    return [axes for axes in figure.axes if axes.get_xlabel()]


TREATED = ("early", "at onset")
# Without treated arms there is nothing to vary of them.
SHOWN = [(table, TREATED) for table in KINDS.values()]
SHOWN += [
    ({key: value for key, value in table.items() if not key.startswith("arm.")}, ())
    for table in (MECHANISMS, SAMPLE, KINDS["sample of one"], RATE)
]


@pytest.mark.parametrize(("table", "arms"), SHOWN)
@pytest.mark.parametrize("lost", [False, True])
def test_the_page_keeps_the_style(
    table: dict[str, Any], arms: Sequence[str], lost: bool, page_faults: Callable[[Figure], list[str]]
) -> None:
    assert page_faults(plot(made(table, arms=arms, lost=lost))) == []


@pytest.mark.parametrize("kind", ["days", "mechanisms", "days and doses", "three"])
@pytest.mark.parametrize("number", [1, 8])
def test_many_arms_with_long_names_keep_the_style(
    kind: str, number: int, page_faults: Callable[[Figure], list[str]]
) -> None:
    arms = ["early", *(f"one gram of IVIG for each kilogram, way {place}" for place in range(1, number))]
    assert page_faults(plot(made(KINDS[kind], arms=arms))) == []


def test_one_path_has_the_effects_of_its_arms_dashed_where_nobody_tested() -> None:
    result = made(DAYS)
    (axes,) = plot(result).axes
    rows = result.table(endpoint="peak_score", arm="early")
    whole, tested = (
        next(
            line
            for line in axes.lines
            if line.get_color() == LOOKS[0][0] and (line.get_marker() == "o") == is_tested
        )
        for is_tested in (False, True)
    )
    assert np.allclose(whole.get_xdata(), rows["arm.early.day"])
    assert np.allclose(whole.get_ydata(), 100 * rows["effect"])
    assert whole.get_linestyle() == "--"
    known = np.isfinite(np.asarray(tested.get_ydata(), dtype=float))
    assert set(rows["arm.early.day"][known]) == {0, 7}
    assert axes.get_xlabel() == "dosing day, early"
    assert plot(made(DAYS, arms=("early",))).axes[0].get_xlabel() == "dosing day"


def test_without_a_treated_arm_the_mean_is_drawn() -> None:
    (axes,) = panels(plot(made(RATE, arms=())))
    assert axes.get_ylabel() == "mean peak score (0 to 5)"
    assert axes.get_xscale() == "log"
    assert axes.get_xlabel() == "IVIG for half block (mg/mL)"


def test_words_stand_apart() -> None:
    (effects,) = panels(plot(made(MECHANISMS)))
    assert [label.get_text() for label in effects.get_xticklabels()] == MECHANISMS["mechanism"]
    early, onset = (np.asarray(line.get_xdata()) for line in effects.lines if line.get_marker() == "o")
    assert (early != onset).all()


@pytest.mark.parametrize("kind", ["days and doses", "mechanisms and days"])
def test_a_cell_of_a_map_holds_the_effect_at_its_values(kind: str) -> None:
    result = made(KINDS[kind])
    figure = plot(result)
    across, up = result.paths
    for axes, arm in zip(panels(figure), result.plan.treated, strict=True):
        image = np.asarray(axes.images[0].get_array())
        rows = result.table(endpoint="peak_score", arm=arm)
        columns, lines = (list(dict.fromkeys(rows[path])) for path in (across, up))
        assert image.shape == (len(lines), len(columns))
        for row in rows.to_dict("records"):
            assert image[lines.index(row[up]), columns.index(row[across])] == pytest.approx(
                100 * row["effect"]
            )


def test_a_map_says_where_there_is_no_value(texts: Callable[[Figure], list[str]]) -> None:
    shown = texts(plot(made(DOSES | MECHANISMS, lost=True)))
    assert "–" in shown
    said = " ".join(shown).replace("\n", " ")
    assert "At 1 of 24 points some rats could not be solved and are left out." in said


def test_the_border_surrounds_what_is_written_as_half() -> None:
    page = Page(88, 60, title="t", footer="f", alt="a")
    values = np.array([[49.4, 49.6], [np.nan, 80.0]])
    place = {"left": 12, "top": 12, "width": 40, "height": 20, "most": 100}
    axes = draw_heat_map(page, values, border=50, **place)
    assert [text.get_text() for text in axes.texts] == ["49", "50", "–", "80"]
    assert [line.get_xdata()[0] for line in axes.lines] == [0.5, 0.5]


def test_numbers_of_tested_cells_are_bold_or_have_a_dot() -> None:
    tested = np.array([[True, False], [False, False]])
    place = {"left": 12, "top": 12, "height": 20, "most": 100, "tested": tested}
    page = Page(88, 60, title="t", footer="f", alt="a")
    axes = draw_heat_map(page, np.full((2, 2), 7.0), width=40, **place)
    assert [text.get_weight() for text in axes.texts] == ["bold", "normal", "normal", "normal"]
    axes = draw_heat_map(page, np.full((2, 2), 7.0), width=1, **place)
    assert [(*line.get_xdata(), *line.get_ydata()) for line in axes.lines] == [(0, 0)]


def test_a_map_of_dosing_days_marks_those_that_were_tested() -> None:
    axes = plot(made(DAYS | DOSES, arms=("early",))).axes[0]
    days = [float(label.get_text()) for label in axes.get_xticklabels()]
    bold = {text.get_position()[0] for text in axes.texts if text.get_weight() == "bold"}
    assert [days[int(column)] for column in sorted(bold)] == [day for day in days if day == 0 or day >= 7]


def test_harm_has_a_colour_of_its_own() -> None:
    page = Page(88, 60, title="t", footer="f", alt="a")
    place = {"left": 12, "top": 12, "width": 40, "height": 20, "most": 100}
    image = draw_heat_map(page, np.array([[-40.0, -2.0, 0.0, 50.0]]), **place).images[0]
    harm, little, none, good = image.to_rgba(image.get_array())[0, :, :3]
    assert harm[0] > harm[2]
    assert good[2] > good[0]
    assert (little == none).all()
    assert none == pytest.approx([1, 1, 1], abs=0.01)


def test_the_range_of_a_parameter_is_that_of_the_posterior(texts: Callable[[Figure], list[str]]) -> None:
    result = made(RATE, arms=("early",))
    (path,) = result.plan.points.values
    low, high = posterior_range(result, path) or (0.0, 0.0)
    ensemble = ensemble_of(result.plan.study.rat)
    assert ensemble is not None
    strength = ensemble.values[:, ensemble.names.index("potency_maturation")]
    assert 1 / strength.max() < low < high < 1 / strength.min()
    assert posterior_range(made(DAYS), next(iter(made(DAYS).plan.points.values))) is None
    assert "95 % range over parameter sets" in texts(plot(made(DAYS | RATE, arms=("early",))))


@pytest.mark.parametrize("kind", ["three", "sample"])
def test_more_paths_have_axes_each_with_the_mean_over_the_others(kind: str) -> None:
    result = made(KINDS[kind])
    figure = plot(result)
    assert len(figure.axes) == len(result.paths)
    rows = result.table(endpoint="peak_score", arm="early")
    axes = figure.axes[result.paths.index("mechanism")]
    line = next(line for line in axes.lines if line.get_color() == LOOKS[0][0] and line.get_marker() == "o")
    expected = [
        100 * rows.loc[rows["mechanism"] == name, "effect"].mean() for name in MECHANISMS["mechanism"]
    ]
    assert np.allclose(line.get_ydata(), expected)


def test_a_relapse_is_a_prediction(texts: Callable[[Figure], list[str]]) -> None:
    assert any("PREDICTION" in text for text in texts(plot(made(DOSES, inductions=RELAPSE))))
    assert not any("PREDICTION" in text for text in texts(plot(made(DOSES))))


def test_many_arms_and_paths_are_left_out_and_said(texts: Callable[[Figure], list[str]]) -> None:
    arms = [f"arm {number}" for number in range(9)]
    shown = " ".join(texts(plot(made({"arm.arm 0.day": [0, 1]}, arms=arms)))).replace("\n", " ")
    assert "3 more arms are not drawn." in shown
    assert "_" not in shown


def test_another_endpoint_and_an_unknown_one() -> None:
    assert panels(plot(made(DAYS), endpoint="mortality"))[0].get_ylabel() == "deaths\nprevented (%)"
    with pytest.raises(ea.EaesimError, match='did you mean "mortality"'):
        plot(made(DAYS), endpoint="mortalty")


@pytest.mark.parametrize(
    ("values", "places", "names", "log"),
    [
        ([1, 2, 3], [1, 2, 3], (), False),
        ([0.1, 1, 10], [0.1, 1, 10], (), True),
        (["0.2 g/kg", "1 g/kg", "2 g/kg"], [0.2, 1, 2], (), True),
        (["1 g/kg", "2 g/kg"], [1, 2], (), False),
        (["1 g/kg", "1 g/kg over 4 h"], [0, 1], ("1 g/kg", "1 g/kg over 4 h"), False),
        (["200 mg/kg", "1 g/kg"], [0, 1], ("200 mg/kg", "1 g/kg"), False),
    ],
)
def test_axes(values: list[Any], places: list[float], names: tuple[str, ...], log: bool) -> None:
    path = "arm.early.dose" if isinstance(values[0], str) else "parameter.divisions"
    result = made({path: values})
    (own,) = result.plan.points.values
    axis = path_axis(result, own, result.points()[path])
    assert axis.places.tolist() == places
    assert (axis.names, axis.log) == (names, log)
