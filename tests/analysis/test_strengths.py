"""The strengths on the model card are what the rule gives."""

import pytest
from eaesim.analysis.strengths import CALIBRATING_RATIO, reached_ratio

from eaesim.model import MECHANISMS, load


@pytest.mark.slow
@pytest.mark.parametrize("name", MECHANISMS)
def test_a_strength_reaches_what_the_card_says(name: str) -> None:
    rat = load("da")
    entry = rat.entries[MECHANISMS[name].potency]
    assert entry.reached == pytest.approx(reached_ratio(rat, name), abs=0.005)
    assert entry.reached >= CALIBRATING_RATIO - 0.005


@pytest.mark.parametrize("name", MECHANISMS)
def test_a_strength_stays_within_its_bounds(name: str) -> None:
    entry = load("da").entries[MECHANISMS[name].potency]
    assert entry.low <= entry.value <= entry.high
    # What cannot reach the ratio must not have been left weaker than it may be, unless weaker is nearer.
    assert abs((entry.reached or 1.0) - CALIBRATING_RATIO) <= 0.005 or entry.value == entry.high
