"""The rows a rat is estimated from."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import multivariate_normal, norm, truncnorm

from eaesim.analysis.estimation.population import read_experiments
from eaesim.analysis.estimation.reading import READINGS, Reading
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


def likely(targets, values, influence=None, error=None):
    """Return the log-likelihood of one set of readings a row."""
    values = np.asarray(values, dtype=float)
    influence = np.zeros((*values.shape, 1)) if influence is None else np.asarray(influence, dtype=float)
    error = np.zeros(values.shape) if error is None else np.asarray(error, dtype=float)
    return log_likelihood(targets, Reading(values, influence, error))


def test_a_number_has_the_density_of_a_normal():
    seen, influence, error = np.array([2.0, 3.0]), np.array([[0.1, 0.2], [0.3, 0.0]]), np.array([0.1, 0.2])
    total = 0.3**2 + 0.5**2 + (influence**2).sum(axis=1) + error**2
    exact = norm.logpdf(seen, 2, np.sqrt(total))
    assert likely([row(error=0.3)], seen[:, None], influence[:, None], error[:, None]) == pytest.approx(exact)


def test_numbers_read_off_the_same_rats_share_their_luck():
    # Another library's density, of a covariance written out.
    random = np.random.default_rng(1)
    influence = random.normal(size=(5, 3, 4))
    values, error = random.normal(2, 1, size=(5, 3)), random.random((5, 3))
    rows = [row(laboratory=0.2), row(low=1.0, high=1.0, error=0.7), row()]
    published, own = [2.0, 1.0, 2.0], np.array([0.2**2, 0.5**2 + 0.7**2, 0.5**2])
    for place, found in enumerate(likely(rows, values, influence, error)):
        covariance = influence[place] @ influence[place].T + np.diag(own + error[place] ** 2)
        assert found == pytest.approx(multivariate_normal.logpdf(values[place], published, covariance))


def test_two_rows_of_one_reading_say_no_more_than_the_rats_can():
    # A second row of the same reading leaves the luck of the rats as it was.
    values = np.linspace(0.0, 4.0, 401)
    for rows, luck in ((1, 0.0), (2, 0.0), (2, 2.0), (20, 2.0)):
        influence = np.full((401, rows, 1), luck)
        found = np.exp(likely([row()] * rows, np.repeat(values[:, None], rows, axis=1), influence))
        mean = (found * values).sum() / found.sum()
        wide = np.sqrt(0.5**2 / rows + luck**2)
        apart = (found * (values - mean) ** 2).sum() / found.sum()
        expected = truncnorm(-2 / wide, 2 / wide, 2, wide).var()
        assert apart == pytest.approx(expected, rel=1e-2)


def test_within_bounds_nothing_is_lost_and_outside_it_falls_on_both_sides():
    found = likely([row(low=1.0, high=3.0)], [[value] for value in (0, 1, 2, 3, 4, 5)])
    assert found[1:4].tolist() == [0, 0, 0]
    assert found[0] == found[4] == pytest.approx(-2.0)
    assert found[5] < found[4]
    assert likely([row(low=-math.inf, high=3.0)], [[-99.0]])[0] == 0


def test_luck_softens_a_bound():
    bound = [row(low=-math.inf, high=3.0)]
    assert likely(bound, [[4.0]], [[[0.3, 0.4]]], [[0.5]]) == pytest.approx(-0.5 / (0.5**2 + 0.5))


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_none_or_all_of_the_rats_is_finite(share):
    assert np.isfinite(likely([row(scale="logit", low=0.0, high=0.0)], [[share]])).all()


def test_the_luck_of_a_share_follows_its_scale():
    target = row(scale="logit", low=0.0, high=0.0)
    found = target.scaled(Reading(np.array([0.2]), np.array([[0.01, -0.02]]), np.array([0.03])))
    step = 1e-6
    slope = (target.on_scale(np.array(0.2 + step)) - target.on_scale(np.array(0.2 - step))) / (2 * step)
    assert found.value == pytest.approx([math.log(0.25)])
    assert found.influence == pytest.approx(slope * np.array([[0.01, -0.02]]))
    assert found.error == pytest.approx([slope * 0.03])


@pytest.mark.parametrize("bounds", [{}, {"low": 1.0}])
def test_a_reading_that_is_none_is_nearly_impossible_but_finite(bounds):
    alone = likely([row(**bounds)], [[np.nan]], [[[np.nan]]], [[np.nan]])
    assert alone[0] == IMPOSSIBLE
    beside = likely([row(), row(**bounds)], [[2.5, np.nan]], [[[0.1], [np.nan]]], [[0.1, np.nan]])
    assert beside[0] == pytest.approx(IMPOSSIBLE + likely([row()], [[2.5]], [[[0.1]]], [[0.1]])[0])


def test_rows_off_other_rats_add_up():
    values, influence = np.array([[2.0, 3.0], [1.0, np.nan]]), np.array([[[0.1, 0], [0, 0.1]]] * 2)
    each = [
        likely([row()], values[:, place : place + 1], influence[:, place : place + 1]) for place in range(2)
    ]
    assert likely([row(), row()], values, influence) == pytest.approx(each[0] + each[1])
