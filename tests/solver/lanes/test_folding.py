"""Folded equations: whatever is omitted, the rest can be computed in its order."""

from __future__ import annotations

import numpy as np
import pytest

from eaesim.solver.lanes.folding import fold
from eaesim.solver.trace import trace
from eaesim.study.assembly import READ, system_with

TAPES = [trace(system_with((), own_igg=own_igg), READ) for own_igg in (False, True)]


@pytest.mark.parametrize("tape", TAPES, ids=["given IgG acts", "own IgG acts"])
@pytest.mark.parametrize("seed", range(40))
def test_what_is_computed_once_per_rat_needs_nothing_that_is_not(seed, tape):
    draw = np.random.default_rng(seed)
    some = draw.permutation(tape.states)[: draw.integers(0, tape.states)]
    zeros = draw.permutation(tape.first - tape.states)[: draw.integers(0, tape.first - tape.states)]
    whole = fold(tape, zero_parameters=frozenset(), still=frozenset())
    folded = fold(tape, zero_parameters=frozenset(zeros.tolist()), still=frozenset(some.tolist()))
    assert folded.fixed <= whole.fixed
    for place, step in folded.steps.items():
        for side in step.sides:
            if isinstance(side, int):
                assert side < tape.first or side in folded.steps
                if place in folded.fixed:
                    assert tape.states <= side < tape.first or side in folded.fixed
