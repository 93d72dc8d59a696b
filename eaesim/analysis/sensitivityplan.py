"""What a sensitivity analysis asks: which outputs, which unknowns, and how they are sampled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from eaesim.analysis.factors import Factor, choose_factors
from eaesim.analysis.indices import METHODS, Method
from eaesim.endpoints import endpoint as find_endpoint
from eaesim.errors import ProtocolError, QuantityError, unknown_name
from eaesim.protocol import Design
from eaesim.protocol.quantity import count
from eaesim.protocol.selection import with_donors
from eaesim.protocol.sensitivitytable import MOST_SAMPLES, OUTPUT_KEYS
from eaesim.protocol.tables import check_table
from eaesim.study import Study

DEFAULT_ENDPOINT = "peak_score"
DEFAULT_TRAJECTORIES, DEFAULT_SAMPLES = 20, 256


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
        An arm to compare with: the output is its mean less that of `arm`, which is what `arm` takes away.
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
class SensitivityPlan:
    """Everything that is decided before the first rat is run, but for the rats.

    Attributes
    ----------
    study
        With the arms that the outputs need.
    outputs
        What is read.
    factors
        What is varied.
    method
        ``"morris"`` or ``"sobol"``.
    size
        Trajectories, or base samples.
    sampling_seed
        Of the sample of the unknowns.
    """

    study: Study
    outputs: tuple[Output, ...]
    factors: tuple[Factor, ...]
    method: str
    size: int
    sampling_seed: int

    @property
    def way(self) -> Method:
        """The method with all that belongs to it."""
        return METHODS[self.method]

    @property
    def samples(self) -> int:
        """How many sets of values are simulated."""
        return self.size * (len(self.factors) + self.way.extra)

    def runs(self, animals: int) -> int:
        """Return how many rats are run, all arms together."""
        return self.samples * len(self.study.design.arms) * animals

    def settings(self) -> dict[str, Any]:
        """Return what it asks as plain values; the study and its rats are not among them."""
        return {
            "method": self.method,
            "size": self.size,
            "sampling_seed": self.sampling_seed,
            "outputs": [asdict(output) for output in self.outputs],
            "factors": {factor.path.text: factor.values.table() for factor in self.factors},
        }


def plan_sensitivity(
    study: Study,
    *,
    method: str = "morris",
    endpoint: str = DEFAULT_ENDPOINT,
    arm: str | None = None,
    against: str | None = None,
    relative: bool = False,
    outputs: Iterable[Mapping[str, Any]] | None = None,
    parameters: Iterable[str] | None = None,
    ranges: Mapping[str, Mapping[str, Any]] | None = None,
    trajectories: int = DEFAULT_TRAJECTORIES,
    samples: int = DEFAULT_SAMPLES,
    sampling_seed: int = 1,
) -> SensitivityPlan:
    """Return the plan of a sensitivity analysis, checked; the arguments are those of `sensitivity`.

    Raises
    ------
    EaesimError
        If a name is not known, or a setting is not allowed.

    Examples
    --------
    >>> from eaesim.protocol import Arm
    >>> plan = plan_sensitivity(Study("lewis", arms=[Arm("vehicle")]), parameters=["drug"])
    >>> plan.outputs[0].text(), plan.samples == 20 * (len(plan.factors) + 1)
    ('peak_score: vehicle', True)
    """
    if method not in METHODS:
        raise unknown_name(method, "method", METHODS)
    design = study.design
    tables: list[Mapping[str, Any]]
    if outputs is not None:
        tables = [check_table(table, "outputs", OUTPUT_KEYS) for table in outputs]
    elif arm is not None or against is not None:
        tables = [{"endpoint": endpoint, "arm": arm, "against": against, "relative": relative}]
    else:
        tables = _effects(design, endpoint, relative)
    chosen = tuple(dict.fromkeys(_output(design, **table) for table in tables))
    if not chosen:
        raise ProtocolError("there is no output; give at least one, such as an arm.")
    factors = choose_factors(study, parameters, ranges)
    own = _needed_arms(study, chosen)
    for factor in factors:
        if factor.path.keys[0] == "arm" and factor.path.keys[1] not in [arm.name for arm in own.design.arms]:
            raise ProtocolError(f'"{factor.name}" is varied, but that arm is part of no output.')
    way = METHODS[method]
    given = {"trajectories": trajectories, "samples": samples}[way.size]
    size = count(given, what=way.size, least=way.least, most=MOST_SAMPLES)
    power = 1 << (size.bit_length() - 1)
    if way.size == "samples" and size != power:
        raise QuantityError(f"samples {size} is not a power of 2; write {power} or {2 * power}.")
    seed = count(sampling_seed, what="seed of the sample", least=0, most=2**63 - 1)
    return SensitivityPlan(own, chosen, factors, method, size, seed)


def table_settings(table: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of `plan_sensitivity` that a ``[sensitivity]`` table gives.

    Examples
    --------
    >>> table_settings({"method": "sobol", "seed": 2})
    {'method': 'sobol', 'sampling_seed': 2}
    """
    return {"sampling_seed" if key == "seed" else key: value for key, value in table.items()}


def _effects(design: Design, endpoint: str, relative: bool) -> list[Mapping[str, Any]]:
    """Return the effect of every arm against the control; where there is no other arm, the control's mean."""
    treated = [arm.name for arm in design.arms if arm.name != design.control]
    if not treated:
        return [{"endpoint": endpoint, "arm": design.control, "relative": relative}]
    shared = {"endpoint": endpoint, "against": design.control, "relative": relative}
    return [{"arm": name, **shared} for name in treated]


def _output(
    design: Design,
    *,
    endpoint: str = DEFAULT_ENDPOINT,
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
