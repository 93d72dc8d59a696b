"""What may be recorded besides states of the animal: drugs, derived quantities, exposures."""

from __future__ import annotations

import numpy as np
import pytest

from eaesim.errors import UnknownNameError
from eaesim.model import Drug, load
from eaesim.model.derived import INFILTRATE_PER_GRAM
from eaesim.model.pharmacy import load_drug
from eaesim.protocol import Arm, Bolus, Infusion
from eaesim.study import Study
from eaesim.study.recorded import daily, exposures, recordable

LATE = load_drug("late_acting")
BLOCKER = Drug.from_table(
    "fcrn_blocker",
    title="blocker of FcRn",
    source="assumed",
    disposition={"volume": "40 mL/kg", "elimination": "0.5 1/day"},
    action=[{"does": "competes_for_fcrn", "per_concentration": 100.0}],
)
RECORD = ("igg_plasma", "inflammation", "bystander_cns", "barrier_leak", "igg_cns", "infiltrate")


def value(drug: Drug, name: str) -> float:
    return drug.parameters[drug.own(name)].value


@pytest.mark.parametrize("engine", ["lanes", "reference"])
def test_derived_quantities_follow_from_the_states_at_the_same_time(engine):
    arms = [Arm("vehicle"), Arm("IVIG", Bolus("1 g/kg").at(day=10))]
    result = Study("lewis", until=18, arms=arms).run(
        animals=2, members=1, record=RECORD, engine=engine, accuracy="courses"
    )
    table, rat = result.courses_table(), load("lewis").parameters("none")
    assert list(table.columns[4:]) == list(RECORD)
    # The lanes compute in single precision.
    expected = INFILTRATE_PER_GRAM * table["bystander_cns"]
    np.testing.assert_allclose(table["infiltrate"], expected, rtol=1e-6)
    assert table["infiltrate"].max() > 1e6
    share = rat.igg_cns_intact + table["barrier_leak"]
    expected = table["igg_plasma"] * (share + rat.cns_reads_plasma * (1 - share))
    # Rats do not differ in how much reaches the CNS through a closed barrier.
    np.testing.assert_allclose(table["igg_cns"], expected, rtol=1e-6, atol=1e-12)
    assert table.groupby("arm")["igg_cns"].max().to_dict()["vehicle"] == 0


def test_compartments_of_a_drug_are_recorded_and_are_0_where_it_is_not_given():
    dose = Bolus("1 mg/kg", drug="late_acting", every=3, doses=2).at(day=1)
    record = ("late_acting_plasma", "late_acting_plasma_peak", "late_acting_plasma_area")
    result = Study("lewis", until=12, arms=[Arm("vehicle"), Arm("late", dose)]).run(
        animals=2, members=1, record=record, courses=True
    )
    courses, animals = (
        table[table["arm"] == "late"] for table in (result.courses_table(), result.animals_table())
    )
    assert list(courses.columns[4:]) == ["late_acting_plasma"]
    # From the second dose on it is higher than after the first; a daily reading misses both.
    assert (
        animals["late_acting_plasma_peak"].to_numpy() > courses.groupby("animal")["late_acting_plasma"].max()
    ).all()
    without = result.animals_table().query("arm == 'vehicle'")
    assert (without[list(record[1:])] == 0).all(axis=None)


def test_peak_and_area_are_those_of_the_closed_form():
    rate = LATE.own("elimination")
    arms = [Arm("bolus", Bolus("2 mg/kg", drug="late_acting").at(day=0.25))]
    arms += [Arm("infusion", Infusion("2 mg/kg", drug="late_acting", over="6 h").at(day=0.25))]
    rat = load("lewis").replace(**{rate: 0.35})
    result = Study(rat, until=10, arms=arms).run(animals=1, members=1, record=("late_acting_plasma",))
    plasma = result.plasma
    volume = value(LATE, "volume")
    for arm in ("bolus", "infusion"):
        typical = plasma.exposure(arm, typical=True, of="late_acting_plasma")
        end = 10 - 0.25
        if arm == "bolus":
            peak, area = 2 / volume, 2 / volume / 0.35 * (1 - np.exp(-0.35 * end))
        else:
            height = 2 / 0.25 / volume / 0.35
            peak = height * (1 - np.exp(-0.35 * 0.25))
            area = height * 0.25 - peak / 0.35 + peak / 0.35 * (1 - np.exp(-0.35 * (end - 0.25)))
        assert typical.peak == pytest.approx(peak, rel=1e-5)
        assert typical.area == pytest.approx(area, rel=1e-4)


def test_a_blocker_of_fcrn_shortens_the_exposure_to_igg_as_in_the_whole_run():
    both = Bolus("1 g/kg").at(day=0) + Bolus("30 mg/kg", drug=BLOCKER).at(day=2)
    arms = [Arm("vehicle"), Arm("IVIG", Bolus("1 g/kg").at(day=0)), Arm("both", both)]
    result = Study("lewis", until=20, arms=arms).run(
        animals=3, members=1, record=("igg_plasma",), accuracy="courses"
    )
    recorded = result.courses_table()
    for arm in ("IVIG", "both"):
        days = np.searchsorted(result.plasma.course(arm).days, np.arange(21.0))
        own = recorded[recorded["arm"] == arm]["igg_plasma"].to_numpy().reshape(3, 21)
        np.testing.assert_allclose(result.plasma.course(arm).before[:, days], own, rtol=1e-4, atol=1e-6)
    areas = result.animals_table().groupby("arm")["igg_plasma_area"].mean()
    assert areas["both"] < 0.8 * areas["IVIG"]
    peaks = result.animals_table().groupby("arm")["igg_plasma_peak"].mean()
    assert peaks["both"] == pytest.approx(peaks["IVIG"])


def test_what_cannot_be_recorded_is_refused_with_the_closest_name():
    study = Study("lewis", until=5, arms=[Arm("vehicle")])
    with pytest.raises(UnknownNameError, match='did you mean "infiltrate"'):
        study.run(animals=1, members=1, record=("infiltrat",))
    with pytest.raises(UnknownNameError, match="late_acting_plasma"):
        study.run(animals=1, members=1, record=("late_acting_plasma",))
    assert "late_acting_plasma" in recordable()
    assert daily(("infiltrate", "igg_plasma_area")) == ("infiltrate",)
    assert exposures(("infiltrate", "igg_cns")) == {}
