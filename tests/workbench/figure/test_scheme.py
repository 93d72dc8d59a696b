"""The scheme of the model: every mechanism and every state of the disease has its place."""

from __future__ import annotations

import re

from eaesim.model import MECHANISMS, State
from eaesim.workbench.figure.scheme import ROOMS, scheme_figure


def test_every_mechanism_acts_once() -> None:
    assert sorted(name for room in ROOMS for name in room.mechanisms) == sorted(MECHANISMS)


def test_every_state_of_the_disease_stands_in_one_box() -> None:
    def kind(name: str) -> str:
        return re.sub(r"_(\d|early|late)$", "", name)

    drugs = ("igg", "anti_igg")
    disease = {kind(name) for name in State._fields if not name.startswith(drugs)}
    drawn = [kind(name) for room in ROOMS for name in room.states]
    assert len(drawn) == len(set(drawn))
    assert set(drawn) == disease


def test_the_page_has_no_faults(page_faults) -> None:
    assert page_faults(scheme_figure()) == []
