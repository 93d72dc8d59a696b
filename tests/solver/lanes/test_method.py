"""The methods' tables against the order conditions of every rooted tree."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from itertools import combinations_with_replacement
from math import prod

import numpy as np
import pytest
from scipy.integrate import DOP853

from eaesim.solver.lanes.method import (
    _SHARP_VERNER6_STAGES,
    _VERNER6_STAGES,
    Method,
    dop853,
    rodas5p,
    sharp_verner6,
    tsit5,
    verner6,
)

Tree = tuple  # of the trees that hang from its root


@cache
def trees(order: int) -> tuple[Tree, ...]:
    """Return every rooted tree with that many vertices."""
    return forests(order - 1, order - 1)


@cache
def forests(vertices: int, largest: int) -> tuple[tuple[Tree, ...], ...]:
    """Return every collection of trees with that many vertices in all, none larger than `largest`."""
    if vertices == 0:
        return ((),)
    found = []
    for size in range(1, min(vertices, largest) + 1):
        for count in range(1, vertices // size + 1):
            for same in combinations_with_replacement(trees(size), count):
                found += [(*same, *rest) for rest in forests(vertices - size * count, size - 1)]
    return tuple(found)


def vertices(tree: Tree) -> int:
    return 1 + sum(map(vertices, tree))


def density(tree: Tree) -> int:
    return vertices(tree) * prod(map(density, tree))


def weights(tree: Tree, many: np.ndarray, one: np.ndarray) -> np.ndarray:
    """Return a tree's weight at each stage; `one` is the matrix for a vertex that has one branch."""
    matrix = one if len(tree) == 1 else many
    result = np.ones(len(many))
    for branch in tree:
        result = result * (matrix @ weights(branch, many, one))
    return result


def misses(row: np.ndarray, order: int, many: np.ndarray, one: np.ndarray, *, exact: bool = True) -> float:
    """Return by how much a row of weights misses the conditions of one order at most."""
    return max(abs(row @ weights(tree, many, one) - exact / density(tree)) for tree in trees(order))


def square(method) -> np.ndarray:
    """Return an explicit method's table, its last row the new state."""
    size = len(method.stages) + 1
    table = np.zeros((size, size))
    for row, given in enumerate(method.stages, start=1):
        table[row, : len(given)] = given
    return table


def test_there_are_as_many_trees_as_there_should_be():
    # Hairer, Norsett, Wanner: Solving ordinary differential equations I, table II.2.1.
    assert [len(trees(order)) for order in range(1, 9)] == [1, 1, 2, 4, 9, 20, 48, 115]
    assert all(vertices(tree) == 6 for tree in trees(6))
    assert len(set(trees(8))) == 115
    assert sorted(map(density, trees(4))) == [4, 8, 12, 24]


def rounding(method: Method) -> float:
    """Return what a condition may be missed by: large weights that cancel are rounded more coarsely."""
    return 1e-12 * max(1, np.abs(square(method)).max())


@pytest.mark.parametrize(
    "method", [tsit5(), sharp_verner6(), verner6(), dop853()], ids=lambda method: method.name
)
def test_the_new_state_meets_every_condition_up_to_its_order(method):
    table = square(method)
    for order in range(1, method.order + 1):
        assert misses(table[-1], order, table, table) < rounding(method), order
    assert misses(table[-1], method.order + 1, table, table) > 1e-6


