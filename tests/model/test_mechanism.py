from __future__ import annotations

import itertools

import pytest

from eaesim.errors import UnknownNameError
from eaesim.model import MECHANISMS, Parameters, parse_mechanism


def test_every_mechanism_has_a_strength_of_its_own() -> None:
    strengths = [one.potency for one in MECHANISMS.values()]
    assert len(set(strengths)) == len(strengths)
    assert set(strengths) <= set(Parameters._fields)
    assert all(name == one.name for name, one in MECHANISMS.items())


def test_the_order_in_which_mechanisms_are_named_does_not_matter() -> None:
    for chosen in itertools.combinations(MECHANISMS, 3):
        for text in map("+".join, itertools.permutations(chosen)):
            assert parse_mechanism(text) == chosen


def test_spaces_and_repeats_do_not_matter() -> None:
    assert parse_mechanism(" H2 + H1a+H2") == ("H1a", "H2")


@pytest.mark.parametrize("text", ["", "H99", "h1a", "H1a+", "H1a,H2", "H1"])
def test_what_is_no_mechanism_is_refused(text: str) -> None:
    with pytest.raises(UnknownNameError, match=r"Mechanisms: H1a, H1b, .*, none"):
        parse_mechanism(text)


@pytest.mark.parametrize("text", ["none+H1a", "H2 + none"])
def test_none_stands_alone(text: str) -> None:
    with pytest.raises(UnknownNameError, match='mixes "none" with a mechanism'):
        parse_mechanism(text)


def test_the_closest_mechanism_is_named() -> None:
    with pytest.raises(UnknownNameError, match='did you mean "H1b"'):
        parse_mechanism("h1b")
