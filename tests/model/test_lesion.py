from __future__ import annotations

from collections.abc import Callable

from eaesim.model import Parameters, State, derivative

Animal = Callable[[int], tuple[State, Parameters]]


def test_recruits_only_multiply_a_specific_signal(random_animal: Animal) -> None:
    """Without myelin-specific cells in the CNS the rest of the infiltrate activates no macrophage."""
    state, parameters = random_animal(1)
    alone = state._replace(effector_cns=0.0)
    expected = -parameters.inflammation_resolution * state.inflammation
    assert derivative(alone, parameters).inflammation == expected
