"""Patients over parameter sets of the rat: weights, the fit of one set, and the plateau."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from eaesim.estimation import patientfit
from eaesim.estimation.natural import (
    BOUNDS,
    COMPARATOR_ERROR,
    COMPARATOR_RATIO,
    NaturalFit,
    misses,
    natural_rows,
    read_natural,
    untreated,
)
from eaesim.estimation.patientfit import (
    FitSize,
    chosen_sets,
    fit_patient,
    plateau_likelihood,
    set_weight,
    squared_misses,
)
from eaesim.model import load_subject
from eaesim.model.patient import patient_of
from eaesim.study.patientsets import fitted_sets, patient_sets

PATIENT = load_subject("patient")
MET = NaturalFit(PATIENT, {}, {row.name: row.value for row in natural_rows()}, 0.0, COMPARATOR_RATIO)


def test_a_set_that_misses_more_counts_less() -> None:
    off = replace(MET, chi_square=10.0)
    steep = replace(MET, comparator=COMPARATOR_RATIO - 2 * COMPARATOR_ERROR)
    assert set_weight(MET) == 1.0
    assert set_weight(steep) == pytest.approx(np.exp(-1.0))
    assert 0.0 < set_weight(off) < set_weight(steep)


def test_sets_are_places_of_the_ensemble_and_those_that_are_shipped_lie_within_bounds() -> None:
    places, rats = chosen_sets(4)
    assert len(set(places)) == len(rats) == 4
    assert list(places) == sorted(places)
    for one in fitted_sets():
        assert set(one.fitted) == set(BOUNDS)
        assert all(BOUNDS[name][0] <= value <= BOUNDS[name][1] for name, value in one.fitted.items())
    assert len(fitted_sets()) >= 20


def test_every_set_of_a_patient_is_another_patient() -> None:
    sets = patient_sets("patient", 5)
    rates = {tuple(entry.value for entry in one.entries.values()) for one in sets}
    assert len(rates) > 1
    progressive = patient_sets("patient_progressive", 5)
    for one in progressive:
        growth, death = (one.entries[f"effector_cns_{name}"].value for name in ("growth", "death"))
        assert growth == pytest.approx(1.13 * death)


def test_squared_misses_are_those_of_the_logarithm() -> None:
    error = np.log(0.8 / 0.2) / (2 * 1.959964)
    found = squared_misses(np.array([0.4, 0.0]), value=0.4, low=0.2, high=0.8)
    assert found.tolist() == pytest.approx([0.0, (np.log(1e-3 / 0.4) / error) ** 2], rel=1e-6)


@pytest.mark.slow
def test_a_fit_of_one_set_misses_less_than_the_start_of_all_fits() -> None:
    _, (_, rat, _) = chosen_sets(3)
    size = FitSize(screened=200, descended=400, finished=400, steps=3, last_steps=1)

    def misfit(values) -> float:
        edss = untreated(patient_of(rat, "patient", values), patients=400, seed=2)
        return float(np.minimum(misses(read_natural(edss, seed=2)) ** 2, 30.0).sum())

    found = fit_patient(rat, seed=1, size=size)
    assert set(found.fitted) == set(BOUNDS)
    assert misfit(found.fitted) < misfit(patientfit._START)


@pytest.mark.slow
def test_where_every_attack_starts_in_a_lesion_h1_does_nothing_to_any_ratio() -> None:
    rows = [
        row
        for name in patientfit.PLATEAU_TRIALS
        for row in patientfit._ratio_rows(patientfit.read_trial(name))
    ]
    assert len(rows) == 5
    nothing = -0.5 * sum(
        float(squared_misses(1.0, value=row.value, low=row.low, high=row.high)) for row in rows
    )
    ((share, likely),) = plateau_likelihood([PATIENT], mechanism="H1a", patients=150, seed=1, shares=[1.0])
    assert share == 1.0
    assert likely[0] == pytest.approx(nothing, abs=0.3)
