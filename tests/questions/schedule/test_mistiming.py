"""Doses that come too early or too late."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from eaesim.errors import ProtocolError, UnknownNameError
from eaesim.protocol import Bolus
from eaesim.questions.schedule.mistiming.answer import OFF, ON, Mistiming, mistiming
from eaesim.questions.schedule.mistiming.distribution import listed, normal, uniform
from eaesim.questions.schedule.mistiming.figure import whole_window
from eaesim.questions.schedule.mistiming.maintenance import BEFORE, PHASES, repeated
from eaesim.questions.schedule.mistiming.request import MistimingRequest
from eaesim.questions.timing.answer import RELAPSE_DAY, timing
from eaesim.workbench.figure.save import plot


@pytest.fixture(scope="module")
def found() -> Mistiming:
    return mistiming(None, days=[-14, -7, -3, 0, 2, 5], intervals=[7, 28], animals=60, seed=1)


def shaped(found: Mistiming, days: list[float], effects: list[float]) -> Mistiming:
    """Return it with another curve."""
    rows = found.curve.iloc[[0] * len(days)].assign(day=days, effect=effects)
    other = rows.assign(endpoint=found.panel.endpoint)
    return replace(found, timing=replace(found.timing, table=other))


def test_a_day_that_is_sure_gives_the_curve_itself(found):
    sure = listed([0.0])
    for day, effect in zip(found.curve["day"], found.curve["effect"], strict=True):
        assert found.expected(float(day), sure) == pytest.approx(effect)


def test_where_the_day_does_not_matter_nothing_is_lost(found):
    flat = shaped(found, [-10.0, 0.0, 10.0], [0.6, 0.6, 0.6])
    for given in (normal(7.0), uniform(-5, 5), listed([-3.0, 8.0], [1.0, 3.0])):
        assert flat.best_plan(given)[1] == pytest.approx(0.6)


def test_a_sharp_peak_keeps_the_chance_to_hit_it(found):
    width = 0.5
    days = [-30.0, -width - 1e-6, -width, width, width + 1e-6, 30.0]
    sharp = shaped(found, days, [0.0, 0.0, 1.0, 1.0, 0.0, 0.0])
    for sd in (1.0, 3.0):
        chance = norm.cdf(width, scale=sd) - norm.cdf(-width, scale=sd)
        assert sharp.expected(0.0, normal(sd)) == pytest.approx(chance, rel=0.15)


def test_a_dose_is_planned_early_where_early_is_better_than_late(found):
    ramp = shaped(found, [-20.0, 0.0, 0.01, 10.0], [0.5, 1.0, 0.0, 0.0])
    assert ramp.best_plan(normal(3.0))[0] < -2.0


def test_the_window_is_read_off_the_curve(found):
    tent = shaped(found, [-10.0, 0.0, 5.0], [0.0, 1.0, 0.0])
    assert tent.window() == pytest.approx((-5.0, 2.5), abs=0.11)


@pytest.mark.parametrize("given", [normal(2.0), uniform(-1, 4), listed([1.0, 2.0, 9.0], [1, 1, 2])])
def test_chances_sum_to_1(given):
    assert given.weights.sum() == pytest.approx(1.0)
    assert (given.weights >= 0).all()


def test_moments_of_the_distributions():
    assert normal(3.0, mean=1.0).mean(lambda day: day) == pytest.approx(1.0)
    assert uniform(0.0, 6.0).mean(lambda day: (day - 3) ** 2) == pytest.approx(3.0, rel=0.01)


def test_doses_repeat_around_the_induction():
    for interval in (2.0, 7.0, 28.0):
        for share in PHASES:
            days = [
                line.day
                for line in repeated(Bolus("1 g/kg"), interval=interval, phase=share * interval).lines
            ]
            assert np.allclose(np.diff(days), interval)
            before = [day for day in days if day <= RELAPSE_DAY]
            assert RELAPSE_DAY - before[-1] == pytest.approx(share * interval)
            assert before[0] >= RELAPSE_DAY - BEFORE


def test_the_curve_is_that_of_timing(found):
    own = timing("da", induction="relapse", days=[-14, -7, -3, 0, 2, 5], animals=60, seed=1)
    panel = next(each for each in own.panels if each.adjuvant == "none")
    pd.testing.assert_frame_equal(
        found.curve, own.rows(panel).sort_values("day", ignore_index=True), check_like=True
    )


def test_more_often_does_more_and_antibodies_take_away(found):
    assert found.worst(7.0).effect.value > found.worst(28.0).effect.value
    assert found.worst(7.0, ON).effect.value < found.worst(7.0, OFF).effect.value + 0.02
    assert set(found.maintenance_table()["antibodies"]) == {"off", "on"}


def test_what_is_told_of_it(found):
    assert found.sentence().startswith("A dose of 1 g/kg does most on day")
    survives = found.uncertainty_table()["survives"].to_numpy()
    assert (np.diff(survives[1:]) <= 1e-9).all()


@pytest.mark.parametrize(
    "wrong",
    [{"adjuvant": "incomplete"}, {"loss": 1.0}, {"intervals": [0.5]}, {"intervals": [40]}, {"dose": "1 g"}],
)
def test_what_cannot_be_asked_is_said(wrong):
    with pytest.raises((ProtocolError, Exception)) as caught:
        mistiming(None, animals=4, days=[0], **wrong)
    assert type(caught.value).__module__ == "eaesim.errors"


def test_the_table_of_a_file_is_checked():
    def read(table):
        return MistimingRequest.from_table(table)

    given = {"kind": "uniform", "low": -3, "high": "3 days"}
    assert read({"distribution": given}).distribution.title == "uniform, days -3 to 3"
    with pytest.raises(UnknownNameError, match='did you mean "normal"'):
        read({"distribution": {"kind": "normall"}})
    with pytest.raises(UnknownNameError, match='did you mean "sd"'):
        read({"distribution": {"kind": "normal", "sdd": 3}})
    with pytest.raises(ProtocolError, match="is not a table"):
        read({"distribution": "normal"})
    with pytest.raises(ProtocolError, match='has no "sd"'):
        read({"distribution": {"kind": "normal"}})


@pytest.mark.parametrize(
    "given", [normal(2.0), normal(2.0, mean=1.0), uniform(-1, 4), listed([1.0, 9.0], [1.0, 2.0])]
)
def test_a_distribution_survives_its_table(given):
    again = MistimingRequest(distribution=MistimingRequest(distribution=given).changed()["distribution"])
    assert again.distribution == given
    np.testing.assert_array_equal(again.distribution.weights, given.weights)


@pytest.mark.parametrize(
    "wrong", [lambda: normal(-1.0), lambda: uniform(3, 1), lambda: listed([]), lambda: listed([1.0], [0.0])]
)
def test_a_distribution_that_cannot_be_is_refused(wrong):
    with pytest.raises(ProtocolError):
        wrong()


def test_the_figure_is_of_one_run_and_to_scale(found, texts):
    curve, repeated_axes = (
        plot(found).axes[0],
        [axes for axes in plot(found).axes if "doses" in axes.get_xlabel()],
    )
    drawn = [line for line in curve.lines if len(line.get_xdata()) == len(found.curve)]
    assert drawn[0].get_ydata() == pytest.approx(100 * found.curve["effect"].to_numpy())
    half = 100 * (1 - found.loss) * found.best[1]
    for axes, antibodies in zip(repeated_axes, (OFF, ON), strict=True):
        lines = {tuple(line.get_ydata()) for line in axes.lines if list(line.get_xdata()) == [7, 28]}
        worst = [100 * found.worst(interval, antibodies).effect.value for interval in (7.0, 28.0)]
        assert any(line == pytest.approx(worst) for line in lines)
        assert any(list(line.get_ydata()) == pytest.approx([half, half]) for line in axes.lines)
    assert any(f"day known: {100 * found.best[1]:.0f} % at best" == text for text in texts(plot(found)))


def test_the_title_names_whole_days_that_keep_half(found):
    wide = shaped(found, [-10.0, -8.9, 0.0, 2.0, 2.5], [0.1, 0.5, 1.0, 0.5, 0.1])
    assert whole_window(wide) == (-8.0, 2.0)
    sharp = shaped(found, [-0.4, 0.3, 0.9], [0.0, 1.0, 0.0])
    assert whole_window(sharp) == (0.0, 0.0)


def test_the_page_keeps_the_style(found, page_faults):
    unsure = replace(found, distribution=listed([-3.0, 4.0], [1.0, 2.0]))
    alone = replace(found, maintenance={OFF: (), ON: ()}, panel=replace(found.panel, members=1))
    one = {
        kind: tuple(each for each in runs if each.interval == 7) for kind, runs in found.maintenance.items()
    }
    for each in (found, unsure, alone, replace(found, maintenance=one)):
        assert page_faults(plot(each)) == []
