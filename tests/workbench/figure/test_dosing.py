from __future__ import annotations

import numpy as np

from eaesim.protocol import Arm, Bolus, Infusion
from eaesim.study import Result, Study
from eaesim.workbench.figure.dosing import dosings


def test_triggered_rats_are_those_that_were_dosed(result: Result, relapse_result: Result) -> None:
    for found, name in ((result, "at onset"), (relapse_result, "at relapse")):
        days = found.simulation.triggered[name, 0]
        assert (~np.isnan(days)).tolist() == found.simulation.dosed[found.place(name)].tolist()


def test_before_its_dose_a_triggered_rat_is_like_its_control(result: Result) -> None:
    """The day is found in the treated course, and must be that of the untreated one."""
    days = result.simulation.triggered["at onset", 0]
    onset = result.endpoint("vehicle", "onset_day")
    assert days.tolist() == (onset + 1).tolist()


def test_repeats_infusions_and_doses_of_nothing() -> None:
    infusion = Infusion("0.4 g/kg", over="12 h", every="2 day", doses=3)
    result = Study("lewis", until=6, arms=[Arm("all", infusion.at(day=1), Bolus("0 g/kg").at(day=2))]).run(
        animals=2
    )
    (found,) = dosings(result, result.design.arms[0])
    assert (found.days, found.over, found.note) == ((1.0, 3.0, 5.0), 0.5, "")


def test_a_sign_that_never_comes_gives_no_day() -> None:
    arm = Arm("late", Bolus("1 g/kg").at(onset="score >= 1"))
    result = Study("lewis", until=3, arms=[arm]).run(animals=2)
    (found,) = dosings(result, result.design.arms[0])
    assert found.days == ()
    assert found.note == "at first signs: no rat"
