"""Timing in a patient: one attack, one dose, and what is left of the relapses."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import eaesim
from eaesim.errors import EaesimError, NothingComputedError
from eaesim.model import load_subject
from eaesim.questions.timing.attack import answer as answered
from eaesim.questions.timing.attack.answer import PatientTiming, timing_patient
from eaesim.questions.timing.attack.words import trial_windows
from eaesim.study.patients import attacks_in

SMALL = {"parameter_sets": 1, "patients": 300, "seed": 2}


@pytest.fixture(scope="module")
def found() -> PatientTiming:
    return eaesim.timing("patient", days=[-28, 0, 3, 10, 28], **SMALL)


def test_early_doses_prevent_and_late_ones_do_not(found: PatientTiming) -> None:
    left = dict(zip(found.table["day"], found.table["left"], strict=True))
    assert left[-28] <= 0.4
    assert left[0] <= 0.15
    assert left[0] < left[3] < left[10]
    assert left[10] >= 0.9
    assert left[28] == 1.0


def test_the_table_adds_up(found: PatientTiming) -> None:
    table = found.table
    assert table["left"].to_numpy() == pytest.approx((table["treated"] / table["control"]).to_numpy())
    assert (table["relapses"] / table["patients"]).to_numpy() == pytest.approx(table["control"].to_numpy())
    assert ((table["left_low"] <= table["left"]) & (table["left"] <= table["left_high"])).all()
    assert table["prediction"].all()
    seen = found.relapses.iloc[0]
    assert seen["day_5_percent"] < seen["median_day"] < seen["day_95_percent"]
    assert seen["relapses"] == table["relapses"].iloc[0]


def test_another_dosing_day_changes_no_other_row(found: PatientTiming) -> None:
    alone = timing_patient("patient", days=[-28, 3], **SMALL).table
    both = found.table[found.table["day"].isin([-28, 3])].reset_index(drop=True)
    assert alone.equals(both)


def test_a_dose_of_nothing_and_strict_h7_leave_everything() -> None:
    for asked in ({"dose": "0 g/kg"}, {"mechanism": "H7"}, {"mechanism": "none"}):
        assert timing_patient("patient", days=[-14, 0], **asked, **SMALL).table["left"].tolist() == [1.0, 1.0]


def test_more_is_better_and_drugs_of_others_work() -> None:
    table = timing_patient("patient", days=-42, dose=["0.2 g/kg", "2 g/kg"], **SMALL).table
    assert table["left"].iloc[0] > table["left"].iloc[1]
    other = timing_patient("patient", days=5, drug="natalizumab", dose="4 mg/kg", **SMALL).table
    assert other["left"].iloc[0] < 0.9


@pytest.mark.slow
def test_all_mechanisms_are_asked_each_alone() -> None:
    found = timing_patient("patient", days=0, mechanism="all", parameter_sets=1, patients=60)
    assert list(found.table["mechanism"]) == ["H1a", "H1b", "H2", "H3", "H4", "H5", "H6", "H7"]
    assert len(found.sentence().splitlines()) == 8


def test_sizes_are_those_of_the_patients_attacks() -> None:
    subjects = (load_subject("patient"),)
    asked = answered.plan("patient", answered.AttackRequest(patients=2000, days=0))
    patients = answered.attacked(asked, subjects, asked.request.effort)
    process = attacks_in(subjects[0])
    logs = np.log(patients.attacks.size[:, 0] / process.size)
    assert patients.attacks.day.tolist() == [[1.0]] * 2000
    assert logs.mean() == pytest.approx(0, abs=4 * process.spread / np.sqrt(2000))
    assert logs.std() == pytest.approx(process.spread, rel=0.1)


def test_patients_that_fail_are_left_out_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = answered._relapse_days

    def failing(*given: object) -> np.ndarray:
        days = whole(*given)
        days[:5] = np.nan
        return days

    monkeypatch.setattr(answered, "_relapse_days", failing)
    found = timing_patient("patient", days=0, parameter_sets=1, patients=60, seed=2)
    assert found.table["patients"].tolist() == [55]
    assert "5 patients failed" in found.notes()[0]


def test_nobody_who_relapses_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answered, "_relapse_days", lambda *given: np.full(len(given[1].number), np.inf))
    with pytest.raises(NothingComputedError, match="no untreated patient has a relapse"):
        timing_patient("patient", days=0, parameter_sets=1, patients=60)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"induction": "relapse"}, "one attack"),
        ({"around": "relapse"}, "one attack"),
        ({"animals": 5}, "patients"),
        ({"dead": "carry"}, "do not die"),
        ({"endpoints": ["peak_score"]}, "relapses are read"),
        ({"days": 91}, "not between -730 and 90"),
        ({"days": -731}, "not between -730 and 90"),
        ({"mechanism": "H9"}, "H9"),
        ({"parameter_sets": 999}, "the patient has"),
    ],
)
def test_what_makes_no_sense_for_a_patient_is_refused(settings: dict[str, object], said: str) -> None:
    with pytest.raises(EaesimError, match=said) as caught:
        eaesim.timing("patient", **settings)
    assert "\n" not in str(caught.value)


def test_a_name_that_is_no_patient_is_refused() -> None:
    with pytest.raises(EaesimError, match='did you mean "patient"'):
        timing_patient("patien")


def test_windows_of_trials() -> None:
    prevention, first, acute = trial_windows(15.0)
    assert prevention[1:] == first[1:] == (-np.inf, 0.0)
    assert acute[1:] == (16.0, 29.0)


def test_the_sentence_says_prediction_and_the_figure_is_a_page(
    found: PatientTiming, page_faults: Callable[..., list[str]]
) -> None:
    assert found.sentence().startswith("Predicted: 1 g/kg under H1a leaves")
    figure = found.figure()
    assert page_faults(figure) == []
    words = " ".join(text.get_text() for text in figure.findobj(lambda one: hasattr(one, "get_text")))
    assert "PREDICTION" in words
    assert "Predicted" in words
    several = timing_patient(
        "patient", days=[-7, 0, 7], mechanism=["H1a", "H3", "H7"], patients=60, parameter_sets=1
    )
    assert page_faults(several.figure()) == []
