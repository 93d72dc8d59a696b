"""Lists and ranges: what is in them, and what is not let in."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eaesim.errors import EaesimError, ProtocolError, QuantityError, UnknownNameError
from eaesim.protocol.values import Range, Values, read_values


def read(value: object, *, is_grid: bool = True) -> Values | Range:
    return read_values("until", value, is_grid=is_grid)


@pytest.mark.parametrize(
    ("given_values", "listed"),
    [
        ([1, 2.0, 2.5, "12 h"], (1, 2, 2.5, "12 h")),
        (range(3), (0, 1, 2)),
        (np.array([0.5, 2]), (0.5, 2)),
        (np.arange(2), (0, 1)),
        (("H1a",), ("H1a",)),
        ({"low": -7, "high": 14, "points": 4}, (-7, 0, 7, 14)),
        ({"low": 0.1, "high": 0.5, "points": 5}, (0.1, 0.2, 0.3, 0.4, 0.5)),
        ({"low": 0.1, "high": 10, "points": 3, "scale": "log"}, (0.1, 1, 10)),
        (
            {"low": "0.4 g/kg over 4 h", "high": "2  g/kg over 4 h", "points": 2},
            ("0.4 g/kg over 4 h", "2 g/kg over 4 h"),
        ),
        (
            {"low": "1e5 cell", "high": "1e7 cell", "points": 3, "scale": "log"},
            ("100000 cell", "1000000 cell", "10000000 cell"),
        ),
    ],
)
def test_what_is_listed(given_values: object, listed: tuple[object, ...]) -> None:
    found = read(given_values).listed
    assert found == listed
    assert [type(value) for value in found] == [type(value) for value in listed]


@pytest.mark.parametrize(
    ("value", "error", "words"),
    [
        (20, ProtocolError, "neither a list of values nor a range"),
        ("20", ProtocolError, "neither"),
        (None, ProtocolError, "neither"),
        ([], ProtocolError, "empty"),
        ([1, 1.0], ProtocolError, "twice"),
        (["a", "a"], ProtocolError, "twice"),
        ([True], ProtocolError, "True"),
        ([None], ProtocolError, "None"),
        ([[1]], ProtocolError, r"\[1\]"),
        ([math.nan], ProtocolError, "nan"),
        ([math.inf], ProtocolError, "inf"),
        (["a\nb"], ProtocolError, "text"),
        ([" "], ProtocolError, "text"),
        ({"low": 1, "high": 2}, ProtocolError, 'no "points"'),
        ({"low": 1, "points": 2}, ProtocolError, 'no "high"'),
        ({"low": 1, "high": 2, "point": 3}, UnknownNameError, 'did you mean "points"'),
        ({"low": 1, "high": 1, "points": 2}, QuantityError, "below"),
        ({"low": 2, "high": 1, "points": 2}, QuantityError, "below"),
        ({"low": 1, "high": 2, "points": 1}, QuantityError, "points"),
        ({"low": 1, "high": 2, "points": 2.5}, QuantityError, "points"),
        ({"low": 1, "high": 2, "points": 10**9}, QuantityError, "points"),
        ({"low": 1, "high": math.inf, "points": 2}, ProtocolError, "inf"),
        ({"low": 1, "high": "1e999 g/kg", "points": 2}, QuantityError, "too large"),
        ({"low": "1 g/kg", "high": "2 mg/kg", "points": 2}, QuantityError, "same unit"),
        ({"low": 1, "high": "2 g/kg", "points": 2}, QuantityError, "same unit"),
        ({"low": "H1a", "high": "H2", "points": 2}, QuantityError, "number and a unit"),
        ({"low": 0, "high": 1, "points": 2, "scale": "log"}, QuantityError, "above 0"),
        ({"low": 1, "high": 2, "points": 2, "scale": "logarithmic"}, UnknownNameError, "linear, log"),
    ],
)
def test_what_is_not_let_in(value: object, error: type[EaesimError], words: str) -> None:
    with pytest.raises(error, match=words) as caught:
        read(value)
    assert str(caught.value).startswith('"until": ')
    assert len(str(caught.value).splitlines()) == 1


def test_a_sample_has_no_points() -> None:
    assert read({"low": 1, "high": 2}, is_grid=False).listed == ()
    with pytest.raises(ProtocolError, match="samples"):
        read({"low": 1, "high": 2, "points": 3}, is_grid=False)


@pytest.mark.parametrize(("share", "value"), [(0.0, "a"), (0.33, "a"), (0.34, "b"), (0.999999, "c")])
def test_a_list_is_chosen_from_in_equal_parts(share: float, value: str) -> None:
    assert Values(("a", "b", "c")).at(share) == value


_ENDS = st.floats(1e-6, 1e6)


@given(ends=st.tuples(_ENDS, _ENDS).filter(lambda ends: ends[0] < ends[1]), share=st.floats(0, 1))
def test_what_lies_in_between(ends: tuple[float, float], share: float) -> None:
    for scale in ("linear", "log"):
        found: Any = Range(*ends, scale=scale).at(share)
        assert ends[0] <= found <= ends[1]
        expected = (
            ends[0] * (ends[1] / ends[0]) ** share if scale == "log" else np.interp(share, (0, 1), ends)
        )
        assert found == pytest.approx(expected, rel=1e-10, abs=1e-10 * ends[1])


@given(ends=st.tuples(_ENDS, _ENDS).filter(lambda ends: ends[0] < ends[1]), points=st.integers(2, 20))
def test_a_range_is_read_from_its_own_table(ends: tuple[float, float], points: int) -> None:
    for words in ("", "g/kg over 4 h"):
        own = Range(*ends, words, "log", points)
        again = read(own.table())
        assert again == own
        listed = [float(str(value).split()[0]) for value in again.listed]
        assert listed == sorted(listed)
        assert (listed[0], listed[-1]) == ends
        assert len(listed) == points
