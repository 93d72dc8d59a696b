"""Memory is recalled by source, and a reach of the drug into lesions reaches both what it names."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from eaesim.model import Parameters, State, derivative

Animal = Callable[[int], tuple[State, Parameters]]


def recalled(state: State, parameters: Parameters) -> float:
    """Return the recall of memory: what it loses beyond its own loss."""
    still = state._replace(effector_blood=0.0)
    return -derivative(still, parameters).memory - parameters.memory_loss * state.memory


@pytest.mark.parametrize("seed", range(10))
def test_without_reach_igg_leaves_recall_by_lesion_antigen_whole(random_animal: Animal, seed: int) -> None:
    state, parameters = random_animal(seed)
    lesion = state._replace(dendritic_mature=0.0)
    own = parameters._replace(lesion_priming_reach=0.0)
    without = recalled(lesion._replace(igg_plasma=0.0), own)
    assert recalled(lesion, own) == pytest.approx(without, rel=1e-12)
    assert recalled(lesion, own._replace(lesion_priming_reach=1.0)) < without


@pytest.mark.parametrize("seed", range(10))
def test_the_two_sources_add_up(random_animal: Animal, seed: int) -> None:
    state, parameters = random_animal(seed)
    node, lesion = state._replace(dendritic_lesion=0.0), state._replace(dendritic_mature=0.0)
    total = recalled(node, parameters) + recalled(lesion, parameters)
    assert recalled(state, parameters) == pytest.approx(total, rel=1e-12)
