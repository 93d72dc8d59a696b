from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eaesim.errors import ProtocolError
from eaesim.protocol.dose import Bolus
from eaesim.protocol.trigger import MOST_RELAPSES, Trigger, parse_trigger, parse_triggers


@given(st.sampled_from(["onset", "relapse"]), st.floats(0, 5, exclude_min=True))
def test_a_trigger_reads_its_own_text(kind: str, threshold: float) -> None:
    trigger = Trigger(kind, threshold)  # type: ignore[arg-type]
    assert parse_trigger(kind, trigger.text()) == trigger  # type: ignore[arg-type]


@pytest.mark.parametrize("threshold", [0, -1, math.inf, math.nan])
def test_a_threshold_is_above_0(threshold: float) -> None:
    with pytest.raises(ProtocolError):
        Trigger("onset", threshold)


@pytest.mark.parametrize("text", ["score>=1", "score  >=  1.0", " score >= 1e0 "])
def test_spaces_are_free(text: str) -> None:
    assert parse_trigger("onset", text) == Trigger("onset", 1)


def test_every_relapse_is_a_line_for_each_that_reads_its_own_text() -> None:
    triggers = parse_triggers("relapse", "every score rise >= 1")
    assert [each.number for each in triggers] == list(range(1, MOST_RELAPSES + 1))
    assert [parse_trigger("relapse", each.text()) for each in triggers] == list(triggers)
    assert Bolus("1 g/kg").at(relapse="every score rise >= 1").lines[1].trigger == triggers[1]


@pytest.mark.parametrize("text", ["every score >= 1", "score >= 1, time 2"])
def test_there_is_one_onset(text: str) -> None:
    with pytest.raises(ProtocolError):
        parse_triggers("onset", text)


@pytest.mark.parametrize(
    "text", ["score rise >= 1, time 0", "score rise >= 1, time 6", "each score rise >= 1"]
)
def test_a_relapse_has_a_number_that_can_be(text: str) -> None:
    with pytest.raises(ProtocolError):
        parse_triggers("relapse", text)
