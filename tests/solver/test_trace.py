"""Traced equations give the bits of the equations themselves."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest

from eaesim.model import MECHANISMS, STATES, Parameters, State, derivative, load
from eaesim.solver import System
from eaesim.solver.trace import compiled, python_text, trace
from eaesim.study.assembly import SYSTEM


class Pair(NamedTuple):
    x: float
    y: float


class One(NamedTuple):
    k: float


def system(function):
    return System(function, Pair, One, (1.0, 1.0))


def written(system):
    return compiled(python_text(trace(system)))


@pytest.mark.parametrize("rat", ["lewis", "da_antibody"])
def test_the_rats_equations_give_the_same_bits(rat):
    draw = np.random.default_rng(3)
    scale = np.array([info.scale for info in STATES.values()])
    typical = np.array(load(rat).parameters("+".join(MECHANISMS)))
    for _ in range(200):
        state = (scale * draw.uniform(0, 2, len(scale))).tolist()
        parameters = (typical * draw.uniform(0.5, 2, len(typical))).tolist()
        plain = derivative(State._make(state), Parameters._make(parameters))
        assert written(SYSTEM)(parameters)(state) == list(plain)


def test_every_operator_and_both_sides_of_it():
    def function(state, given):
        x, y, k = state.x, state.y, given.k
        return Pair(
            2.0 * x + x * 3.0 - (1.0 - y) / k + k / (y + 0.5) - (-x) + (x - 4.0) - x / -2.0,
            x**2 + 2.0**k + k**0.5 + 2.0**y - -k,
        )

    rates = written(system(function))
    for x, y, k in ((0.3, 0.7, 1.9), (5.0, 0.0, 0.2), (1e-300, 300.0, 3.0)):
        assert rates([k])([x, y]) == list(function(Pair(x, y), One(k)))


def test_rates_that_are_constant_or_plain_states_or_parameters():
    assert written(system(lambda state, given: Pair(0.0, state.x)))([7.0])([2.0, 3.0]) == [0.0, 2.0]
    assert written(system(lambda state, given: Pair(given.k, given.k * 2.0)))([7.0])([2.0, 3.0]) == [
        7.0,
        14.0,
    ]


def test_one_preparation_does_not_leak_into_another():
    rates = written(system(lambda state, given: Pair(given.k * 2.0 * state.x, 0.0)))
    first, second = rates([1.0]), rates([10.0])
    assert first([1.0, 0.0]) == [2.0, 0.0]
    assert second([1.0, 0.0]) == [20.0, 0.0]
    assert first([1.0, 0.0]) == [2.0, 0.0]


def test_two_systems_of_the_same_shape_are_told_apart():
    grows, falls = (
        system(lambda state, given: Pair(state.x, 0.0)),
        system(lambda state, given: Pair(-state.x, 0.0)),
    )
    assert written(grows)([1.0])([2.0, 0.0]) == [2.0, 0.0]
    assert written(falls)([1.0])([2.0, 0.0]) == [-2.0, 0.0]
    assert written(replace(grows, scale=(2.0, 2.0)))([1.0])([2.0, 0.0]) == [2.0, 0.0]


def test_a_place_is_not_taken_for_a_number():
    # Places 0 to 2 are x, y and k: the numbers beside them must stay numbers.
    rates = written(system(lambda state, given: Pair(state.x * state.y + state.x * 1.0, given.k - 2.0 + 0.0)))
    assert rates([7.0])([2.0, 3.0]) == [8.0, 5.0]


def test_what_was_done_before_is_not_done_again():
    once = trace(system(lambda state, given: Pair(state.x * given.k, state.x * given.k)))
    assert len(once.operations) == 1


def test_quantities_stand_on_the_tape_and_share_what_the_rates_do():
    tape = trace(
        system(lambda state, given: Pair(state.x * given.k, 0.0)),
        ("y", lambda state, given: state.x * given.k, lambda state, given: given.k, lambda state, given: 2.5),
    )
    assert len(tape.operations) == 1
    # Places: x, y, k, then the product.
    assert tape.rates == (3, 0.0)
    assert tape.quantities == (1, 3, 2, 2.5)


def test_what_moves_with_the_state_is_told_from_what_does_not():
    tape = trace(system(lambda state, given: Pair((given.k + 1.0) * state.x, given.k * 2.0)))
    assert tape.moving == (True, True, False, False, True, False)


@pytest.mark.parametrize(
    "function",
    [
        lambda state, given: Pair(state.x if state.x else 1.0, 0.0),
        lambda state, given: Pair(max(state.x, 0.0), 0.0),
        lambda state, given: Pair(state.x if state.x > given.k else 0.0, 0.0),
        lambda state, given: Pair(np.exp(state.x), 0.0),
        lambda state, given: Pair(abs(state.x), 0.0),
    ],
    ids=["truth", "max", "comparison", "exponential", "absolute"],
)
def test_equations_that_branch_or_use_more_than_arithmetic_are_refused(function):
    with pytest.raises(TypeError):
        trace(system(function))


def test_an_equation_that_reads_a_variable_is_traced_anew():
    rate = 1.0
    given = system(lambda state, given: Pair(rate * state.x, state.y))
    before, rate = trace(given), 2.0
    assert trace(given) != before


def test_equations_that_never_change_are_traced_once():
    given = replace(system(lambda state, given: Pair(state.x * given.k, state.y)), fixed=True)
    assert trace(given, ("x",)) is trace(given, ["x"])
    assert trace(given, ("y",)) != trace(given, ("x",))
