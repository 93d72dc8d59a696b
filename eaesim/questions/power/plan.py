"""The checked plan of a power analysis."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from eaesim.endpoints import endpoint
from eaesim.endpoints.window import split_window
from eaesim.errors import ProtocolError, unknown_name
from eaesim.files import Content
from eaesim.protocol.selection import with_donors
from eaesim.questions.power.request import PowerRequest, read_dropout
from eaesim.study import Study, study_text
from eaesim.study.membership import chosen_members, member_settings
from eaesim.workbench.answer import StudyPlan

# The test of each endpoint: those of `eaesim.endpoints.tests`, which `eaesim scores` runs.
TESTS = {
    "peak_score": "Mann-Whitney",
    "cumulative_score": "Mann-Whitney",
    "mean_score": "Mann-Whitney",
    "incidence": "Fisher",
    "onset_day": "log-rank",
    "mortality": "Fisher",
}
TAILS = "two-sided"
# Nobody puts more rats into an arm; up to here animals are looked for.
MOST = 100
# Fewer rats or studies of a parameter set say nothing about it.
FEWEST_OF_MEMBER = 10
# What fits into the memory of a small computer: animals of all studies, and days of all rats of the pool.
MOST_DRAWN, MOST_READ = 50_000_000, 50_000_000


@dataclass(frozen=True)
class PowerPlan(StudyPlan):
    """A power analysis.

    Attributes
    ----------
    study
        The control first, then the arms that are compared with it, and those that give cells to one of them.
    arms
        Names of the arms that are compared with the control.
    endpoints
        Names of endpoints, with their windows, the one that decides first.
    members
        How many parameter sets of the ensemble.
    daily_dropout
        Share of the animals left that is lost on each day.
    request
        What was asked: sizes rising, studies and pool in turn over the parameter sets.
    """

    study: Study
    arms: tuple[str, ...]
    endpoints: tuple[str, ...]
    members: int
    daily_dropout: float
    request: PowerRequest

    @property
    def control(self) -> str:
        """Name of the control."""
        return self.study.design.control

    def settings(self) -> dict[str, Content]:
        """Return everything that decides the outcome, as plain values."""
        asked = self.request
        return {
            "study": study_text(self.study, seed=asked.seed),
            "seed": asked.seed,
            "endpoints": list(self.endpoints),
            "tests": [test_of(name) for name in self.endpoints],
            "tails": TAILS,
            "sizes": list(asked.sizes),
            "studies": asked.studies,
            "pool": asked.pool,
            "wanted": asked.wanted,
            "alpha": asked.alpha,
            "dropout": self.daily_dropout,
            "correction": asked.correction,
            "dead": asked.dead,
            **member_settings(self.study.rat, self.members),
            **({} if len(self.arms) == len(self.study.design.arms) - 1 else {"arms": list(self.arms)}),
            **({"course": True} if asked.course else {}),
        }

    def summary(self) -> str:
        """Return in a few words what would be done."""
        return (
            f"{len(self.arms)} arms against {self.control}, {self.request.studies} studies of each of "
            f"{len(self.request.sizes)} sizes, drawn from {self.request.pool} rats in each arm"
        )


def plan_power(study: Study, request: PowerRequest) -> PowerPlan:
    """Return a power analysis of a study.

    Raises
    ------
    UnknownNameError
        If an endpoint or an arm is unknown.
    ProtocolError
        If there is nothing to compare, or it needs too much memory.

    Examples
    --------
    >>> from eaesim.protocol import Arm, Bolus
    >>> study = Study("lewis", arms=[Arm("vehicle"), Arm("day 0", Bolus("1 g/kg").at(day=0))])
    >>> plan = plan_power(study, PowerRequest(sizes=[10, 5], dropout="10 %"))
    >>> plan.arms, plan.request.sizes, plan.request.studies % plan.members
    (('day 0',), (5, 10), 0)
    """
    asked = tuple(dict.fromkeys(_tested(name, study.design.until) for name in request.endpoints))
    number = len(chosen_members(study.rat, request.parameter_sets))
    for what, given in (("pool", request.pool), ("studies", request.studies)):
        if given < FEWEST_OF_MEMBER * number:
            raise ProtocolError(
                f"{what} = {given} is not enough for {number} parameter sets; give at least "
                f"{FEWEST_OF_MEMBER * number}, or fewer parameter sets."
            )
    compared, names = _compared(study, request.arms)
    _check_memory(compared, studies=request.studies, pool=request.pool, largest=max(MOST, *request.sizes))
    share, is_daily = read_dropout(request.dropout)
    # By the last day the same share is lost, whether it is given for a day or for all of them.
    daily = share if is_daily else -math.expm1(math.log1p(-share) / study.design.until)
    whole = request.with_values(
        sizes=tuple(sorted(request.sizes)),
        studies=-(-request.studies // number) * number,
        pool=-(-request.pool // number) * number,
    )
    return PowerPlan(compared, names, asked, number, daily, whole)


def test_of(name: str) -> str:
    """Return the test of an endpoint, whatever its window.

    Examples
    --------
    >>> test_of("cumulative_score[12:42]")
    'Mann-Whitney'
    """
    return TESTS[endpoint(name).whole]


def _tested(name: str, until: int) -> str:
    if split_window(name)[0] not in TESTS:
        raise unknown_name(name, "endpoint of a power analysis", TESTS)
    return endpoint(name, until=until).name


def _check_memory(study: Study, *, studies: int, pool: int, largest: int) -> None:
    arms, days = len(study.design.arms), study.design.until + 1
    for what, given, most, of in (
        ("studies", studies, MOST_DRAWN // (arms * largest), f"of up to {largest} animals in {arms} arms"),
        ("pool", pool, MOST_READ // (arms * days), f"rats in {arms} arms over {days} days"),
    ):
        if given > most:
            raise ProtocolError(f"{what} = {given} {of} needs too much memory; give at most {most}.")


def _compared(study: Study, arms: Sequence[str] | None) -> tuple[Study, tuple[str, ...]]:
    """Return the study with its control first, then the requested arms, and the names of these."""
    design = study.design
    names = [arm.name for arm in design.arms]
    for name in arms or ():
        if name not in names:
            raise unknown_name(name, "arm", names)
        if name == design.control:
            raise ProtocolError(f'"{name}" is the control; the arms of [power] are compared with it.')
    control = next(arm for arm in design.arms if arm.name == design.control)
    others = [arm for arm in design.arms if arm != control and (arms is None or arm.name in arms)]
    if not others:
        raise ProtocolError("a power analysis compares arms with a control; the study has one arm only.")
    asked = tuple(arm.name for arm in others)
    run = with_donors(design, (control.name, *asked))
    own = replace(design, arms=(control, *(arm for arm in run if arm != control)))
    return Study.from_design(study.rat, own), asked
