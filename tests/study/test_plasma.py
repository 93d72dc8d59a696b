"""Given IgG between daily readings, held against closed forms and a simulator that nobody here wrote."""

from __future__ import annotations

import numpy as np
import pytest

from eaesim.interop import sbml_text
from eaesim.model import load
from eaesim.protocol import Arm, Bolus, Infusion
from eaesim.study import Study
from eaesim.study.plasma import Moments, Plasma
from eaesim.study.plasmaruns import typical_peaks

REGIMENS = {
    "bolus": Bolus("1 g/kg").at(day=0),
    "infusion": Infusion("1 g/kg", over="4 h").at(day=0),
    "slowly": Infusion("1 g/kg", over="3 day").at(day=4.4),
    "five": Infusion("0.4 g/kg", over="4 h", every="1 day", doses=5).at(day=-2.3),
    "ip": Bolus("2 g/kg", route="ip").at(day=3.2),
    "sc": Bolus("1 g/kg", route="sc", every="0.7 day", doses=3).at(day=3.2),
    "back to back": Infusion("0.4 g/kg", over="8 h", every="8 h", doses=6).at(day=7),
    "into another": Bolus("1 g/kg").at(day=2.05) + Infusion("1 g/kg", over="6 h").at(day=2),
}
LEVEL = 3.0


def run(regimen, *, until=16, animals=1, **settings):
    arms = [Arm("vehicle"), Arm("given", *([] if regimen is None else [regimen]))]
    return Study("lewis", until=until, arms=arms).run(animals=animals, **settings)


def densely(regimen, until=16):
    """Return the plasma of the exported rat in libroadrunner: days and values, some right after a dose."""
    roadrunner = pytest.importorskip("roadrunner")
    study = Study("lewis", until=until, arms=[Arm("given", regimen)])
    runner = roadrunner.RoadRunner(sbml_text(study))
    runner.integrator.relative_tolerance = 1e-10
    runner.integrator.maximum_num_steps = 100_000
    runner.timeCourseSelections = ["time", "igg_plasma"]
    first = min([0.0, *(row.day for row in regimen.table())])
    doses = np.array([row.day for row in regimen.table()])
    # A second after each dose, what is left of it is the peak to five digits.
    times = np.linspace(first, until, 12_001)
    times = np.unique(np.concatenate([times, doses + 1e-5, [first]])) - first
    days, values = np.array(runner.simulate(times=times.tolist())).T
    return days + first, values


@pytest.mark.parametrize(
    "name",
    [pytest.param(each, marks=[pytest.mark.slow] * (place > 2)) for place, each in enumerate(REGIMENS)],
)
def test_peak_area_and_days_above_are_those_of_the_exported_file(name):
    days, values = densely(REGIMENS[name])
    found = run(REGIMENS[name]).plasma.exposure("given", level=LEVEL, typical=True)
    assert found.peak[0] == pytest.approx(values.max(), rel=1e-3)
    assert found.area[0] == pytest.approx(np.trapezoid(values, days), rel=1e-3)
    above = np.diff(days)[(values[1:] > LEVEL)].sum()
    assert found.days_above[0] == pytest.approx(above, rel=1e-2)


def test_a_bolus_of_a_gram_is_25_and_ranks_above_an_infusion_which_ranks_above_a_slower_one():
    peaks = [
        run(regimen).plasma.exposure("given", typical=True).peak[0]
        for regimen in (
            Bolus("1 g/kg").at(day=0),
            Infusion("1 g/kg", over="5 min").at(day=0),
            Infusion("1 g/kg", over="4 h").at(day=0),
            Infusion("1 g/kg", over="2 day").at(day=0),
        )
    ]
    assert peaks[0] == 1000.0 / load("lewis").parameters().igg_volume_plasma
    assert peaks == sorted(peaks, reverse=True)
    assert len(set(peaks)) == 4


def test_peak_area_and_days_above_of_a_curve_in_closed_form():
    # Two doses of 8 and 4 that fall by half each day, read once and again a day later.
    moments = Moments.of([()], until=6)
    given = moments.days >= 2.0
    decays = 8.0 * 0.5**moments.days + np.where(given, 4.0 * 0.5 ** (moments.days - 2.0), 0.0)
    before = decays - np.where(moments.days == 2.0, 4.0, 0.0) - np.where(moments.days == 0.0, 8.0, 0.0)
    plasma = Plasma(moments, before[None], decays[None])
    assert plasma.peak.tolist() == [8.0]
    area = (8.0 * (1 - 0.5**6) + 4.0 * (1 - 0.5**4)) / np.log(2)
    assert plasma.area[0] == pytest.approx(area, rel=1e-4)
    # 3 is crossed at log2(8/3), passed again by the dose on day 2, and crossed at 2 + log2(6/3).
    assert plasma.days_above(3.0)[0] == pytest.approx(np.log2(8 / 3) + 1.0, rel=1e-3)
    assert plasma.days_above(100.0).tolist() == [0.0]
    assert plasma.days_above(-1.0).tolist() == pytest.approx([6.0])


