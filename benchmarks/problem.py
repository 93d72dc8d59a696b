"""The rats that every library solves: random animals under random protocols, 60 days, every state daily."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np

from eaesim.model import MECHANISMS, Parameters, Rat, State, load
from eaesim.protocol import Arm, Bolus, Immunisation, Regimen, Relapse
from eaesim.protocol.induction import ADJUVANTS, Induction
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
# At its own strength, 20, H2 under four doses makes up to 1e17 regulatory T cells, more than there is rat.
TREG_POTENCY = 3.0
# What counts as near zero, as a share of a state's size: the contract's measure of error looks no closer.
FLOOR = 1e-3


def random_problem(rats: int, *, typical: bool = False) -> Problem:
    """Return random rats, each under a protocol of its own; rat number i is the same in every problem.

    Every rat is immunised on day 0 and induced again between days 30 and 40, with either adjuvant or none,
    and is given IVIG four times between days 0.5 and 50, half of it intravenously. In each, none, one or two
    of the mechanisms are on, so that each is on in an eighth of the rats. Days of events are fractions, so
    that no reading falls on one.

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
    return load(name).replace(
        potency_treg=TREG_POTENCY, **{setting: SETTINGS[setting] for setting in changed}
    )


def _draw(number: int, *, typical: bool) -> tuple[Floats, tuple[Event, ...]]:
    draw = np.random.default_rng([SEED, number])
    changed = tuple(name for name in SETTINGS if draw.random() < 0.2)
    rat = _strain(str(draw.choice(["lewis", "da", "da_antibody"])), changed)
    acting = draw.choice(list(MECHANISMS), size=draw.choice([0, 1, 1, 1, 2]), replace=False)
    inductions: list[Induction] = [
        Immunisation(),
        Relapse(draw.uniform(30, 40), adjuvant=str(draw.choice(ADJUVANTS))),
    ]
    regimen = Regimen()
    for _ in range(DOSES):
        dose, route = str(draw.choice(["0.4 g/kg", "1 g/kg"])), str(draw.choice(["iv", "iv", "ip", "sc"]))
        regimen += Bolus(dose, route=route).at(day=draw.uniform(0.5, 50))
    differences = draw.standard_normal((1, len(Parameters._fields)))
    cohort = Cohort(0 * differences if typical else differences, np.zeros((1, UNTIL + 1)), np.full(1, np.inf))
    parameters = arm_parameters(rat, Arm("arm", regimen), cohort, mechanism="+".join(acting) or "none")[0]
    return parameters, arm_events(inductions, regimen, triggered={})


def crowd(problem: Problem, rats: int) -> Problem:
    """Return as many rats as asked for, copies of those of a problem.

    Copies differ in the twelfth digit of their parameters, so no engine can take two of them for one.
    """
    chosen = np.arange(rats) % len(problem.parameters)
    copies = problem.rows(chosen)
    number = np.arange(rats) // len(problem.parameters)
    return replace(copies, parameters=copies.parameters * (1 + 1e-12 * number[:, None]))
