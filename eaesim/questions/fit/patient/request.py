"""Settings of the fit of patients."""

from __future__ import annotations

from dataclasses import dataclass

from eaesim.estimation.natural import PATIENT
from eaesim.model import MECHANISMS
from eaesim.protocol.kinds import Count, Flag, Text, choice, count, flag
from eaesim.protocol.settings import Setting
from eaesim.workbench.request import WorkRequest


@dataclass(frozen=True, kw_only=True)
class PatientRequest(WorkRequest):
    """Estimate nine numbers of a patient for each of some parameter sets of the rat.

    They are fitted to the natural history of patients without treatment and to what natalizumab leaves of
    their relapses; no patient on IVIG is fitted to. Writes patient_sets.csv, natural.csv (published beside
    read) and the figure. With --plateau also plateau.csv: how well each share of attacks from lesions, which
    H1 does not reach, explains the trials of IVIG.

    Examples
    --------
    >>> PatientRequest(shipped=True).changed()
    {'shipped': True}
    """

    table = "patient"
    title = "Patients estimated from the natural history"
    input = "nothing"
    asked_by = "subject"

    subject: Text = Setting(choice("patient to fit", (PATIENT,)), PATIENT, "Estimate this patient: patient.")
    sets: Count = Setting(count(1, 384), 22, "Parameter sets of the DA rat that become patients.")
    patients: Count = Setting(
        count(200, 100_000), 2500, "Simulated patients of each set at the end of its fit."
    )
    steps: Count = Setting(count(1, 50), 8, "Most steps of each descent.")
    shipped: Flag = Setting(flag(), False, "Show the shipped sets; nothing is estimated again.")
    plateau: Flag = Setting(flag(), False, "Judge the share of attacks from lesions by trials of IVIG.")
    mechanism: Text = Setting(choice("mechanism", MECHANISMS), "H1a", "Mechanism of the plateau.")
