"""What is compared: the schedules of a study, and what each of them gives."""

from __future__ import annotations

from dataclasses import dataclass, replace

from eaesim.endpoints import endpoint as find_endpoint
from eaesim.errors import ProtocolError, QuantityError
from eaesim.protocol import Arm
from eaesim.protocol.dose import STUDIED_DRUG
from eaesim.protocol.selection import with_donors
from eaesim.study import Study

#: The parameter that antibodies against the given IgG act by; 0 in every rat unless set.
ANTIBODIES = "anti_igg_clearance"
#: Extra clearance at the full response, per day; assumed, the middle of its range. Two weeks after 1 g/kg the
#: half-life of the IgG is 3.6 days instead of 6.7: tissue gives back what plasma loses.
CLEARANCE = 1.0
#: Plasma IgG above which days are counted, in mg/mL: the lowest concentration named as significant in a dish,
#: which is no threshold (finding C7); assumed.
LEVEL = 3.0


@dataclass(frozen=True)
class SchedulePlan:
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
    """

    study: Study
    endpoint: str
    antibodies: float
    level: float

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


def plan_schedules(
    study: Study,
    *,
    endpoint: str = "cumulative_score",
    antibodies: float = CLEARANCE,
    level: float = LEVEL,
) -> SchedulePlan:
    """Check what is to be compared.

    Parameters
    ----------
    study
        At least one arm beside the control.
    endpoint, antibodies, level
        As in `SchedulePlan`.

    Raises
    ------
    UnknownNameError
        If the endpoint is not known.
    ProtocolError
        If there is nothing to compare, nothing is given, or more of the endpoint is better.
    QuantityError
        If the clearance or the level is below 0.

    Examples
    --------
    >>> from eaesim.protocol import Bolus
    >>> study = Study("lewis", until=30, arms=[Arm("vehicle"), Arm("once", Bolus("1 g/kg").at(day=0))])
    >>> plan_schedules(study).repeated
    ()
    """
    found = find_endpoint(endpoint, until=study.design.until)
    if found.whole == "onset_day":
        raise ProtocolError(f"schedules are ranked by what they lower, and {endpoint} is better when later.")
    for what, value in (("antibodies", antibodies), ("level", level)):
        if not 0 <= value < float("inf"):
            raise QuantityError(f"{what} = {value:g}; it is 0 or more.")
    design = study.design
    treated = [arm for arm in design.arms if arm.name != design.control]
    if not treated:
        raise ProtocolError(f'"{design.control}" is the only arm; a schedule to compare it with is needed.')
    if not any(amount > 0 for arm in treated for amount in arm.regimen.total().values()):
        raise ProtocolError("no arm gives any drug: every dose is 0.")
    return SchedulePlan(study.reading(found.name), found.name, float(antibodies), float(level))
