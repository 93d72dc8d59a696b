"""Relapses in a daily EDSS: against a plain loop, cases by hand, and what must not change them."""

from __future__ import annotations

import numpy as np
import pytest

from eaesim.endpoints.onsets import AT_ONCE, RelapseRule, relapse_onsets
from eaesim.errors import QuantityError

DAYS = 200


def by_loop(edss: np.ndarray, *, rise: float, stable: int, held: int, followed: int) -> list[tuple]:
    """Return patient, day and rise of each onset, one patient and one day after the other."""
    found = []
    for patient, course in enumerate(edss):
        last, was_raised = -1_000, False
        for day in range(1, len(course) - held + 1):
            low = course[max(0, day - stable) : day].min()
            is_raised = (course[day : day + held] >= low + rise).all()
            if is_raised and not was_raised and day - last >= stable:
                found.append((patient, day, course[day : day + followed].max() - low))
                last = day
            was_raised = is_raised
    return found


def wandering(patients: int, *, seed: int = 1) -> np.ndarray:
    """Return courses that wander from day to day, so that relapses of every kind come about."""
    steps = np.random.default_rng(seed).normal(0.0, 0.25, (patients, DAYS))
    return np.clip(2.0 + np.cumsum(steps, axis=1), 0.0, 10.0)


def course(*parts: tuple[float, int]) -> np.ndarray:
    """Return one patient's course: values, and for how many days each lasts."""
    return np.concatenate([np.full(days, value) for value, days in parts])[None]


@pytest.mark.parametrize(
    "rule",
    [RelapseRule(), RelapseRule(rise=1.5, stable=7, held=1, followed=10), RelapseRule(stable=45, held=5)],
)
def test_onsets_are_those_of_a_plain_loop(rule: RelapseRule) -> None:
    edss = wandering(60)
    found = relapse_onsets(edss, rule=rule)
    expected = by_loop(edss, rise=rule.rise, stable=rule.stable, held=rule.held, followed=rule.followed)
    assert len(expected) > 20
    assert list(zip(found.patient, found.day, found.rise, strict=True)) == expected


def test_blocks_of_patients_do_not_show() -> None:
    edss = wandering(AT_ONCE + 70)
    found = relapse_onsets(edss)
    alone = relapse_onsets(edss[AT_ONCE + 3 : AT_ONCE + 4])
    assert found.day[found.patient == AT_ONCE + 3].tolist() == alone.day.tolist() != []
    backwards = relapse_onsets(edss[::-1])
    assert (backwards.counts(0, DAYS)[::-1] == found.counts(0, DAYS)).all()


def test_a_steady_patient_and_a_slow_decline_have_no_relapse() -> None:
    slow = np.linspace(1.0, 5.0, DAYS)[None]  # 0.6 in 30 days
    edss = np.concatenate([np.full((1, DAYS), 3.0), slow])
    assert relapse_onsets(edss).counts(0, DAYS).tolist() == [0, 0]


def test_a_rise_counts_from_its_size_on_and_only_if_it_is_held() -> None:
    for top, days, expected in ((2.75, 3, [40]), (2.74, 30, []), (4.0, 2, []), (4.0, 3, [40])):
        edss = course((2.0, 40), (top, days), (2.0, 60))
        assert relapse_onsets(edss).day.tolist() == expected
        level = course((5.0, 40), (5.0 + top - 2.0, days), (5.0, 60))
        assert relapse_onsets(level).day.tolist() == expected


def test_the_next_onset_is_30_days_later_at_the_earliest() -> None:
    def twice(between: int) -> list[int]:
        return relapse_onsets(
            course((2.0, 40), (4.0, 5), (2.0, between - 5), (4.0, 5), (2.0, 60))
        ).day.tolist()

    assert twice(30) == [40, 70]
    # A rise that began earlier is no onset when 30 days are over, although it still lasts.
    assert twice(29) == [40]
    assert twice(26) == [40]


def test_a_relapse_out_of_which_nobody_recovers_is_one_relapse() -> None:
    found = relapse_onsets(course((2.0, 40), (4.0, 160)))
    assert (found.day.tolist(), found.rise.tolist()) == ([40], [2.0])


def test_the_rise_is_taken_up_to_60_days_after_the_onset() -> None:
    late = course((2.0, 40), (3.0, 59), (6.0, 1), (2.0, 50))
    later = course((2.0, 40), (3.0, 60), (6.0, 1), (2.0, 50))
    assert relapse_onsets(late).rise.tolist() == [4.0]
    assert relapse_onsets(later).rise.tolist() == [1.0]


def test_days_of_run_in_keep_a_relapse_soon_after_randomisation() -> None:
    edss = course((2.0, 30), (4.0, 10), (2.0, 30))
    found = relapse_onsets(edss, first_day=-30)
    assert (found.day.tolist(), found.first_day, found.last_day) == ([0], -30, 39)
    # The same days without the run-in begin within the relapse, which is then not seen.
    assert relapse_onsets(edss[:, 30:]).day.tolist() == []


def test_counts_and_first_days_of_any_window() -> None:
    found = relapse_onsets(wandering(60), first_day=-50)
    cumulative = found.cumulative()
    assert cumulative.shape == (60, DAYS)
    for first, last in ((-50, 149), (-50, -1), (0, 30), (31, 149)):
        before = cumulative[:, first + 49] if first > -50 else 0
        assert (found.counts(first, last) == cumulative[:, last + 50] - before).all()
    assert (found.counts(-50, 149) == found.counts(-50, 0) + found.counts(1, 149)).all()
    first_day = found.first_after(0)
    for patient in range(60):
        later = found.day[(found.patient == patient) & (found.day > 0)]
        assert first_day[patient] == (later.min() if len(later) else np.inf)
    assert np.isinf(first_day).any()


def test_what_is_no_course_is_refused_in_one_line() -> None:
    gap = np.full((3, 50), 2.0)
    gap[1, 7] = np.nan
    with pytest.raises(
        QuantityError, match="the EDSS of patient 1 on day -23 is nan; it is between 0 and 10"
    ):
        relapse_onsets(gap, first_day=-30)
    with pytest.raises(QuantityError, match=r"is 10\.5"):
        relapse_onsets(np.full((1, 3), 10.5))
    with pytest.raises(QuantityError, match=r"shape \(5,\)"):
        relapse_onsets(np.ones(5))
    with pytest.raises(QuantityError, match="above 0"):
        RelapseRule(rise=0.0)
    with pytest.raises(QuantityError, match="held = 0"):
        RelapseRule(held=0)


@pytest.mark.parametrize("days", [1, 2, 3])
def test_very_short_courses(days: int) -> None:
    edss = np.full((2, days), 1.0)
    edss[0, 1:] = 4.0
    assert relapse_onsets(edss).counts(0, days).tolist() == [0, 0]
