"""Intervals over members and rats: what one member, equal members and a known spread must give."""

from __future__ import annotations

import numpy as np
import pytest

from eaesim.endpoints import difference, effect, mean, member_difference, member_effect, member_mean
from eaesim.endpoints.members import MemberEstimate, member_share
from eaesim.endpoints.setvariance import paule_mandel
from eaesim.endpoints.statistics import share
from eaesim.proportion import wilson_interval

MEMBERS, RATS = 20, 10
MEMBER = np.arange(MEMBERS * RATS) % MEMBERS


def simulated(spread: float, random: np.random.Generator) -> np.ndarray:
    own = 2.0 + spread * random.standard_normal(MEMBERS)
    return np.asarray(own[MEMBER] + random.standard_normal(len(MEMBER)))


def ends(found: MemberEstimate) -> tuple[float, ...]:
    return found.low, found.high, found.animal_low, found.animal_high


def test_one_member_gives_the_interval_over_rats_to_the_bit():
    random = np.random.default_rng(1)
    treated, control = random.uniform(0, 3, 30), random.uniform(1, 4, 30)
    treated[4] = np.nan
    alone = np.zeros(30, dtype=np.int64)
    for found, expected in (
        (member_mean(treated, member=alone, seed=5), mean(treated, seed=5)),
        (member_share(np.round(control / 4), member=alone, seed=5), share(np.round(control / 4))),
        (member_difference(treated, control, member=alone, seed=5), difference(treated, control, seed=5)),
        (member_effect(treated, control, member=alone, seed=5), effect(treated, control, seed=5)),
    ):
        assert found.value == expected.value
        assert ends(found) == (expected.low, expected.high, expected.low, expected.high)


def test_members_that_do_not_differ_give_the_interval_of_the_rats():
    # The same rats in every member: their means differ by nothing, and chance explains more than that.
    values = np.repeat(np.random.default_rng(2).standard_normal(RATS), MEMBERS)
    found = member_mean(values, member=MEMBER, seed=1)
    assert (found.low, found.high) == (found.animal_low, found.animal_high)
    half = 1.96 * np.repeat(values[::MEMBERS], 1).std(ddof=1) / np.sqrt(len(values))
    assert [found.animal_low, found.animal_high] == pytest.approx(
        [found.value - half, found.value + half], abs=0.1 * half
    )


def test_chance_between_few_rats_is_not_taken_for_a_difference_between_members():
    random = np.random.default_rng(3)
    ratios = []
    for _ in range(60):
        found = member_mean(simulated(0.0, random), member=MEMBER, seed=1)
        ratios.append((found.high - found.low) / (found.animal_high - found.animal_low))
    # Members' own means scatter 4.5 times as far as the mean of all rats. That members do not differ cannot
    # be known from ten rats of each.
    assert np.median(ratios) < 3.2
    assert max(ratios) < 6.5
    assert min(ratios) > 1.3


# Members differ by this share of the standard error of a member's own mean, and more.
@pytest.mark.parametrize("share", [0.3, 0.5, 1.0, 2.0, 5.0])
def test_the_interval_holds_the_members_however_little_they_differ(share):
    spread, random = share / np.sqrt(RATS), np.random.default_rng(11)
    covered, widths = [], []
    for _ in range(80):
        found = member_mean(simulated(spread, random), member=MEMBER, seed=1)
        others = 2.0 + spread * random.standard_normal(400)
        covered.append(np.mean((found.low <= others) & (others <= found.high)))
        widths.append((found.high - found.low) / (2 * 1.96 * np.hypot(spread, 1 / np.sqrt(len(MEMBER)))))
    assert np.mean(covered) > 0.89
    # An interval cut off at no difference is up to five times narrower, depending on the draw of the rats.
    assert min(widths) > 0.4
    assert np.median(widths) < 1.7


@pytest.mark.parametrize("spread", [0.5, 2.0])
def test_the_interval_covers_one_more_member_and_that_of_rats_the_mean_of_these(spread):
    random = np.random.default_rng(4)
    hits = []
    for _ in range(60):
        truth = 2.0 + spread * random.standard_normal()
        own = 2.0 + spread * random.standard_normal(MEMBERS)
        values = own[MEMBER] + random.standard_normal(len(MEMBER))
        found = member_mean(values, member=MEMBER, seed=1)
        hits.append((found.low <= truth <= found.high, found.animal_low <= own.mean() <= found.animal_high))
    both, rats = np.mean(hits, axis=0)
    assert both >= 0.82
    assert rats >= 0.85
    # An interval that covered everything would pass the lines above.
    expected = 2 * 1.96 * np.sqrt(spread**2 + 1 / len(MEMBER))
    assert found.high - found.low < 1.6 * expected


def test_an_effect_is_that_of_the_means_and_its_rats_are_pairs():
    random = np.random.default_rng(5)
    control = random.uniform(1, 4, len(MEMBER))
    found = member_effect(0.5 * control, control, member=MEMBER, seed=1)
    assert found.value == pytest.approx(0.5)
    assert ends(found) == pytest.approx((0.5,) * 4)
    own = np.linspace(0.2, 0.8, MEMBERS)
    spread = member_effect(own[MEMBER] * control, control, member=MEMBER, seed=1)
    assert spread.value == pytest.approx(0.5, abs=0.03)
    assert spread.low == pytest.approx(0.2, abs=0.06)
    assert spread.high == pytest.approx(0.8, abs=0.06)
    assert spread.animal_high - spread.animal_low < 0.1
    apart = member_difference(own[MEMBER] * control, control, member=MEMBER, seed=1)
    assert apart.low < apart.animal_low < apart.value < apart.animal_high < apart.high < 0


