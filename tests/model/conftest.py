"""Animals with every number drawn at random, so that no term hides behind a 0 or a 1."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from eaesim.model import MECHANISMS, STATES, Parameters, State, load

SHARES = ("bystander_cns", "demyelination", "axon_loss")


@pytest.fixture
def random_animal() -> Callable[[int], tuple[State, Parameters]]:
    """Return a function from a seed to states and parameters, none of them 0."""

    def draw(seed: int) -> tuple[State, Parameters]:
        source = random.Random(seed)
        state = State(
            **{
                name: source.uniform(0.05, 0.95)
                if name in SHARES
                else one.scale * 10 ** source.uniform(-1, 1)
                for name, one in STATES.items()
            }
        )
        parameters = Parameters(
            **{name: source.uniform(max(one.low, 1e-3), one.high) for name, one in load("da").entries.items()}
        )
        return state, parameters

    return draw


@pytest.fixture
def without_mechanisms() -> dict[str, float]:
    """Return the changes that switch every mechanism off."""
    return {one.potency: 0.0 for one in MECHANISMS.values()}