@pytest.mark.parametrize(
    "fractions", [_VERNER6_STAGES, _SHARP_VERNER6_STAGES], ids=["Verner6", "SharpVerner6"]
)
def test_fractions_meet_every_condition_exactly(fractions):
    numbers = [Fraction(text) for text in fractions.split()]
    rows = [[Fraction(0)] * 9] + [
        numbers[row * (row - 1) // 2 :][:row] + [Fraction(0)] * (9 - row) for row in range(1, 9)
    ]

    def weight(tree):
        values = [Fraction(1)] * 9
        for branch in tree:
            below = weight(branch)
            sums = [sum(a * b for a, b in zip(row, below, strict=True)) for row in rows]
            values = [a * b for a, b in zip(values, sums, strict=True)]
        return values

    assert len(numbers) == 36
    for order in range(1, 7):
        for tree in trees(order):
            total = sum(a * b for a, b in zip(rows[8], weight(tree), strict=True))
            assert total == Fraction(1, int(density(tree))), tree


@pytest.mark.parametrize(
    ("method", "row", "order"),
    [(tsit5(), 0, 4), (sharp_verner6(), 0, 4), (verner6(), 0, 5), (dop853(), 0, 5), (dop853(), 1, 3)],
    ids=["Tsit5", "SharpVerner6", "Verner6", "DOP853, order 5", "DOP853, order 3"],
)
def test_the_error_is_that_of_a_method_of_lower_order(method, row, order):
    table, error = square(method), np.array(method.error[row])
    assert error.sum() == pytest.approx(0, abs=rounding(method) / 1000)
    for lower in range(1, order + 1):
        assert misses(error, lower, table, table, exact=False) < rounding(method), lower
    # An estimate that saw nothing at the next order would be blind.
    assert misses(error, order + 1, table, table, exact=False) > 1e-6


@pytest.mark.parametrize(
    "method", [tsit5(), sharp_verner6(), verner6(), dop853()], ids=lambda method: method.name
)
def test_the_last_slope_is_that_of_the_new_state(method):
    assert len(method.error[0]) == len(method.error[1]) == len(method.stages) + 1
    assert [len(row) for row in method.stages] == list(range(1, len(method.stages) + 1))
    assert sum(method.stages[-1]) == pytest.approx(1, abs=1e-14)


def test_stages_stand_at_the_published_times():
    # The sum of a row is the time of its stage, which neither table uses.
    assert square(tsit5()).sum(axis=1) == pytest.approx([0, 0.161, 0.327, 0.9, 0.9800255409045097, 1, 1])
    assert square(sharp_verner6()).sum(axis=1) == pytest.approx(
        [0, 1 / 12, 2 / 15, 1 / 5, 8 / 15, 2 / 3, 19 / 20, 1, 1]
    )
    assert square(dop853()).sum(axis=1)[:-1] == pytest.approx(DOP853.C[:12], abs=1e-13)


def test_every_method_says_how_its_step_follows_the_error():
    # Sixteenths, near one over the order of the error plus one: small steps shrink the error as fast as that.
    for method in (tsit5(), sharp_verner6(), verner6(), dop853(), rodas5p()):
        assert method.root / 16 == pytest.approx(1 / method.order, rel=0.13)


# Rodas5P


def rosenbrock() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return Rodas5P as Hairer and Wanner write it: alpha, gamma, weights of the state, and of the error."""
    method = rodas5p()
    size = len(method.stages)
    table, corrections = np.zeros((size, size)), np.zeros((size, size))
    for row, (given, less) in enumerate(zip(method.stages, method.corrections, strict=True)):
        table[row, : len(given)], corrections[row, : len(less)] = given, less
    gamma = np.linalg.inv(np.eye(size) / method.gamma - corrections)
    last = np.eye(size)[-1]
    return table @ gamma, gamma, (table[-1] + last) @ gamma, last @ gamma


def test_rodas5p_meets_every_condition_up_to_its_order():
    alpha, gamma, row, _ = rosenbrock()
    for order in range(1, 6):
        assert misses(row, order, alpha, alpha + gamma) < 1e-11, order
    assert misses(row, 6, alpha, alpha + gamma) > 1e-6


def test_the_error_of_rodas5p_is_that_of_a_method_of_order_4():
    alpha, gamma, _, error = rosenbrock()
    for order in range(1, 5):
        assert misses(error, order, alpha, alpha + gamma, exact=False) < 1e-11, order
    assert misses(error, 5, alpha, alpha + gamma, exact=False) > 1e-6


def test_rodas5p_forgets_what_decays_at_once():
    # At an infinite rate the new state must be 0, and the estimate as well.
    alpha, gamma, row, error = rosenbrock()
    inverse = np.linalg.inv(alpha + gamma)
    assert 1 - row @ inverse @ np.ones(len(row)) == pytest.approx(0, abs=1e-11)
    assert 1 - (row - error) @ inverse @ np.ones(len(row)) == pytest.approx(0, abs=1e-11)
    assert np.diag(gamma) == pytest.approx(rodas5p().gamma)
