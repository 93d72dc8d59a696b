"""Preparation shared by all chunks of rats of a study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from eaesim.model import Drug, Parameter, Parameters, Rat
from eaesim.protocol import Arm, Design
from eaesim.protocol.donors import levels
from eaesim.protocol.induction import Harvest
from eaesim.protocol.regimen import DoseLine
from eaesim.protocol.timeline import induction_events
from eaesim.solver import System
from eaesim.study.assembly import READ, system_with, typical_parameters
from eaesim.study.identity import Identity
from eaesim.study.schedule import relapse_induction, waiting_lines


@dataclass(frozen=True)
class ArmPlan:
    """Preparation of one arm: treatment, and variation between rats.

    Attributes
    ----------
    arm
        Arm.
    typical, entries
        From `typical_parameters`; one typical set per parameter set of the ensemble.
    lines
        Triggered dose lines.
    induced
        `relapse_induction` of the arm.
    harvests
        Sources of transferred cells.
    """

    arm: Arm
    typical: tuple[Parameters, ...]
    entries: Mapping[str, Parameter]
    lines: tuple[DoseLine, ...]
    induced: int | None
    harvests: tuple[Harvest, ...] = ()

    @property
    def system(self) -> System:
        """The equations, with the drugs of the arm."""
        return system_with(self.arm.drugs())


@dataclass(frozen=True)
class Plan:
    """Preparation shared by all chunks of rats.

    Attributes
    ----------
    design
        Arms, inductions and days.
    arms
        Plan of each arm.
    record
        Names of the states and derived quantities recorded daily.
    engine, accuracy, workers
        As in `eaesim.solver.solve`.
    """

    design: Design
    arms: tuple[ArmPlan, ...]
    record: tuple[str, ...]
    engine: str
    accuracy: str
    workers: int | None

    @property
    def varied(self) -> tuple[str, ...]:
        """Names of the parameters in which rats differ in any arm."""
        spreads = list({id(arm.entries): arm.entries for arm in self.arms}.values())
        names = dict.fromkeys((*Parameters._fields, *(name for entries in spreads for name in entries)))
        return tuple(name for name in names if any(name in own and own[name].spread for own in spreads))

    @cached_property
    def levels(self) -> list[tuple[int, ...]]:
        """Indices of the arms that are run together: each level takes cells only from earlier levels.

        Arms with other drugs have other equations, and are run apart.
        """
        places = {plan.arm.name: place for place, plan in enumerate(self.arms)}
        given = {plan.arm.name: [each.donor for each in plan.harvests] for plan in self.arms}
        found = []
        for names in levels(given):
            systems = dict.fromkeys(self.arms[places[name]].system for name in names)
            found += [
                tuple(places[name] for name in names if self.arms[places[name]].system is one)
                for one in systems
            ]
        return found

    @cached_property
    def harvests(self) -> dict[int, tuple[Harvest, ...]]:
        """Harvests by index of the donor arm."""
        wanted = dict.fromkeys(each for plan in self.arms for each in plan.harvests)
        places = {plan.arm.name: place for place, plan in enumerate(self.arms)}
        donors = dict.fromkeys(each.donor for each in wanted)
        return {places[name]: tuple(each for each in wanted if each.donor == name) for name in donors}

    @property
    def numbers(self) -> int:
        """Approximate number of values in memory per run."""
        events = [
            2
            * (
                len(self.design.inductions_of(plan.arm))
                + sum(line.dose.doses for line in plan.arm.regimen.lines)
            )
            for plan in self.arms
        ]
        days = self.design.until + 1
        return len(Parameters._fields) + days * (len(READ) + len(self.record)) + 3 * max(events)


def plan_study(
    rat: Rat | Mapping[str, Rat],
    design: Design,
    *,
    record: tuple[str, ...],
    engine: str,
    accuracy: str,
    workers: int | None,
    members: Sequence[Rat] | Mapping[str, Sequence[Rat]] = (),
) -> Plan:
    """Return the plan for a rat, or one for each arm, and a design.

    The settings are those of `Plan`; `members` are as for `eaesim.study.simulation.simulate`.
    """
    arms = tuple(plan_arm(rat, design, arm, members) for arm in design.arms)
    return Plan(design, arms, record, engine, accuracy, workers)


def plan_arm(
    rat: Rat | Mapping[str, Rat],
    design: Design,
    arm: Arm,
    members: Sequence[Rat] | Mapping[str, Sequence[Rat]],
) -> ArmPlan:
    """Return the plan of one arm; the settings are those of `plan_study`."""
    sets = members[arm.name] if isinstance(members, Mapping) else members
    if sets:
        typical, entries = _typical_members(Identity(sets), _Treatment.of(arm, design.mechanism))
    else:
        own = rat if isinstance(rat, Rat) else rat[arm.name]
        only, entries = typical_parameters(own, arm, mechanism=design.mechanism)
        typical = (only,)
    events = induction_events(design.inductions_of(arm))
    return ArmPlan(
        arm,
        typical,
        entries,
        tuple(waiting_lines(arm).values()),
        relapse_induction(design, arm),
        tuple(dict.fromkeys(event.harvest for event in events if event.harvest is not None)),
    )


@dataclass(frozen=True)
class _Treatment:
    """What the parameters of an arm's rats depend on; days and amounts of doses are not part of it."""

    mechanism: str
    parameters: tuple[tuple[str, float | str], ...]
    drugs: tuple[Drug, ...]
    arm: Arm = field(compare=False)

    @classmethod
    def of(cls, arm: Arm, mechanism: str) -> _Treatment:
        return cls(arm.mechanism_or(mechanism), arm.parameters, arm.drugs(), arm)


@lru_cache(maxsize=64)
def _typical_members(
    members: Identity[Sequence[Rat]], treatment: _Treatment
) -> tuple[tuple[Parameters, ...], Mapping[str, Parameter]]:
    """Return what `typical_parameters` gives of each parameter set, and the entries of the first.

    A search runs many arms that differ only in days and amounts, with the same parameter sets.
    """
    found = [typical_parameters(rat, treatment.arm, mechanism=treatment.mechanism) for rat in members.of]
    # Sets differ only in values, so the definition of variation between rats is the same for all.
    return tuple(values for values, _ in found), found[0][1]
