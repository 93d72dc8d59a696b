from __future__ import annotations

import math

import numpy as np
import pytest
import sympy

from eaesim.model import LEAN, MECHANISMS, STATES, Rat, State, derivative, initial_state, load
from eaesim.model.card import WIDTH, card, latex_card
from eaesim.model.sheet import ADDED, sheet
from eaesim.model.symbols import symbol
from eaesim.protocol import Arm, Bolus, Immunisation
from eaesim.protocol.timeline import arm_events
from eaesim.solver.lanes import machinecode
from eaesim.solver.lanes.job import job_of
from eaesim.solver.lanes.method import verner6
from eaesim.solver.problem import Problem
from eaesim.study.assembly import arm_parameters, build_problem
from eaesim.study.cohort import draw_cohort

MOST_STATES, PAGE = 26, 70


def problem(rat: Rat) -> Problem:
    """Return three different rats that are immunised and given IgG into a vein."""
    cohort = draw_cohort(3, seed=1, days=21)
    arm = Arm("ivig", Bolus("1 g/kg").at(day=0))
    parameters = arm_parameters(rat, arm, cohort, mechanism="H1a")
    events = arm_events([Immunisation()], arm.regimen, triggered={})
    return build_problem(parameters, [events] * 3, until=20, record=("deficit",))


def integrated(given: Problem) -> set[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(machinecode, "_KNOWN", {})  # not by code that other rats need too
        code = job_of(given, verner6()).code
    return {State._fields[place] for place in code.layout.live}


@pytest.mark.parametrize("name", LEAN)
def test_a_lean_rat_is_integrated_in_few_states_and_they_are_those_of_the_sheet(name):
    states = tuple(sheet(load(name)).rates)
    assert len(states) <= MOST_STATES
    assert integrated(problem(load(name))) == set(states)


@pytest.mark.parametrize("name", ["lewis", "da"])
def test_a_full_rat_moves_what_the_sheet_says(name):
    # That the base has no antibodies to IgG is not the rat's own doing: its sheet would keep them.
    rat = load(name).replace(anti_igg_clearance=0)
    assert integrated(problem(rat)) == set(sheet(rat).rates)


@pytest.mark.parametrize(
    ("values", "back"),
    [
        ({"memory_fraction": 0.05}, {"memory"}),
        ({"hormone_rate": 0.5}, {"stress_hormone"}),
        ({"treg_growth": 0.5}, {"treg_node"}),
        ({"treg_induction": 2500}, {"treg_node"}),
        ({"axon_loss_rate": 0.005}, {"axon_loss"}),
        ({"anti_igg_clearance": 0.3}, {"anti_igg_early", "anti_igg_late", "anti_igg"}),
        (
            {"antibody_cell_rate": 0.5},
            {"germinal_centre_early", "germinal_centre_late", "antibody_cells", "autoantibody"},
        ),
    ],
)
def test_a_part_that_is_on_again_brings_its_states_back(values, back):
    lean = load("da_lean").replace(hormone_rate=0.0, treg_growth=0.0, treg_induction=0.0)
    changed = lean.replace(**values)
    assert set(sheet(changed).rates) - set(sheet(lean).rates) == back
    assert integrated(problem(changed)) == set(sheet(changed).rates)


@pytest.mark.parametrize("name", ["lewis_lean", pytest.param("da_lean", marks=pytest.mark.slow), "lewis"])
def test_the_sheet_has_the_rates_of_the_equations(name):
    rat, random = load(name), np.random.default_rng(3)
    left, numbers = sheet(rat), rat.parameters("+".join(MECHANISMS))
    resting = initial_state(numbers)
    state = resting._replace(
        **{each: float(random.uniform(0.1, 1.0) * STATES[each].scale) for each in left.rates}
    )
    known = {
        symbol(each): sympy.Float(value) for each, value in {**state._asdict(), **numbers._asdict()}.items()
    }
    function = sympy.Function("inhibition")

    def inhibited(concentration, potency):
        given = {symbol("concentration"): concentration, symbol("potency"): potency}
        return left.shared["inhibition"].subs(given)

    for shared, value in left.shared.items():
        if shared != "inhibition":
            known[symbol(shared)] = value.replace(function, inhibited).xreplace(known)
    rates = derivative(state, numbers)
    for each, rate in left.rates.items():
        assert float(rate.xreplace(known)) == pytest.approx(getattr(rates, each), rel=1e-9), each
    assert all(getattr(rates, each) == 0 for each in State._fields if each not in left.rates)


def test_what_a_study_adds_to_moves():
    lean = load("lewis_lean")
    with_depot = sheet(lean, added=(*ADDED, "igg_subcutaneous")).rates
    assert set(with_depot) - set(sheet(lean).rates) == {"igg_subcutaneous"}


@pytest.mark.parametrize("name", LEAN)
def test_the_equations_of_a_lean_rat_stand_on_one_page_of_its_card(name):
    text = card(load(name))
    page = text[text.index("Equations: ") : text.index("Disabled components")].strip().splitlines()
    assert len(page) <= PAGE
    assert max(map(len, page)) <= WIDTH
    assert f"the {len(sheet(load(name)).rates)} states" in page[0]
    off = text[text.index("Disabled components") :]
    assert all(each in off for each in load(name).off)


def test_the_card_of_a_full_rat_has_no_such_page():
    assert "Disabled components" not in card(load("lewis"))


@pytest.mark.parametrize("name", LEAN)
def test_latex_holds_the_same_equations(name):
    text, left = latex_card(load(name)), sheet(load(name))
    block = text[: text.index(r"\end{align*}")]
    assert block.count(r"\frac{d}{dt}") == len(left.rates)
    assert r"autoantibody" not in block
    assert math.isclose(block.count("&="), len(left.rates) + len(left.shared))
