"""The Jacobian, and the factors of the matrix that an implicit step solves.

Both are steps like the equations themselves: zero entries of the matrix are never computed.
"""

from __future__ import annotations

from dataclasses import dataclass

from eaesim.solver.lanes.folding import Folded, Step, simpler
from eaesim.solver.trace import Operand

Matrix = dict[tuple[int, int], Operand]


class Notes:
    """Steps added to equations, without duplicates."""

    def __init__(self, steps: dict[int, Step], following: int) -> None:
        self.steps = dict(steps)
        self.following = following
        self._places: dict[str, int] = {}

    def note(self, operator: str, *sides: Operand) -> Operand:
        """Return the value of an operation, computed now or recorded as a step."""
        result = simpler(operator, sides)
        if not isinstance(result, Step):
            return result
        place = self._places.setdefault(repr(result), self.following)
        if place == self.following:
            self.steps[place] = result
            self.following += 1
        return place


@dataclass(frozen=True)
class Factors:
    """A sparse matrix as the product of a lower and an upper triangle, eliminated without pivoting.

    Attributes
    ----------
    order
        Rows in the order in which they are eliminated.
    lower, upper
        Entries off the diagonal, by row and column.
    inverse
        Reciprocal diagonal of the upper triangle, by row.
    """

    order: tuple[int, ...]
    lower: Matrix
    upper: Matrix
    inverse: dict[int, Operand]


def jacobian(folded: Folded, notes: Notes) -> Matrix:
    """Return the derivative of each rate by each state, by index of the live states.

    Parameters
    ----------
    folded
        Folded equations.
    notes
        Collector of the steps that compute it.
    """
    changes: dict[int, dict[int, Operand]] = {
        place: {column: 1.0} for column, place in enumerate(folded.live)
    }
    for place in sorted(folded.steps):
        if place not in folded.fixed:
            changes[place] = _changes(place, folded.steps[place], changes, notes)
    return {
        (row, column): value
        for row, rate in enumerate(folded.rates)
        if isinstance(rate, int)
        for column, value in changes.get(rate, {}).items()
    }


def _changes(
    place: int, step: Step, changes: dict[int, dict[int, Operand]], notes: Notes
) -> dict[int, Operand]:
    """Return the derivatives of one step's value by the states that it depends on."""
    note, sides = notes.note, step.sides
    of = [changes.get(side, {}) if isinstance(side, int) else {} for side in sides]
    columns = sorted(set().union(*of))
    result: dict[int, Operand] = {}
    for column in columns:
        d = [each.get(column, 0.0) for each in of]
        if step.operator in ("+", "-"):
            value = note(step.operator, d[0], d[1])
        elif step.operator == "neg":
            value = note("neg", d[0])
        elif step.operator == "/":
            inverse = note("/", 1.0, sides[1])
            value = note("*", note("c-ab", place, d[1], d[0]), inverse)
        else:
            product = note("ab+c", sides[0], d[1], note("*", sides[1], d[0]))
            third = d[2] if len(d) == 3 else 0.0
            value = note("-", third, product) if step.operator == "c-ab" else product
            if step.operator in ("ab+c", "ab-c"):
                value = note(step.operator[2], product, third)
        if not (isinstance(value, float) and value == 0.0):
            result[column] = value
    return result


def factors(matrix: Matrix, size: int, notes: Notes) -> Factors:
    """Factor a matrix, choosing the row with the least fill-in at each step.

    Parameters
    ----------
    matrix
        Entries, including the whole diagonal.
    size
        Number of rows.
    notes
        Collector of the steps that compute the factors.
    """
    left = dict(matrix)
    rows: dict[int, set[int]] = {row: set() for row in range(size)}
    columns: dict[int, set[int]] = {column: set() for column in range(size)}
    for row, column in left:
        rows[row].add(column)
        columns[column].add(row)
    waiting, order = set(range(size)), []
    lower: Matrix = {}
    upper: Matrix = {}
    inverse: dict[int, Operand] = {}
    while waiting:
        pivot = min(
            waiting, key=lambda row: ((len(rows[row] & waiting) - 1) * (len(columns[row] & waiting) - 1), row)
        )
        waiting.remove(pivot)
        order.append(pivot)
        inverse[pivot] = notes.note("/", 1.0, left[pivot, pivot])
        across = sorted(rows[pivot] & waiting)
        for column in across:
            upper[pivot, column] = left[pivot, column]
        for row in sorted(columns[pivot] & waiting):
            lower[row, pivot] = factor = notes.note("*", left[row, pivot], inverse[pivot])
            for column in across:
                left[row, column] = notes.note(
                    "c-ab", factor, left[pivot, column], left.get((row, column), 0.0)
                )
                rows[row].add(column)
                columns[column].add(row)
    return Factors(tuple(order), lower, upper, inverse)
