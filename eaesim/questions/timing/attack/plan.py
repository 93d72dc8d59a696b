"""Which patients are given which dose on which day."""

from __future__ import annotations

import math
from dataclasses import dataclass
from os import PathLike

from eaesim.errors import ProtocolError, unknown_name
from eaesim.files import Content
from eaesim.model import Rat
from eaesim.model.patient import patient_names
from eaesim.protocol.dose import STUDIED_DRUG
from eaesim.questions.timing.attack.request import AttackRequest
from eaesim.study.patientsets import patient_sets
from eaesim.workbench.answer import Plan
from eaesim.workbench.request import EACH_SET, ONE_SET

#: A relapse is looked for until this day after the attack.
UNTIL = 90
EARLIEST = -730


@dataclass(frozen=True)
class AttackPlan(Plan):
    """Patients with one attack, and when they are dosed.

    Attributes
    ----------
    subject
        Name of the patient.
    request
        What was asked.
    """

    subject: str
    request: AttackRequest

    @property
    def lead(self) -> int:
        """Days from the start of the simulation to the attack."""
        return math.ceil(max(1.0, -min(self.request.days)))

    def subjects(self, acting: str) -> tuple[Rat, ...]:
        """Return the parameter sets under a mechanism, which the rat's findings weight."""
        return patient_sets(self.subject, self.request.parameter_sets, mechanism=self.mechanism(acting))

    def mechanism(self, acting: str) -> str:
        """Return what IVIG does: nothing, where another drug is given."""
        return acting if self.request.drug == STUDIED_DRUG else "none"

    def patients(self, sets: int) -> int:
        """Return the number of patients of all parameter sets."""
        return sets * (self.request.patients or (ONE_SET if sets == 1 else EACH_SET))

    def settings(self) -> dict[str, Content]:
        """Return everything that decides the result, as plain values."""
        return {**self.request.written(), "subject": self.subject, "mechanism": [*self.request.acting()]}

    def summary(self) -> str:
        """Return in a few words what would be done."""
        return f"{len(self.request.days)} dosing days in {self.subject}"

    def warnings(self) -> list[str]:
        """Return a line for each large volume."""
        doses = self.request.given(self.request.acting()[0])
        return list(dict.fromkeys(text for dose in doses for text in dose.at(day=0).warnings()))


def plan(subject: str | PathLike[str] | None, request: AttackRequest) -> AttackPlan:
    """Return what is to be simulated.

    Raises
    ------
    UnknownNameError
        If there is no such patient, drug or mechanism.
    ProtocolError
        If a dosing day lies outside the simulated days.
    """
    name = "patient" if subject is None else str(subject)
    if name not in patient_names():
        raise unknown_name(name, "patient", patient_names())
    outside = [day for day in request.days if not EARLIEST <= day <= UNTIL]
    if outside:
        raise ProtocolError(
            f"days: {outside[0]:g} is not between {EARLIEST} and {UNTIL} days after the attack."
        )
    request.acting()
    return AttackPlan(name, request)
