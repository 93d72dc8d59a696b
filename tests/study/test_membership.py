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
    assert chosen_members(rat, None) == (rat,)
    assert chosen_members(rat, 1) == (rat,)
    with pytest.raises(ProtocolError, match="has no ensemble, so its members are 1, not 5"):
        chosen_members(rat, 5)
    with pytest.raises(QuantityError, match="members 0"):
        chosen_members(rat, 0)


def test_a_run_has_as_many_members_as_are_asked_for(fit_folder):
    rat = ea.load(str(fit_folder))
    for asked, expected in ((None, 30), (7, 7), (30, 30), (1, 1)):
        assert len(chosen_members(rat, asked)) == expected
        assert member_settings(rat, asked)["members"] == expected
    assert chosen_members(rat, 1) == (rat,)
    assert member_settings(rat, None)["ensemble"] == read_ensemble(fit_folder).fingerprint
