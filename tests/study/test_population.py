"""Two hundred rats against the bounds that the issue sets: what the model must show, and what it must not."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from eaesim.endpoints import difference
from eaesim.model import load
from eaesim.protocol import Arm, Bolus, Immunisation, Relapse, Transfer
from eaesim.study import Study

pytestmark = pytest.mark.slow

RATS, SEED = 200, 7
DOSE = Bolus("1 g/kg")
RECRUITED = ("H1a", "H1b")
INDUCED_AGAIN = {"with": Relapse(35, adjuvant="complete"), "without": Relapse(35)}


def report(what, **numbers):
    """Print what was measured: ``pytest -rP`` shows it."""
    print(what, *(f"{name} {value:.3f}" for name, value in numbers.items()))


def run(*arms, rat="lewis", **options):
    return Study(rat, arms=arms, **options).run(animals=RATS, seed=SEED)


def average(result, arm, name):
    return float(np.nanmean(result.endpoint(arm, name)))


def ratio(result, arm, control):
    return average(result, arm, "peak_score") / average(result, control, "peak_score")


# Untreated


@cache
def untreated():
    again = Arm("again", inductions=[Immunisation(), INDUCED_AGAIN["with"]])
    return run(Arm("vehicle"), again, until=60)


def test_untreated_lewis_rats_fall_ill_as_published():
    result = untreated()
    # The endpoints of the first forty days are those of the whole: nothing follows.
    onset, peak = (result.endpoint("vehicle", name) for name in ("onset_day", "peak_score"))
    means = {
        name: average(result, "vehicle", name)
        for name in ("onset_day", "peak_score", "incidence", "duration", "mortality")
    }
    spreads = {"onset": np.nanstd(onset, ddof=1), "peak": np.std(peak, ddof=1)}
    report("untreated Lewis:", **means)
    report("untreated Lewis, standard deviations:", **spreads)
    assert 9 <= means["onset_day"] <= 13
    assert 2.3 <= means["peak_score"] <= 3.3
    assert means["incidence"] >= 0.9
    assert 3.5 <= means["duration"] <= 7
    assert 0.03 <= means["mortality"] <= 0.15
    assert 0.7 <= spreads["onset"] <= 1.5
    assert 0.5 <= spreads["peak"] <= 1.3


def test_lewis_rats_immunised_again_show_no_signs():
    incidence = average(untreated(), "again", "relapse_incidence")
    report("Lewis immunised again on day 35:", relapse_incidence=incidence)
    assert incidence <= 0.02


@cache
def transferred():
    dosed = {
        f"{mechanism} on day {day}": Arm(f"{mechanism} on day {day}", DOSE.at(day=day), mechanism=mechanism)
        for mechanism in RECRUITED
        for day in (0, 3)
    }
    half = load("lewis").entries["transferred_cells"].value / 2
    fewer = Arm("half the cells", inductions=[Transfer(cells=half)])
    return run(Arm("vehicle"), fewer, *dosed.values(), inductions=[Transfer()], until=20)


def test_transferred_disease_comes_and_goes_quickly():
    result = transferred()
    onset, incidence = (average(result, "vehicle", name) for name in ("onset_day", "incidence"))
    alive = np.isinf(result.simulation.death_day[result.place("vehicle")])
    late = result.scores("vehicle")[alive, 11:].mean()
    report("transfer:", onset_day=onset, incidence=incidence, mean_score_after_day_10=late)
    assert 4 <= onset <= 6.5
    assert incidence >= 0.95
    assert late < 0.1


def test_half_the_transferred_cells_lower_the_peak_by_less_than_two_fifths():
    found = ratio(transferred(), "half the cells", "vehicle")
    report("half the transferred cells:", ratio=found)
    assert 0.6 < found < 1


def test_da_rats_relapse_by_themselves_and_not_without_spreading():
    bouts = {}
    for spreading in (True, False):
        rat = load("da") if spreading else load("da").replace(spreading_rate=0)
        course = run(Arm("vehicle"), rat=rat, until=40).simulation.severity[0].mean(axis=0)
        inner = course[1:-1]
        tops = 1 + np.flatnonzero((inner > course[:-2]) & (inner >= course[2:]) & (inner > 0.25))
        bouts[spreading] = tops.tolist()
    print("DA, peaks of the mean severity with spreading:", bouts[True], "and without:", bouts[False])
    assert len(bouts[True]) >= 2
    assert bouts[True][0] <= 13
    assert 18 <= bouts[True][1] <= 24
    assert len(bouts[False]) == 1


# IVIG around the first attack


@cache
def treated(mechanism):
    return run(
        Arm("vehicle"),
        Arm("immunisation", DOSE.at(day=0)),
        Arm("0.4 g/kg", Bolus("0.4 g/kg").at(day=0)),
        Arm("day 7", DOSE.at(day=7)),
        Arm("onset", DOSE.at(onset="score >= 1")),
        mechanism=mechanism,
        until=30,
    )


@pytest.mark.parametrize("mechanism", RECRUITED)
def test_a_dose_protects_at_immunisation_and_not_later(mechanism):
    result = treated(mechanism)
    ratios = {arm: ratio(result, arm, "vehicle") for arm in result.arms[1:]}
    report(f"1 g/kg under {mechanism}, ratio of the mean peak score:", **ratios)
    assert 0.1 <= ratios["immunisation"] <= 0.6
    assert ratios["immunisation"] < ratios["0.4 g/kg"] < 0.85
    assert 0.85 <= ratios["day 7"] <= 1.05
    assert 0.85 <= ratios["onset"] <= 1.05


@pytest.mark.parametrize("mechanism", RECRUITED)
@pytest.mark.parametrize("day", [0, 3])
def test_a_dose_does_nothing_to_transferred_disease(mechanism, day):
    found = ratio(transferred(), f"{mechanism} on day {day}", "vehicle")
    report(f"transfer, {mechanism} on day {day}:", ratio=found)
    assert 0.85 <= found <= 1.05


def test_the_late_acting_drug_helps_at_onset():
    late = Bolus("1 mg/kg", drug="late_acting").at(onset="score >= 1")
    found = ratio(run(Arm("vehicle"), Arm("late", late), until=30), "late", "vehicle")
    report("late-acting drug at onset:", ratio=found)
    assert found < 0.85


# Around an induced relapse


@cache
def relapsing(adjuvant, mechanism="none"):
    induced = [Immunisation(), INDUCED_AGAIN[adjuvant]]
    arms = [Arm("induced"), Arm("not induced", inductions=[Immunisation()])]
    if mechanism != "none":
        arms.append(Arm("treated", DOSE.at(day=35)))
    return run(*arms, rat="da", inductions=induced, until=65, mechanism=mechanism, control="induced")


def excess(result, arm):
    return difference(
        result.endpoint(arm, "relapse_peak_score"),
        result.endpoint("not induced", "relapse_peak_score"),
        seed=SEED,
    )


@pytest.mark.parametrize("adjuvant", INDUCED_AGAIN)
def test_da_rats_can_be_induced_again(adjuvant):
    found = excess(relapsing(adjuvant), "induced")
    report(f"DA induced again {adjuvant} adjuvant:", excess=found.value, low=found.low, high=found.high)
    assert found.value >= 0.5
    assert found.low > 0


@pytest.mark.parametrize(
    ("mechanism", "least", "most"), [("H1a", 0.8, 1.1), ("H1b", 0.8, 1.1), ("H7", -0.1, 0.1)]
)
def test_a_dose_at_the_induction_of_a_relapse_without_adjuvant(mechanism, least, most):
    result = relapsing("without", mechanism)
    taken = 1 - excess(result, "treated").value / excess(result, "induced").value
    report(f"relapse without adjuvant, {mechanism} on day 35:", share_of_excess_taken_away=taken)
    assert least <= taken <= most
    if mechanism == "H7":
        assert taken < 0.1
