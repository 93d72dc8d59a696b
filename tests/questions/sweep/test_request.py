"""A sweep says which settings vary, and how many combinations that makes."""

from __future__ import annotations

from typing import Any

import pytest

from eaesim.errors import EaesimError, EaesimWarning, ProtocolError, UnknownNameError
from eaesim.protocol import Arm, Bolus, Design, Immunisation
from eaesim.questions.sweep.points import Points, read_points
from eaesim.questions.sweep.request import SweepRequest

DESIGN = Design(40, [Immunisation()], [Arm("vehicle"), Arm("early", Bolus("1 g/kg").at(day=0))])
RANGE = {"low": 1, "high": 2}


def read(table: object) -> Points:
    return read_points(SweepRequest.from_table(table), DESIGN)


@pytest.mark.parametrize(
    ("table", "points"),
    [
        ({"until": [20]}, 1),
        ({"until": [20, 30], "mechanism": ["H1a", "H2", "H7"], "arm.early.day": {**RANGE, "points": 5}}, 30),
        ({"method": "grid", "rat": ["lewis", "da"]}, 2),
        ({"method": "sobol", "samples": 100, "until": [20, 30], "arm.early.day": RANGE}, 100),
        ({"method": "latin hypercube", "samples": 7, "sampling_seed": 3, "parameter.divisions": RANGE}, 7),
    ],
)
def test_the_number_of_points(table: dict[str, Any], points: int) -> None:
    found = read(table)
    assert len(found) == points
    assert read(found.request.changed()) == found


@pytest.mark.parametrize(
    ("table", "error", "words"),
    [
        (3, ProtocolError, "not a table"),
        ({}, ProtocolError, "nothing varies"),
        ({"method": "grid"}, ProtocolError, "nothing varies"),
        ({"samples": 4, "until": [20]}, ProtocolError, "samples is for a sample"),
        ({"sampling_seed": 4, "until": [20]}, ProtocolError, "seed is for a sample"),
        ({"method": "sobol", "until": [20]}, ProtocolError, "samples = 256"),
        ({"metod": "sobol"}, UnknownNameError, 'did you mean "method"'),
        ({"arm": {"early": {"dose": ["1 g/kg"]}}}, ProtocolError, "quotes"),
        ({"arm.earyl.dose": ["1 g/kg"]}, UnknownNameError, 'did you mean "early"'),
        ({"arm.early.dose": ["1 g/kg"], "arm.early.doses.0.dose": ["2 g/kg"]}, ProtocolError, "same setting"),
        ({"parameter.ic50_priming": [1], "parameter.potency_priming": [1]}, ProtocolError, "same setting"),
        (
            {"until": range(1, 2000), "arm.early.day": range(2000), "rat": list(map(str, range(1000)))},
            ProtocolError,
            "use a sample",
        ),
    ],
)
def test_what_is_no_sweep(table: object, error: type[EaesimError], words: str) -> None:
    with pytest.raises(error) as caught:
        read(table)
    assert words in str(caught.value)
    assert "[sweep]" in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_the_former_name_of_a_samples_seed_is_read_with_a_warning() -> None:
    with pytest.warns(EaesimWarning, match="is now called sampling_seed"):
        found = SweepRequest.from_table({"method": "sobol", "samples": 4, "seed": 3, "until": [20, 30]})
    assert (found.sampling_seed, found.seed) == (3, 1)
