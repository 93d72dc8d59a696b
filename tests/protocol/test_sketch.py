from __future__ import annotations

import pytest

from eaesim.protocol.sketch import axis


@pytest.mark.parametrize(("times", "mark"), [(1, "o"), (2, "2"), (9, "9"), (10, "#"), (50, "#")])
def test_marks_on_one_place_count(times: int, mark: str) -> None:
    assert axis("", [0.0] * times, 0, 0) == f" 0 |{mark}| 0"


def test_first_and_last_day_stand_at_the_ends() -> None:
    line = axis("days:", [0, 40], 0, 40)
    assert line.startswith("days: 0 |o-")
    assert line.endswith("-o| 40")
    assert len(line) == 77
