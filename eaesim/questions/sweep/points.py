"""The points of a sweep: every combination of its values, or a sample of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from eaesim.endpoints import Floats
from eaesim.errors import ProtocolError
from eaesim.files import within
from eaesim.protocol.design import Design
from eaesim.protocol.path import StudyPath, read_path
from eaesim.protocol.quantity import number_text
from eaesim.protocol.values import Range, Value, Values, check_points
from eaesim.questions.sweep.request import GRID, MOST_POINTS, SOBOL, SweepRequest

if TYPE_CHECKING:
    import pyarrow as pa

# Bits of a coordinate in Sobol's sequence.
_BITS = 30


@dataclass(frozen=True)
class Points:
    """The points of a sweep, in their order.

    Attributes
    ----------
    request
        How the values are combined.
    values
        By path: its values; of a grid, those of the first path change last.
    """

    request: SweepRequest
    values: Mapping[StudyPath, Values | Range]

    def __len__(self) -> int:
        return self.request.samples or math.prod(len(each.listed) for each in self.values.values())

    @cached_property
    def shares(self) -> Floats | None:
        """How far through its values each path of a sample is, shape (points, paths), from 0 to less than 1.

        None for a grid, whose points need no memory. The same sweep has the same points on every machine. A
        Latin hypercube has one point in each of so many equal parts of every path. Sobol's sequence is
        shifted digit by digit, which keeps what is good about it; a smaller sample is the beginning of a
        larger one.
        """
        if self.request.method == GRID:
            return None
        seed = self.request.sampling_seed
        random, paths, size = np.random.default_rng(1 if seed is None else seed), len(self.values), len(self)
        if self.request.method == SOBOL:
            return _sobol(size, paths, random)
        shares = [(random.permutation(size) + random.random(size)) / size for _ in range(paths)]
        return np.minimum(np.stack(shares, axis=1), np.nextafter(1.0, 0.0))

    def at(self, point: int) -> tuple[Value, ...]:
        """Return the value of every path at a point.

        Examples
        --------
        >>> from eaesim.protocol import Arm
        >>> request = SweepRequest({"until": [20, 40], "mechanism": ["H1a", "H2"]})
        >>> points = read_points(request, Design(40, [], [Arm("vehicle")]))
        >>> [points.at(point) for point in range(3)]
        [(20, 'H1a'), (20, 'H2'), (40, 'H1a')]
        """
        values = tuple(self.values.values())
        if self.shares is not None:
            return tuple(
                path.at(share) for path, share in zip(values, self.shares[point].tolist(), strict=True)
            )
        places = np.unravel_index(point, [len(path.listed) for path in values])
        return tuple(path.listed[place] for path, place in zip(values, places, strict=True))

    def table(self, first: int, last: int) -> pa.Table:
        """Return some points as a table: ``point``, and one column per path.

        A column holds numbers where all values of its path are, else the texts of a study file.
        """
        import pyarrow as pa

        rows = [self.at(point) for point in range(first, last)]
        columns = {"point": pa.array(range(first, last), pa.int64())}
        for (path, values), column in zip(self.values.items(), zip(*rows, strict=True), strict=True):
            kind = _kind(values)
            texts = (value if isinstance(value, str) else number_text(value) for value in column)
            columns[path.text] = pa.array(texts if kind == pa.string() else column, kind)
        return pa.table(columns)


def read_points(request: SweepRequest, design: Design) -> Points:
    """Find where the paths lead; whether a value is allowed there is for the study to say.

    Raises
    ------
    EaesimError
        If a path leads nowhere, or the values and the method do not fit.
    """
    is_grid, values = request.method == GRID, dict[StudyPath, Values | Range]()
    with within(f"[{request.table}]"):
        for key in ("samples", "sampling_seed") if is_grid else ():
            if getattr(request, key) is not None:
                raise ProtocolError(f'{key} is for a sample; write method = "sobol", or leave {key} out.')
        if not is_grid and request.samples is None:
            raise ProtocolError(
                f'method "{request.method}" needs the size of the sample; write samples = 256.'
            )
        for text, given in request.values:
            path = read_path(text, design)
            same = next((other for other in values if other.keys == path.keys), None)
            if same is not None:
                raise ProtocolError(f'"{same.text}" and "{text}" are the same setting.')
            with within(f'"{text}"'):
                values[path] = check_points(given, is_grid=is_grid)
        if not values:
            raise ProtocolError('nothing varies; write for example "arm.NAME.dose" = ["0.4 g/kg", "1 g/kg"].')
        points = Points(request, values)
        if len(points) > MOST_POINTS:
            raise ProtocolError(f"{len(points):.3g} combinations are more than {MOST_POINTS}; use a sample.")
        return points


def _kind(values: Values | Range) -> pa.DataType:
    import pyarrow as pa

    if isinstance(values, Range) and not values.listed:
        return pa.string() if values.words else pa.float64()
    kinds = {type(value) for value in values.listed}
    return pa.string() if str in kinds else pa.float64() if float in kinds else pa.int64()


def _sobol(size: int, paths: int, random: np.random.Generator) -> Floats:
    from scipy.stats import qmc

    bits = np.uint32(2**_BITS)
    shift = random.integers(bits, size=paths, dtype=np.uint32)
    sequence = qmc.Sobol(paths, scramble=False, bits=_BITS).random_base2((size - 1).bit_length())[:size]
    shifted = (sequence * bits).astype(np.uint32) ^ shift
    # In the middle of its cell: neither end of a range is more likely than the other.
    return np.asarray((shifted + 0.5) / bits)
