from __future__ import annotations

import re
from collections.abc import Callable

import pytest
import sympy

from eaesim.model import Parameters, State, derivative, load
from eaesim.model.symbols import Trace, latex_equations, steps, trace

Animal = Callable[[int], tuple[State, Parameters]]
#: What protocols and readings use; no equation does.
OUTSIDE = {
    "antigen_dose",
    "adjuvant_dose",
    "transferred_cells",
    "score_noise",
    "score_floor",
    "animal_spread",
}


@pytest.fixture(scope="module")
def traced() -> Trace:
    return trace()


@pytest.fixture(scope="module")
def latex() -> str:
    return latex_equations()


def test_the_symbols_evaluate_to_the_plain_run(traced: Trace, random_animal: Animal) -> None:
    evaluate = sympy.lambdify(
        [*traced.state, *traced.parameters], list(traced.rates), modules="math", cse=True
    )
    for seed in range(10):
        state, parameters = random_animal(seed)
        assert evaluate(*state, *parameters) == pytest.approx(
            list(derivative(state, parameters)), rel=1e-10, abs=0
        )


def test_the_steps_evaluate_to_the_plain_run(random_animal: Animal) -> None:
    shared, rates = steps()
    state, parameters = random_animal(0)
    values = {**state._asdict(), **parameters._asdict()}
    for name, expression in (shared | rates._asdict()).items():
        used = sorted(map(str, expression.free_symbols))
        value = sympy.lambdify(used, expression, modules="math")(*(values[one] for one in used))
        if name in shared:
            values[name] = value
        else:
            assert value == pytest.approx(getattr(derivative(state, parameters), name), rel=1e-10, abs=0)


def test_the_equations_know_states_and_parameters_and_nothing_else(traced: Trace) -> None:
    used = set().union(*(sympy.sympify(rate).free_symbols for rate in traced.rates))
    assert used <= {*traced.state, *traced.parameters}


def test_every_parameter_of_biology_and_drug_enters_an_equation(traced: Trace) -> None:
    used = {str(symbol) for rate in traced.rates for symbol in sympy.sympify(rate).free_symbols}
    idle = set(Parameters._fields) - used
    thresholds = {f"score_threshold_{grade}" for grade in range(1, 5)}
    # A protocol takes the bioavailability off the dose.
    available = {name for name in idle if "bioavailability" in name}
    assert idle == OUTSIDE | thresholds | available
    assert {load("lewis").entries[name].kind for name in idle - available} == {"protocol", "reading"}


def test_states_and_parameters_share_no_name() -> None:
    assert not set(State._fields) & set(Parameters._fields)


def test_numbers_in_the_equations_are_exact(traced: Trace) -> None:
    assert not any(sympy.sympify(rate).has(sympy.Float) for rate in traced.rates)


def test_the_rates_are_smooth(traced: Trace) -> None:
    kinked = (sympy.Piecewise, sympy.Max, sympy.Min, sympy.Abs, sympy.sign, sympy.Heaviside)
    assert not any(sympy.sympify(rate).has(*kinked) for rate in traced.rates)


def test_latex_is_one_block_with_an_equation_for_every_state(latex: str) -> None:
    lines = latex.splitlines()
    assert (lines[0], lines[-1]) == (r"\begin{align*}", r"\end{align*}")
    assert latex.count(r"\begin") == 1
    for name in State._fields:
        left = rf"\frac{{d}}{{dt}} \mathrm{{{name.replace('_', chr(92) + ' ')}}} &="
        assert latex.count(left) == 1, name


def test_latex_names_every_parameter_and_shows_none_of_its_underscores(latex: str) -> None:
    named = set(re.findall(r"\\mathit\{([^}]*)\}", latex))
    assert {name.replace("\\ ", "_") for name in named} <= set(Parameters._fields)
    assert "_" not in latex
    assert len(named) > 90


def test_latex_defines_every_shared_quantity_before_it_is_used(latex: str) -> None:
    defined: set[str] = set()
    used: set[str] = set()
    for line in latex.splitlines():
        left, _, right = line.rpartition("&")
        names = set(re.findall(r"\\mathsf\{([^}]*)\}", right))
        assert names <= defined, line
        used |= names
        defined |= set(re.findall(r"\\mathsf\{([^}]*)\}", left))
    assert defined == used


def test_latex_balances_its_braces_and_brackets(latex: str) -> None:
    assert latex.count("{") == latex.count("}")
    assert latex.count(r"\left(") == latex.count(r"\right)")
