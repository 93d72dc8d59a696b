"""What a sensitivity analysis asks: which outputs, which unknowns, and how they are sampled."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from eaesim.endpoints import endpoint as find_endpoint
from eaesim.errors import ProtocolError, unknown_name
from eaesim.files import Content, Unchecked
from eaesim.protocol import Design
from eaesim.protocol.selection import with_donors
from eaesim.questions.sensitivity.factors import Factor, choose_factors
from eaesim.questions.sensitivity.indices import METHODS, Method
from eaesim.questions.sensitivity.request import OUTPUT, SensitivityRequest
from eaesim.study import Study, study_text
from eaesim.workbench.answer import StudyPlan


@dataclass(frozen=True)
class Output:
    """One number read off a study: the mean of an endpoint over the rats of an arm, or a difference of two.

    Attributes
    ----------
    endpoint
        Name of the endpoint.
    arm
        The arm. Alone, its mean is the output.
    against
        An arm to compare with: the output is its mean minus that of `arm`, the reduction by `arm`.
        With the control that is the effect; with another treated arm, the effect of `arm` less that of
        `against`.
    relative
        The name of the control if the difference is divided by its mean: 1 - treated/control, or a difference
        of two such effects. It has no value where that mean is 0, and is wild where it is nearly 0.
    """

    endpoint: str
    arm: str
    against: str | None = None
    relative: str | None = None

    @property
    def arms(self) -> tuple[str, ...]:
        """The arms it is made of, each once."""
        return tuple(dict.fromkeys(name for name in (self.arm, self.against, self.relative) if name))

    @property
    def reference(self) -> str:
        """The arm in which there must be something, or it has nothing to say."""
        return self.relative or self.against or self.arm

    def text(self) -> str:
        """Return it in words.

        Examples
        --------
        >>> Output("peak_score", "day 0", "day 7", relative="vehicle").text()
        'peak_score: (day 7 minus day 0) / vehicle'
        """
        if self.against is None:
            return f"{self.endpoint}: {self.arm}"
        difference = f"{self.against} minus {self.arm}"
        return f"{self.endpoint}: {f'({difference}) / {self.relative}' if self.relative else difference}"


@dataclass(frozen=True)
class SensitivityPlan(StudyPlan):
    """Everything that is decided before the first rat is run.

    Attributes
    ----------
    study
        With the arms that the outputs need.
    outputs
        What is read.
    factors
        What is varied.
    request
        What was asked.
    """

    study: Study
    outputs: tuple[Output, ...]
    factors: tuple[Factor, ...]
    request: SensitivityRequest

    @property
    def way(self) -> Method:
        """The method with all that belongs to it."""
        return METHODS[self.request.method]

    @property
    def size(self) -> int:
        """How many trajectories, or base samples."""
        size: int = getattr(self.request, self.way.size)
        return size

    @property
    def samples(self) -> int:
        """How many sets of values are simulated."""
        return self.size * (len(self.factors) + self.way.extra)

    @property
    def runs(self) -> int:
        """How many rats are run, all arms together."""
        return self.samples * len(self.study.design.arms) * self.request.animals

    def settings(self) -> dict[str, Content]:
        """Return everything that decides the result, as plain values."""
        asked = self.request
        return {
            "study": study_text(self.study, animals=asked.animals, seed=asked.seed),
            "seed": asked.seed,
            "dead": asked.dead,
            **asked.own(),
            "factors": {factor.path.text: factor.values.table() for factor in self.factors},
        }

    def summary(self) -> str:
        """Return in a few words what would be done."""
        return f"{len(self.factors)} factors, {self.samples} sets of values, {self.runs} runs"


def plan_sensitivity(study: Study, request: SensitivityRequest) -> SensitivityPlan:
    """Return the plan of a sensitivity analysis, checked.

    Raises
    ------
    EaesimError
        If a name is unknown, or settings do not go together.

    Examples
    --------
    >>> from eaesim.protocol import Arm
    >>> asked = SensitivityRequest(parameters=["drug"])
    >>> plan = plan_sensitivity(Study("lewis", arms=[Arm("vehicle")]), asked)
    >>> plan.outputs[0].text(), plan.samples == 20 * (len(plan.factors) + 1)
    ('peak_score: vehicle', True)
    """
    outputs = tuple(dict.fromkeys(_output(study.design, **table) for table in _tables(study.design, request)))
    factors = choose_factors(study, request)
    own = _needed_arms(study, outputs)
    for factor in factors:
        if factor.path.keys[0] == "arm" and factor.path.keys[1] not in [arm.name for arm in own.design.arms]:
            raise ProtocolError(f'"{factor.name}" is varied, but that arm is part of no output.')
    return SensitivityPlan(own, outputs, factors, request)


def _tables(design: Design, request: SensitivityRequest) -> Iterable[Unchecked]:
    """Return the requested outputs; without an arm the effect of every one against the control."""
    own = {key: getattr(request, key) for key in OUTPUT}
    if request.outputs is not None:
        beside = next((key for key in OUTPUT if own[key] != getattr(SensitivityRequest, key)), None)
        if beside:
            raise ProtocolError(f'"{beside}" is given next to "outputs"; write it in each output.')
        return request.outputs
    if request.arm is not None or request.against is not None:
        return [own]
    treated = [arm.name for arm in design.arms if arm.name != design.control]
    if not treated:
        return [own | {"arm": design.control}]
    return [own | {"arm": name, "against": design.control} for name in treated]


def _output(
    design: Design,
    *,
    endpoint: str = SensitivityRequest.endpoint,
    arm: str | None = None,
    against: str | None = None,
    relative: bool = False,
) -> Output:
    names = [each.name for each in design.arms]
    for name in (arm, against):
        if name is not None and name not in names:
            raise unknown_name(name, "arm", names)
    if arm is None:
        raise ProtocolError(f"an output needs an arm. Arms: {', '.join(names)}.")
    if arm == against:
        raise ProtocolError(f'arm "{arm}" is compared with itself; give another arm as against.')
    if relative and against is None:
        raise ProtocolError(f'the mean of arm "{arm}" cannot be relative; compare it with an arm as against.')
    return Output(
        find_endpoint(endpoint, until=design.until).name, arm, against, design.control if relative else None
    )


def _needed_arms(study: Study, outputs: Iterable[Output]) -> Study:
    design = study.design
    arms = with_donors(design, {name for output in outputs for name in output.arms})
    names = [arm.name for arm in arms]
    control = design.control if design.control in names else names[0]
    own = replace(design, arms=arms, control=control, endpoints=())
    return Study.from_design(study.rat, own).reading(*(output.endpoint for output in outputs))
