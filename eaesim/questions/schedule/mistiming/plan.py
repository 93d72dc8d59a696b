"""The checked plan of a question about uncertain timing."""

from __future__ import annotations

from dataclasses import dataclass

from eaesim.errors import ProtocolError
from eaesim.files import Content
from eaesim.model import Rat, parse_mechanism
from eaesim.protocol import Arm
from eaesim.protocol.quantity import shown
from eaesim.questions.schedule.mistiming.request import MistimingRequest
from eaesim.study import Study, load, study_text
from eaesim.study.membership import chosen_members, member_settings
from eaesim.workbench.answer import Plan


@dataclass(frozen=True)
class MistimingPlan(Plan):
    """The request and its rat.

    Attributes
    ----------
    study
        Study of the file, whose rat and mechanism are taken; for a call, a study of the rat alone.
    request
        What was asked.
    """

    study: Study
    request: MistimingRequest

    @property
    def rat(self) -> Rat:
        """The rat."""
        return self.study.rat

    def settings(self) -> dict[str, Content]:
        """Return everything that decides the result, as plain values."""
        asked = self.request
        return {
            "study": study_text(self.study, animals=asked.animals, seed=asked.seed),
            "mistiming": asked.own(),
            **member_settings(self.rat, asked.parameter_sets),
        }

    def summary(self) -> str:
        """Return in a few words what would be done."""
        return (
            f"{self.request.dose} on {len(self.request.days)} days around a relapse, and repeated at "
            f"{len(self.request.intervals)} intervals"
        )

    def warnings(self) -> list[str]:
        """Return a line for each thing to know of the rat."""
        return self.rat.warnings()


def plan_mistiming(rat: Study | Rat | str | None, request: MistimingRequest) -> MistimingPlan:
    """Check the request.

    Parameters
    ----------
    rat
        A rat, or a study whose rat it is; None is that of the request, by default the DA rat.
    request
        The request; with a study its mechanism counts.

    Raises
    ------
    UnknownNameError
        If the rat or the mechanism is unknown.
    ProtocolError
        If it is neither a rat nor the name of one.
    """
    if isinstance(rat, Study):
        chosen_members(rat.rat, request.parameter_sets)
        return MistimingPlan(rat, request.with_values(mechanism=rat.design.mechanism))
    if not isinstance(rat, Rat | str | None):
        raise ProtocolError(f"mistiming takes a Rat or the name of one; given: {shown(rat)}.")
    parse_mechanism(request.mechanism)
    named = request.named_rat if rat is None else rat
    own = load(named) if isinstance(named, str) else named
    chosen_members(own, request.parameter_sets)
    study = Study(own, arms=[Arm("vehicle")], mechanism=request.mechanism)
    return MistimingPlan(study, request)
