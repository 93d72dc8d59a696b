"""Several studies of the same rats run at once: what is equal in them up to a dose is solved once."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace

from eaesim.errors import EaesimError, NothingComputedError
from eaesim.model import Rat
from eaesim.protocol import Design
from eaesim.protocol.selection import renamed
from eaesim.study.kept import KeptEndpoints
from eaesim.study.membership import chosen_members
from eaesim.study.result import Result
from eaesim.study.schedule import relapse_induction
from eaesim.study.simulation import Simulation, simulate
from eaesim.study.study import Study
from eaesim.study.subjects import Subjects

# Runs at once, which bounds the memory.
MOST_RUNS = 100_000


def run_together(
    studies: Sequence[Study], *, subjects: Subjects, engine: str = "auto", accuracy: str = "auto"
) -> list[Result | EaesimError]:
    """Run studies with the same rats in one thread, keeping their endpoints.

    Parameters
    ----------
    studies
        The studies.
    subjects, engine, accuracy
        As for `Study.run`.

    Returns
    -------
    list
        The result of each study as if it were run alone, or why there is none.

    Examples
    --------
    >>> from eaesim.protocol import Arm, Bolus
    >>> arms = [[Arm("vehicle"), Arm("dosed", Bolus("1 g/kg").at(day=day))] for day in (0, 7)]
    >>> studies = [Study("lewis", until=14, arms=each) for each in arms]
    >>> found = run_together(studies, subjects=Subjects(animals=4, parameter_sets=1))
    >>> [result.arms for result in found]
    [('vehicle', 'dosed'), ('vehicle', 'dosed')]
    """
    found: dict[int, Result | EaesimError] = {}
    alike: dict[Hashable, list[int]] = {}
    for number, study in enumerate(studies):
        alike.setdefault(_alike(study.design), []).append(number)
    for group in alike.values():
        size = max(1, MOST_RUNS // (subjects.animals * len(studies[group[0]].design.arms)))
        for first in range(0, len(group), size):
            chosen = group[first : first + size]
            own = [studies[number] for number in chosen]
            found |= zip(chosen, _run(own, subjects, engine, accuracy), strict=True)
    return [found[number] for number in range(len(studies))]


def _alike(design: Design) -> Hashable:
    """Return what has to be the same in studies that are run as one."""
    days = {relapse_induction(design, arm) for arm in design.arms}
    return design.until, design.endpoints, frozenset(days), len(design.arms)


def _run(
    studies: Sequence[Study], subjects: Subjects, engine: str, accuracy: str
) -> list[Result | EaesimError]:
    """Run studies as one whose arms are those of all, each with its own rat."""
    arms, rats, sets = [], {}, {}
    try:
        members = [_members(study, subjects) for study in studies]
        for number, (study, own) in enumerate(zip(studies, members, strict=True)):
            for arm in renamed(study.design, f"{number} "):
                arms.append(arm)
                rats[arm.name], sets[arm.name] = study.rat, own
        simulation = simulate(
            rats,
            replace(studies[0].design, arms=tuple(arms), control=arms[0].name),
            members=sets,
            animals=subjects.animals,
            seed=subjects.seed,
            courses=False,
            dead=subjects.dead,
            engine=engine,
            accuracy=accuracy,
            workers=1,
        )
    except EaesimError as error:
        if len(studies) == 1:
            return [error]
        return [each for study in studies for each in _run([study], subjects, engine, accuracy)]
    found: list[Result | EaesimError] = []
    for number, (study, own) in enumerate(zip(studies, members, strict=True)):
        part = _part(simulation, study.design, number)
        try:
            result = study.result(
                part, seed=subjects.seed, dead=subjects.dead, record=(), sets=own, engine=engine
            )
            found.append(result)
        except NothingComputedError as error:
            found.append(error)
    return found


def _members(study: Study, subjects: Subjects) -> tuple[Rat, ...]:
    return chosen_members(study.rat, subjects.parameter_sets, mechanism=study.design.mechanism)


def _part(simulation: Simulation, design: Design, number: int) -> Simulation:
    """Return the simulation of one of several studies."""
    kept = simulation.kept
    assert isinstance(kept, KeptEndpoints)
    first, end = number * len(design.arms), (number + 1) * len(design.arms)
    before = f"{number} "
    return Simulation(
        kept=KeptEndpoints(
            kept.since[first:end],
            kept.dead,
            kept.windows,
            kept.death_day[first:end],
            {(arm - first, day): read for (arm, day), read in kept.values.items() if first <= arm < end},
        ),
        status=simulation.status[first:end],
        reason={
            (arm - first, rat): why for (arm, rat), why in simulation.reason.items() if first <= arm < end
        },
        dosed=simulation.dosed[first:end],
        triggered={
            (name.removeprefix(before), line): days
            for (name, line), days in simulation.triggered.items()
            if name.startswith(before)
        },
    )
