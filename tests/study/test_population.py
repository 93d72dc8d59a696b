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
FEWER_CELLS = (0.5, 0.3, 0.06)
INDUCED_AGAIN = {"with": Relapse(35, adjuvant="complete"), "without": Relapse(35)}


def report(what, /, **numbers):
    """Print what was measured: ``pytest -rP`` shows it."""
    print(what, *(f"{name} {value:.3f}" for name, value in numbers.items()))


def run(*arms, rat="lewis", **options):
    # The typical rats; what their ensembles do beside the published data stands in what eaesim fit writes.
    return Study(rat, arms=arms, **options).run(animals=RATS, seed=SEED, members=1)


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
    fewer = [Arm(f"{share:g} of the cells", inductions=[Transfer(amount=share)]) for share in FEWER_CELLS]
    return run(Arm("vehicle"), *fewer, *dosed.values(), inductions=[Transfer()], until=20)


def test_transferred_disease_comes_and_goes_quickly():
    result = transferred()
    onset, incidence = (average(result, "vehicle", name) for name in ("onset_day", "incidence"))
    alive = np.isinf(result.simulation.death_day[result.place("vehicle")])
    late = result.scores("vehicle")[alive, 11:].mean()
    report("transfer:", onset_day=onset, incidence=incidence, mean_score_after_day_10=late)
    assert 4 <= onset <= 6.5
    assert incidence >= 0.95
    assert late < 0.1


def test_fewer_transferred_cells_make_fewer_rats_ill_and_not_all_or_none():
    """Shares ill by dose are assumed, as in the fit. That half the cells lower the peak by less than two
    fifths, which an earlier version held, is in no row, and these rats do not show it: their peak halves.
    """
    result = transferred()
    half, third, few = (f"{share:g} of the cells" for share in FEWER_CELLS)
    ill = {arm: average(result, arm, "incidence") for arm in ("vehicle", half, third, few)}
    found = ratio(result, half, "vehicle")
    report("fewer transferred cells, ill:", **ill, half_peak=found)
    assert ill["vehicle"] >= ill[half] >= ill[third] >= 0.5
    assert ill[few] <= 0.1
    assert 0.4 < found < 0.9


# IVIG around the first attack


@cache
def treated():
    schedules = {
        "at immunisation": DOSE.at(day=0),
        "0.4 g/kg": Bolus("0.4 g/kg").at(day=0),
        "day 7": DOSE.at(day=7),
        "at onset": DOSE.at(onset="score >= 1"),
    }
    dosed = [
        Arm(f"{mechanism} {name}", regimen, mechanism=mechanism)
        for mechanism in RECRUITED
        for name, regimen in schedules.items()
    ]
    late = Arm("late-acting", Bolus("1 mg/kg", drug="late_acting").at(onset="score >= 1"))
    return run(Arm("vehicle"), *dosed, late, until=30)


@pytest.mark.parametrize("mechanism", RECRUITED)
def test_a_dose_protects_at_immunisation_and_not_later(mechanism):
    early, small, week, onset = (
        ratio(treated(), f"{mechanism} {name}", "vehicle")
        for name in ("at immunisation", "0.4 g/kg", "day 7", "at onset")
    )
    report(
        f"{mechanism}, ratio of the mean peak score:",
        immunisation=early,
        small=small,
        day_7=week,
        onset=onset,
    )
    assert 0.1 <= early <= 0.6
    assert early < small < 0.85
    assert 0.85 <= week <= 1.05
    assert 0.85 <= onset <= 1.05


@pytest.mark.parametrize("mechanism", RECRUITED)
@pytest.mark.parametrize("day", [0, 3])
def test_a_dose_does_nothing_to_transferred_disease(mechanism, day):
    found = ratio(transferred(), f"{mechanism} on day {day}", "vehicle")
    report(f"transfer, {mechanism} on day {day}:", ratio=found)
    assert 0.85 <= found <= 1.05


def test_the_late_acting_drug_helps_at_onset():
    found = ratio(treated(), "late-acting", "vehicle")
    report("late-acting drug at onset:", ratio=found)
    assert found < 0.85


# Around an induced relapse


@cache
def relapsing():
    induced = {name: [Immunisation(), relapse] for name, relapse in INDUCED_AGAIN.items()}
    dosed = [
        Arm(mechanism, DOSE.at(day=35), mechanism=mechanism, inductions=induced["without"])
        for mechanism in (*RECRUITED, "H7")
    ]
    arms = [
        Arm("not induced"),
        *(Arm(name, inductions=inductions) for name, inductions in induced.items()),
        *dosed,
    ]
    return run(*arms, rat="da", until=65)


def excess(arm):
    """Return the peak over that of the same rats not induced: spontaneous bouts do not count."""
    peak, spontaneous = relapsing().pair(arm, "not induced", "relapse_peak_score")
    return difference(peak, spontaneous, seed=SEED)


@pytest.mark.parametrize("adjuvant", INDUCED_AGAIN)
def test_da_rats_can_be_induced_again(adjuvant):
    found = excess(adjuvant)
    report(f"DA induced again {adjuvant} adjuvant:", excess=found.value, low=found.low, high=found.high)
    assert found.value >= 0.5
    assert found.low > 0


@pytest.mark.parametrize(
    ("mechanism", "least", "most"), [("H1a", 0.6, 1.1), ("H1b", 0.6, 1.1), ("H7", -0.1, 0.1)]
)
def test_a_dose_at_the_induction_of_a_relapse_without_adjuvant(mechanism, least, most):
    """The main prediction: most of the excess, by more than the luck of so many rats (twice 0.04 above half).

    How much is published nowhere. An earlier rat lost four fifths or more; at the strength that A1 leaves
    IVIG, typical rats of this one lose 0.79 (H1a) and 0.70 (H1b).
    """
    taken = 1 - excess(mechanism).value / excess("without").value
    report(f"relapse without adjuvant, {mechanism} on day 35:", share_of_excess_taken_away=taken)
    assert least <= taken < most


def test_da_rats_relapse_by_themselves_and_not_without_spreading():
    def bouts(result, arm):
        course = result.simulation.severity[result.place(arm)][:, :36].mean(axis=0)
        inner = course[1:-1]
        return (1 + np.flatnonzero((inner > course[:-2]) & (inner >= course[2:]) & (inner > 0.25))).tolist()

    relapsing_alone = bouts(relapsing(), "not induced")
    without = load("da").replace(spreading_rate=0)
    monophasic = bouts(run(Arm("vehicle"), rat=without, until=36), "vehicle")
    print("DA, peaks of the mean severity:", relapsing_alone, "and without spreading:", monophasic)
    assert len(relapsing_alone) >= 2
    assert relapsing_alone[0] <= 13
    assert 18 <= relapsing_alone[1] <= 24
    assert len(monophasic) == 1
