from __future__ import annotations

import inspect
from collections.abc import Callable

import pytest

from eaesim.model import MECHANISMS, Parameters, State, derivative, initial_state, load, rat_names

Animal = Callable[[int], tuple[State, Parameters]]
SEEDS = range(40)
IGG = {name for name in State._fields if "igg" in name}


def test_time_is_no_argument() -> None:
    assert list(inspect.signature(derivative).parameters) == ["state", "parameters"]
    assert list(inspect.signature(initial_state).parameters) == ["parameters"]


@pytest.mark.parametrize("mechanism", [*MECHANISMS, "none"])
@pytest.mark.parametrize("rat", rat_names())
def test_a_healthy_rat_stays_as_it_is(rat: str, mechanism: str) -> None:
    parameters = load(rat).parameters(mechanism)
    rates = derivative(initial_state(parameters), parameters)
    assert set(rates._replace(treg_cns=0.0)) == {0.0}


@pytest.mark.parametrize("rat", rat_names())
def test_regulatory_t_cells_in_the_cns_are_at_rest_too(rat: str) -> None:
    """Those of the node patrol the healthy CNS: with any other number a run from day -7 is another run."""
    parameters = load(rat).parameters()
    assert derivative(initial_state(parameters), parameters).treg_cns == pytest.approx(0.0, abs=1e-9)


def test_igg_changes_nothing_when_every_mechanism_is_off(
    random_animal: Animal, without_mechanisms: dict[str, float]
) -> None:
    for seed in SEEDS:
        state, parameters = random_animal(seed)
        parameters = parameters._replace(**without_mechanisms)
        without = derivative(state._replace(**dict.fromkeys(IGG, 0.0)), parameters)
        dosed = derivative(state, parameters)
        others = [name for name in State._fields if name not in IGG]
        assert [getattr(dosed, name) for name in others] == [getattr(without, name) for name in others]


NODE = {"precursor", "expansion_1", "expansion_3", "memory"}
CYTOKINE = {
    "effector_blood",
    "effector_cns",
    "treg_cns",
    "bystander_cns",
    "stress_hormone",
    "deficit",
    "demyelination",
    "dendritic_lesion",
}


@pytest.mark.parametrize(
    ("mechanism", "touched"),
    [
        ("H1a", {"dendritic_semimature", "dendritic_mature", "dendritic_lesion"}),
        ("H1b", NODE | {"precursor_spreading"}),
        ("H2", {"treg_node"}),
        ("H3", {"inflammation"}),
        ("H4", {"demyelination", "dendritic_lesion"}),
        ("H5", {"autoantibody"}),
        ("H6", CYTOKINE),
        ("H7", {"adjuvant_complete"}),
    ],
)
def test_a_mechanism_acts_on_its_own_processes_only(
    random_animal: Animal, without_mechanisms: dict[str, float], mechanism: str, touched: set[str]
) -> None:
    state, parameters = random_animal(0)
    off = parameters._replace(**without_mechanisms)
    potency = MECHANISMS[mechanism].potency
    on = off._replace(**{potency: getattr(parameters, potency)})
    pairs = zip(State._fields, derivative(state, off), derivative(state, on), strict=True)
    assert {name for name, before, after in pairs if before != after} == touched


@pytest.mark.parametrize(
    ("mechanism", "spared"), [("H1a", "dendritic_lesion"), ("H1b", "precursor_spreading")]
)
def test_without_reach_a_therapeutic_dose_leaves_priming_in_lesions_alone(
    random_animal: Animal, without_mechanisms: dict[str, float], mechanism: str, spared: str
) -> None:
    state, parameters = random_animal(1)
    off = parameters._replace(**without_mechanisms, lesion_priming_reach=0.0)
    potency = MECHANISMS[mechanism].potency
    on = off._replace(**{potency: getattr(parameters, potency)})
    assert getattr(derivative(state, on), spared) == getattr(derivative(state, off), spared)


