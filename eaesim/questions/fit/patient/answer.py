"""Patients estimated from the natural history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from eaesim.endpoints import Floats
from eaesim.errors import ProtocolError
from eaesim.estimation.natural import (
    COMPARATOR_ERROR,
    COMPARATOR_RATIO,
    NaturalFit,
    natural_rows,
    read_natural,
    untreated_and_compared,
)
from eaesim.estimation.patientfit import FitSize, chosen_sets, fit_patient, plateau_likelihood, set_weight
from eaesim.files import Content
from eaesim.model import Rat
from eaesim.questions.fit.patient.request import PatientRequest
from eaesim.solver import Effort
from eaesim.study.patientsets import RAT, fitted_sets, fitted_subject
from eaesim.workbench.answer import Answer, Plan, Shown
from eaesim.workbench.request import asks

if TYPE_CHECKING:
    import pandas as pd

# Patients of each set in each trial of the plateau.
_IN_TRIALS = 150


@dataclass(frozen=True)
class PatientPlan(Plan):
    """A fit of patients that is possible."""

    request: PatientRequest

    def settings(self) -> dict[str, Content]:
        """Return everything that decides the result."""
        return {"rat": RAT, **self.request.written()}

    def summary(self) -> str:
        """Return in a few words what would be done."""
        if self.request.shipped:
            return "the shipped parameter sets of the patient"
        return f"a patient for each of {self.request.sets} parameter sets of {RAT}"


def plan(rat: Rat | None, request: PatientRequest) -> PatientPlan:
    """Return what is to be done.

    Raises
    ------
    ProtocolError
        If there are no shipped sets to show, or a rat is given.
    """
    if rat is not None:
        raise ProtocolError(f"a patient is fitted over the parameter sets of {RAT}; give no other rat.")
    if request.shipped and not fitted_sets():
        raise ProtocolError("no parameter sets of the patient are shipped.")
    return PatientPlan(request)


@dataclass(frozen=True)
class PatientFit(Answer):
    """Patients, one for each parameter set of the rat.

    Attributes
    ----------
    places
        Place of each set in the ensemble of the rat.
    fits
        What was fitted of each.
    plateau
        Share of attacks from lesions, and the log likelihood of the trials of IVIG over all sets.
    request
        What was asked.

    Examples
    --------
    >>> from eaesim import fit_patients
    >>> found = fit_patients(shipped=True, patients=200)
    >>> sorted(found.tables())
    ['natural', 'patient_sets']
    """

    places: tuple[int, ...]
    fits: tuple[NaturalFit, ...]
    plateau: tuple[tuple[float, float], ...]
    request: PatientRequest

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables by the names of their CSV files."""
        import pandas as pd

        sets = [
            {"set": place, "weight": set_weight(one), "chi_square": one.chi_square, **one.fitted}
            for place, one in zip(self.places, self.fits, strict=True)
        ]
        found = {"patient_sets": pd.DataFrame(sets), "natural": self._natural()}
        if self.plateau:
            shares, likely = np.array(self.plateau).T
            weight = np.exp(likely - likely.max())
            found["plateau"] = pd.DataFrame(
                {"from_lesion": shares, "log_likelihood": likely, "probability": weight / weight.sum()}
            )
        return found

    def _natural(self) -> pd.DataFrame:
        import pandas as pd

        weight = np.array([set_weight(one) for one in self.fits])
        rows = [(row.name, row.title, row.value, row.error, row.source) for row in natural_rows()]
        read = {row.name: np.array([one.read[row.name] for one in self.fits]) for row in natural_rows()}
        rows.append(
            (
                "natalizumab",
                "relapse rate under natalizumab, as a share of that without",
                COMPARATOR_RATIO,
                COMPARATOR_ERROR,
                "Polman2006, error assumed",
            )
        )
        read["natalizumab"] = np.array([one.comparator for one in self.fits])
        table = []
        for name, title, value, error, source in rows:
            low, middle, high = _quantiles(read[name], weight)
            table.append(
                {
                    "row": name,
                    "what": title,
                    "published": value,
                    "error": error,
                    "read": middle,
                    "low": low,
                    "high": high,
                    "source": source,
                }
            )
        return pd.DataFrame(table)

    def shown(self) -> list[Shown]:
        """Return what the terminal prints."""
        table = self._natural()[["row", "published", "error", "read", "low", "high"]].round(3)
        return [Shown("natural history: published, and read with the 90 % range over sets", table=table)]

    def sentence(self) -> str:
        """Return how well the natural history is met."""
        chi = np.array([one.chi_square for one in self.fits])
        weight = np.array([set_weight(one) for one in self.fits])
        effective = weight.sum() ** 2 / (weight**2).sum()
        said = (
            f"{len(chi)} parameter sets meet the {len(natural_rows())} rows of the natural history with a "
            f"chi-square of {chi.min():.0f} to {chi.max():.0f} (median {np.median(chi):.0f}), fitting 9 "
            f"numbers each; by their weights they count as {effective:.0f}."
        )
        if self.plateau:
            shares, likely = np.array(self.plateau).T
            best = int(likely.argmax())
            said += (
                f" Trials of IVIG are explained best if {shares[best]:.0%} of attacks start in a lesion "
                f"(log likelihood {likely[best]:.1f}; {likely[0]:.1f} if none do)."
            )
        return said