def test_a_member_without_disease_says_nothing_of_the_effect():
    control = np.full(len(MEMBER), 2.0)
    control[MEMBER == 3] = 0.0
    treated = 0.5 * control
    # In one rat of that member treatment does harm, and its control is 0.
    treated[3] = 5.0
    found = member_effect(treated, control, member=MEMBER, seed=1)
    assert np.isfinite(ends(found)).all()
    assert found.low == found.animal_low > 0.4
    assert np.isnan(ends(member_effect(treated, 0 * control, member=MEMBER, seed=1))).all()


def test_no_interval_leaves_what_is_possible_or_is_inside_that_of_the_rats():
    random = np.random.default_rng(6)
    for chance in (0.0, 0.01, 0.5, 0.97, 1.0):
        own = np.clip(chance + random.uniform(-0.4, 0.4, MEMBERS) * (0 < chance < 1), 0, 1)
        signs = (random.random(len(MEMBER)) < own[MEMBER]).astype(float)
        found = member_share(signs, member=MEMBER, seed=1)
        assert 0 <= found.low <= found.animal_low <= found.value <= found.animal_high <= found.high <= 1
        assert (found.animal_low, found.animal_high) == wilson_interval(signs.mean(), len(signs))
        score = member_mean(5 * signs, member=MEMBER, seed=1)
        assert 0 <= score.low <= score.animal_low <= score.animal_high <= score.high <= 5
    treated = np.where(random.random(len(MEMBER)) < 0.05, 5.0, 0.0)
    assert member_effect(treated, treated + 1.0, member=MEMBER, seed=1).high <= 1.0


def test_columns_are_estimated_each_on_its_own():
    random = np.random.default_rng(7)
    values = np.stack([simulated(spread, random) for spread in (0.0, 1.0)], axis=1)
    values[5, 1] = np.nan
    table = member_mean(values, member=MEMBER, seed=2)
    for column in range(2):
        alone = member_mean(values[:, column], member=MEMBER, seed=2)
        assert [each[column] for each in (table.value, *ends(table))] == pytest.approx(
            [alone.value, *ends(alone)], abs=1e-12
        )


def test_many_rats_are_drawn_from_what_the_bootstrap_comes_to():
    random = np.random.default_rng(8)
    few, member = 400, np.arange(20_000) % 10
    own = 1.0 + 0.3 * np.arange(10)
    control = own[member] + 2.0 + random.standard_normal(20_000)
    treated = 0.4 * control + 0.5 * random.standard_normal(20_000)
    many = member_effect(treated, control, member=member, seed=1)
    half = member_effect(treated[:10_000], control[:10_000], member=member[:10_000], seed=1)
    ratio = (many.animal_high - many.animal_low) / (half.animal_high - half.animal_low)
    assert ratio == pytest.approx(np.sqrt(0.5), rel=0.1)
    assert member_effect(treated[:few], control[:few], member=member[:few], seed=1).value == pytest.approx(
        many.value, abs=0.05
    )


def test_nobody_has_no_estimate():
    found = member_mean(np.empty(0), member=np.empty(0, dtype=np.int64), seed=1)
    assert np.isnan([found.value, *ends(found)]).all()
    lost = member_mean(np.full(4, np.nan), member=np.array([0, 1, 0, 1]), seed=1)
    assert np.isnan([lost.value, *ends(lost)]).all()


def test_as_many_members_as_rats_are_rats_of_one_crowd():
    values = np.random.default_rng(1).normal(2.0, 1.0, 30)
    apart = member_mean(values, member=np.arange(30), seed=1)
    one = member_mean(values, member=np.zeros(30, dtype=np.int64), seed=1)
    assert apart == one
    assert apart.low == apart.animal_low


def test_where_chance_is_the_same_in_all_members_the_variance_between_them_needs_no_search() -> None:
    random = np.random.default_rng(7)
    said = random.random((12, 40)) < np.linspace(0, 1, 40)
    own = np.where(said, random.standard_normal((12, 40)), 0.0)
    chance = np.broadcast_to(random.uniform(0, 1.5, 40), own.shape)
    nearly = chance * (1.0 + 1e-14 * random.random(own.shape))
    found = paule_mandel(own, chance, said)
    np.testing.assert_allclose(found, paule_mandel(own, nearly, said), atol=1e-12)
    assert (found > 0).any()
    assert (found == 0).any()


def test_members_without_a_single_death_are_not_certain_of_the_effect():
    member = np.arange(320) % 64
    control = (np.arange(320) % 20 == 0).astype(float)
    found = member_effect(np.zeros(320), control, member=member, seed=1)
    assert found.low <= found.animal_low == pytest.approx(1 - share(np.zeros(320)).high / control.mean())
    assert found.high == 1.0


def test_the_few_members_with_events_say_nothing_of_the_others():
    member = np.arange(320) % 64
    # Three of five rats die in two members, one in each of twenty others; treatment saves one rat.
    control = np.zeros(320)
    control[[0, 64, 128, 1, 65, 129, *range(2, 22)]] = 1.0
    treated = control.copy()
    treated[0] = 0.0
    found = member_effect(treated, control, member=member, seed=1)
    assert ends(found)[:2] == ends(found)[2:]
