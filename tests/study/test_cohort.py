"""Virtual rats: the same by number whatever the cohort, and spread as their entries say."""

from __future__ import annotations

from dataclasses import replace
from zlib import crc32

import numpy as np
import pytest

from eaesim.errors import EaesimError, ProtocolError
from eaesim.model import MECHANISMS, Parameters, load
from eaesim.study.cohort import (
    check_animals,
    draw_chunks,
    draw_cohort,
    individual_parameters,
    member_parameters,
    population_parameters,
)

PLACE = {name: index for index, name in enumerate(Parameters._fields)}


def drawn(rat, rats, seed=1, mechanism="H1a"):
    cohort = draw_cohort(rats, seed=seed, days=1)
    return individual_parameters(
        rat.parameters(mechanism), entries=rat.entries, differences=cohort.differences
    )


def with_entry(name, **changes):
    rat = load("lewis")
    return replace(rat, entries={**rat.entries, name: replace(rat.entries[name], **changes)})


@pytest.mark.parametrize("fewer", [1, 2, 7])
def test_a_rat_is_the_same_in_a_larger_cohort_watched_for_longer(fewer):
    few, many = draw_cohort(fewer, seed=3, days=11), draw_cohort(20, seed=3, days=61)
    assert np.array_equal(few.differences, many.differences[:fewer])
    assert np.array_equal(few.observer, many.observer[:fewer, :11])
    assert np.array_equal(few.death, many.death[:fewer])


def draw_at_once(animals, *, seed, days):
    """Draw as it was done first: all rats of a stream at once."""

    def stream(purpose, name):
        return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(purpose, crc32(name.encode()))))

    return (
        np.column_stack([stream(0, name).standard_normal(animals) for name in Parameters._fields]),
        np.column_stack([stream(1, str(day)).standard_normal(animals) for day in range(days)]),
        stream(2, "").standard_exponential(animals),
    )


