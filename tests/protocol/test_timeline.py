from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eaesim.model.pharmacy import load_drug
from eaesim.protocol.dose import Bolus, Infusion
from eaesim.protocol.induction import Immunisation, Relapse, Transfer
from eaesim.protocol.regimen import Regimen
from eaesim.protocol.timeline import MOMENT, Event, arm_events, dose_events, induction_events, one_time


@given(data=st.data(), start=st.floats(-10, 40))
def test_events_add_as_much_as_the_regimen_gives(
    data: st.DataObject, start: float, generated: SimpleNamespace
) -> None:
    line = data.draw(generated.regimens).lines[0]
    events = dose_events(line, start=start)
    rate_states = {load_drug(name).infusion for name in ("ivig", "late_acting")}
    given_mg = sum(event.amount for event in events if event.state not in rate_states)
    # The area under a rate that is added at one time and taken away at another.
    given_mg -= sum(event.amount * (event.day - start) for event in events if event.state in rate_states)
    assert given_mg == pytest.approx(line.dose.amount * line.dose.doses, rel=1e-9, abs=1e-9)


@given(data=st.data(), start=st.floats(-10, 40))
def test_every_infusion_ends(data: st.DataObject, start: float, generated: SimpleNamespace) -> None:
    dose = data.draw(generated.doses)
    rates: dict[str, list[float]] = defaultdict(list)
    for event in dose_events(dose.at(day=0).lines[0], start=start):
        if dose.over:
            rates[event.state].append(event.amount)
    for amounts in rates.values():
        assert sum(amounts) == 0
        assert len(amounts) == 2 * dose.doses


@given(data=st.data())
@settings(max_examples=40)
def test_the_events_of_an_arm_are_in_order_and_complete(
    data: st.DataObject, generated: SimpleNamespace
) -> None:
    inductions = data.draw(generated.inductions)
    regimen = sum(data.draw(st.lists(generated.regimens, max_size=3)), Regimen())
    triggered = {place: 12.0 for place, line in enumerate(regimen.lines) if line.trigger}
    events = arm_events(inductions, regimen, triggered=triggered)
    days = [event.day for event in events]
    assert days == sorted(days)
    parts = [induction_events(inductions)]
    parts += [dose_events(line, start=12.0 if line.day is None else line.day) for line in regimen.lines]
    moments = one_time(event.day for part in parts for event in part)
    if not moments:
        assert sorted(map(repr, events)) == sorted(repr(event) for part in parts for event in part)
    assert {event.day for event in events} == {
        moments.get(event.day, event.day) for part in parts for event in part
    }


@given(
    days=st.lists(
        st.floats(-10, 40)
        | st.builds(
            lambda day, apart: day + apart,
            st.sampled_from([0.0, 3.0, 3.3, 7.0 / 3.0]),
            st.floats(-4 * MOMENT, 4 * MOMENT),
        ),
        max_size=12,
    )
)
def test_times_are_one_or_lie_apart(days: list[float]) -> None:
    moments = one_time(days)
    left = sorted({moments.get(day, day) for day in days})
    assert all(second - first > MOMENT for first, second in pairwise(left))
    assert all(abs(day - stands) <= MOMENT for day, stands in moments.items())
    assert not moments.keys() & moments.values()
    assert all(day == round(day) or abs(day - round(day)) > MOMENT for day in left)
    assert one_time(left) == {}


@pytest.mark.parametrize(
    "regimen",
    [
        *(
            Infusion("0.4 g/kg", over=f"{hours} h", every=f"{hours} h", doses=6).at(day=day)
            for hours in (1, 2, 4, 5, 8, 0.3)
            for day in (2, 7, -3, 0.1)
        ),
        Bolus("0.4 g/kg", every="0.1 day", doses=4).at(day=0) + Bolus("2 g/kg").at(day=0.3),
    ],
)
def test_doses_that_follow_each_other_meet_at_one_time(regimen: Regimen) -> None:
    line = regimen.lines[0]
    events = arm_events([Immunisation()], regimen, triggered={})
    days = sorted({event.day for event in events} - {0.0})
    expected = sorted(
        {
            line.day + repeat * line.dose.every
            for repeat in range(line.dose.doses + (1 if line.dose.over else 0))
        }
        - {0.0}
    )
    assert days == pytest.approx(expected, abs=1e-9)
    rates = [event.amount for event in events if event.state == "igg_infusion"]
    assert sum(rates) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("over", ["1e-300 day", "1e-17 day", "9e-6 day", "0.8 s"])
