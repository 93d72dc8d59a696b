"""The sensitivity figure: what is drawn is what the tables say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from eaesim.errors import UnknownNameError
from eaesim.model import load
from eaesim.model.parameter_file import parameter_words
from eaesim.protocol import Arm, Bolus, Immunisation, Relapse
from eaesim.questions.sensitivity.answer import Sensitivity, analyse
from eaesim.questions.sensitivity.figure import TOP
from eaesim.questions.sensitivity.plan import plan_sensitivity
from eaesim.questions.sensitivity.request import SensitivityRequest
from eaesim.questions.sensitivity.sample import Readings
from eaesim.solver import Effort
from eaesim.study import Study
from eaesim.workbench.figure.save import plot

OUTPUTS = [{"arm": "at immunisation", "against": "day 7"}, {"arm": "vehicle", "endpoint": "duration"}]


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

    places = [[1, 2] if output.against else [0] for output in plan.outputs]
    return analyse(plan, read, places, effort=Effort(workers=1))


@pytest.mark.parametrize("method", ["morris", "sobol"])
def test_bars_and_intervals_are_those_of_the_table_by_rank(method: str) -> None:
    found = result(method)
    leading, figure = found.plan.way.leading, plot(found)
    for axes, output in zip(figure.axes, found.plan.outputs, strict=True):
        rows = found.rows(output).head(TOP)
        assert [bar.get_width() for bar in axes.patches] == pytest.approx(rows[leading].tolist())
        ends = np.array([line.get_xdata() for line in axes.lines])
        expected = rows[[f"{leading}_low", f"{leading}_high"]].to_numpy()
        assert ends == pytest.approx(np.maximum(expected, [0.0, -np.inf]))


def test_outputs_in_one_unit_share_the_axis() -> None:
    outputs = [{"arm": "at immunisation", "against": "day 7"}, {"arm": "day 7", "against": "vehicle"}]
    found = result(outputs=outputs)
    table = found.table.copy()
    second = (table["output"] == found.plan.outputs[1].text()).to_numpy()
    table.loc[second, ["mu_star", "mu_star_low", "mu_star_high"]] *= 0.5
    one, two = plot(replace(found, table=table)).axes
    assert one.get_xlim() == two.get_xlim()
    other, another = plot(result()).axes
    assert other.get_xlim() != another.get_xlim()


def test_names_are_words(texts: Callable[[Figure], list[str]]) -> None:
    found = result()
    shown = [text.replace("\n", " ") for text in texts(plot(found))]
    assert not any("_" in text for text in shown)
    assert parameter_words(found.rows(found.plan.outputs[0])["parameter"].iloc[0]) in shown


def test_an_output_that_little_moves_is_a_line_of_text(texts: Callable[[Figure], list[str]]) -> None:
    found = result(outputs=[OUTPUTS[0], {"arm": "day 7", "against": "vehicle"}])
    table = found.table.copy()
    second = (table["output"] == found.plan.outputs[1].text()).to_numpy()
    columns = [name for name in table if str(name).startswith("mu_star")]
    table.loc[second, columns] *= 0.01
    shown = " ".join(texts(plot(replace(found, table=table)))).replace("\n", " ")
    assert "No unknown moves it by more than" in shown
    assert 'No unknown moves the effect of "day 7" by more than' in shown
    assert len(plot(replace(found, table=table)).axes) == 1


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
def test_the_page_keeps_the_style(
    changed: dict[str, Any], page_faults: Callable[[Figure], list[str]]
) -> None:
    assert page_faults(plot(result(**changed))) == []


def test_own_values_of_the_rat_stand_below(texts: Callable[[Figure], list[str]]) -> None:
    study = Study(load("lewis").replace(spreading_rate=0), until=20, arms=[Arm("vehicle")])
    figure = plot(result(study=study, outputs=[{"arm": "vehicle"}]))
    assert "spreading_rate = 0" in " ".join(texts(figure)).replace("\n", " ")


def test_where_nothing_matters_that_is_written(texts: Callable[[Figure], list[str]]) -> None:
    figure = plot(result(flat=True))
    assert sum(text == "No unknown moves it at all." for text in texts(figure)) == 2
    assert figure.axes == []


def test_a_dose_around_a_relapse_is_a_prediction(texts: Callable[[Figure], list[str]]) -> None:
    arms = [Arm("vehicle"), Arm("day 30", Bolus("1 g/kg").at(day=30))]
    study = Study("da", until=40, inductions=[Immunisation(), Relapse(35)], arms=arms)
    asked = [{"arm": "day 30", "endpoint": "relapse_peak_score"}]
    assert any("PREDICTION" in text for text in texts(plot(result(study=study, outputs=asked))))
    assert not any("PREDICTION" in text for text in texts(plot(result())))


def test_only_outputs_that_were_asked_for_are_drawn() -> None:
    with pytest.raises(UnknownNameError, match="leave endpoint out"):
        plot(result(), endpoint="duration")