def _quantiles(values: Floats, weight: npt.ArrayLike) -> tuple[float, ...]:
    """Return the 5 %, 50 % and 95 % quantiles under weights."""
    order = np.argsort(values)
    share = np.asarray(weight, dtype=np.float64)[order]
    reached = (np.cumsum(share) - 0.5 * share) / share.sum()
    return tuple(float(np.interp(end, reached, values[order])) for end in (0.05, 0.5, 0.95))


def answer(plan: PatientPlan, effort: Effort) -> PatientFit:
    """Estimate the patients."""
    asked = plan.request
    quiet = effort.quiet
    if asked.shipped:
        places = tuple(one.place for one in fitted_sets())
        fits = tuple(_shipped(place, asked, quiet) for place in range(len(places)))
    else:
        places, rats = chosen_sets(asked.sets)
        size = FitSize(finished=asked.patients, steps=asked.steps)
        made = []
        for rat in rats:
            made.append(fit_patient(rat, seed=asked.seed, size=size, effort=quiet))
            if effort.progress is not None:
                effort.progress(len(made), len(rats))
        fits = tuple(made)
    plateau: tuple[tuple[float, float], ...] = ()
    if asked.plateau:
        weight = np.array([set_weight(one) for one in fits])
        plateau = tuple(
            (share, float(np.log((weight * np.exp(likely)).sum() / weight.sum())))
            for share, likely in plateau_likelihood(
                [one.subject for one in fits],
                mechanism=asked.mechanism,
                patients=_IN_TRIALS,
                seed=asked.seed,
                effort=quiet,
            )
        )
    return PatientFit(places, fits, plateau, asked)


def _shipped(place: int, asked: PatientRequest, effort: Effort) -> NaturalFit:
    """Return a shipped set, read anew."""
    one = fitted_sets()[place]
    subject = fitted_subject(one, asked.subject)
    edss, ratio = untreated_and_compared(subject, patients=asked.patients, seed=asked.seed, effort=effort)
    read = read_natural(edss, seed=asked.seed)
    return NaturalFit(subject, one.fitted, read, one.chi_square, ratio)


@asks(PatientRequest)
def fit_patients(rat: Rat | None, request: PatientRequest) -> PatientFit:
    """Estimate nine numbers of a patient for each of some parameter sets of the rat.

    Parameters
    ----------
    rat
        None: patients have the parameter sets of the DA rat.

    Raises
    ------
    EaesimError
        If a setting cannot be used.

    Examples
    --------
    >>> found = fit_patients(shipped=True, patients=200)
    >>> bool((found.tables()["patient_sets"]["weight"] > 0).all())
    True
    """
    return answer(plan(rat, request), request.effort)
