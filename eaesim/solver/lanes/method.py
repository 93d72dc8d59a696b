"""Explicit Runge-Kutta methods as tables."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

# Tsitouras, Computers and Mathematics with Applications 62 (2011) 770-775, doi:10.1016/j.camwa.2011.06.002.
_TSIT5_STAGES = (
    (0.161,),
    (-0.008480655492356989, 0.335480655492357),
    (2.8971530571054935, -6.359448489975075, 4.3622954328695815),
    (5.325864828439257, -11.748883564062828, 7.4955393428898365, -0.09249506636175525),
    (
        5.86145544294642,
        -12.92096931784711,
        8.159367898576159,
        -0.071584973281401,
        -0.028269050394068383,
    ),
    (
        0.09646076681806523,
        0.01,
        0.4798896504144996,
        1.379008574103742,
        -3.290069515436081,
        2.324710524099774,
    ),
)
_TSIT5_ERROR = (
    -0.00178001105222577714,
    -0.0008164344596567469,
    0.007880878010261995,
    -0.1447110071732629,
    0.5823571654525552,
    -0.45808210592918697,
    0.015151515151515152,
)


@dataclass(frozen=True)
class Method:
    """An explicit method whose last stage is the new state, so that its slope is the next step's first.

    Attributes
    ----------
    name
        What it is called.
    order
        The new state's error over a fixed time shrinks with this power of the step.
    stages
        A row a stage after the first: weights of the slopes before it.
    error
        Two rows of weights of all slopes: the error, and a second estimate that tempers it (or zeros).
    root
        The step follows the error to the power of minus this many sixteenths.
    """

    name: str
    order: int
    stages: tuple[tuple[float, ...], ...]
    error: tuple[tuple[float, ...], tuple[float, ...]]
    root: int


@cache
def tsit5() -> Method:
    """Return Tsitouras' method of order 5 with six slopes a step."""
    return Method("Tsit5", 5, _TSIT5_STAGES, (_TSIT5_ERROR, (0.0,) * 7), root=3)


@cache
def dop853() -> Method:
    """Return Dormand and Prince's method of order 8 with twelve slopes a step, from SciPy's coefficients."""
    from scipy.integrate import DOP853

    stages = [tuple(DOP853.A[row, :row].tolist()) for row in range(1, 12)]
    error = (tuple(DOP853.E5.tolist()), tuple(DOP853.E3.tolist()))
    return Method("DOP853", 8, (*stages, tuple(DOP853.B.tolist())), error, root=2)
