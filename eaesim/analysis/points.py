"""The points of a sweep: every combination of its values, or a sample of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from eaesim.endpoints import Floats
from eaesim.protocol.quantity import number_text
from eaesim.protocol.sweep import GRID, SOBOL, Sweep
from eaesim.protocol.values import Range, Value

if TYPE_CHECKING:
    import pyarrow as pa

# Bits of a coordinate in Sobol's sequence.
_BITS = 30


@dataclass(frozen=True)
class Points:
    """The points of a sweep, in their order.

    Attributes
    ----------
    sweep
        What varies.
    shares
        Of a sample: how far through its values each path is at each point, shape (points, paths), from 0 to
        less than 1. None for a grid, whose points need no memory.
    """

    sweep: Sweep
    shares: Floats | None

    def __len__(self) -> int:
        return self.sweep.points

    def values(self, point: int) -> tuple[Value, ...]:
        """Return the value of every path at a point.

        Examples
        --------
        >>> from eaesim.protocol import Arm, Design
        >>> from eaesim.protocol.sweep import parse_sweep
        >>> sweep = parse_sweep({"until": [20, 40], "mechanism": ["H1a", "H2"]}, Design(40, [], [Arm("a")]))
        >>> [draw_points(sweep).values(point) for point in range(3)]
        [(20, 'H1a'), (20, 'H2'), (40, 'H1a')]
        """
        values = tuple(self.sweep.values.values())
        if self.shares is not None:
            return tuple(
                path.at(share) for path, share in zip(values, self.shares[point].tolist(), strict=True)
            )
        places = np.unravel_index(point, [len(path.listed) for path in values])
        return tuple(path.listed[place] for path, place in zip(values, places, strict=True))

    def table(self, first: int, last: int) -> pa.Table:
        """Return some points as a table: ``point``, and a column a path.

        A column holds numbers where all values of its path are, else the texts of a study file.
        """
        import pyarrow as pa

        rows = [self.values(point) for point in range(first, last)]
        columns = {"point": pa.array(range(first, last), pa.int64())}
        for place, (path, values) in enumerate(self.sweep.values.items()):
            kind = _kind(values)
            column = [row[place] for row in rows]
            if kind is str:
                column = [value if isinstance(value, str) else number_text(value) for value in column]
            columns[path.text] = pa.array(
                column, {str: pa.string(), int: pa.int64(), float: pa.float64()}[kind]
            )
        return pa.table(columns)


def _kind(values: Any) -> type:
    if isinstance(values, Range) and not values.listed:
        return str if values.words else float
    kinds = {type(value) for value in values.listed}
    return str if str in kinds else float if float in kinds else int


def draw_points(sweep: Sweep) -> Points:
    """Return the points of a sweep; the same sweep gives the same points on every machine.

    A Latin hypercube has one point in each of so many equal parts of every path. Sobol's sequence is shifted
    digit by digit, which keeps what is good about it; a smaller sample is the beginning of a larger one.

    Examples
    --------
    >>> from eaesim.protocol import Arm, Design
    >>> from eaesim.protocol.sweep import parse_sweep
    >>> table = {"method": "latin hypercube", "samples": 4, "mechanism": ["H1a", "H2", "H7", "none"]}
    >>> points = draw_points(parse_sweep(table, Design(40, [], [Arm("a")])))
    >>> sorted(points.values(point) for point in range(4))
    [('H1a',), ('H2',), ('H7',), ('none',)]
    """
    if sweep.method == GRID:
        return Points(sweep, None)
    random, paths, size = np.random.default_rng(sweep.seed), len(sweep.values), sweep.points
    if sweep.method == SOBOL:
        return Points(sweep, _sobol(size, paths, random))
    shares = [(random.permutation(size) + random.random(size)) / size for _ in range(paths)]
    return Points(sweep, np.minimum(np.stack(shares, axis=1), np.nextafter(1.0, 0.0)))


def _sobol(size: int, paths: int, random: np.random.Generator) -> Floats:
    from scipy.stats import qmc

    bits = np.uint32(2**_BITS)
    shift = random.integers(bits, size=paths, dtype=np.uint32)
    sequence = qmc.Sobol(paths, scramble=False, bits=_BITS).random_base2((size - 1).bit_length())[:size]
    shifted = (sequence * bits).astype(np.uint32) ^ shift
    # In the middle of its cell: neither end of a range is more likely than the other.
    return np.asarray((shifted + 0.5) / bits)
