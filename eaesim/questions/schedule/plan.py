"""What is compared: the schedules of a study, and what each of them gives."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

import numpy as np

from eaesim.endpoints import Floats
from eaesim.endpoints import endpoint as find_endpoint
from eaesim.errors import ProtocolError
from eaesim.files import Content
from eaesim.protocol import Arm
from eaesim.protocol.dose import STUDIED_DRUG
from eaesim.protocol.regimen import DoseLine
from eaesim.protocol.selection import with_donors
from eaesim.questions.schedule.request import ScheduleRequest
from eaesim.study import Result, Study, Subjects, study_text
from eaesim.study.membership import chosen_members, member_settings
from eaesim.workbench.answer import StudyPlan

#: The parameter that antibodies against the given IgG act by; 0 in every rat unless set.
ANTIBODIES = "anti_igg_clearance"
_NINE_IN_TEN, _NONE = (0.05, 0.95), (np.nan, np.nan)


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


@dataclass(frozen=True)
class Given:
    """What the rats of an arm were given, in the mean.

    Attributes
    ----------
    doses, grams
        Of IVIG: their number, and g/kg in all.
    volume
        The largest volume at once, of any drug whose concentration is known, in mL/kg.
    igg_peak, igg_area, days_above
        Given IgG in the plasma of the typical rat: its peak in mg/mL, the area under its curve in mg/mL
        times days, and the days with more than the level. Doses that wait are those of each rat.
    igg_peak_low, igg_peak_high
        Between these lie the peaks of nine in ten rats.
    dosed
        Share of rats that were given anything.
    """

    doses: float
    grams: float
    volume: float
    igg_peak: float
    igg_peak_low: float
    igg_peak_high: float
    igg_area: float
    days_above: float
    dosed: float

    def row(self) -> dict[str, float]:
        """Return it as columns of a table."""
        return asdict(self)


def given(result: Result, arm: Arm, *, level: float) -> Given:
    """Return what an arm gave, doses that waited for a sign counted rat by rat.

    Parameters
    ----------
    result
        Result of the study.
    arm
        One of its arms.
    level
        In mg/mL.

    Examples
    --------
    >>> from eaesim.protocol import Bolus
    >>> from eaesim.study import Study
    >>> arm = Arm("weekly", Bolus("0.4 g/kg", every="7 days", doses=3).at(day=0))
    >>> result = Study("lewis", until=16, arms=[Arm("vehicle"), arm]).run(animals=4)
    >>> found = given(result, arm, level=3.0)
    >>> found.doses, round(found.grams, 6), found.volume
    (3.0, 1.2, 4.0)
    """
    place = result.place(arm.name)
    solved = ~result.has_failed(arm.name)
    doses = np.zeros(result.number)
    grams = np.zeros(result.number)
    for number, line in enumerate(arm.regimen.lines):
        if line.dose.drug == STUDIED_DRUG and line.dose.amount > 0:
            own = _number(result, arm, number, line)
            doses += own
            grams += own * line.dose.amount / 1000.0
    typical = result.plasma.exposure(arm.name, level=level, typical=True)
    low, high = (
        np.quantile(result.plasma.exposure(arm.name).peak[solved], _NINE_IN_TEN) if solved.any() else _NONE
    )

    def mean(values: Floats) -> float:
        return float(values[solved].mean()) if solved.any() else np.nan

    return Given(
        doses=mean(doses),
        grams=mean(grams),
        volume=max((row.volume for row in arm.regimen.table() if row.volume is not None), default=0.0),
        igg_peak=mean(typical.peak),
        igg_peak_low=float(low),
        igg_peak_high=float(high),
        igg_area=mean(typical.area),
        days_above=mean(typical.days_above),
        dosed=mean(result.simulation.dosed[place].astype(np.float64)),
    )


def _number(result: Result, arm: Arm, number: int, line: DoseLine) -> Floats:
    """Return how many doses of a line each rat was given by the last day."""
    if line.day is None:
        start = result.simulation.triggered[arm.name, number]
    else:
        start = np.full(result.number, line.day)
    left = (result.design.until - start) / (line.dose.every or np.inf)
    return np.where(np.isnan(start), 0.0, np.clip(np.floor(left + 1e-9) + 1, 0, line.dose.doses))
