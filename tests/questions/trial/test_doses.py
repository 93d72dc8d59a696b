"""Dose finding in patients: no dose is placebo to the bit, more is never worse, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

import eaesim
from eaesim.errors import EaesimError
from eaesim.estimation.humankinetics import human_entries
from eaesim.model import Parameters
from eaesim.protocol import Arm
from eaesim.questions.trial.doses.answer import TrialDoses, trial_doses
from eaesim.questions.trial.doses.exposure import exposure
from eaesim.questions.trial.relapsing import regimen
from eaesim.study.patients import attacks_in, run_in
from eaesim.study.patientsets import patient_sets
from eaesim.study.relapses import count_relapses


@pytest.fixture(scope="module")
def found() -> TrialDoses:
    return trial_doses(
        amounts=["0 g/kg", "0.1 g/kg", "0.4 g/kg", "2 g/kg"],
        intervals=[28, 56],
        from_lesion=[0, 0.35],
        parameter_sets=1,
        patients=250,
        until=365,
    )


def test_a_dose_of_nothing_is_placebo_to_the_bit(found: TrialDoses) -> None:
    none = found.table[found.table["amount"] == 0]
    assert len(none) == 4
    assert (none["ratio"] == 1).all()
    assert (none["prevented"] == 0).all()
    assert (none["trough"] == 0).all()
    assert np.isinf(none["treated_for_one"]).all()


def test_more_ivig_never_leaves_more_relapses(found: TrialDoses) -> None:
    # The patients and attacks are the same, so that only a relapse that merges with another can go astray.
    for _, own in found.table.groupby(["from_lesion", "interval"]):
        assert (np.diff(own.sort_values("amount")["ratio"]) <= 0.03).all()
    often, seldom = (found.table[found.table["interval"] == days] for days in (28, 56))
    assert (often["ratio"].to_numpy() <= seldom["ratio"].to_numpy() + 0.03).all()


def test_attacks_from_lesions_leave_relapses_that_no_dose_prevents(found: TrialDoses) -> None:
    most = found.table[(found.table["amount"] == 2) & (found.table["interval"] == 28)]
    strict, plateau = most.sort_values("from_lesion")["ratio"]
    assert strict < 0.2
    assert plateau > strict + 0.2


def test_columns_follow_from_each_other(found: TrialDoses) -> None:
    table = found.table[found.table["amount"] > 0]
    np.testing.assert_allclose(table["prevented"], table["placebo_rate"] - table["rate"])
    np.testing.assert_allclose(table["ratio"], table["rate"] / table["placebo_rate"])
    np.testing.assert_allclose(table["treated_for_one"] * table["prevented"], 1)
    # 14 and 7 infusions in a year.
    doses = np.where(table["interval"] == 28, 14, 7) * 365.25 / 365
    np.testing.assert_allclose(table["g_per_kg_year"], table["amount"] * doses)
    np.testing.assert_allclose(table["prevented_per_gram"] * 70, table["prevented_per_g_kg"])
    np.testing.assert_allclose(table["grams_for_one"] * table["prevented_per_gram"], 1)


def test_the_placebo_rate_is_the_one_asked_for(found: TrialDoses) -> None:
    np.testing.assert_allclose(found.table["placebo_rate"], 0.65, atol=0.08)


def test_exposure_keeps_its_mass_balance() -> None:
    """In the steady state clearance times the mean rise is the dose: the rate of loss is that of a tracer."""
    entries = {name: entry.value for name, entry in human_entries().items()}
    # FcRn unsaturated by what is given: a small dose, so that loss is that of own IgG.
    person = Parameters(**entries)
    small, twice = (exposure(person, amount, 28, 730) for amount in (0.001, 0.002))
    assert twice.mean == pytest.approx(2 * small.mean, rel=0.01)
    often = exposure(person, 0.0005, 14, 730)
    assert often.mean == pytest.approx(small.mean, rel=0.03)
    assert often.trough > small.trough
    assert small.trough < small.mean


def test_counts_are_of_the_same_patients_and_of_the_follow_up_alone() -> None:
    (subject,) = patient_sets("patient", 1)
    attacks = [attacks_in(subject, {"rate": 0.0})]
    patients = run_in([subject], 30, seed=2, days=100, until=120, attacks=attacks)
    arms = [Arm("placebo"), Arm("IVIG", regimen(0.4, 28, 120).at(day=0))]
    counted = count_relapses(patients, arms, until=120, mechanism="H1a")
    assert list(counted.counts) == ["placebo", "IVIG"]
    # Nobody has an attack, so nobody relapses, and there is no ratio.
    assert counted.rates("placebo").tolist() == [0.0]
    assert np.isnan(counted.ratios("IVIG", "placebo")).all()


def test_its_words_and_figure(found: TrialDoses, page_faults) -> None:  # type: ignore[no-untyped-def]
    text = found.sentence()
    assert text.count("\n") == 1
    assert text.startswith("Strict transfer: at most ")
    assert "35 % of attacks from lesions" in text
    assert found.notes()[0] == "one parameter set: intervals are not known."
    assert not page_faults(found.figure())


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("amounts", ["-0.1 g/kg"], "negative"),
        ("amounts", [], "write something there"),
        ("intervals", [3], "from 7 to 365"),
        ("placebo_rate", 0, "above 0 and up to 5"),
        ("from_lesion", [1.5], "share from 0 to 1"),
        ("mechanism", "H9", "H1a"),
        ("until", 10, "from 90 to 3650"),
    ],
)
def test_bad_input_is_one_line(setting: str, value: object, said: str) -> None:
    with pytest.raises(EaesimError, match=said) as caught:
        eaesim.trial_doses(**{setting: value})  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)
