"""Attacks: those of a patient depend on the seed and its number alone; their counts have a closed form."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from eaesim.errors import ProtocolError
from eaesim.protocol.attacks import Attacks
from eaesim.study.attacks import YEAR, draw_attacks, one_attack

PROCESS = Attacks(
    rate=10, dispersion=1.4, lasting=548, size=0.25, spread=0.8, microbial=0.3, from_lesion=0.35
)
OTHER = replace(PROCESS, rate=3.0, size=1.0, from_lesion=0.0)


def listed(drawn, patient):
    """Return the attacks of one patient, those without a day left out."""
    has = np.isfinite(drawn.day[patient])
    return [getattr(drawn, name)[patient][has].tolist() for name in ("day", "size", "in_lesion", "microbial")]


def test_attacks_of_a_patient_do_not_depend_on_the_crowd_or_the_end() -> None:
    one = draw_attacks([PROCESS], 40, seed=3, start=0, end=400)
    crowd = draw_attacks([PROCESS], 90, seed=3, start=0, end=1500).between(0, 400)
    assert sum(len(listed(one, patient)[0]) for patient in range(40)) > 200
    for patient in range(40):
        assert listed(one, patient) == listed(crowd, patient)


def test_attacks_of_a_patient_depend_on_its_own_set_alone() -> None:
    alone = [draw_attacks([each], 20, seed=3, start=0, end=800) for each in (PROCESS, OTHER)]
    mixed = draw_attacks([PROCESS, OTHER], 20, seed=3, start=0, end=800)
    turned = draw_attacks([OTHER, PROCESS], 20, seed=3, start=0, end=800)
    for patient in range(20):
        assert listed(mixed, patient) == listed(alone[patient % 2], patient)
        assert listed(turned, patient) == listed(alone[1 - patient % 2], patient)


def test_another_seed_gives_other_attacks() -> None:
    first, second = (draw_attacks([PROCESS], 5, seed=seed, start=0, end=800) for seed in (3, 4))
    assert all(listed(first, patient) != listed(second, patient) for patient in range(5))


@pytest.mark.parametrize("lasting", [30.0, 548.0, 20_000.0])
@pytest.mark.parametrize("years", [1, 3])
def test_counts_have_the_mean_and_variance_of_a_poisson_process_with_redrawn_rates(
    lasting: float, years: int
) -> None:
    days, patients = years * YEAR, 6000
    process = replace(PROCESS, lasting=lasting)
    count = np.isfinite(draw_attacks([process], patients, seed=5, start=0, end=days).day).sum(axis=1)
    # The rates of two days are the same draw with probability exp(-distance / lasting).
    rate, share = process.rate / YEAR, days / lasting
    of_rates = 2 * (rate * lasting) ** 2 / process.dispersion * (share - 1 + np.exp(-share))
    mean, variance = rate * days, rate * days + of_rates
    assert count.mean() == pytest.approx(mean, abs=4 * np.sqrt(variance / patients))
    fourth = ((count - count.mean()) ** 4).mean()
    assert count.var() == pytest.approx(variance, abs=4 * np.sqrt((fourth - variance**2) / patients))


def test_gaps_are_exponential_where_rates_are_alike_and_last() -> None:
    process = replace(PROCESS, dispersion=1e6, lasting=1e7)
    day = draw_attacks([process], 400, seed=6, start=10, end=3000).day
    first = np.diff(np.column_stack([np.full(400, 10.0), day[:, :20]]), axis=1).ravel()
    assert np.isfinite(first).all()
    assert stats.kstest(first, "expon", args=(0, YEAR / process.rate)).pvalue > 0.01


def test_sizes_are_log_normal_and_shares_are_met() -> None:
    drawn = draw_attacks([PROCESS], 2000, seed=8, start=0, end=700)
    has = np.isfinite(drawn.day)
    logs = np.log(drawn.size[has] / PROCESS.size) / PROCESS.spread
    assert stats.kstest(logs, "norm").pvalue > 0.01
    number = has.sum()
    for share, seen in ((0.35, drawn.in_lesion[has]), (0.3, drawn.microbial[has])):
        assert seen.mean() == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / number))
    # Size, place and kind are independent of each other and of the day.
    columns = [logs, drawn.in_lesion[has], drawn.microbial[has], drawn.day[has]]
    assert np.abs(np.corrcoef(columns) - np.eye(4)).max() < 4 / np.sqrt(number)


def test_no_rate_means_no_attack_and_too_many_are_refused() -> None:
    assert draw_attacks([replace(PROCESS, rate=0.0)], 3, seed=1, start=0, end=1000).day.shape == (3, 0)
    busy = replace(PROCESS, rate=365.0, dispersion=1e6, lasting=1e7)
    with pytest.raises(ProtocolError, match="more than 20,000 attacks"):
        draw_attacks([busy], 1, seed=1, start=0, end=30_000)


def test_another_rate_stretches_time_and_changes_nothing_else() -> None:
    slow = replace(PROCESS, lasting=1e9)
    twice = replace(slow, rate=2 * slow.rate)
    one, two = (
        draw_attacks([each], 30, seed=8, start=0, end=end) for each, end in ((slow, 800), (twice, 400))
    )
    assert two.day == pytest.approx(one.day / 2)
    assert (two.size == one.size).all()


def test_one_attack_is_the_first_drawn_one_on_a_given_day() -> None:
    drawn, one = (
        draw_attacks([PROCESS], 50, seed=9, start=0, end=3000),
        one_attack([PROCESS], 50, seed=9, day=7),
    )
    assert (one.day == 7.0).all()
    for name in ("size", "in_lesion", "microbial"):
        assert (getattr(one, name)[:, 0] == getattr(drawn, name)[:, 0]).all()


def test_shifting_and_choosing_keep_each_attack_with_its_size() -> None:
    drawn = draw_attacks([PROCESS], 20, seed=9, start=0, end=900)
    later = drawn.shifted(np.arange(20.0)).between(300, 500)
    for patient in range(20):
        kept = [
            (d + patient, s)
            for d, s in zip(*listed(drawn, patient)[:2], strict=True)
            if 300 <= d + patient < 500
        ]
        assert list(zip(*listed(later, patient)[:2], strict=True)) == kept
