"""What is simulated: a study for every induction, rat and mechanism, once it is sure that it can be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from eaesim.errors import ProtocolError
from eaesim.files import Content
from eaesim.model import Rat, default_rat
from eaesim.protocol import Arm, Immunisation, Relapse
from eaesim.protocol.dose import STUDIED_DRUG
from eaesim.protocol.induction import Induction
from eaesim.protocol.quantity import shown
from eaesim.questions.timing.panel import CALIBRATED, adjuvant_words
from eaesim.questions.timing.request import TimingRequest
from eaesim.solver import RAT_DAYS, choose_engine
from eaesim.study import Study, load
from eaesim.study.membership import member_settings, usual_count
from eaesim.workbench.answer import Plan
from eaesim.workbench.madestudy import RELAPSE_DAY, STRAINS, UNTIL

NOT_INDUCED = "not induced"
# The courses that are shown end here, and are of so many rats at most.
COURSES_UNTIL, MOST_COURSES = 30, 640
# A dose from this day on is a late one.
LATE = 7


@dataclass(frozen=True)
class TimingPlan(Plan):
    """Studies that are to be run.

    Attributes
    ----------
    studies
        By induction and rat, then by mechanism: each has its own parameter sets, those that the findings on
        treated rats support.
    request
        What was asked.
    courses
        The study whose courses are shown, of an untreated arm and one or two dosing days; None for none.
    """

    studies: Mapping[tuple[str, str], Mapping[str, Study]]
    request: TimingRequest
    courses: Study | None = None

    def _every(self) -> Iterator[Study]:
        return (study for each in self.studies.values() for study in each.values())

    @property
    def runs(self) -> int:
        """How many rats are simulated, every arm counted."""
        shown = 0 if self.courses is None else len(self.courses.design.arms) * self.course_animals
        return sum(len(study.design.arms) for study in self._every()) * self.request.animals + shown

    @property
    def course_days(self) -> tuple[float, ...]:
        """The dosing day nearest to 0, and the first late one where there is another."""
        near = min(self.request.days, key=abs)
        late = [day for day in self.request.days if day >= LATE][:1]
        return tuple(dict.fromkeys([near, *late]))

    @property
    def course_animals(self) -> int:
        """How many rats there are in every arm whose course is shown."""
        return min(self.request.animals, MOST_COURSES)

    def members(self, rat: Rat) -> int:
        """Return to how many parameter sets the rats belong."""
        asked = self.request.parameter_sets
        return usual_count(rat, self.request.animals) if asked is None else asked

    def settings(self) -> dict[str, Content]:
        """Return everything that decides the result, as plain values."""
        rats = [next(iter(each.values())).rat for each in self.studies.values()]
        members = [{"rat": rat.name, **member_settings(rat, self.members(rat))} for rat in rats]
        own = self.request.written()
        left_out = {"parameter_sets"}
        if self.request.mechanism is None and self.request.drug == STUDIED_DRUG:
            own["mechanism"] = [*self.request.acting()]
        elif self.request.mechanism is None:
            # Another drug acts by all of its actions, which have no name.
            left_out.add("mechanism")
        return {name: value for name, value in own.items() if name not in left_out} | {"members": members}

    def summary(self) -> str:
        """Return in a few words what would be done."""
        days = sum(len(study.design.arms) * study.design.until for study in self._every())
        seconds = max(1, round(days * self.request.animals / RAT_DAYS[choose_engine().name]))
        return (
            f"{len(self.request.days)} dosing days, {self.request.animals} rats in every arm, {self.runs} "
            f"runs, at most about {seconds} s on one core"
        )

    def warnings(self) -> list[str]:
        """Return a line for each parameter outside its bounds, and for each large volume."""
        acting = self.request.acting()[0]
        volumes = [text for dose in self.request.given(acting) for text in dose.at(day=0).warnings()]
        return list(
            dict.fromkeys([*(text for study in self._every() for text in study.rat.warnings()), *volumes])
        )


def plan_timing(rat: Rat | str | None, request: TimingRequest) -> TimingPlan:
    """Return the studies that are to be run.

    Parameters
    ----------
    rat
        By default that of the request.
    request
        What is asked.

    Raises
    ------
    EaesimError
        If the rat is not known, or a dosing day or an endpoint is not possible.

    Examples
    --------
    >>> plan_timing(None, TimingRequest(animals=2, days=0)).runs
    22
    """
    given = request.rat if rat is None else rat
    if not isinstance(given, Rat | str | None):
        raise ProtocolError(f"timing is asked of a Rat or the name of one; given: {shown(rat)}.")
    inductions = tuple(STRAINS) if request.induction == "both" else (request.induction,)
    if request.parameters:
        if given is None and len(inductions) > 1:
            raise ProtocolError(
                "own parameters need one rat: name it, or ask around immunisation or relapse alone."
            )
        named = default_rat(STRAINS[inductions[0]]) if given is None else given
        given = (load(named) if isinstance(named, str) else named).replace(**dict(request.parameters))
    asked = [(around, default_rat(STRAINS[around]) if given is None else given) for around in inductions]
    if given is None and len(inductions) > 1:
        # Findings stand beside their own strain.
        asked.insert(1, ("immunisation", default_rat(STRAINS["relapse"])))
    studies = {
        (around, str(one)): {name: _study(one, around, name, request) for name in request.acting()}
        for around, one in asked
    }
    return _with_courses(TimingPlan(studies, request))


def adjuvants(around: str) -> tuple[str, ...]:
    """Return the adjuvants with which an induction is simulated."""
    return ("complete",) if around == "immunisation" else ("none", "complete")


def control_name(adjuvant: str) -> str:
    """Return the name of an untreated arm."""
    return f"control, {adjuvant_words(adjuvant)}"


def arm_name(adjuvant: str, mechanism: str, dose: str, day: float) -> str:
    """Return the name of a treated arm."""
    return f"{adjuvant_words(adjuvant)}, {mechanism}, {dose}, day {day:g}"


def _study(rat: Rat | str, around: str, mechanism: str, request: TimingRequest) -> Study:
    origin = 0 if around == "immunisation" else RELAPSE_DAY
    past = [day for day in request.days if origin + day > UNTIL[around]]
    if past:
        raise ProtocolError(
            f"day {past[0]:g} after {'relapse induction' if origin else around} lies past the end; "
            f"days up to {UNTIL[around] - origin} can be asked."
        )
    arms = []
    for adjuvant in adjuvants(around):
        again = (Relapse(RELAPSE_DAY, adjuvant=adjuvant),) if origin else ()
        inductions: tuple[Induction, ...] = (Immunisation(day=0), *again)
        arms.append(Arm(control_name(adjuvant), inductions=inductions))
        arms += [
            Arm(
                arm_name(adjuvant, mechanism, dose.text(), day),
                dose.at(day=origin + day),
                inductions=inductions,
            )
            for dose in request.given(mechanism)
            for day in request.days
        ]
    if origin:
        arms.append(Arm(NOT_INDUCED, inductions=(Immunisation(day=0),)))
    study = Study(rat, until=UNTIL[around], arms=arms, mechanism=_of_ivig(mechanism, request))
    return study.reading(*request.endpoints, *(() if origin else (CALIBRATED,)))


def _with_courses(plan: TimingPlan) -> TimingPlan:
    """Add the study whose courses are shown: of one mechanism and dose, around immunisation."""
    (around, _), by_mechanism = next(iter(plan.studies.items()))
    days, doses = plan.course_days, plan.request.given(next(iter(by_mechanism)))
    if around != "immunisation" or len(by_mechanism) * len(doses) > 1 or max(days) >= COURSES_UNTIL:
        return plan
    ((mechanism, study),) = by_mechanism.items()
    (dose,) = doses
    arms = [Arm("vehicle"), *(Arm(f"day {day:g}", dose.at(day=day)) for day in days)]
    acting = _of_ivig(mechanism, plan.request)
    return replace(plan, courses=Study(study.rat, until=COURSES_UNTIL, arms=arms, mechanism=acting))


def _of_ivig(mechanism: str, request: TimingRequest) -> str:
    """Return what IVIG does in a study: nothing, where another drug is given."""
    return mechanism if request.drug == STUDIED_DRUG else "none"
