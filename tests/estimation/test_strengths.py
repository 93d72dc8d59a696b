"""The strengths on the model card reach what the card says, in the one experiment read in numbers."""

import pytest

from eaesim.model import MECHANISMS, Rat, load
from eaesim.model.card import CALIBRATING_RATIO
from eaesim.protocol import Arm, Bolus
from eaesim.study import Study


def reached_ratio(rat: Rat, mechanism: str) -> float:
    """Return the mean score of days 0 to 30, treated over control: 1 g/kg at immunisation."""
    arms = [Arm("vehicle"), Arm("at immunisation", Bolus("1 g/kg").at(day=0))]
    study = Study(rat, until=30, arms=arms, mechanism=mechanism)
    result = study.run(animals=200, seed=1, members=1, record=())
    treated, control = result.pair("at immunisation", "vehicle", "mean_score")
    return float(treated.mean() / control.mean())


@pytest.mark.slow
@pytest.mark.parametrize("name", MECHANISMS)
def test_a_strength_reaches_what_the_card_says(name: str) -> None:
    rat = load("da")
    entry = rat.entries[MECHANISMS[name].potency]
    assert entry.reached == pytest.approx(reached_ratio(rat, name), abs=0.005)
    # No stronger than the rule asks. The ratio of 200 rats has steps where one more rat stays well: of H2
    # from 0.268 to 0.251 between 18.2 and 18.3, so that no strength gives just 0.26.
    assert entry.reached >= CALIBRATING_RATIO - 0.02


@pytest.mark.parametrize("name", MECHANISMS)
def test_a_strength_stays_within_its_bounds(name: str) -> None:
    entry = load("da").entries[MECHANISMS[name].potency]
    assert entry.low <= entry.value <= entry.high
    # What cannot reach the ratio must not have been left weaker than it may be, unless weaker is nearer.
    assert abs((entry.reached or 1.0) - CALIBRATING_RATIO) <= 0.02 or entry.value == entry.high
