from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eaesim.errors import EaesimError, ProtocolError, QuantityError, UnknownNameError
from eaesim.protocol.arm import Arm
from eaesim.protocol.design import Design
from eaesim.protocol.dose import Bolus
from eaesim.protocol.induction import Immunisation, Relapse, Transfer

IVIG = Bolus("1 g/kg")
INDUCED = [Immunisation()]


@pytest.mark.parametrize("until", [0, -3, 1.5, float("inf"), float("nan"), "40 mg", "long", True, None, 1e12])
def test_until_is_a_whole_number_of_days_above_0(until: Any) -> None:
    with pytest.raises(QuantityError, match="until"):
        Design(until, INDUCED, [Arm("vehicle")])


def test_until_may_be_text() -> None:
    assert Design("6 week", INDUCED, [Arm("vehicle")]).until == 42


@pytest.mark.parametrize("arms", [[], [Arm("a"), Arm("a")], ["vehicle"], IVIG])
def test_arms_that_make_no_study(arms: Any) -> None:
    with pytest.raises(ProtocolError):
        Design(40, INDUCED, arms)


def test_the_control() -> None:
    arms = [Arm("first"), Arm("vehicle")]
    assert Design(40, INDUCED, arms).control == "vehicle"
    assert Design(40, INDUCED, arms[:1]).control == "first"
    assert Design(40, INDUCED, arms, control="first").control == "first"
    with pytest.raises(UnknownNameError, match='did you mean "vehicle"'):
        Design(40, INDUCED, arms, control="vehicel")


@pytest.mark.parametrize(
    "arm",
    [
        Arm("late", IVIG.at(day=41)),
        Arm("late", IVIG.at(day=40.5)),
        Arm("late", Bolus("1 g/kg", every=1, doses=6).at(day=36)),
        Arm("late", inductions=[Immunisation(), Relapse(41)]),
    ],
)
def test_nothing_lies_past_the_end(arm: Arm) -> None:
    with pytest.raises(ProtocolError, match=r'arm "late": .* on day 4\d?.*until day 40'):
        Design(40, INDUCED, [Arm("vehicle"), arm])


def test_an_induction_of_the_study_past_the_end() -> None:
    with pytest.raises(ProtocolError, match="induction on day 50"):
        Design(40, [Immunisation(), Relapse(50)], [Arm("vehicle")])


def test_the_last_day_itself_is_allowed() -> None:
    design = Design(40, [Immunisation(), Relapse(40)], [Arm("x", IVIG.at(day=40), IVIG.at(day=-20))])
    assert design.inductions[-1].day == design.until == 40


def test_the_first_induction_is_day_0_or_there_is_none() -> None:
    with pytest.raises(ProtocolError, match="day 0"):
        Design(40, [Transfer(3)], [Arm("vehicle")])
    assert Design(40, [], [Arm("healthy")]).inductions == ()


def test_mechanisms() -> None:
    assert Design(40, INDUCED, [Arm("x")], mechanism="H2+H1a").mechanism == "H1a+H2"
    assert Design(40, INDUCED, [Arm("x")], mechanism="none").mechanism == "none"
    with pytest.raises(UnknownNameError):
        Design(40, INDUCED, [Arm("x")], mechanism="H1")
    mixed = Arm("x", IVIG.at(day=0), Bolus("1 g/kg", mechanism="H2").at(day=1))
    assert Design(40, INDUCED, [mixed], mechanism="H2").arms == (mixed,)
    with pytest.raises(ProtocolError, match="plasma IgG"):
        Design(40, INDUCED, [mixed], mechanism="H1a")


@given(data=st.data())
def test_a_design_can_be_made_again_and_prints_in_80_columns(
    data: st.DataObject, generated: SimpleNamespace
) -> None:
    design = data.draw(generated.study_files).design
    assert replace(design) == design
    text = str(design)
    assert all(arm.name in text for arm in design.arms)
    assert all(len(line) <= 80 for line in text.splitlines())


def test_the_print_of_a_design() -> None:
    arms = [Arm("vehicle"), Arm("early", IVIG.at(day=-7), mechanism="H7", inductions=[Transfer(cells=5e4)])]
    assert str(Design(35, [Immunisation()], arms)).splitlines() == [
        "days 0 to 35, mechanism H1a, control: vehicle",
        "",
        "inductions",
        "  day 0: immunisation, complete adjuvant",
        "  days: -7 |----------o----------------------------------------------------| 35",
        "",
        "vehicle",
        "  no dose",
        "",
        "early (mechanism H7)",
        "  with inductions of its own:",
        "  day 0: transfer, 50000 cells",
        "  days: -7 |----------o----------------------------------------------------| 35",
        "  day  dose    over  drug  route  mL/kg",
        "  -7   1 g/kg        ivig  iv     10",
        "  days: -7 |o--------------------------------------------------------------| 35",
    ]


def test_one_root_catches_all() -> None:
    with pytest.raises(EaesimError):
        Design(40, INDUCED, [])
