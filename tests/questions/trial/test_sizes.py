"""Size of the next trial: against a closed form, by invariances, and what is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm

import eaesim
from eaesim.errors import EaesimError
from eaesim.questions.trial.sizes.answer import TrialSizes, arm_sizes, drawn_curve, trial_sizes
from eaesim.questions.trial.sizes.comparisons import (
    BINOMIAL,
    NOT_INFERIOR,
    RANK,
    Comparison,
    comparator_arm,
    comparisons,
)
from eaesim.questions.trial.sizes.request import SizesRequest
from eaesim.questions.trial.sizes.search import needed, power_curve
from eaesim.study.relapses import RelapseCounts

DISPERSION, YEARS = 0.9, 2.0


def zhu_lakkis(
    rates: tuple[float, float], *, first_for_each: float, wanted: float, margin: float = 1.0
) -> float:
    """Return the patients of the second arm (Zhu and Lakkis 2014, variance at the true rates)."""
    first, second = (rate * YEARS for rate in rates)
    variance = (1 / first + DISPERSION) / first_for_each + 1 / second + DISPERSION
    away = math.log(first / second) - math.log(margin)
    return float((norm.ppf(0.975) + norm.ppf(wanted)) ** 2 * variance / away**2)


def pool(rates: dict[str, float], patients: int = 200_000, members: int = 1) -> RelapseCounts:
    random = np.random.default_rng(3)
    shape = 1 / DISPERSION
    counts = {
        name: random.poisson(rate * YEARS * random.gamma(shape, 1 / shape, patients))
        for name, rate in rates.items()
    }
    return RelapseCounts(counts, np.arange(patients) % members, members, YEARS, 0)


RATES = {"IVIG": 0.39, "placebo": 0.65}
ASKED = SizesRequest(replicates=4000)


@pytest.mark.slow
@pytest.mark.parametrize(("allocation", "wanted"), [(1, 0.9), (2, 0.8)])
def test_the_negative_binomial_s_size_is_that_of_the_closed_form(allocation: int, wanted: float) -> None:
    curve = drawn_curve(pool(RATES), Comparison("IVIG", "placebo"), BINOMIAL, allocation, ASKED)
    second = zhu_lakkis((0.39, 0.65), first_for_each=allocation, wanted=wanted)
    assert needed(curve, wanted) == pytest.approx(second * (1 + allocation) / 2, rel=0.08)


def test_non_inferiority_s_size_is_that_of_the_closed_form() -> None:
    alike = {"IVIG": 0.3, "drug": 0.3}
    one = Comparison("IVIG", "drug", NOT_INFERIOR, 1.5)
    curve = drawn_curve(pool(alike), one, BINOMIAL, 1, ASKED)
    wanted = zhu_lakkis((0.3, 0.3), first_for_each=1, wanted=0.8, margin=1.5)
    assert needed(curve, 0.8) == pytest.approx(wanted, rel=0.08)


@pytest.mark.parametrize("test", [RANK, BINOMIAL])
def test_without_a_difference_nothing_is_shown(test: str) -> None:
    alike = {"IVIG": 0.65, "placebo": 0.65}
    curve = drawn_curve(pool(alike), Comparison("IVIG", "placebo"), test, 1, ASKED)
    assert list(curve)[-1] == ASKED.limit
    # Half of the 5 % that are significant, since only the better arm counts; standard error 0.0025.
    assert all(each.mean() < 0.04 for size, each in curve.items() if size >= 24)
    assert math.isinf(needed(curve, 0.8))


def test_assurance_is_the_mean_over_sets_and_may_never_be_reached() -> None:
    one = pool(RATES, 4000)
    # In the second set IVIG does nothing: its patients have the relapses that they have on placebo.
    none = one.counts["placebo"]
    both = RelapseCounts(
        {name: np.concatenate([one.counts[name], none]) for name in RATES},
        np.repeat([0, 1], 4000),
        2,
        YEARS,
        0,
    )
    curve = drawn_curve(both, Comparison("IVIG", "placebo"), BINOMIAL, 1, ASKED)
    assert math.isinf(needed(curve, 0.8))
    assert math.isfinite(needed(curve, 0.8, of_set=0))
    assert math.isinf(needed(curve, 0.8, of_set=1))
    last = curve[ASKED.limit]
    assert last.mean() == pytest.approx(0.51, abs=0.02)


def test_a_known_curve_is_inverted() -> None:
    def power(size: int) -> np.ndarray:
        return np.array([norm.cdf(0.2 * math.sqrt(size) - 1.96)])

    curve = power_curve(power, (0.8, 0.9), limit=3600)
    for wanted in (0.8, 0.9):
        exact = ((norm.ppf(wanted) + 1.96) / 0.2) ** 2
        assert needed(curve, wanted) == pytest.approx(exact, rel=1e-3)
    assert math.isinf(needed(power_curve(power, (0.8,), limit=100), 0.8))


@pytest.mark.parametrize("allocation", [1, 2, 3])
def test_arms_add_up(allocation: int) -> None:
    for patients in (12, 17, 100):
        first, second = arm_sizes(patients, allocation)
        assert first + second == 2 * patients
        assert first == pytest.approx(allocation * second, abs=(1 + allocation) / 2 + 0.5)


def test_every_comparison_is_made_once() -> None:
    found = [one.title for one in comparisons((0.4, 0.2), ("natalizumab",), 1.25)]
    assert found == [
        "IVIG 0.2 g/kg superior to placebo",
        "IVIG 0.4 g/kg superior to placebo",
        "IVIG 0.4 g/kg superior to IVIG 0.2 g/kg",
        "natalizumab superior to IVIG 0.4 g/kg",
        "IVIG 0.4 g/kg not inferior to natalizumab",
    ]


def test_other_drugs_are_given_as_in_their_trials() -> None:
    natalizumab, fingolimod = (
        comparator_arm(drug, 365).regimen.table() for drug in ("natalizumab", "fingolimod")
    )
    assert [len(natalizumab), len(fingolimod)] == [14, 365]
    assert natalizumab[0].amount == 4.3
    assert natalizumab[0].over == pytest.approx(1 / 24)
    assert {row.route for row in fingolimod} == {"oral"}
    assert {row.drug for row in fingolimod} == {"fingolimod_people"}


@pytest.fixture(scope="module")
def found() -> TrialSizes:
    return trial_sizes(
        amounts=["0.4 g/kg"],
        comparators=["natalizumab"],
        from_lesion=[0.35],
        parameter_sets=1,
        patients=250,
        replicates=400,
        until=365,
    )


def test_its_tables_words_and_figure(found: TrialSizes, page_faults) -> None:  # type: ignore[no-untyped-def]
    table = found.table
    by_wanted = table.pivot(index=["comparison", "test", "allocation"], columns="wanted", values="patients")
    assert (by_wanted[0.9] >= by_wanted[0.8]).all()
    assert (table["total"] == 2 * table["patients"]).all()
    assert (table["median"] == table["patients"]).all()
    assert "IVIG 0.4 g/kg superior to placebo" in found.sentence()
    assert found.notes()[0] == "one parameter set: power is that of the typical patient."
    assert not page_faults(found.figure())


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("amounts", ["-0.2 g/kg"], "negative"),
        ("margin", 0.9, "above 1"),
        ("comparators", ["natalizumb"], 'did you mean "natalizumab"'),
        ("limit", 0, "from 20"),
        ("allocations", [0], "from 1 to 4"),
        ("wanted", [1], "below 1"),
        ("tests", ["t"], "rank"),
        ("parameter_sets", 0, "from 1"),
    ],
)
def test_bad_input_is_one_line(setting: str, value: object, said: str) -> None:
    with pytest.raises(EaesimError, match=said) as caught:
        eaesim.trial_sizes(**{setting: value})  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)
