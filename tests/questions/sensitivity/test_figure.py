"""The sensitivity figure: what is drawn is what the tables say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from eaesim.errors import UnknownNameError
from eaesim.model import load
from eaesim.protocol import Arm, Bolus, Immunisation, Relapse
from eaesim.questions.sensitivity.answer import Sensitivity, analyse
from eaesim.questions.sensitivity.figure import FOLLOWED
from eaesim.questions.sensitivity.plan import plan_sensitivity
from eaesim.questions.sensitivity.request import SensitivityRequest
from eaesim.questions.sensitivity.sample import Readings
from eaesim.questions.sensitivity.tables import TOP
from eaesim.solver import Effort
from eaesim.study import Study
from eaesim.workbench.figure.save import plot
from eaesim.workbench.figure.style import PREDICTION

OUTPUTS = [
    {"arm": "at immunisation", "against": "day 7"},
    {"arm": "vehicle", "endpoint": "duration"},
]


def result(
    method: str = "morris", *, flat: bool = False, failed: bool = False, **changed: Any
) -> Sensitivity:
    """Build a sensitivity of nothing but weights, no rats."""
    ivig = Bolus("1 g/kg")
    arms = [Arm("vehicle"), Arm("at immunisation", ivig.at(day=0)), Arm("day 7", ivig.at(day=7))]
    study = changed.pop("study", None) or Study("lewis", until=20, arms=arms)
    settings = {"outputs": OUTPUTS, "parameters": ["biology"], "trajectories": 16, "samples": 32}
    plan = plan_sensitivity(study, SensitivityRequest(method=method, **settings | changed))
    weights = np.random.default_rng(2).exponential(size=len(plan.factors)) * (not flat)

    def read(shares: np.ndarray) -> Readings:
        sums = shares @ weights + shares[:, 0] * shares[:, -1] * (not flat)
        values = np.stack([sums, 2 * sums, 5 + sums**2], axis=1)[:, :, None] + np.zeros(2)
        lost = np.zeros(values.shape, dtype=np.bool_)
        lost[0, :, 0] = failed
        return Readings(values, lost)

    places = [[1, 2], [0]] if len(plan.outputs) == 2 else [[0]]
    return analyse(plan, read, places, effort=Effort(workers=1))


def footer(texts: list[str]) -> str:
    (text,) = [text for text in texts if text.startswith("Model:")]
    return " ".join(text.split())


def lines(axes: Axes, label: str) -> list[Any]:
    return [line for line in axes.lines if line.get_label() == label]


@pytest.mark.parametrize("method", ["morris", "sobol"])
def test_indices_and_intervals_are_those_of_the_table_by_rank(method: str) -> None:
    found = result(method)
    way, figure = found.plan.way, plot(found)
    for place, output in enumerate(found.plan.outputs):
        axes, rows = figure.axes[2 * place], found.rows(output).head(TOP)
        assert [text.get_text() for text in axes.get_yticklabels()] == rows["parameter"].tolist()
        for name in (way.leading, way.beside):
            drawn = [line.get_xdata()[0] for line in lines(axes, name)]
            assert drawn == pytest.approx(rows[name].tolist())
        ends = [list(line.get_xdata()) for line in lines(axes, "interval")]
        assert np.array(ends) == pytest.approx(rows[[f"{way.leading}_low", f"{way.leading}_high"]].to_numpy())


@pytest.mark.parametrize("method", ["morris", "sobol"])
def test_the_curves_are_the_growth_of_the_first(method: str) -> None:
    found = result(method)
    way, figure = found.plan.way, plot(found)
    for place, output in enumerate(found.plan.outputs):
        axes, rows = figure.axes[2 * place + 1], found.rows(output)
        grown = found.convergence[found.convergence["output"] == output.text()]
        for name in rows["parameter"].head(FOLLOWED):
            part = grown[grown["parameter"] == name].sort_values(way.size)
            (line,) = lines(axes, name)
            assert line.get_ydata() == pytest.approx(part[way.leading].tolist())
            assert np.asarray(line.get_xdata()) == pytest.approx(part[way.size].to_numpy(), rel=0.12)
        drawn = [line.get_label() for line in axes.lines if not str(line.get_label()).startswith("_")]
        assert len(drawn) == FOLLOWED
        assert [text.get_text() for text in axes.get_xticklabels()] == [
            str(size) for size in sorted(set(grown[way.size]))
        ]


def test_followed_factors_have_one_colour_in_both_panels() -> None:
    figure = plot(result())
    dots, curves = figure.axes[:2]
    for label in dots.get_yticklabels()[:FOLLOWED]:
        (line,) = lines(curves, label.get_text())
        assert line.get_color() == label.get_color()


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"method": "sobol"},
        {"parameters": ["divisions"]},
        {"parameters": ["drug", "biology", "reading"], "failed": True},
        {"flat": True},
        {"flat": True, "method": "sobol"},
        {"parameters": ["divisions"], "outputs": OUTPUTS[1:], "trajectories": 4},
    ],
)
def test_no_text_lies_on_another(changed: dict[str, Any], collisions: Callable[[Figure], list[str]]) -> None:
    assert not collisions(plot(result(**changed)))


def test_what_failed_was_left_out_and_has_not_settled_stands_below(
    texts: Callable[[Figure], list[str]],
) -> None:
    found = result(failed=True, parameters=["drug", "biology"], trajectories=4)
    below = footer(texts(plot(found)))
    assert found.notes()
    for note in found.notes():
        assert note in below
    assert f"{found.plan.samples} sets of values" in below
    assert "the same 20 rats at each set" in below


def test_own_values_of_the_rat_stand_below(texts: Callable[[Figure], list[str]]) -> None:
    study = Study(load("lewis").replace(spreading_rate=0), until=20, arms=[Arm("vehicle")])
    figure = plot(result(study=study, outputs=[{"arm": "vehicle"}]))
    assert "spreading_rate = 0" in footer(texts(figure))


def test_where_nothing_matters_that_is_written(texts: Callable[[Figure], list[str]]) -> None:
    assert sum("no varied parameter has" in text for text in texts(plot(result(flat=True)))) == 2


def test_a_dose_around_a_relapse_is_a_prediction(texts: Callable[[Figure], list[str]]) -> None:
    arms = [Arm("vehicle"), Arm("day 30", Bolus("1 g/kg").at(day=30))]
    study = Study("da", until=40, inductions=[Immunisation(), Relapse(35)], arms=arms)
    asked = [{"arm": "day 30", "endpoint": "relapse_peak_score"}]
    assert PREDICTION in texts(plot(result(study=study, outputs=asked)))
    assert PREDICTION not in texts(plot(result()))


def test_only_outputs_that_were_asked_for_are_drawn() -> None:
    with pytest.raises(UnknownNameError, match="leave endpoint out"):
        plot(result(), endpoint="duration")
