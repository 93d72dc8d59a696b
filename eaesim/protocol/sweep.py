"""Sweeps: which settings of a study take which values, and in which combinations."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from eaesim.errors import ProtocolError, unknown_name
from eaesim.protocol.design import Design
from eaesim.protocol.path import Keys, StudyPath, read_path
from eaesim.protocol.quantity import count
from eaesim.protocol.tables import Table, check_table, within
from eaesim.protocol.values import Range, Values, read_values

GRID, SOBOL, LATIN_HYPERCUBE = METHODS = ("grid", "sobol", "latin hypercube")
MOST_POINTS = 1_000_000_000
_SETTINGS = ("method", "samples", "seed")


@dataclass(frozen=True)
class Sweep:
    """Settings that vary together.

    Attributes
    ----------
    method
        ``"grid"``: every combination; ``"sobol"`` or ``"latin hypercube"``: a sample.
    values
        By path: its values; of a grid, those of the first path change last.
    samples
        Size of the sample; None for a grid.
    seed
        Of the sample.
    """

    method: str
    values: Mapping[StudyPath, Values | Range]
    samples: int | None = None
    seed: int = 1

    @property
    def points(self) -> int:
        """How many combinations there are.

        Examples
        --------
        >>> from eaesim.protocol.arm import Arm
        >>> design = Design(40, [], [Arm("vehicle")])
        >>> parse_sweep({"until": [20, 40], "mechanism": ["H1a", "H1b", "H7"]}, design).points
        6
        """
        return self.samples or math.prod(len(values.listed) for values in self.values.values())

    def table(self) -> dict[str, Any]:
        """Return the table that `parse_sweep` reads as this sweep."""
        settings: dict[str, Any] = {"method": self.method}
        if self.samples is not None:
            settings |= {"samples": self.samples, "seed": self.seed}
        return settings | {path.text: values.table() for path, values in self.values.items()}


def parse_sweep(table: object, design: Design) -> Sweep:
    """Read a ``[sweep]`` table; whether a value can stand where its path leads is for the study to say.

    Parameters
    ----------
    table
        ``method`` (``"grid"`` unless stated), for a sample ``samples`` and ``seed``, and by path a list of
        values, or a table of ``low``, ``high``, ``scale`` (``"linear"`` unless stated) and for a grid
        ``points``.
    design
        Has the settings that the paths lead to.

    Raises
    ------
    EaesimError
        If something is missing, too much, or cannot be read, or a path leads nowhere.

    Examples
    --------
    >>> from eaesim.protocol import Arm, Bolus
    >>> doses = {"low": "0.1 g/kg", "high": "10 g/kg", "points": 3, "scale": "log"}
    >>> design = Design(40, [], [Arm("early", Bolus("1 g/kg").at(day=0))])
    >>> sweep = parse_sweep({"arm.early.dose": doses}, design)
    >>> [values.listed for values in sweep.values.values()]
    [('0.1 g/kg', '1 g/kg', '10 g/kg')]
    """
    with within("[sweep]"):
        given = check_table(table, "the sweep", table if isinstance(table, Mapping) else ())
        method = given.get("method", GRID)
        if method not in METHODS:
            raise unknown_name(method, "method", METHODS)
        samples = _samples(given, method)
        paths = _paths([str(key) for key in given if key not in _SETTINGS], design)
        values = {path: read_values(path.text, given[path.text], is_grid=method == GRID) for path in paths}
        seed = count(given.get("seed", 1), what="seed", least=0, most=2**63 - 1)
        sweep = Sweep(method, values, samples, seed)
        if sweep.points > MOST_POINTS:
            raise ProtocolError(f"{sweep.points:.3g} combinations are more than {MOST_POINTS}; use a sample.")
        return sweep


def _samples(given: Table, method: str) -> int | None:
    if method != GRID:
        if "samples" not in given:
            raise ProtocolError(f'method "{method}" needs the size of the sample; write samples = 256.')
        return count(given["samples"], what="samples", least=1, most=MOST_POINTS)
    for key in ("samples", "seed"):
        if key in given:
            raise ProtocolError(f'{key} is for a sample; write method = "sobol", or leave {key} out.')
    return None


def _paths(texts: list[str], design: Design) -> list[StudyPath]:
    if not texts:
        raise ProtocolError('nothing varies; write for example "arm.NAME.dose" = ["0.4 g/kg", "1 g/kg"].')
    found: dict[Keys, StudyPath] = {}
    for text in texts:
        path = read_path(text, design)
        if path.keys in found:
            raise ProtocolError(f'"{found[path.keys].text}" and "{text}" are the same setting.')
        found[path.keys] = path
    return list(found.values())
