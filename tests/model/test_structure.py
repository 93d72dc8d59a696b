"""What each part of the model buys, as it stands in the card."""

from __future__ import annotations

import pytest

from eaesim.model import Parameters, load
from eaesim.model.card import card
from eaesim.model.structure import Part, structure


def test_every_part_hangs_on_parameters_and_stands_in_the_card():
    section = card(load("da")).split("Contribution of each component\n")[1].split("Weak points\n")[0]
    flowing = " ".join(section.split())
    for part in structure():
        assert set(part.held) <= set(Parameters._fields)
        assert part.low <= part.log_evidence <= part.high
        assert f"{round(part.log_evidence, 1) + 0.0:.1f} (" in section
        assert next(iter(part.held)) in section
    assert "-0.0" not in section
    assert "in brackets the range of both chains" in flowing
    changes = [part.log_evidence for part in structure()]
    assert changes == sorted(changes)


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (-4.0, -1.2, "agrees"),
        (-4.0, -1.0, "inconclusive"),
        (-0.2, 3.0, "inconclusive"),
        (1.2, 3.0, "disagrees"),
    ],
)
def test_a_part_is_decided_where_every_chain_says_so(low, high, said):
    assert Part("x", {"divisions": 9.0}, (low + high) / 2, low, high).verdict == said


def test_what_is_held_is_said():
    assert Part("x", {"divisions": 9.0, "treg_growth": 0.0}, 0, 0, 0).setting == "divisions=9, treg_growth=0"
