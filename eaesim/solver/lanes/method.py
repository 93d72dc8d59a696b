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


# Steinebach, BIT Numerical Mathematics 63 (2023) 27, doi:10.1007/s10543-023-00967-x.
_RODAS5P_GAMMA = 0.21193756319429014
_RODAS5P_STAGES = (
    (),
    (3.0,),
    (
        2.849394379747939,
        0.45842242204463923,
    ),
    (
        -6.954028509809101,
        2.489845061869568,
        -10.358996098473584,
    ),
    (
        2.8029986275628964,
        0.5072464736228206,
        -0.3988312541770524,
        -0.04721187230404641,
    ),
    (
        -7.502846399306121,
        2.561846144803919,
        -11.627539656261098,
        -0.18268767659942256,
        0.030198172008377946,
    ),
    (
        -7.502846399306121,
        2.561846144803919,
        -11.627539656261098,
        -0.18268767659942256,
        0.030198172008377946,
        1.0,
    ),
    (
        -7.502846399306121,
        2.561846144803919,
        -11.627539656261098,
        -0.18268767659942256,
        0.030198172008377946,
        1.0,
        1.0,
    ),
)
_RODAS5P_CORRECTIONS = (
    (),
    (-14.155112264123755,),
    (
        -17.97296035885952,
        -2.859693295451294,
    ),
    (
        147.12150275711716,
        -1.41221402718213,
        71.68940251302358,
    ),
    (
        165.43517024871676,
        -0.4592823456491126,
        42.90938336958603,
        -5.961986721573306,
    ),
    (
        24.854864614690072,
        -3.0009227002832186,
        47.4931110020768,
        5.5814197821558125,
        -0.6610691825249471,
    ),
    (
        30.91273214028599,
        -3.1208243349937974,
        77.79954646070892,
        34.28646028294783,
        -19.097331116725623,
        -28.087943162872662,
    ),
    (
        37.80277123390563,
        -3.2571969029072276,
        112.26918849496327,
        66.9347231244047,
        -40.06618937091002,
        -54.66780262877968,
        -9.48861652309627,
    ),
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


@dataclass(frozen=True)
class Rosenbrock:
    """A linearly implicit method for autonomous equations, in the form that needs no product with a matrix.

    Attributes
    ----------
    name
        What it is called.
    order
        The new state's error over a fixed time shrinks with this power of the step.
    gamma
        The constant by which the step comes into the matrix.
    stages
        A row a stage: weights of the stages before it in the state that it is taken at.
    corrections
        A row a stage: weights of the stages before it, over the step, in its right-hand side.
    root
        As in `Method`.
    """

    name: str
    order: int
    gamma: float
    stages: tuple[tuple[float, ...], ...]
    corrections: tuple[tuple[float, ...], ...]
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


@cache
def rodas5p() -> Rosenbrock:
    """Return Steinebach's method of order 5, stiffly accurate, with eight stages a step."""
    return Rosenbrock("Rodas5P", 5, _RODAS5P_GAMMA, _RODAS5P_STAGES, _RODAS5P_CORRECTIONS, root=3)
