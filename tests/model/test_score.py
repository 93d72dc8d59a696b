from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eaesim.model import Parameters, State, initial_state, load
from eaesim.model.score import THRESHOLDS, daily_score, death_hazard_change, severity

Animal = Callable[[int], tuple[State, Parameters]]
LEWIS = load("lewis").parameters()
LIMITS = [getattr(LEWIS, name) for name in THRESHOLDS]


def test_a_healthy_rat_has_no_severity() -> None:
    assert severity(initial_state(LEWIS), LEWIS) == 0.0


@pytest.mark.parametrize("part", ["deficit", "demyelination", "axon_loss"])
def test_severity_rises_with_each_of_its_parts_and_stays_below_five(part: str) -> None:
    rising = [
        severity(initial_state(LEWIS)._replace(**{part: amount}), LEWIS)
        for amount in (0.0, 0.1, 0.5, 1.0, 100.0)
    ]
    assert rising == sorted(set(rising))
    assert rising[-1] < 5.0


def test_severity_is_half_of_its_greatest_at_the_half_effect() -> None:
    state = initial_state(LEWIS)._replace(deficit=LEWIS.severity_half_effect)
    assert severity(state, LEWIS) == pytest.approx(2.5)


@pytest.mark.parametrize("grade", [1, 2, 3, 4])
def test_a_grade_begins_above_its_threshold(grade: int) -> None:
    limit = LIMITS[grade - 1]
    assert daily_score(limit, 0.0, LEWIS) == grade - 1
    assert daily_score(np.nextafter(limit, 9.0), 0.0, LEWIS) == grade


@given(st.floats(0, 5), st.floats(-5, 5))
def test_a_score_is_a_grade_from_0_to_4(severe: float, error: float) -> None:
    seen = severe + LEWIS.score_noise * error
    expected = sum(seen > limit for limit in LIMITS) if severe >= LEWIS.score_floor else 0
    assert daily_score(severe, error, LEWIS) == expected
    assert expected in range(5)


@given(st.floats(0, LEWIS.score_floor, exclude_max=True), st.floats(0, 100))
def test_below_the_floor_no_error_of_the_observer_makes_a_sign(severe: float, error: float) -> None:
    assert daily_score(severe, error, LEWIS) == 0


def test_at_the_floor_an_error_can_make_a_sign() -> None:
    assert daily_score(LEWIS.score_floor, 3.0, LEWIS) == 1


def test_the_error_is_counted_in_standard_deviations() -> None:
    gap = LIMITS[1] - 1.0
    errors = (gap / LEWIS.score_noise - 0.01, gap / LEWIS.score_noise + 0.01)
    assert [daily_score(1.0, error, LEWIS) for error in errors] == [1, 2]


def test_arrays_read_as_their_elements_do() -> None:
    source = np.random.default_rng(1)
    severe, error = source.uniform(0, 5, 500), source.normal(size=500)
    scores = daily_score(severe, error, LEWIS)
    assert scores.dtype.kind == "i"
    assert list(scores) == [
        daily_score(float(a), float(b), LEWIS) for a, b in zip(severe, error, strict=True)
    ]


def test_severity_of_arrays_is_that_of_their_elements(random_animal: Animal) -> None:
    states, parameters = [random_animal(seed)[0] for seed in range(20)], random_animal(0)[1]
    together = severity(State(*map(np.array, zip(*states, strict=True))), parameters)
    assert list(together) == [severity(state, parameters) for state in states]


def test_the_hazard_of_death_is_half_of_its_greatest_at_its_severity_and_steep() -> None:
    assert death_hazard_change(LEWIS, 0.0) == 0.0
    assert death_hazard_change(LEWIS, LEWIS.death_severity) == pytest.approx(LEWIS.death_rate / 2)
    low, high = (death_hazard_change(LEWIS, severe) for severe in (0.1, 0.2))
    assert high / low == pytest.approx(2**8, rel=1e-6)