@pytest.mark.parametrize(
    ("animals", "size"), [(1, 1), (7, 7), (7, 3), (7, 100), (1_500, 1_500), (2_100, 512)]
)
def test_rats_drawn_chunk_by_chunk_are_those_drawn_at_once(animals, size):
    chunks = list(draw_chunks(animals, seed=11, days=5, size=size))
    assert len(chunks) == -(-animals // size)
    assert all(len(chunk.death) == size for chunk in chunks[:-1])
    whole = draw_at_once(animals, seed=11, days=5)
    for name, expected in zip(("differences", "observer", "death"), whole, strict=True):
        assert np.array_equal(np.concatenate([getattr(chunk, name) for chunk in chunks]), expected)
        assert np.array_equal(getattr(draw_cohort(animals, seed=11, days=5), name), expected)


def test_parameters_that_are_the_same_in_all_rats_need_no_draws():
    rat = load("da")
    varied = [name for name, entry in rat.entries.items() if entry.spread]
    (few,) = draw_chunks(6, seed=2, days=3, size=6, varied=varied)
    whole = draw_cohort(6, seed=2, days=3)
    assert (few.differences == 0).any()
    seen = [
        individual_parameters(rat.parameters("H1a"), entries=rat.entries, differences=each.differences)
        for each in (few, whole)
    ]
    assert np.array_equal(*seen)


def test_a_cohort_that_is_remembered_cannot_be_spoilt():
    with pytest.raises(ValueError, match="read-only"):
        draw_cohort(3, seed=1, days=2).observer[0] = 0


def test_rats_and_seeds_and_days_and_purposes_differ():
    cohort, other = draw_cohort(10, seed=3, days=60), draw_cohort(10, seed=4, days=60)
    for values in (cohort.differences, cohort.observer):
        assert len(np.unique(values)) == values.size
    assert len(np.unique(cohort.death)) == 10
    assert not np.intersect1d(cohort.differences, cohort.observer).size
    assert not np.intersect1d(cohort.differences, other.differences).size
    # Rat 1 of one seed is no rat of the next: numbers must not add up.
    assert not np.intersect1d(cohort.death, other.death).size


def test_draws_are_standard():
    cohort = draw_cohort(1000, seed=3, days=30)
    for values in (cohort.differences, cohort.observer):
        error = 1 / np.sqrt(values.size)
        assert abs(values.mean()) < 4 * error
        assert abs(values.std() - 1) < 4 * error
    assert cohort.death.mean() == pytest.approx(1, abs=4 / np.sqrt(1000))
    assert (cohort.death > 0).all()
    # No rat is ill-starred in two things at once.
    together = np.column_stack([cohort.differences[:, :5], cohort.observer[:, :5], cohort.death])
    apart = np.corrcoef(together.T) - np.eye(11)
    assert np.abs(apart).max() < 5 / np.sqrt(1000)


@pytest.mark.parametrize(
    ("animals", "seed"),
    [(0, 1), (-3, 1), (2.0, 1), (True, 1), ("3", 1), (3, -1), (3, 0.5), (3, None), (3, False)],
)
def test_a_cohort_needs_rats_and_a_seed(animals, seed):
    for use in (lambda: draw_cohort(animals, seed=seed, days=5), lambda: check_animals(animals, seed=seed)):
        with pytest.raises(ProtocolError, match="whole number from"):
            use()
    with pytest.raises(ProtocolError, match="whole number from") as caught:
        draw_cohort(animals, seed=seed, days=5)
    assert isinstance(caught.value, EaesimError)
    assert "\n" not in str(caught.value)


def test_a_seed_may_be_0_and_a_numpy_number_is_a_number():
    assert np.array_equal(
        draw_cohort(np.int64(2), seed=0, days=3).death, draw_cohort(2, seed=0, days=3).death
    )


# Spread


RATS = 4000


def test_every_spread_is_the_coefficient_of_variation_that_its_entry_says():
    rat = load("da").replace(animal_spread=1.0)
    values = drawn(rat, RATS, mechanism="+".join(MECHANISMS))
    varied = 0
    for name, entry in rat.entries.items():
        column, spread = values[:, PLACE[name]], entry.spread
        if spread == 0 or entry.value == 0:
            assert (column == entry.value).all(), name
            continue
        varied += 1
        ratio = column / entry.value
        assert (ratio > 0).all(), name
        # Log-normal about the typical rat: the median is its value, the mean lies above it by the spread.
        assert np.median(ratio) == pytest.approx(1, abs=6 * spread / np.sqrt(RATS)), name
        assert ratio.mean() == pytest.approx(np.sqrt(1 + spread**2), abs=5 * spread / np.sqrt(RATS)), name
        assert ratio.std() / ratio.mean() == pytest.approx(spread, rel=0.12), name
        assert np.log(ratio).std() == pytest.approx(
            np.sqrt(np.log1p(spread**2)), rel=5 / np.sqrt(2 * RATS)
        ), name
    assert varied > 15


def test_what_rats_differ_in_is_not_correlated():
    rat = load("da")
    values = drawn(rat, RATS)
    varied = [
        PLACE[name]
        for name, entry in rat.entries.items()
        if entry.spread and rat.parameters("H1a")[PLACE[name]]
    ]
    apart = np.corrcoef(np.log(values[:, varied]).T) - np.eye(len(varied))
    assert np.abs(apart).max() < 5 / np.sqrt(RATS)


def test_a_mechanism_that_is_off_is_off_in_every_rat():
    values = drawn(load("da"), 50, mechanism="none")
    potencies = [place for name, place in PLACE.items() if name.startswith("potency_")]
    assert potencies
    assert (values[:, potencies] == 0).all()


@pytest.mark.parametrize("value", [0.02, 0.3, 0.8, 0.97])
def test_a_fraction_with_spread_stays_one(value):
    rat = with_entry("igg_recycled_fraction", value=value, low=0.0, high=1.0, spread=0.1)
    column = drawn(rat, RATS)[:, PLACE["igg_recycled_fraction"]]
    assert ((column > 0) & (column < 1)).all()
    assert np.median(column) == pytest.approx(value, rel=0.02)
    # Logit-normal: normal on the logarithm of the odds, so scaled that a small spread is the variation.
    logit = np.log(column / (1 - column))
    assert logit.std() == pytest.approx(0.1 / (1 - value), rel=0.06)
    if value <= 0.3:
        assert column.std() / column.mean() == pytest.approx(0.1, rel=0.1)


def test_only_dimensionless_numbers_within_0_and_1_are_fractions():
    wide = with_entry("igg_recycled_fraction", value=0.9, low=0.0, high=2.0, spread=0.3)
    rate = with_entry("antigen_clearance", value=0.9, low=0.3, high=1.0, spread=0.3)
    for rat, name in ((wide, "igg_recycled_fraction"), (rate, "antigen_clearance")):
        assert drawn(rat, 200)[:, PLACE[name]].max() > 1


def test_the_spread_of_one_parameter_does_not_shift_another():
    plain = drawn(load("lewis"), 10)
    wider = drawn(with_entry("precursor_number", spread=0.9), 10)
    assert not np.array_equal(plain[:, PLACE["precursor_number"]], wider[:, PLACE["precursor_number"]])
    others = [place for name, place in PLACE.items() if name != "precursor_number"]
    assert np.array_equal(plain[:, others], wider[:, others])


def test_rats_of_another_breeder_differ_so_many_times_as_much_but_take_up_drugs_alike():
    rat = load("da")
    plain, wide = (drawn(rat.replace(animal_spread=times), 50) for times in (1.0, 2.0))
    for name, entry in rat.entries.items():
        if entry.spread and rat.parameters("H1a")[PLACE[name]] and name != "igg_recycled_fraction":
            times = np.ptp(np.log(wide[:, PLACE[name]])) / np.ptp(np.log(plain[:, PLACE[name]]))
            assert times == pytest.approx(1.0 if entry.kind == "drug" else 2.0), name


def test_populations_around_several_rats_are_those_of_each():
    rat = load("da")
    typical = [rat.parameters("H1a+H2"), rat.replace(animal_spread=0.7, precursor_number=900).parameters()]
    differences = draw_cohort(5, seed=1, days=1).differences
    together = population_parameters(typical, entries=rat.entries, differences=differences)
    alone = [individual_parameters(each, entries=rat.entries, differences=differences) for each in typical]
    assert np.array_equal(together, alone)


def test_rats_of_several_sets_are_those_of_each_set_alone():
    rat = load("da")
    typical = [rat.parameters("H1a+H2"), rat.replace(animal_spread=0.7, precursor_number=900).parameters()]
    differences = draw_cohort(7, seed=1, days=1).differences
    member = np.array([0, 1, 1, 0, 1, 0, 0])
    found = member_parameters(typical, member, entries=rat.entries, differences=differences)
    for place, each in enumerate(typical):
        alone = individual_parameters(each, entries=rat.entries, differences=differences)
        assert found[member == place].tobytes() == alone[member == place].tobytes()
