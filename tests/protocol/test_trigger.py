from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eaesim.errors import ProtocolError
from eaesim.protocol.trigger import Trigger, parse_trigger


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