@pytest.mark.parametrize("day", [0, 14, 3.3])
def test_an_infusion_of_no_length_is_a_bolus(over: str, day: float) -> None:
    short, bolus = Infusion("1 g/kg", over=over), Bolus("1 g/kg")
    assert arm_events([], short.at(day=day), triggered={}) == arm_events([], bolus.at(day=day), triggered={})


def test_where_times_become_one_no_dose_changes() -> None:
    # The first ends, and the third begins, within a moment of the second's start.
    regimen = (
        Infusion("1 g/kg", over=0.2 - 0.8 * MOMENT).at(day=1)
        + Infusion("1 g/kg", over=3 * MOMENT).at(day=1.2)
        + Infusion("1 g/kg", over=2 * MOMENT).at(day=1.2 + 0.9 * MOMENT)
    )
    events = arm_events([], regimen, triggered={})
    assert -sum(event.amount * event.day for event in events) == pytest.approx(3000.0, rel=1e-6)


def test_times_that_lie_apart_keep_their_bits() -> None:
    regimen = Infusion("1 g/kg", over="4 h", every="1 day", doses=5).at(day=6.9)
    events = arm_events([Immunisation()], regimen, triggered={})
    assert events[2:] == dose_events(regimen.lines[0], start=6.9)


@pytest.mark.parametrize("route", ["iv", "ip", "sc"])
def test_a_bolus_is_one_event_by_its_route(route: str) -> None:
    where = load_drug("ivig").routes[route]
    events = dose_events(Bolus("1 g/kg", route=route).at(day=3).lines[0], start=3)
    assert events == (Event(3.0, where.state, 1000.0, where.factor, where.divisor),)


def test_an_infusion_of_four_hours_on_day_14() -> None:
    begin, end = dose_events(Infusion("1 g/kg", over="4 h").at(day=14).lines[0], start=14)
    assert (begin.day, begin.state, begin.factor, begin.divisor) == (14.0, "igg_infusion", None, None)
    assert end.day == 14 + 4 / 24
    assert begin.amount == -end.amount == pytest.approx(6000)


@pytest.mark.parametrize("dose", [Bolus("0 g/kg"), Infusion("0 g/kg", over="4 h", every=1, doses=5)])
def test_a_dose_of_0_is_no_event(dose: Bolus | Infusion) -> None:
    assert arm_events([], dose.at(day=0), triggered={}) == ()


@pytest.mark.parametrize(
    ("induction", "expected"),
    [
        (
            Immunisation(amount=0.5),
            [("antigen", 0.5, "antigen_dose"), ("adjuvant_complete", 0.5, "adjuvant_dose")],
        ),
        (
            Immunisation(adjuvant="incomplete"),
            [("antigen", 1, "antigen_dose"), ("adjuvant_incomplete", 1, "adjuvant_dose")],
        ),
        (Immunisation(adjuvant="none"), [("antigen", 1, "antigen_dose")]),
        (Relapse(35), [("antigen", 1, "antigen_dose")]),
        (
            Relapse(35, adjuvant="complete"),
            [("antigen", 1, "antigen_dose"), ("adjuvant_complete", 1, "adjuvant_dose")],
        ),
        (Transfer(), [("licensing_early", 1, "transferred_cells")]),
        (Transfer(cells=2e5), [("licensing_early", 2e5, None)]),
        (Transfer(cells=0), []),
        (Immunisation(amount=0), []),
    ],
)
def test_what_an_induction_adds(
    induction: Immunisation | Transfer | Relapse, expected: list[tuple[str, float, str | None]]
) -> None:
    events = induction_events([induction])
    assert [(event.state, event.amount, event.factor) for event in events] == expected
    assert all(event.day == induction.day and event.divisor is None for event in events)


def test_at_one_time_inductions_come_first_and_lines_keep_their_order() -> None:
    regimen = Bolus("1 g/kg").at(day=0) + Bolus("1 mg/kg", drug="late_acting").at(day=0)
    states = [event.state for event in arm_events([Immunisation()], regimen, triggered={})]
    assert states == ["antigen", "adjuvant_complete", "igg_plasma", "late_acting_plasma"]


def test_a_triggered_line_waits_for_its_day() -> None:
    regimen = Bolus("1 g/kg").at(day=0) + Bolus("1 g/kg", every=7, doses=2).at(onset="score >= 1", after=2)
    assert [event.day for event in arm_events([], regimen, triggered={})] == [0]
    assert [event.day for event in arm_events([], regimen, triggered={1: 13})] == [0, 13, 20]
