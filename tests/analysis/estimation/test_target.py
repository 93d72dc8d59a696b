"""The rows a rat is estimated from."""

from __future__ import annotations

import math

import numpy as np
import pytest

from eaesim.analysis.estimation.population import read_experiments
from eaesim.analysis.estimation.reading import READINGS
from eaesim.analysis.estimation.target import IMPOSSIBLE, Target, log_likelihood, read_targets
from eaesim.errors import FileError, UnknownNameError
from eaesim.evidence import finding, load_findings


def test_no_row_is_used_that_is_not_marked_to_calibrate():
    targets, left_out = read_targets()
    for identity in {target.finding for target in targets} | set(left_out):
        assert finding(identity).use == "calibrate"


def test_every_calibrating_row_on_rats_is_used_or_says_why_not():
    targets, left_out = read_targets()
    named = {target.finding for target in targets} | set(left_out)
    rows = {one.id for one in load_findings() if one.use == "calibrate" and one.row[0] in "AB"}
    assert named == rows
    assert not set(left_out) & {target.finding for target in targets}
    assert all(left_out.values())


def test_every_row_names_what_is_there():
    targets, _ = read_targets()
    assert {target.reading for target in targets} <= set(READINGS)
    assert {target.experiment for target in targets} <= set(read_experiments())
    assert all(target.low <= target.high and target.laboratory > 0 for target in targets)


def test_a_row_that_is_missing_is_an_error(tmp_path):
    path = tmp_path / "targets.toml"
    path.write_text('[[target]]\nfinding = "A1"\nleft_out = "no"\n', encoding="utf-8")
    with pytest.raises(FileError, match="neither used nor left out"):
        read_targets(path)


@pytest.mark.parametrize("identity", ["A5", "B99"])
def test_a_row_that_does_not_calibrate_cannot_be_used(tmp_path, identity):
    path = tmp_path / "targets.toml"
    path.write_text(f'[[target]]\nfinding = "{identity}"\nleft_out = "no"\n', encoding="utf-8")
    with pytest.raises(UnknownNameError, match="calibrating finding"):
        read_targets(path)


def row(**changes):
    given = {"finding": "x", "experiment": "y", "reading": "z", "low": 2.0, "high": 2.0, "laboratory": 0.5}
    return Target(**given | changes)


def test_a_number_has_the_density_of_a_normal():
    seen, chance = np.array([2.0, 3.0]), np.array([0.1, 0.2])
    total = 0.3**2 + 0.5**2 + chance**2
    exact = -0.5 * (seen - 2) ** 2 / total - 0.5 * np.log(2 * np.pi * total)
    assert row(error=0.3).log_likelihood(seen, chance) == pytest.approx(exact)


def test_within_bounds_nothing_is_lost_and_outside_it_falls_on_both_sides():
    bounds = row(low=1.0, high=3.0)
    found = bounds.log_likelihood(np.array([0.0, 1.0, 2.0, 3.0, 4.0, 5.0]), np.zeros(6))
    assert found[1:4].tolist() == [0, 0, 0]
    assert found[0] == found[4] == pytest.approx(-2.0)
    assert found[5] < found[4]
    assert row(low=-math.inf, high=3.0).log_likelihood(np.array([-99.0]), np.zeros(1))[0] == 0


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_none_or_all_of_the_rats_is_finite(share):
    found = row(scale="logit", low=0.0, high=0.0).log_likelihood(np.array([share]), np.array([0.0]))
    assert np.isfinite(found).all()


def test_a_reading_that_is_none_is_nearly_impossible_but_finite():
    assert row().log_likelihood(np.array([np.nan]), np.array([np.nan]))[0] == IMPOSSIBLE


def test_rows_add_up():
    readings, chances = np.array([[2.0, 3.0], [1.0, np.nan]]), np.full((2, 2), 0.1)
    each = [row().log_likelihood(readings[:, place], chances[:, place]) for place in range(2)]
    assert log_likelihood([row(), row()], readings, chances) == pytest.approx(each[0] + each[1])