def test_the_top_between_two_times_is_found():
    moments = Moments.of([()], until=4)
    days = moments.days
    curve = (5.0 - (days - 2.07) ** 2)[None]
    assert Plasma(moments, curve, curve).peak[0] == pytest.approx(5.0, rel=1e-9)
    assert curve.max() < 5.0 - 1e-4


@pytest.mark.parametrize("until", [1, 7])
def test_simpson_s_rule_is_exact_for_a_cubic(until):
    moments = Moments.of([()], until=until)
    cubic = (moments.days**3)[None]
    assert Plasma(moments, cubic, cubic).area[0] == pytest.approx(until**4 / 4)


@pytest.mark.parametrize(
    "regimen",
    [REGIMENS["five"], Bolus("1 g/kg", every="1 day", doses=3).at(onset="score >= 1"), REGIMENS["bolus"]],
)
def test_on_whole_days_every_rat_has_what_was_recorded(regimen):
    result = run(regimen, until=30, animals=30, seed=4)
    plasma = result.plasma.course("given")
    whole = np.isin(plasma.days, result.days)
    recorded = result.simulation.states["igg_plasma"][1]
    np.testing.assert_allclose(plasma.before[:, whole], recorded, rtol=1e-5, atol=1e-5)
    assert (plasma.peak >= recorded.max(axis=1)).all()


def test_rats_that_wait_have_the_doses_of_each():
    result = run(Bolus("1 g/kg").at(onset="score >= 1"), until=30, animals=60, seed=6)
    never = np.isnan(result.simulation.triggered["given", 0])
    assert 0 < never.sum() < 60
    own, typical = result.plasma.exposure("given"), result.plasma.exposure("given", typical=True)
    assert (own.peak[never] == 0).all()
    assert (typical.peak == np.where(never, 0.0, 25.0)).all()
    assert len(set(own.peak[~never])) == (~never).sum()


def test_parts_are_the_whole(monkeypatch):
    whole = run(REGIMENS["five"], animals=7).plasma.exposure("given", level=LEVEL)
    monkeypatch.setattr("eaesim.study.plasmaruns.AT_ONCE", 400)
    parts = run(REGIMENS["five"], animals=7).plasma.exposure("given", level=LEVEL)
    np.testing.assert_allclose(whole.peak, parts.peak, rtol=1e-14)
    np.testing.assert_allclose(whole.days_above, parts.days_above, rtol=1e-12)


def test_no_igg_is_no_exposure():
    found = run(None, animals=3).plasma.exposure("given", level=LEVEL)
    assert [found.peak.tolist(), found.area.tolist(), found.days_above.tolist()] == [[0.0] * 3] * 3
    other = run(Bolus("1 mg/kg", drug="late_acting").at(day=3)).plasma.exposure("given")
    assert other.peak.tolist() == [0.0]


def test_a_rat_that_failed_has_none():
    moments = Moments.of([()], until=2)
    nothing = np.full((1, len(moments.days)), np.nan)
    lost = Plasma(moments, nothing, nothing)
    assert np.isnan([*lost.peak, *lost.area, *lost.days_above(3.0)]).all()


def test_a_course_for_drawing_holds_both_sides_of_a_dose():
    days, values = (
        run(Bolus("1 g/kg", every="2.5 day", doses=2).at(day=1), members=1).plasma.course("given").course()
    )
    twice = days[1:][np.diff(days) == 0]
    assert twice.tolist() == [1.0, 3.5]
    places = np.flatnonzero(days == 3.5)
    assert values[0, places[1]] > values[0, places[0]] + 20
    assert (np.diff(days) >= 0).all()


def test_the_highest_of_the_typical_rat_by_arm():
    arms = [Arm(name, regimen) for name, regimen in REGIMENS.items()]
    peaks = typical_peaks(load("lewis"), Study("lewis", until=16, arms=arms).design)
    own = [run(regimen).plasma.exposure("given", typical=True).peak[0] for regimen in REGIMENS.values()]
    assert peaks == pytest.approx(own, rel=2e-4)


def test_animals_have_peak_and_area_where_plasma_is_recorded():
    table = run(REGIMENS["bolus"], animals=3, members=1).animals_table()
    assert (table.query("arm == 'given'")["igg_plasma_peak"] > 15).all()
    assert (table.query("arm == 'vehicle'")["igg_plasma_area"] == 0).all()
    assert "igg_plasma_peak" not in run(REGIMENS["bolus"], animals=3, record=()).animals_table()
    assert "igg_plasma_peak" not in run(REGIMENS["bolus"], animals=3, courses=False).animals_table()


def test_a_second_drug_changes_no_exposure_to_igg() -> None:
    igg, other = Bolus("1 g/kg").at(day=2), Bolus("10 mg/kg", route="ip", drug="methylprednisolone").at(day=3)
    arms = [Arm("vehicle"), Arm("igg", igg), Arm("both", igg + other)]
    result = Study("lewis", until=12, arms=arms).run(animals=3, members=1, courses=False)
    alone, both = (result.plasma.exposure(arm, level=1.0) for arm in ("igg", "both"))
    assert np.array_equal(alone.peak, both.peak)
    assert np.array_equal(alone.area, both.area)
