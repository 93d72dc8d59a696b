"""Resampling within members."""

from __future__ import annotations

import numpy as np
import pytest

from eaesim.endpoints import memberdraws
from eaesim.endpoints.memberdraws import _variance, replicates

MEMBER = np.arange(60) % 3
RANDOM = np.random.default_rng(1)
VALUES = RANDOM.standard_normal((60, 2)) + 10.0 * MEMBER[:, None]
OTHER = 0.5 * VALUES + RANDOM.standard_normal((60, 2))


def totals(found):
    """Return the sum of every member in every resample, shape (members, resamples, columns)."""
    return found.total[:, None] + found.draws.moved(found.moves, by_set=True)


def owns(found):
    return totals(found) / found.number[:, None]


def test_rats_are_drawn_within_their_member():
    (found,) = replicates(VALUES, member=MEMBER, seed=1)
    assert owns(found).shape == (3, 2_000, 2)
    assert found.mean == pytest.approx(VALUES.mean(axis=0))
    # Far apart as they are, no member's resample comes near another, and their shares stay equal.
    assert (abs(owns(found) - found.own[:, None]) < 2).all()
    assert (found.number == 20).all()
    assert found.means.std(axis=0).max() < 0.2


def test_resampled_means_scatter_as_those_of_new_rats():
    (found,) = replicates(VALUES, member=MEMBER, seed=1)
    for member in range(3):
        expected = VALUES[member == MEMBER].std(axis=0, ddof=1) / np.sqrt(20)
        assert np.sqrt(found.variance()[member]) == pytest.approx(expected, rel=0.07)


@pytest.mark.parametrize("most", [0, 1_000], ids=["by sums", "by covariance"])
@pytest.mark.parametrize("missing", [0.0, 0.2])
@pytest.mark.parametrize("sizes", [(20, 20, 20), (1, 2, 57)])
def test_resamples_are_what_drawing_rats_one_by_one_gives(monkeypatch, most, missing, sizes):
    monkeypatch.setattr(memberdraws, "MOST_IN_COVARIANCE", most)
    for name in ("_few_draws", "_remembered"):
        getattr(memberdraws, name).cache_clear()
    random = np.random.default_rng(6)
    member = random.permutation(np.repeat(np.arange(3), sizes))
    values, other = random.standard_normal((2, 60, 2)) + 3.0
    lost = random.random(values.shape) < missing
    values[lost] = other[lost] = np.nan
    drawn = replicates(values, other, member=member, seed=1)
    blocks, share = drawn[0].draws.blocks, np.array([0.3, -2.0])
    for column in range(2):
        sums, numbers = np.zeros((2, 3, 2_000)), np.zeros((3, 2_000))
        for each, counts in enumerate(blocks):
            own = np.stack([values, other])[:, member == each, column]
            known = ~np.isnan(own[0])
            n = known.sum()
            middle = own[:, known].sum(axis=1, keepdims=True) / max(n, 1)
            stretched = middle + np.sqrt(n / max(n - 1, 1)) * (own[:, known] - middle)
            sums[:, each], numbers[each] = stretched @ counts[:, known].T, counts[:, known].sum(axis=1)
        with np.errstate(invalid="ignore"):
            apart = (sums[0] - share[column] * sums[1]) / numbers
        for found, expected in zip(drawn, sums, strict=True):
            np.testing.assert_allclose(found.means[:, column], expected.sum(axis=0) / numbers.sum(axis=0))
        np.testing.assert_allclose(
            drawn[0].variance(drawn[1], share)[:, column], _variance(apart), atol=1e-14
        )
    for name in ("_few_draws", "_remembered"):
        getattr(memberdraws, name).cache_clear()


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
        assert np.sqrt(two.variance()) == pytest.approx(np.sqrt(one.variance()), rel=0.1)
    for member in range(3):
        joint = [
            np.corrcoef(owns(found[0])[member, :, 0], owns(found[1])[member, :, 0])[0, 1]
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
        assert totals(found)[place].std(axis=0) == pytest.approx(expected, rel=0.06)
    # What is a multiple of the first sample moves with it.
    np.testing.assert_allclose(totals(other), -2.0 * totals(found), rtol=1e-6)
