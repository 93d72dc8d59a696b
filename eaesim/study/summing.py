"""A run that keeps sums over rats: what is summed, and how the sums of some rats are made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from eaesim.endpoints.setsums import SetSums
from eaesim.errors import check_names
from eaesim.model import Rat
from eaesim.protocol import Design
from eaesim.solver import FAILED
from eaesim.study.kept import KeptEndpoints
from eaesim.study.keptsums import KeptSums, Sample, Status
from eaesim.study.result import Result
from eaesim.study.schedule import relapses_since
from eaesim.study.simulation import Simulation


def kept_sums(
    rat: Rat, design: Design, *, compared: Iterable[tuple[str, str]], dead: str, sets: Sequence[Rat]
) -> KeptSums:
    """Return where the sums of a run are kept; nothing is summed yet.

    Parameters
    ----------
    rat, design
        Rat and design of the study.
    compared
        Pairs of arms to be compared, besides each arm and the control.
    dead
        Rule for dead rats.
    sets
        Parameter sets.

    Raises
    ------
    UnknownNameError
        If there is no such arm.
    """
    samples = wanted(design, compared)

    def summed(part: KeptEndpoints, status: Status, first: int) -> dict[Sample, SetSums]:
        simulation = Simulation(part, status, {}, np.zeros(status.shape, dtype=np.bool_), {})
        result = Result(rat, design, simulation, seed=0, dead=dead, record=(), members=len(sets))
        # Where no rat failed, none is left out of an arm for the sake of another.
        alike = not (status == FAILED).any()
        asked = {each: (each[0], each[0], False) if alike and not each[2] else each for each in samples}
        found = {each: result.sums(each, first=first) for each in dict.fromkeys(asked.values())}
        return {each: found[other] for each, other in asked.items()}

    return KeptSums(relapses_since(design), dead, design.endpoints, len(sets), summed)


def wanted(design: Design, compared: Iterable[tuple[str, str]]) -> tuple[Sample, ...]:
    """Return what is summed: every arm alone and beside the control, and pairs that are compared.

    Raises
    ------
    UnknownNameError
        If there is no such arm.

    Examples
    --------
    >>> from eaesim.protocol import Arm
    >>> wanted(Design(20, [], [Arm("vehicle"), Arm("early")]), [])[-1]
    ('early', 'vehicle', True)
    """
    arms, control = [arm.name for arm in design.arms], design.control
    pairs = [(arm, control) for arm in arms if arm != control]
    check_names((name for pair in compared for name in pair), "arm", arms)
    alone = [(arm, other, False) for arm in arms for other in (arm, control)]
    return tuple(dict.fromkeys([*alone, *((*pair, True) for pair in (*compared, *pairs))]))
