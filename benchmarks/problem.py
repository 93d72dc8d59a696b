"""The rats that every library solves: random animals under random protocols, 60 days, every state daily."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

from eaesim.model import MECHANISMS, Parameters, Rat, State, load
from eaesim.protocol import Arm, Bolus, Immunisation, Regimen, Relapse
from eaesim.protocol.induction import Induction
from eaesim.protocol.timeline import Event, arm_events
from eaesim.solver import Problem
from eaesim.solver.problem import Floats
from eaesim.study.assembly import arm_parameters, build_problem
from eaesim.study.cohort import Cohort

SEED = 20261123
UNTIL = 60
DOSES = 4
# Settings that no rat has by default, so that their terms are not zero in all of them.
SETTINGS = {"lesion_priming_reach": 1.0, "anti_igg_clearance": 0.3, "cns_reads_plasma": 1.0}
# What counts as near zero, as a share of a state's size: the contract's measure of error looks no closer.
FLOOR = 1e-3


def random_problem(rats: int, *, typical: bool = False) -> Problem:
    """Return random rats, each under a protocol of its own; rat number i is the same in every problem.

    Every rat is immunised on day 0 and induced again on a day from 30 to 40, half of them with adjuvant, and is
    given IVIG four times between day 0.5 and day 50. Each mechanism is on in half of the rats. Days of events
    are fractions, so that no reading falls on one.

    Parameters
    ----------
    rats
        How many.
    typical
        The base animals under the same protocols, which say what size a state has.
    """
    drawn = [_draw(number, typical=typical) for number in range(rats)]
    return build_problem(
        [parameters for parameters, _ in drawn],
        [events for _, events in drawn],
        until=UNTIL,
        record=State._fields,
    )


@cache
def _strain(name: str, changed: tuple[str, ...]) -> Rat:
    return load(name).replace(**{setting: SETTINGS[setting] for setting in changed})


def _draw(number: int, *, typical: bool) -> tuple[Floats, tuple[Event, ...]]:
    draw = np.random.default_rng([SEED, number])
    changed = tuple(name for name in SETTINGS if draw.random() < 0.2)
    rat = _strain(str(draw.choice(["lewis", "da", "da_antibody"])), changed)
    mechanism = "+".join(name for name in MECHANISMS if draw.random() < 0.5) or "none"
    inductions: list[Induction] = [
        Immunisation(),
        Relapse(draw.uniform(30, 40), adjuvant=str(draw.choice(["none", "complete"]))),
    ]
    regimen = Regimen()
    for _ in range(DOSES):
        regimen += Bolus(str(draw.choice(["0.4 g/kg", "1 g/kg"]))).at(day=draw.uniform(0.5, 50))
    differences = draw.standard_normal((1, len(Parameters._fields)))
    cohort = Cohort(0 * differences if typical else differences, np.zeros((1, UNTIL + 1)), np.full(1, np.inf))
    parameters = arm_parameters(rat, Arm("arm", regimen), cohort, mechanism=mechanism)[0]
    return parameters, arm_events(inductions, regimen, triggered={})


@dataclass(frozen=True)
class Piece:
    """A stretch of one rat's run between two events.

    Attributes
    ----------
    start, end
        In days.
    added
        Pairs of a state's index and the amount added to it at the start.
    days
        The recorded days after the start, up to and including the end.
    places
        Where these stand among all recorded days: from, to.
    """

    start: float
    end: float
    added: tuple[tuple[int, float], ...]
    days: Floats
    places: tuple[int, int]

    @property
    def times(self) -> Floats:
        """Start, recorded days, end; none twice."""
        inside = self.days if self.days.size and self.days[-1] == self.end else np.append(self.days, self.end)
        return np.append(self.start, inside)


def pieces(problem: Problem, row: int) -> Iterator[Piece]:
    """Return the pieces of one rat's run, which starts on day 0, the first recorded day."""
    days, last = problem.days, float(problem.days[-1])
    happens = problem.events.day[row]
    boundaries = sorted({0.0, *happens[happens < last].tolist(), last})
    for start, end in zip(boundaries, boundaries[1:], strict=False):
        here = np.flatnonzero(happens == start)
        states, amounts = problem.events.state[row, here], problem.events.amount[row, here]
        first, after = np.searchsorted(days, [start, end], side="right").tolist()
        yield Piece(
            start, end, tuple(zip(states.tolist(), amounts.tolist(), strict=True)), days[first:after], (first, after)
        )


def scalar_free(problem: Problem, tolerance: float) -> Floats:
    """Return the absolute tolerance of each state that belongs to a relative one: a vanishing share of its size."""
    return tolerance * FLOOR * np.asarray(problem.system.scale)
