"""Paths lead to one setting of a study, and change nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from eaesim.errors import EaesimError, ProtocolError, UnknownNameError
from eaesim.protocol import Arm, Bolus, Design, Immunisation, Infusion, Relapse, Transfer
from eaesim.protocol.path import change_design, read_path, stated_value

DESIGN = Design(
    40,
    [Immunisation(), Relapse(30)],
    [
        Arm("vehicle"),
        Arm("a", Infusion("1 g/kg", over="4 h").at(day=0)),
        Arm("a.b", Bolus("2 g/kg").at(onset="score >= 1", after=1)),
        Arm("two", Bolus("1 g/kg").at(day=0), Bolus("2 g/kg").at(day=7), inductions=[Transfer()]),
    ],
)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("mechanism", ("mechanism",)),
        ("rat", ("rat",)),
        ("until", ("until",)),
        ("parameter.divisions", ("parameter", "divisions")),
        ("parameter.ic50_priming", ("parameter", "potency_priming")),
        ("induction.1.day", ("induction", 1, "day")),
        ("arm.a.dose", ("arm", "a", "doses", 0, "dose")),
        ("arm.a.doses.0.dose", ("arm", "a", "doses", 0, "dose")),
        ("arm.a.b.after", ("arm", "a.b", "doses", 0, "after")),  # the longest name first
        ("arm.a.mechanism", ("arm", "a", "mechanism")),
        ("arm.vehicle.mechanism", ("arm", "vehicle", "mechanism")),
        ("arm.two.doses.1.drug", ("arm", "two", "doses", 1, "drug")),
        ("arm.two.doses.1.mechanism", ("arm", "two", "doses", 1, "mechanism")),
        ("arm.two.induction.0.cells", ("arm", "two", "induction", 0, "cells")),
    ],
)
def test_paths(text: str, keys: tuple[str | int, ...]) -> None:
    path = read_path(text, DESIGN)
    assert (path.text, path.keys) == (text, keys)
    assert path.parameter == (text.partition(".")[2] if text.startswith("parameter.") else "")


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("", ProtocolError, "not a path"),
        ("dose", ProtocolError, "in quotes"),
        ("parameter", ProtocolError, "not a path"),
        ("parameter.", ProtocolError, "not a path"),
        ("arm.", ProtocolError, "not a path"),
        ("rat.name", ProtocolError, "not a path"),
        ("arm.vehicel.dose", UnknownNameError, 'did you mean "vehicle"'),
        ("arm.a", UnknownNameError, '"a" is not an arm'),
        ("arm.a.", UnknownNameError, "key of a path"),
        ("arm.a.dosse", UnknownNameError, 'did you mean "dose"'),
        ("arm.a.name", UnknownNameError, "key of a path"),
        ("arm.vehicle.dose", ProtocolError, "no lines of doses"),
        ("arm.two.dose", ProtocolError, 'write "arm.two.doses.0.dose"'),
        ("arm.two.doses.2.dose", ProtocolError, "counted from 0; there are 2"),
        ("arm.two.doses.first.dose", ProtocolError, '"first"'),
        ("arm.two.doses.-1.dose", ProtocolError, '"-1"'),
        ("arm.two.doses.0", UnknownNameError, "key of a path"),
        ("arm.a.induction.0.day", ProtocolError, "there are 0"),
        ("arm.two.induction.0.adjuvant", UnknownNameError, "cells"),
        ("induction.2.day", ProtocolError, "there are 2"),
        ("induction.0.kind", UnknownNameError, "key of a path"),
    ],
)
def test_paths_that_lead_nowhere(text: str, error: type[EaesimError], words: str) -> None:
    with pytest.raises(error) as caught:
        read_path(text, DESIGN)
    assert words in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def changed(**values: Any) -> Design:
    return change_design(DESIGN, {read_path(text, DESIGN): value for text, value in values.items()})


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("until", 50),
        ("mechanism", "H2"),
        ("induction.1.day", 20),
        ("induction.0.adjuvant", "incomplete"),
        ("arm.a.dose", "0.4 g/kg every 1 day x 5"),
        ("arm.a.day", 3),
        ("arm.a.mechanism", "H7"),
        ("arm.a.b.onset", "score >= 2"),
        ("arm.a.b.after", 5),
        ("arm.two.doses.1.day", 9),
        ("arm.two.doses.0.drug", "late_acting"),
        ("arm.two.induction.0.cells", 100000),
    ],
)
def test_a_change_is_stated_and_nothing_else_moves(text: str, value: Any) -> None:
    path = read_path(text, DESIGN)
    after = changed(**{text: value})
    assert stated_value(after, path) == value
    assert after != DESIGN
    before = stated_value(DESIGN, path)
    if before is not None:  # what was not stated cannot be put back
        assert change_design(after, {path: before}) == DESIGN


def test_settings_of_one_line_change_together() -> None:
    # Each alone would not make an arm: an infusion runs into a vein.
    after = changed(**{"arm.a.dose": "2 g/kg", "arm.a.route": "ip"})
    assert after.arms[1] == Arm("a", Bolus("2 g/kg", route="ip").at(day=0))
    with pytest.raises(ProtocolError, match="vein"):
        changed(**{"arm.a.route": "ip"})


def test_what_belongs_to_the_rat_is_left_to_it() -> None:
    assert changed(**{"parameter.divisions": 3, "rat": "da"}) is DESIGN
    assert stated_value(DESIGN, read_path("parameter.divisions", DESIGN)) is None


@pytest.mark.parametrize(
    ("text", "value", "words"),
    [
        ("arm.a.day", 41, "past the end"),
        ("until", 20, "past the end"),
        ("until", 20.5, "whole number"),
        ("arm.a.dose", "1 g", "mg/kg"),
        ("arm.a.onset", "score >= 1", "day and onset"),
        ("mechanism", "H9", "H1a"),
        ("arm.a.drug", 3, "drug"),
        ("induction.0.day", 1, "day 0"),
    ],
)
def test_a_value_that_cannot_stand_there(text: str, value: Any, words: str) -> None:
    with pytest.raises(EaesimError, match=words):
        changed(**{text: value})
