"""Courses or endpoints, filled in by parts and in any order."""

from __future__ import annotations

import numpy as np
import pytest

from eaesim.endpoints import ENDPOINTS
from eaesim.errors import NotKeptError
from eaesim.study.kept import RELAPSE_DAY, ArmCourses, KeptCourses, KeptEndpoints

RATS, DAYS = 12, 30


def courses(seed):
    draw = np.random.default_rng(seed)
    score = draw.integers(0, 5, (RATS, DAYS)).astype(float)
    death = draw.choice([5.0, 20.0, np.inf], RATS)
    score[3], death[3] = np.nan, np.nan
    one = draw.random((2, RATS))
    return ArmCourses(score, score / 2, death, *one, {"antigen": draw.random((RATS, DAYS))})


@pytest.mark.parametrize("dead", ["score", "carry", "exclude"])
def test_both_ways_of_keeping_read_the_same(dead):
    whole = KeptCourses.empty(2, RATS, days=DAYS, states=("antigen",))
    since = ((10, 15), (None, 10, 15))
    alone = KeptEndpoints.empty(RATS, since=since, dead=dead)
    order = np.random.default_rng(3).permutation(RATS)
    for arm in range(2):
        for rats in (order[:5], order[5:6], order[6:]):
            for kept in (whole, alone):
                kept.keep(arm, rats, courses(arm).at(rats))
    for arm in range(2):
        assert np.array_equal(whole.states["antigen"][arm], courses(arm).states["antigen"])
        assert np.array_equal(whole.score[arm], courses(arm).score, equal_nan=True)
        assert np.array_equal(whole.death_day[arm], alone.death_day[arm], equal_nan=True)
        for day in since[arm]:
            one, other = whole.read(arm, day, dead=dead), alone.read(arm, day, dead=dead)
            assert list(one) == list(other) == [*ENDPOINTS, RELAPSE_DAY]
            for name in one:
                assert np.array_equal(one[name], other[name], equal_nan=True), (arm, day, name)


def test_what_does_not_hang_on_the_day_is_kept_once():
    alone = KeptEndpoints.empty(RATS, since=((10, 15),), dead="score")
    alone.keep(0, np.arange(RATS), courses(1))
    first, second = (alone.read(0, day, dead="score") for day in (10, 15))
    assert first["peak_score"] is second["peak_score"]
    assert first["relapse_peak_score"] is not second["relapse_peak_score"]


def test_another_day_or_rule_is_refused_in_one_line():
    alone = KeptEndpoints.empty(RATS, since=((None, 15),), dead="score")
    alone.keep(0, np.arange(RATS), courses(1))
    with pytest.raises(
        NotKeptError, match=r"^relapses since day 3 were not kept, but since any day, day 15; run"
    ):
        alone.read(0, 3, dead="score")
    with pytest.raises(NotKeptError, match=r'^the dead were scored by the rule "score" alone; run the study'):
        alone.read(0, 15, dead="carry")
