"""Points of grids and samples: all there, evenly spread, and the same every time."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from eaesim.protocol import Arm, Bolus, Design, Immunisation
from eaesim.questions.sweep.points import Points, read_points
from eaesim.questions.sweep.request import SweepRequest

DESIGN = Design(40, [Immunisation()], [Arm("vehicle"), Arm("early", Bolus("1 g/kg").at(day=0))])
SPACE = {
    "parameter.divisions": {"low": 5, "high": 9},
    "parameter.priming_rate": {"low": 0.1, "high": 10, "scale": "log"},
    "arm.early.dose": {"low": "0.1 g/kg", "high": "2 g/kg"},
    "mechanism": ["H1a", "H1b", "H7", "none"],
}


def made(table: dict[str, Any]) -> Points:
    return read_points(SweepRequest.from_table(table), DESIGN)


def drawn(method: str, samples: int, *, seed: int = 1, **more: Any) -> Points:
    return made({"method": method, "samples": samples, "sampling_seed": seed, **SPACE, **more})


def shares(points: Points) -> np.ndarray[Any, Any]:
    assert points.shares is not None
    return points.shares


def test_a_grid_is_every_combination_the_first_path_slowest() -> None:
    table = {
        "until": [20, 30],
        "mechanism": ["H1a", "H2", "H7"],
        "arm.early.day": {"low": -1, "high": 1, "points": 3},
    }
    points = made(table)
    found = [points.at(point) for point in range(len(points))]
    assert found == list(product([20, 30], ["H1a", "H2", "H7"], [-1, 0, 1]))


@pytest.mark.parametrize("method", ["sobol", "latin hypercube"])
@pytest.mark.parametrize("samples", [1, 2, 3, 64, 100])
def test_a_sample_lies_within_its_ranges(method: str, samples: int) -> None:
    points = drawn(method, samples)
    assert shares(points).shape == (samples, 4)
    assert (shares(points) >= 0).all()
    assert (shares(points) < 1).all()
    for point in range(samples):
        divisions, rate, dose, mechanism = points.at(point)
        assert 5 <= float(divisions) <= 9
        assert 0.1 <= float(rate) <= 10
        assert 0.1 <= float(str(dose).removesuffix(" g/kg")) <= 2
        assert mechanism in SPACE["mechanism"]


@pytest.mark.parametrize("method", ["sobol", "latin hypercube"])
def test_every_equal_part_of_a_path_holds_one_point(method: str) -> None:
    cells = np.sort((shares(drawn(method, 64)) * 64).astype(int), axis=0)
    assert (cells == np.arange(64)[:, None]).all()


def test_every_box_of_the_first_two_paths_holds_one_point_of_sobols_sequence() -> None:
    # The first two coordinates are a net: 64 points, one in each box of 1/64, whatever its shape.
    first = shares(drawn("sobol", 64))[:, :2]
    for boxes in (1, 2, 4, 8, 16, 32, 64):
        cells = (first * [boxes, 64 // boxes]).astype(int)
        assert len(np.unique(cells, axis=0)) == 64


@pytest.mark.parametrize("samples", [1, 3, 64, 100])
def test_a_smaller_sobol_sample_is_the_beginning_of_a_larger(samples: int) -> None:
    assert np.array_equal(shares(drawn("sobol", samples)), shares(drawn("sobol", 128))[:samples])


@pytest.mark.parametrize("method", ["sobol", "latin hypercube"])
def test_the_seed_decides(method: str) -> None:
    assert np.array_equal(shares(drawn(method, 10)), shares(drawn(method, 10)))
    assert not np.isin(shares(drawn(method, 10, seed=2)), shares(drawn(method, 10))).any()


def test_a_known_sample_stays_what_it_was() -> None:
    # Points that change would make a sweep that cannot go on: an interrupted one would be half of each.
    assert shares(drawn("sobol", 2))[0] == pytest.approx(
        [0.4731887, 0.51182162, 0.75516751, 0.9504637], abs=1e-8
    )
    assert shares(drawn("latin hypercube", 2))[0] == pytest.approx(
        [0.47523185, 0.47432472, 0.9138513, 0.27479684], abs=1e-8
    )


def test_columns_hold_numbers_where_all_values_are() -> None:
    table = {
        "until": [20, 30],
        "parameter.divisions": [5, 5.5],
        "arm.early.day": [0, "12 h"],
        "mechanism": ["H1a"],
    }
    found = made(table).table(2, 8)
    assert found.schema.types == [pa.int64(), pa.int64(), pa.float64(), pa.string(), pa.string()]
    assert found.schema.names == ["point", *table]
    assert found["point"].to_pylist() == [2, 3, 4, 5, 6, 7]
    assert found["until"].to_pylist() == [20, 20, 30, 30, 30, 30]
    assert found["arm.early.day"].to_pylist() == ["0", "12 h"] * 3
    assert drawn("sobol", 4).table(0, 1).schema.types[1:] == [
        pa.float64(),
        pa.float64(),
        pa.string(),
        pa.string(),
    ]
