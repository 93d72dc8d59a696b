from __future__ import annotations

from collections.abc import Callable

import pytest

from eaesim.model import Parameters, State, load
from eaesim.model.ivig import igg_cns, igg_loss
from eaesim.model.processes import PROCESSES, Effects
from eaesim.model.treatment import ivig_effects

Animal = Callable[[int], tuple[State, Parameters]]
SEEDS = range(20)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_igg_has_no_action_however_strong_the_mechanisms(random_animal: Animal, seed: int) -> None:
    state, parameters = random_animal(seed)
    assert ivig_effects(state._replace(igg_plasma=0.0), parameters) == Effects()


@pytest.mark.parametrize("seed", SEEDS)
def test_more_igg_acts_more(random_animal: Animal, seed: int) -> None:
    state, parameters = random_animal(seed)
    less, more = (ivig_effects(state._replace(igg_plasma=amount), parameters) for amount in (1.0, 2.0))
    assert more.treg_growth > less.treg_growth > 1.0
    for name in {*PROCESSES} & {*Effects._fields} - {"treg_growth"}:
        assert 0.0 < getattr(more, name) < getattr(less, name) < 1.0, name


@pytest.mark.parametrize("name", ["maturation", "priming"])
def test_the_node_sees_plasma_igg_so_half_is_left_at_the_ic50(random_animal: Animal, name: str) -> None:
    state, parameters = random_animal(3)
    ic50 = 1.0 / getattr(parameters, f"potency_{name}")
    assert getattr(ivig_effects(state._replace(igg_plasma=ic50), parameters), name) == pytest.approx(0.5)


@pytest.mark.parametrize("name", ["complement", "cytokine"])
def test_the_cns_sees_what_has_crossed_the_barrier(random_animal: Animal, name: str) -> None:
    state, parameters = random_animal(4)
    parameters = parameters._replace(cns_reads_plasma=0.0)
    share = igg_cns(state, parameters) / state.igg_plasma
    ic50 = 1.0 / getattr(parameters, f"potency_{name}")
    assert getattr(ivig_effects(state._replace(igg_plasma=ic50 / share), parameters), name) == pytest.approx(
        0.5
    )


def test_monocytes_are_reached_in_the_blood_for_the_stated_share(random_animal: Animal) -> None:
    state, parameters = random_animal(5)
    parameters = parameters._replace(inhibition_linearity=0.0)
    blood, cns, half = (
        ivig_effects(state, parameters._replace(monocyte_blood_share=share)).macrophage_activation
        for share in (1.0, 0.0, 0.5)
    )
    assert half == pytest.approx((blood + cns) / 2)
    assert blood == pytest.approx(1 / (1 + (parameters.potency_fc_receptor * state.igg_plasma) ** 2))


def test_igg_in_the_cns_lies_between_the_closed_and_the_open_barrier(random_animal: Animal) -> None:
    state, _ = random_animal(6)
    parameters = load("lewis").parameters()
    closed = igg_cns(state._replace(inflammation=0.0), parameters) / state.igg_plasma
    opened = igg_cns(state._replace(inflammation=1e9), parameters) / state.igg_plasma
    assert closed == pytest.approx(parameters.igg_cns_intact)
    assert opened == pytest.approx(parameters.igg_cns_intact + parameters.igg_cns_leak)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_other_reading_of_the_cns_is_plasma_igg(random_animal: Animal, seed: int) -> None:
    state, parameters = random_animal(seed)
    assert igg_cns(state, parameters._replace(cns_reads_plasma=1.0)) == pytest.approx(
        state.igg_plasma, rel=1e-14
    )


def test_recycling_saturates() -> None:
    parameters = load("lewis").parameters()
    loss = [igg_loss(parameters, given) for given in (0.0, 5.0, 25.0, 1e9)]
    assert loss == sorted(loss)
    assert loss[-1] == pytest.approx(parameters.igg_uptake, rel=1e-6)
    without_recycling = parameters._replace(igg_recycled_fraction=0.0)
    assert igg_loss(without_recycling, 7.0) == parameters.igg_uptake


def test_two_grams_more_than_double_the_clearance_of_another_igg() -> None:
    """The finding from which the half-saturation of FcRn was derived: 2 g/kg is 50 mg/mL at first."""
    parameters = load("lewis").parameters()
    dosed = 2000.0 / parameters.igg_volume_plasma
    assert igg_loss(parameters, dosed) > 2 * igg_loss(parameters, 0.0)
