"""What the rows say of each part of the model."""

from __future__ import annotations

import pytest

from eaesim.model import Parameters, load
from eaesim.model.card import card
from eaesim.model.structure import Part, structure


def test_every_part_hangs_on_a_parameter_and_stands_in_the_card():
    text = card(load("da"))
    for part in structure().parts:
        assert part.parameter in Parameters._fields
        assert part.end in ("low", "high")
        assert part.chains[0] <= part.factor <= part.chains[1]
        assert f"{part.factor:.2f} (" in text
    factors = [part.factor for part in structure().parts]
    assert factors == sorted(factors)


@pytest.mark.parametrize(
    ("chains", "said"),
    [
        ((0.1, 0.3), "asked for"),
        ((0.1, 0.8), "not decided"),
        ((0.8, 3.0), "not decided"),
        ((2.5, 4.0), "spoken against"),
    ],
)
def test_a_part_is_decided_where_every_chain_says_so(chains, said):
    assert Part("x", "divisions", "low", sum(chains) / 2, chains).verdict == said
