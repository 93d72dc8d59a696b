"""Whether chains agree, against what normal chains give in closed form."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from eaesim.estimation.agreement import disagreement, held_shares, rhat

DRAWS = 20_000


def chains(*shifts, scales=None, draws=DRAWS):
    random = np.random.default_rng(1)
    scales = scales or [1.0] * len(shifts)
    return np.array(
        [
            shift + scale * random.standard_normal((draws, 1))
            for shift, scale in zip(shifts, scales, strict=True)
        ]
    )


@pytest.mark.parametrize("shift", [0.0, 0.2, 0.5])
def test_two_shifted_normals_have_the_rhat_of_theory(shift):
    # Four half chains, two at 0 and two at the shift: variance of their means shift² / 3, within them 1.
    # Ranks turn the mixture, of variance 1 + shift² / 4, into a standard normal, in proportion.
    within = 1 / (1 + shift**2 / 4)
    expected = np.sqrt((within + shift**2 * within / 3) / within)
    assert rhat(chains(0.0, shift))[0] == pytest.approx(expected, abs=0.003)


def test_a_number_keeps_its_rhat_on_any_increasing_scale():
    found = chains(0.0, 0.3)
    assert rhat(np.exp(5 * found))[0] == pytest.approx(rhat(found)[0], abs=1e-6)


def test_chains_of_other_widths_differ_too():
    # Their means agree; the folded R-hat sees it.
    assert rhat(chains(0.0, 0.0, scales=[1.0, 2.0]))[0] > 1.05


def test_a_chain_that_wanders_does_not_agree_with_itself():
    walk = np.cumsum(chains(0.0, 0.0, draws=2_000), axis=1)
    assert rhat(walk)[0] > 1.1


@pytest.mark.parametrize("shift", [0.0, 0.3, 1.0, 4.0])
def test_an_interval_holds_the_share_of_a_shifted_normal_that_theory_says(shift):
    edge = norm.ppf(0.95)
    expected = norm.cdf(edge - shift) - norm.cdf(-edge - shift)
    assert held_shares(chains(0.0, shift))[:, 0] == pytest.approx([expected, expected], abs=0.02)


def test_a_narrow_chain_holds_less_of_a_wide_one_than_the_other_way_round():
    edge = norm.ppf(0.95)
    narrow, wide = held_shares(chains(0.0, 0.0, scales=[1.0, 2.0]))[:, 0]
    assert narrow == pytest.approx(2 * norm.cdf(edge / 2) - 1, abs=0.01)
    assert wide == pytest.approx(2 * norm.cdf(edge * 2) - 1, abs=0.01)


def test_three_chains_have_six_pairs_and_one_has_none():
    assert held_shares(chains(0, 0, 0)).shape == (6, 1)
    assert held_shares(chains(0)).shape == (0, 1)
    assert np.isnan(rhat(chains(0))).all()


def test_the_worst_number_is_named_among_many_that_agree():
    random = np.random.default_rng(2)
    found = random.standard_normal((2, 2_000, 40))
    found[1, :, 17] += 1.0
    said = disagreement(found, [f"number {each}" for each in range(40)], [-3.0, -2.5])
    assert "(number 17), above 1.05 in 1 of 40 numbers" in said
    assert said.count("number 17") == 2
    assert "log evidences differ by 0.50" in said