def test_igg_binds_complete_adjuvant_and_not_incomplete(random_animal: Animal) -> None:
    for seed in SEEDS:
        state, parameters = random_animal(seed)
        swapped = state._replace(
            adjuvant_complete=state.adjuvant_incomplete, adjuvant_incomplete=state.adjuvant_complete
        )
        rates, other = derivative(state, parameters), derivative(swapped, parameters)
        clearance = -parameters.adjuvant_clearance
        assert rates.adjuvant_incomplete == clearance * state.adjuvant_incomplete
        assert rates.adjuvant_complete < clearance * state.adjuvant_complete
        # Adjuvant without mycobacteria matures dendritic cells, by as much less as its strength says.
        alike = parameters._replace(adjuvant_incomplete_strength=1.0)
        rates, other = derivative(state, alike), derivative(swapped, alike)
        assert other.dendritic_mature == pytest.approx(rates.dendritic_mature, rel=1e-12)
        weaker = alike._replace(adjuvant_incomplete_strength=0.2)
        less, diluted = (
            derivative(each, own)
            for each, own in (
                (state, weaker),
                (state._replace(adjuvant_incomplete=0.2 * state.adjuvant_incomplete), alike),
            )
        )
        assert less.dendritic_mature == pytest.approx(diluted.dendritic_mature, rel=1e-12)


def test_given_igg_is_neither_made_nor_lost_on_its_way(random_animal: Animal) -> None:
    for seed in SEEDS:
        state, parameters = random_animal(seed)
        # Neither taken up nor cleared by antibodies against it; what they clear is a state of its own.
        parameters = parameters._replace(igg_uptake=0.0)
        rates = derivative(state._replace(anti_igg=0.0), parameters)
        amount = (
            parameters.igg_volume_plasma * rates.igg_plasma
            + parameters.igg_volume_tissue * rates.igg_tissue
            + rates.igg_peritoneal
            + rates.igg_subcutaneous
        )
        assert amount == pytest.approx(state.igg_infusion, rel=1e-9)


def test_inputs_stay_until_an_event_changes_them(random_animal: Animal) -> None:
    for seed in SEEDS:
        rates = derivative(*random_animal(seed))
        assert rates.igg_infusion == 0.0


def test_antibodies_against_igg_add_to_its_clearance(random_animal: Animal) -> None:
    for seed in SEEDS:
        state, parameters = random_animal(seed)
        with_them, without = (
            derivative(state, parameters._replace(anti_igg_clearance=rate)) for rate in (0.7, 0.0)
        )
        none = derivative(state._replace(anti_igg=0.0), parameters)
        assert none.igg_plasma - without.igg_plasma == pytest.approx(
            state.anti_igg * state.igg_plasma, rel=1e-6
        )
        full = state.igg_plasma / (parameters.anti_igg_half_effect + state.igg_plasma)
        full *= parameters.anti_igg_clearance
        # Where they bring no clearance, none are made.
        assert without.anti_igg_early == -parameters.anti_igg_rate * state.anti_igg_early
        assert with_them.anti_igg_early > without.anti_igg_early
        at_rest = derivative(
            state._replace(anti_igg_early=full, anti_igg_late=full, anti_igg=full), parameters
        )
        assert (at_rest.anti_igg_early, at_rest.anti_igg_late, at_rest.anti_igg) == (0.0, 0.0, 0.0)
        # Three stages one after the other: each moves towards the one before it.
        assert (with_them.anti_igg_late > 0) == (state.anti_igg_early > state.anti_igg_late)
        assert (with_them.anti_igg > 0) == (state.anti_igg_late > state.anti_igg)


def test_no_cell_or_amount_can_fall_below_zero(random_animal: Animal) -> None:
    """At 0 of any one state its rate is not negative, so no state leaves the first quadrant."""
    for seed in SEEDS:
        state, parameters = random_animal(seed)
        for name in State._fields:
            assert getattr(derivative(state._replace(**{name: 0.0}), parameters), name) >= 0.0, name


@pytest.mark.parametrize("name", ["bystander_cns", "demyelination", "axon_loss", "stress_hormone"])
def test_a_share_cannot_rise_above_one(random_animal: Animal, name: str) -> None:
    for seed in SEEDS:
        state, parameters = random_animal(seed)
        assert getattr(derivative(state._replace(**{name: 1.0}), parameters), name) <= 0.0


def test_one_primed_cell_becomes_two_to_the_divisions(random_animal: Animal) -> None:
    """Five stages in a row: what leaves the last for one cell recruited is 2^divisions."""
    state, parameters = random_animal(2)
    pairs = (("expansion_2", "expansion_1"), ("expansion_4", "expansion_3"), ("expansion_5", "expansion_4"))
    for stage, before in pairs:
        alone = state._replace(**{stage: 0.0, before: 1.0})
        gain = getattr(derivative(alone, parameters), stage) / parameters.expansion_rate
        assert gain**5 == pytest.approx(2**parameters.divisions, rel=1e-12)
