"""Parameter sets of patients: those of the rat, each with its own fit to the natural history."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from eaesim.endpoints import Floats
from eaesim.errors import QuantityError
from eaesim.model import Rat, load, load_subject, parse_mechanism
from eaesim.model.patient import patient_of
from eaesim.study.ensemble import Ensemble, shipped_ensemble
from eaesim.study.weights import equal_steps

FILE = files("eaesim.study") / "ensembles" / "patient_sets.csv"
#: The rat whose parameter sets patients have.
RAT = "da"
_ABOUT = ("set", "weight", "chi_square")


@dataclass(frozen=True)
class PatientSet:
    """One parameter set of the rat, fitted to patients.

    Attributes
    ----------
    place
        Its place in the ensemble of the rat.
    weight
        By natural history and comparators, summed over sets 1.
    chi_square
        Misfit of the natural history.
    fitted
        Fitted values, as for `eaesim.model.patient.patient_of`.
    """

    place: int
    weight: float
    chi_square: float
    fitted: dict[str, float]


@cache
def fitted_sets() -> tuple[PatientSet, ...]:
    """Return the shipped sets.

    Examples
    --------
    >>> abs(sum(one.weight for one in fitted_sets()) - 1) < 1e-6
    True
    """
    if not FILE.is_file():
        return ()
    rows = list(csv.DictReader(FILE.read_text("utf-8").splitlines()))
    total = sum(float(row["weight"]) for row in rows)
    return tuple(
        PatientSet(
            int(row["set"]),
            float(row["weight"]) / total,
            float(row["chi_square"]),
            {name: float(value) for name, value in row.items() if name not in _ABOUT},
        )
        for row in rows
    )


def patient_sets(name: str, count: int | None = None, *, mechanism: str = "none") -> tuple[Rat, ...]:
    """Return parameter sets of a patient.

    They are taken at equal steps of their summed weights, so that a set with a large weight may be repeated:
    weights by natural history and comparators, times the likelihood of the rat's published findings on IVIG
    under the mechanism.

    Parameters
    ----------
    name
        One of `eaesim.model.patient_names`.
    count
        Number of sets; by default as many as are shipped. 1 is the typical patient.
    mechanism
        Mechanism of IVIG.

    Raises
    ------
    UnknownNameError
        If there is no such patient or mechanism.
    QuantityError
        If more sets are asked for than there are.

    Examples
    --------
    >>> len(patient_sets("patient", 1))
    1
    """
    sets = fitted_sets()
    typical = load_subject(name)
    if count == 1 or not sets:
        return (typical,)
    if count is not None and count > len(sets):
        raise QuantityError(f"parameter_sets = {count}; the patient has {len(sets)}.")
    ensemble = shipped_ensemble(load(RAT))
    assert ensemble is not None
    number = count or len(sets)
    weight = np.array([one.weight for one in sets]) * _likelihood(ensemble, sets, mechanism)
    return tuple(fitted_subject(sets[int(place)], name) for place in equal_steps(weight, number))


def fitted_subject(one: PatientSet, name: str) -> Rat:
    """Return the patient of one set.

    Parameters
    ----------
    one
        The set.
    name
        One of `eaesim.model.patient_names`.
    """
    ensemble = shipped_ensemble(load(RAT))
    assert ensemble is not None
    return patient_of(ensemble.member(one.place), name, one.fitted)


def _likelihood(ensemble: Ensemble, sets: tuple[PatientSet, ...], mechanism: str) -> Floats:
    likely = [
        ensemble.likelihood[each][[one.place for one in sets]]
        for each in parse_mechanism(mechanism)
        if each in ensemble.likelihood
    ]
    return np.mean(likely, axis=0) if likely else np.ones(len(sets))
