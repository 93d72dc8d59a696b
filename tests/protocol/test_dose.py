from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eaesim.errors import EaesimError, ProtocolError, QuantityError, UnknownNameError
from eaesim.protocol.dose import Bolus, Infusion, parse_dose


@given(data=st.data())
def test_text_reads_back_as_the_same_dose(data: st.DataObject, generated: SimpleNamespace) -> None:
    dose = data.draw(generated.doses)
    assert parse_dose(dose.text(), drug=dose.drug, route=dose.route, mechanism=dose.mechanism) == dose


@given(data=st.data())
def test_a_dose_can_be_made_again_from_its_own_fields(
    data: st.DataObject, generated: SimpleNamespace
) -> None:
    dose = data.draw(generated.doses)
    assert replace(dose) == dose


@pytest.mark.parametrize(
    ("text", "dose"),
    [
        ("1 g/kg", Bolus("1 g/kg")),
        ("400 mg/kg", Bolus("0.4 g/kg")),
        ("1 g/kg over 4 h", Infusion("1 g/kg", over="4 h")),
        ("0.4 g/kg every 1 day x 5", Bolus("0.4 g/kg", every=1, doses=5)),
        ("0.4 g/kg every 24 h x5", Bolus("0.4 g/kg", every="1 day", doses=5)),
        ("0.4 g/kg  over 4 h every 1 day × 5", Infusion("0.4 g/kg", over=4 / 24, every=1, doses=5)),
        ("0 g/kg", Bolus("0 mg/kg")),
    ],
)
def test_texts_of_the_contract(text: str, dose: Bolus | Infusion) -> None:
    assert parse_dose(text) == dose


@pytest.mark.parametrize(
    "text",
    [
        "-1 g/kg", "1", "1 mg", "1 g", "1 mL/kg", "inf g/kg", "nan g/kg", "1e306 g/kg", "a lot", "", "g/kg",
        "1 g/kg over", "1 g/kg over 0 h", "1 g/kg over -4 h", "1 g/kg over 4 g", "1 g/kg every 1 day",
        "1 g/kg x 5", "1 g/kg every 1 day x 0", "1 g/kg every 1 day x -2", "1 g/kg every 1 day x 2.5",
        "1 g/kg every 0 day x 5", "1 g/kg every 1 day x 5 over 4 h", "1 g/kg over 4 h over 4 h",
        "1 g/kg every 1 day x 1001",
    ],
)  # fmt: skip
def test_a_dose_that_cannot_be_read(text: str) -> None:
    with pytest.raises(QuantityError) as caught:
        parse_dose(text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", [None, 3, ["1 g/kg"], True])
def test_a_dose_that_is_no_text(text: Any) -> None:
    with pytest.raises(QuantityError):
        parse_dose(text)
    with pytest.raises(QuantityError):
        Bolus(text)


def test_milligrams_are_not_milligrams_per_kilogram() -> None:
    with pytest.raises(QuantityError, match="mg/kg"):
        Bolus("300 mg")


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"drug": "ivg"}, UnknownNameError, 'did you mean "ivig"'),
        ({"route": "i.v."}, UnknownNameError, "iv, ip, sc"),
        ({"route": None}, UnknownNameError, "iv, ip, sc"),
        ({"mechanism": "H8"}, UnknownNameError, "H1a"),
        ({"mechanism": "H2", "drug": "late_acting"}, UnknownNameError, "mechanism of late_acting"),
        ({"doses": 5}, ProtocolError, "time between"),
        ({"doses": 0}, QuantityError, "doses"),
        ({"doses": 2.0, "every": 1}, QuantityError, "doses"),
        ({"doses": True}, QuantityError, "doses"),
        ({"doses": 2, "every": -1}, QuantityError, "every"),
    ],
)
def test_arguments_that_cannot_be(arguments: dict[str, Any], error: type[EaesimError], words: str) -> None:
    with pytest.raises(error, match=words):
        Bolus("1 g/kg", **arguments)


@pytest.mark.parametrize("route", ["ip", "sc"])
def test_only_a_vein_is_infused(route: str) -> None:
    with pytest.raises(ProtocolError, match="bolus"):
        Infusion("1 g/kg", over="4 h", route=route)


def test_an_infusion_too_short_for_a_rate() -> None:
    with pytest.raises(QuantityError, match="too short"):
        Infusion("1 g/kg", over=1e-310)


def test_a_bolus_is_no_infusion_of_the_same_amount() -> None:
    assert Bolus("1 g/kg") != Infusion("1 g/kg", over="4 h")
    assert Bolus("1 g/kg").over == 0


def test_a_dose_cannot_be_changed_and_stands_in_sets() -> None:
    with pytest.raises(FrozenInstanceError):
        Bolus("1 g/kg").route = "ip"  # type: ignore[misc]
    assert len({Bolus("1 g/kg"), Bolus("1000 mg/kg")}) == 1


@pytest.mark.parametrize(
    "times",
    [
        {},
        {"day": 0, "onset": "score >= 1"},
        {"onset": "score >= 1", "relapse": "score rise >= 1"},
        {"day": 0, "after": 1},
        {"onset": "score > 1"},
        {"onset": "score rise >= 1"},
        {"relapse": "score >= 1"},
        {"onset": "score >= 0"},
        {"onset": "score >= -1"},
        {"onset": "score >= 1e999"},
        {"onset": 1},
    ],
)
def test_times_that_do_not_say_when(times: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError):
        Bolus("1 g/kg").at(**times)


@pytest.mark.parametrize(
    "times",
    [
        {"day": float("inf")},
        {"day": float("nan")},
        {"day": "noon"},
        {"day": "3 kg"},
        {"day": True},
        {"onset": "score >= 1", "after": 0.5},
        {"onset": "score >= 1", "after": -1},
        {"onset": "score >= 1", "after": "12 h"},
    ],
)
def test_times_that_cannot_be_read(times: dict[str, Any]) -> None:
    with pytest.raises(QuantityError):
        Bolus("1 g/kg").at(**times)


def test_days_may_be_text_and_before_the_induction() -> None:
    assert Bolus("1 g/kg").at(day="12 h") == Bolus("1 g/kg").at(day=0.5)
    assert Bolus("1 g/kg").at(day="-7 day").lines[0].day == -7
