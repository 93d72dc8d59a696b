"""Doses that wait for a sign, many rats at once, against one rat at a time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eaesim.endpoints import relapse_days
from eaesim.model import Parameters, State, load
from eaesim.protocol import Arm, Bolus, Design, Immunisation, Infusion, Regimen, Relapse, Transfer
from eaesim.protocol.timeline import arm_events
from eaesim.study.assembly import arm_parameters, event_table
from eaesim.study.cohort import draw_cohort
from eaesim.study.schedule import NEVER, arm_schedules, dosed, next_doses, relapse_induction, waiting_lines

UNTIL, RATS = 20, 6
LEWIS = load("lewis")
COHORT = draw_cohort(RATS, seed=2, days=UNTIL + 1)

doses = st.one_of(
    st.builds(
        Bolus, st.sampled_from(["0 g/kg", "0.4 g/kg", "1 g/kg"]), route=st.sampled_from(["iv", "ip", "sc"])
    ),
    st.builds(Bolus, st.just("1 g/kg"), every=st.sampled_from([1, 2.5]), doses=st.integers(1, 3)),
    st.builds(Infusion, st.just("1 g/kg"), over=st.sampled_from(["4 h", "12 h"])),
)
times = st.one_of(
    st.builds(lambda day: {"day": day}, st.sampled_from([-3, -0.5, 0, 2, 7.25])),
    st.builds(
        lambda least, after: {"onset": f"score >= {least}", "after": after},
        st.integers(1, 3),
        st.integers(0, 3),
    ),
    st.builds(
        lambda rise, after: {"relapse": f"score rise >= {rise}", "after": after},
        st.integers(1, 2),
        st.integers(0, 2),
    ),
)
regimens = st.lists(st.builds(lambda dose, time: dose.at(**time), doses, times), max_size=4).map(
    lambda parts: sum(parts, Regimen())
)
inductions = st.sampled_from(
    [(), (Immunisation(),), (Transfer(),), (Immunisation(), Relapse(8.5)), (Immunisation(), Relapse(12))]
)
rows = st.lists(
    st.tuples(
        st.lists(st.integers(0, 4), min_size=UNTIL + 1, max_size=UNTIL + 1),
        st.sampled_from([3, 9, 15, np.inf, np.nan]),
    ),
    min_size=RATS,
    max_size=RATS,
)


def one_at_a_time(arm, score, death, induced):
    """Return the days of the doses of one rat, whose course no dose changes, as they are found by hand."""
    triggered = {}
    if np.isnan(score).any():
        return triggered
    alive = np.where(np.arange(UNTIL + 1) < death, score, np.nan)
    while True:
        found = []
        for place, line in enumerate(arm.regimen.lines):
            if line.trigger is None or place in triggered:
                continue
            if line.trigger.kind == "onset":
                signs = np.flatnonzero(alive >= line.trigger.threshold)
                day = signs[0] if len(signs) else None
            else:
                confirmed = relapse_days(alive[None, :], rise=line.trigger.threshold, induced=induced)[1][0]
                day = confirmed if confirmed >= 0 else None
            if day is not None and day + line.after <= UNTIL and day + line.after < death:
                found.append((float(day + line.after), place))
        if not found:
            return triggered
        day, place = min(found)
        triggered[place] = day


def row_events(rows, parameters):
    """Fill in the events of each row by itself."""
    shape = (len(rows), max(map(len, rows)))
    day, state, amount = np.full(shape, np.inf), np.zeros(shape, dtype=int), np.zeros(shape)
    for row, events in enumerate(rows):
        own = Parameters(*parameters[row])
        for place, event in enumerate(events):
            day[row, place], state[row, place] = event.day, State._fields.index(event.state)
            factor = getattr(own, event.factor) if event.factor else 1.0
            divisor = getattr(own, event.divisor) if event.divisor else 1.0
            amount[row, place] = event.amount * factor / divisor
    return day, state, amount


@settings(deadline=None, max_examples=150)
@given(regimens, inductions, rows)
def test_many_rats_at_once_are_dosed_as_each_alone(regimen, induced, courses):
    arm = Arm("arm", regimen, inductions=induced)
    design = Design(UNTIL, [Immunisation()], [arm])
    score = np.array([scores for scores, _ in courses], dtype=float)
    death = np.array([day for _, day in courses])
    score[np.isnan(death)] = np.nan
    lines = waiting_lines(arm)
    starts = np.full((RATS, len(lines)), NEVER)
    first = relapse_induction(design, arm)
    for _ in range(len(lines) + 1):
        before = starts
        starts = next_doses(before, tuple(lines.values()), score=score, death_day=death, induced=first)
        assert ((starts != before).sum(axis=1) <= 1).all()
    assert np.array_equal(starts, before)
    alone = [one_at_a_time(arm, *each, first) for each in zip(score, death, strict=True)]
    for place, days in zip(lines, starts.T, strict=True):
        assert days.tolist() == [given.get(place, NEVER) for given in alone]
    given_any = [
        any(
            line.dose.amount > 0 and (line.trigger is None or place in given)
            for place, line in enumerate(regimen.lines)
        )
        for given in alone
    ]
    assert dosed(arm, starts).tolist() == given_any

    schedules, follows = arm_schedules(design, arm, starts)
    parameters = arm_parameters(LEWIS, arm, COHORT, mechanism="none")
    table = event_table(schedules, follows, parameters)
    by_row = row_events([arm_events(induced, regimen, triggered=given) for given in alone], parameters)
    for found, expected in zip((table.day, table.state, table.amount), by_row, strict=True):
        assert np.array_equal(found, expected)
    assert len(schedules) == len({tuple(sorted(given.items())) for given in alone})


def test_of_two_doses_on_one_day_the_line_that_stands_first_is_fixed_first():
    regimen = Bolus("1 g/kg").at(onset="score >= 2") + Bolus("1 g/kg", route="ip").at(
        onset="score >= 1", after=1
    )
    lines = tuple(waiting_lines(Arm("arm", regimen)).values())
    score = np.array([[0, 1, 2, 2.0]])
    known = {"score": score, "death_day": np.array([np.inf]), "induced": None}
    once = next_doses(np.full((1, 2), NEVER), lines, **known)
    assert once.tolist() == [[2, NEVER]]
    assert next_doses(once, lines, **known).tolist() == [[2, 2]]


@pytest.mark.parametrize(("after", "day"), [(0, 3), (2, 5), (3, NEVER)])
def test_the_last_day_for_a_dose_is_that_of_the_study(after, day):
    lines = tuple(waiting_lines(Arm("arm", Bolus("1 g/kg").at(onset="score >= 1", after=after))).values())
    score = np.array([[0, 0, 0, 1, 1, 1.0]])
    found = next_doses(np.full((1, 1), NEVER), lines, score=score, death_day=np.array([np.inf]), induced=None)
    assert found.tolist() == [[day]]


def test_without_lines_that_wait_there_is_one_schedule():
    arm = Arm("arm", Bolus("1 g/kg").at(day=3))
    schedules, follows = arm_schedules(Design(UNTIL, [Immunisation()], [arm]), arm, np.empty((4, 0)))
    assert [event.day for event in schedules[0]] == [0, 0, 3]
    assert len(schedules) == 1
    assert follows.tolist() == [0] * 4


@pytest.mark.parametrize(("days", "first"), [((), None), ((8.5,), 9), ((12, 9), 9)])
def test_an_induced_relapse_can_be_seen_from_the_first_whole_day_on(days, first):
    arm = Arm("arm", inductions=[Immunisation(), *map(Relapse, days)])
    assert relapse_induction(Design(UNTIL, [], [arm]), arm) == first
