"""The rows a rat is estimated from."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import multivariate_normal, norm

from eaesim.errors import FileError, UnknownNameError
from eaesim.estimation.experiment import read_experiments
from eaesim.estimation.reading import reading
from eaesim.estimation.target import (
    IMPOSSIBLE,
    IN_COMMON,
    STRONGER,
    Target,
    covariance,
    log_likelihood,
    read_targets,
)
from eaesim.evidence import finding, load_findings
from eaesim.model.card import card_texts


def test_no_row_is_used_that_is_not_marked_to_calibrate():
    targets, left_out = read_targets()
    for identity in {target.finding for target in targets if target.finding} | set(left_out):
        assert finding(identity).use == "calibrate"


def test_every_calibrating_row_on_rats_is_used_or_says_why_not():
    targets, left_out = read_targets()
    named = {target.finding for target in targets if target.finding} | set(left_out)
    rows = {one.id for one in load_findings() if one.use == "calibrate" and one.row[0] in "ABE"}
    assert named == rows
    assert not set(left_out) & {target.finding for target in targets}
    assert all(left_out.values())


def test_every_row_names_what_is_there():
    targets, _ = read_targets()
    for target in targets:
        assert reading(target.reading)
        assert {target.experiment, *target.beside} <= set(read_experiments())
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


def likely(targets, values):
    """Return the log-likelihood of sets of readings, a row each."""
    return log_likelihood(targets, np.asarray(values, dtype=float))


def test_a_number_has_the_density_of_a_normal():
    seen = np.array([2.0, 3.0])
    exact = norm.logpdf(seen, 2, math.hypot(0.3, 0.5))
    assert likely([row(error=0.3)], seen[:, None]) == pytest.approx(exact)


def test_rows_of_one_study_share_their_laboratory():
    # Another library's density, of a covariance written out: a stronger disease comes sooner and is worse,
    # for half of what sets laboratories apart; the same reading twice shares all of it.
    random = np.random.default_rng(1)
    values = random.normal(2, 1, size=(5, 4))
    rows = [
        row(reading="onset_day", error=0.1, laboratory=0.2, study="one"),
        row(reading="peak_score", low=1.0, high=1.0, error=0.7, study="one"),
        row(reading="peak_score", error=0.4, study="another"),
        row(reading="onset_day", error=0.3, laboratory=0.6, study="one"),
    ]
    exact = np.diag([0.1**2 + 0.2**2, 0.7**2 + 0.5**2, 0.4**2 + 0.5**2, 0.3**2 + 0.6**2])
    exact[0, 1] = exact[1, 0] = -0.5 * 0.2 * 0.5
    exact[1, 3] = exact[3, 1] = -0.5 * 0.6 * 0.5
    exact[0, 3] = exact[3, 0] = 0.2 * 0.6
    assert covariance(rows) == pytest.approx(exact)
    density = multivariate_normal.logpdf(values, [2.0, 1.0, 2.0, 2.0], exact)
    assert likely(rows, values) == pytest.approx(density)


@pytest.mark.parametrize("mirrored", [1, -1])
def test_how_much_of_a_laboratory_two_rows_share(mirrored):
    names = {1: "peak_score", -1: "onset_day"}

    def shared(one, other):
        return covariance([row(**one), row(**other)])[0, 1] / 0.5**2

    first = {"reading": "incidence", "study": "one"}
    assert shared(first, {"reading": "incidence", "study": "one"}) == 1
    assert shared(first, {"reading": names[mirrored], "study": "one"}) == mirrored * IN_COMMON
    assert shared(first, {"reading": names[mirrored], "study": "another"}) == 0
    # Without a study rows stand alone, the same reading of the same row included.
    assert shared({"reading": "incidence"}, {"reading": "incidence"}) == 0


def test_any_rows_with_an_error_have_a_covariance_that_can_be_one():
    random = np.random.default_rng(3)
    for size in (1, 2, 5, 20, 60):
        rows = [
            row(
                reading=str(random.choice([*STRONGER, "z"])),
                study=str(random.choice(["", "one", "another"])),
                error=float(random.uniform(0.01, 1)),
                laboratory=float(random.uniform(0.1, 2)),
            )
            for _ in range(size)
        ]
        found = covariance(rows)
        assert (found == found.T).all()
        assert np.diagonal(found) == pytest.approx([each.spread**2 for each in rows])
        # What is no error of a row's own is no negative variance of anything.
        errors = np.diag([each.error**2 for each in rows])
        assert np.linalg.eigvalsh(found - errors).min() > -1e-12
        np.linalg.cholesky(found)


def test_no_published_rows_fix_one_another():
    """All others known, each still spreads by three tenths of what it does alone: B1's onset and incidence
    by a sixth if a laboratory's effect were all common, which made a ridge that no sampler could follow.
    """
    rows = [target for target in read_targets()[0] if not target.bound]
    found = covariance(rows)
    left = 1 / np.diagonal(np.linalg.inv(found))
    assert (np.sqrt(left / np.diagonal(found)) > 0.3).all()


def test_a_study_whose_readings_are_off_the_same_way_costs_less():
    study = {"error": 0.1, "study": "one"}
    rows = [row(reading="incidence", **study), row(reading="onset_day", **study)]
    weaker, mixed = likely(rows, [[1.0, 3.0]]), likely(rows, [[3.0, 3.0]])
    assert weaker > mixed + 4


def test_rows_of_one_study_in_the_file_share_it_by_their_first_key():
    studies = {target.finding: target.study for target in read_targets()[0] if target.study}
    assert studies["B3.peak_score"] == studies["B3.duration"] == studies["B3.incidence_second_control"]
    assert studies["B1.onset_day"] == studies["B1.incidence"] != studies["B3.peak_score"]
    assert studies["B2.onset_day"] != studies["B1.onset_day"]


def test_assumed_bounds_are_no_findings():
    assumed = [target for target in read_targets()[0] if not target.finding]
    assert len(assumed) >= 6
    for target in assumed:
        assert target.bound
        assert target.name
        assert target.why
        assert target.title.startswith("assumed: ")


def test_the_model_card_lists_every_assumed_bound():
    listed = re.findall(r"[\d.]*\d(?: %)?", card_texts()["assumed"][0])
    for target in read_targets()[0]:
        if not target.finding:
            (bound,) = (value for value in (target.low, target.high) if math.isfinite(value))
            bound = float(expit(bound)) if target.scale == "logit" else bound
            assert {f"{100 * bound:g} %", f"{bound:g}"} & set(listed), target.title


def test_within_bounds_nothing_is_lost_and_outside_it_falls_on_both_sides():
    found = likely([row(low=1.0, high=3.0)], [[value] for value in (0, 1, 2, 3, 4, 5)])
    assert found[1:4].tolist() == [0, 0, 0]
    assert found[0] == found[4] == pytest.approx(-2.0)
    assert found[5] < found[4]
    assert likely([row(low=-math.inf, high=3.0)], [[-99.0]])[0] == 0


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_none_or_all_of_the_rats_is_finite(share):
    assert np.isfinite(likely([row(scale="logit", low=0.0, high=0.0)], [[share]])).all()


def test_a_share_is_read_as_in_the_animals_of_the_paper():
    target = row(scale="logit", low=0.0, high=0.0, animals=45)
    assert target.on_scale(np.array(1.0)) == pytest.approx(math.log(45.5 / 0.5))
    assert target.on_scale(np.array(0.5)) == pytest.approx(0.0)


@pytest.mark.parametrize("bounds", [{}, {"low": 1.0}])
def test_a_reading_that_is_none_is_nearly_impossible_but_finite(bounds):
    assert likely([row(**bounds)], [[np.nan]])[0] == IMPOSSIBLE
    beside = likely([row(), row(**bounds)], [[2.5, np.nan]])
    assert beside[0] == pytest.approx(IMPOSSIBLE + likely([row()], [[2.5]])[0])


def test_independent_rows_add_up():
    values = np.array([[2.0, 3.0], [1.0, np.nan]])
    each = [likely([row()], values[:, place : place + 1]) for place in range(2)]
    assert likely([row(), row()], values) == pytest.approx(each[0] + each[1])
