"""How many members a run has, and of which ensemble."""

from __future__ import annotations

import pytest

import eaesim as ea
from eaesim.errors import ProtocolError, QuantityError
from eaesim.model import load
from eaesim.study import read_ensemble, shipped_ensemble
from eaesim.study.membership import chosen_members, member_settings


def test_without_an_ensemble_a_run_has_the_rat_alone():
    rat = load("da_antibody")
    assert shipped_ensemble(rat) is None
    assert chosen_members(rat, None, animals=200) == (rat,)
    assert chosen_members(rat, 1, animals=200) == (rat,)
    with pytest.raises(ProtocolError, match="has no ensemble, so its members are 1, not 5"):
        chosen_members(rat, 5, animals=200)
    with pytest.raises(QuantityError, match="members 0"):
        chosen_members(rat, 0, animals=200)


def test_there_are_at_least_two_rats_a_member(fit_folder):
    rat = ea.load(str(fit_folder))
    for asked, animals, expected in ((None, 200, 20), (None, 11, 5), (7, 200, 7), (7, 3, 1), (None, 1, 1)):
        assert len(chosen_members(rat, asked, animals=animals)) == expected
        assert member_settings(rat, asked, animals=animals)["members"] == expected
    assert chosen_members(rat, 1, animals=200) == (rat,)
    assert member_settings(rat, None, animals=200)["ensemble"] == read_ensemble(fit_folder).fingerprint
