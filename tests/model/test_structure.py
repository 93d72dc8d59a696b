"""What each part of the model buys, as it stands in the card."""

from __future__ import annotations

import pytest

from eaesim.model import Parameters, load
from eaesim.model.card import card
from eaesim.model.structure import Part, structure


def test_every_part_hangs_on_parameters_and_stands_in_the_card():
    text = card(load("da"))
    for part in structure():
        assert set(part.held) <= set(Parameters._fields)
        assert part.low <= part.log_evidence <= part.high
        assert part.title.split()[0] in text
        assert f"{round(part.log_evidence, 1) + 0.0:.1f} (" in text
    changes = [part.log_evidence for part in structure()]
    assert changes == sorted(changes)


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (-4.0, -1.2, "asked for"),
        (-4.0, -1.0, "not decided"),
        (-0.2, 3.0, "not decided"),
        (1.2, 3.0, "spoken against"),
    ],
)
def test_a_part_is_decided_where_every_run_says_so(low, high, said):
    assert Part("x", {"divisions": 9.0}, (low + high) / 2, low, high).verdict == said


def test_what_is_held_is_said():
    assert Part("x", {"divisions": 9.0, "treg_growth": 0.0}, 0, 0, 0).setting == "divisions=9, treg_growth=0"
