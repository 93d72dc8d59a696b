"""What is compared: the schedules of a study, and what each of them gives."""

from __future__ import annotations

from dataclasses import dataclass, replace

from eaesim.endpoints import endpoint as find_endpoint
from eaesim.errors import ProtocolError
from eaesim.files import Content
from eaesim.protocol import Arm
from eaesim.protocol.dose import STUDIED_DRUG
from eaesim.protocol.selection import with_donors
from eaesim.questions.schedule.request import ScheduleRequest
from eaesim.study import Study, Subjects, study_text
from eaesim.study.membership import chosen_members, member_settings
from eaesim.workbench.answer import StudyPlan

#: The parameter that antibodies against the given IgG act by; 0 in every rat unless set.
ANTIBODIES = "anti_igg_clearance"


@dataclass(frozen=True)
class SchedulePlan(StudyPlan):
    """Schedules to compare.

    Attributes
    ----------
    study
        The schedules are its arms.
    endpoint
        By which they are ranked; less of it is better.
    antibodies
        Clearance by antibodies against the given IgG that repeated schedules are shown with, per day.
    level
        Plasma IgG above which days are counted, in mg/mL.
    subjects
        The rats.
    """

    study: Study
    endpoint: str
    antibodies: float
    level: float
    subjects: Subjects

    def settings(self) -> dict[str, Content]:
        """Return everything that decides the result, as plain values."""
        subjects = self.subjects
        return {
            "study": study_text(self.study, animals=subjects.animals, seed=subjects.seed),
            "seed": subjects.seed,
            "dead": subjects.dead,
            **member_settings(self.study.rat, subjects.parameter_sets),
            "endpoint": self.endpoint,
            "antibodies": self.antibodies,
            "level": self.level,
        }

    def summary(self) -> str:
        """Return in a few words what would be done."""
        return (
            f"{len(self.study.design.arms) - 1} schedules by {self.endpoint}, {len(self.repeated)} of them "
            "with antibodies too"
        )

    @property
    def repeated(self) -> tuple[Arm, ...]:
        """The arms that may give IVIG more than once to a rat."""
        return tuple(arm for arm in self.study.design.arms if most_doses(arm) > 1)

    @property
    def with_antibodies(self) -> Study:
        """The study of the control and the repeated schedules, in rats that make antibodies against IgG."""
        design = self.study.design
        arms = with_donors(design, (design.control, *(arm.name for arm in self.repeated)))
        rat = self.study.rat.replace(**{ANTIBODIES: self.antibodies})
        return Study.from_design(rat, replace(design, arms=arms))


def most_doses(arm: Arm) -> int:
    """Return how many doses of IVIG an arm gives at most.

    Examples
    --------
    >>> from eaesim.protocol import Bolus
    >>> most_doses(Arm("weekly", Bolus("0.4 g/kg", every="7 days", doses=4).at(day=0)))
    4
    """
    return sum(
        line.dose.doses
        for line in arm.regimen.lines
        if line.dose.drug == STUDIED_DRUG and line.dose.amount > 0
    )


def plan_schedules(study: Study, request: ScheduleRequest) -> SchedulePlan:
    """Check what is to be compared.

    Raises
    ------
    UnknownNameError
        If the endpoint is unknown.
    ProtocolError
        If there is nothing to compare, nothing is given, or more of the endpoint is better.

    Examples
    --------
    >>> from eaesim.protocol import Bolus
    >>> study = Study("lewis", until=30, arms=[Arm("vehicle"), Arm("once", Bolus("1 g/kg").at(day=0))])
    >>> plan_schedules(study, ScheduleRequest()).repeated
    ()
    """
    found = find_endpoint(request.endpoint, until=study.design.until)
    if found.whole == "onset_day":
        raise ProtocolError(
            f"schedules are ranked by what they lower, and {request.endpoint} is better when later."
        )
    design = study.design
    treated = [arm for arm in design.arms if arm.name != design.control]
    if not treated:
        raise ProtocolError(f'"{design.control}" is the only arm; a schedule to compare it with is needed.')
    if not any(amount > 0 for arm in treated for amount in arm.regimen.total().values()):
        raise ProtocolError("no arm gives any drug: every dose is 0.")
    chosen_members(study.rat, request.parameter_sets)
    subjects = Subjects(request.animals, request.seed, request.parameter_sets, request.dead)
    return SchedulePlan(study.reading(found.name), found.name, request.antibodies, request.level, subjects)
