"""Resampling within members."""

from __future__ import annotations

import numpy as np
import pytest

from eaesim.endpoints import memberdraws
from eaesim.endpoints.memberdraws import replicates

MEMBER = np.arange(60) % 3
RANDOM = np.random.default_rng(1)
VALUES = RANDOM.standard_normal((60, 2)) + 10.0 * MEMBER[:, None]
OTHER = 0.5 * VALUES + RANDOM.standard_normal((60, 2))


def test_rats_are_drawn_within_their_member():
    (found,) = replicates(VALUES, member=MEMBER, seed=1)
    assert found.owns.shape == (2_000, 3, 2)
    assert found.mean == pytest.approx(VALUES.mean(axis=0))
    # Far apart as they are, no member's resample comes near another, and their shares stay equal.
    assert (abs(found.owns - found.own) < 2).all()
    assert (found.numbers == 20).all()
    assert found.means.std(axis=0).max() < 0.2


def test_resampled_means_scatter_as_those_of_new_rats():
    (found,) = replicates(VALUES, member=MEMBER, seed=1)
    for member in range(3):
        expected = VALUES[member == MEMBER].std(axis=0, ddof=1) / np.sqrt(20)
        assert found.owns[:, member].std(axis=0) == pytest.approx(expected, rel=0.07)


def test_a_missing_value_is_left_out_of_its_member_alone():
    values = VALUES.copy()
    values[0, 0] = np.nan
    values[MEMBER == 2, 1] = np.nan
    (found,) = replicates(values, member=MEMBER, seed=1)
    assert found.number.tolist() == [[19, 20], [20, 20], [20, 0]]
    assert found.own[0, 0] == pytest.approx(np.nanmean(values[MEMBER == 0, 0]))
    assert np.isnan(found.own[2, 1])
    assert np.isfinite(found.means).all()


def test_the_normal_way_agrees_with_the_drawn_one(monkeypatch):
    drawn = replicates(VALUES, OTHER, member=MEMBER, seed=1)
    monkeypatch.setattr(memberdraws, "MOST_RESAMPLED", 10)
    normal = replicates(VALUES, OTHER, member=MEMBER, seed=1)
    for one, two in zip(drawn, normal, strict=True):
        np.testing.assert_allclose(one.own, two.own, rtol=1e-13)
        assert two.owns.std(axis=0) == pytest.approx(one.owns.std(axis=0), rel=0.1)
    for member in range(3):
        joint = [
            np.corrcoef(found[0].owns[:, member, 0], found[1].owns[:, member, 0])[0, 1]
            for found in (drawn, normal)
        ]
        assert joint[0] == pytest.approx(joint[1], abs=0.08)
        assert joint[0] > 0.2


def test_members_of_unlike_size_in_any_order_are_kept_apart(monkeypatch):
    monkeypatch.setattr(memberdraws, "MOST_RESAMPLED", 10)
    random = np.random.default_rng(3)
    member = random.permutation(np.repeat([1, 4, 7, 9], [300, 20, 2, 1]))
    values = random.standard_normal((len(member), 3)) + member[:, None]
    values[random.random(values.shape) < 0.2] = np.nan
    values[member == 9, 0] = np.nan
    found, other = replicates(values, -2.0 * values, member=member, seed=5)
    for place, each in enumerate((1, 4, 7, 9)):
        of_member = values[member == each]
        assert found.number[place].tolist() == (~np.isnan(of_member)).sum(axis=0).tolist()
        np.testing.assert_allclose(found.total[place], np.nansum(of_member, axis=0), rtol=1e-13)
        # A member moves by its own rats alone, however many there are.
        number = found.number[place]
        expected = np.sqrt(
            number / np.maximum(number - 1, 1) * np.nansum((of_member - found.own[place]) ** 2, axis=0)
        )
        assert found.totals[:, place].std(axis=0) == pytest.approx(expected, rel=0.06)
    # What is a multiple of the first sample moves with it.
    np.testing.assert_allclose(other.totals, -2.0 * found.totals, rtol=1e-6)
