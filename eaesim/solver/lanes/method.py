"""Explicit Runge-Kutta methods as tables."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from eaesim.solver.problem import ABSOLUTE_SHARE

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
_TSIT5_BETWEEN = (
    (1.0, -2.763706197274826, 2.9132554618219126, -1.0530884977290216),
    (0.0, 0.1317, -0.2234, 0.1017),
    (0.0, 3.9302962368947516, -5.941033872131505, 2.490627285651253),
    (0.0, -12.411077166933676, 30.33818863028232, -16.548102889244902),
    (0.0, 37.50931341651104, -88.1789048947664, 47.37952196281928),
    (0.0, -27.896526289197286, 65.09189467479366, -34.87065786149661),
    (0.0, 1.5, -4.0, 2.5),
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

# Verner, Numerical Algorithms 53 (2010) 383-396; the efficient pair of orders 6 and 5. With these fractions
# the order conditions hold exactly, as tested in tests/solver/lanes/test_method.py.
_VERNER6_STAGES = """
3/50
519479/27000000 2070721/27000000
1439/40000 0 4317/40000
109225017611/82828840000 0 -417627820623/82828840000 43699198143/10353605000
-8036815292643907349452552172369/191934985946683241245914401600 0
    246134619571490020064824665/1543816496655405117602368
    -13880495956885686234074067279/113663489566254201783474344
    755005057777788994734129/136485922925633667082436
-1663299841566102097180506666498880934230261/30558424506156170307020957791311384232000 0
    130838124195285491799043628811093033/631862949514135618861563657970240
    -3287100453856023634160618787153901962873/20724314915376755629135711026851409200
    2771826790140332140865242520369241/396438716042723436917079980147600
    -1799166916139193/96743806114007800
-832144750039369683895428386437986853923637763/15222974550069600748763651844667619945204887 0
    818622075710363565982285196611368750/3936576237903728151856072395343129
    -9818985165491658464841194581385463434793741875/61642597962658994069869370923196463581866011
    31796692141848558720425711042548134769375/4530254033500045975557858016006308628092
    -14064542118843830075/766928748264306853644
    -1424670304836288125/2782839104764768088217
382735282417/11129397249634 0 0
    5535620703125000/21434089949505429
    13867056347656250/32943296570459319
    626271188750/142160006043
    -51160788125000/289890548217
    163193540017/946795234
"""
# The only sum of slopes that vanishes to order 5, scaled to 1/30 of the last slope.
_VERNER6_ERROR = (
    0.008623404282200854,
    0.0,
    0.0,
    -0.019434029953152708,
    0.028450072588037983,
    -2.1097110610652914,
    103.45854289996397,
    -101.39980461914912,
    0.03333333333333333,
)

# Sharp and Verner, SIAM Journal on Numerical Analysis 31 (1994) 1169-1190, doi:10.1137/0731061; the pair of
# orders 6 and 5. Its weights are small, so little is lost by rounding.
_SHARP_VERNER6_STAGES = """
1/12
2/75 8/75
1/20 0 3/20
88/135 0 -112/45 64/27
-10891/11556 0 3880/963 -8456/2889 217/428
1718911/4382720 0 -1000749/547840 819261/383488 -671175/876544 14535/14336
85153/203300 0 -6783/2140 10956/2675 -38493/13375 1152/425 -7168/40375
53/912 0 0 5/16 27/112 27/136 256/969 -25/336
"""

# A sum of few slopes that vanishes to order 4, chosen among such sums for the fewest steps at equal error.
_SHARP_VERNER6_ERROR = (75 / 512, 0.0, 0.0, -95 / 256, 1539 / 3584, 0.0, -1.0, 1425 / 1792, 0.0)

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
    """An explicit method whose last stage is the new state, giving the next step's first slope (FSAL).

    Attributes
    ----------
    name
        Name.
    order
        Order: the error over a fixed time scales with this power of the step.
    stages
        One row per stage after the first: weights of the earlier slopes.
    error
        Two rows of weights of all slopes: the error, and a second estimate that dampens it (or zeros).
    root
        The step scales with the error to the power -root/16.
    caution
        Overestimation factor of the error of a step, measured on the rat. The tolerance is multiplied by it,
        so that a tolerance has about the same meaning for every method.
    between
        For each slope, its weight at a share of the step: the factors of the share's powers, from the first.
        Empty for a method that reads at the ends of a step only.
    share
        Share of a state's scale below which its tolerance is absolute.
    """

    name: str
    order: int
    stages: tuple[tuple[float, ...], ...]
    error: tuple[tuple[float, ...], tuple[float, ...]]
    root: int
    caution: float = 1.0
    between: tuple[tuple[float, ...], ...] = ()
    share: float = ABSOLUTE_SHARE


@dataclass(frozen=True)
class Rosenbrock:
    """A linearly implicit method for autonomous equations, in the form without matrix products.

    Attributes
    ----------
    name
        Name.
    order
        Order: the error over a fixed time scales with this power of the step.
    gamma
        Factor of the step in the matrix.
    stages
        One row per stage: weights of the earlier stages in its state.
    corrections
        One row per stage: weights of the earlier stages, over the step, in its right-hand side.
    root
        As in `Method`.
    caution
        As in `Method`.
    """

    name: str
    order: int
    gamma: float
    stages: tuple[tuple[float, ...], ...]
    corrections: tuple[tuple[float, ...], ...]
    root: int
    caution: float = 1.0


@cache
def tsit5() -> Method:
    """Return Tsitouras' method of order 5 with six slopes per step."""
    return Method("Tsit5", 5, _TSIT5_STAGES, (_TSIT5_ERROR, (0.0,) * 7), root=3, between=_TSIT5_BETWEEN)


@cache
def verner6() -> Method:
    """Return Verner's efficient method of order 6 with eight slopes per step; its estimate is of order 5."""
    return Method("Verner6", 6, _rows(_VERNER6_STAGES), (_VERNER6_ERROR, (0.0,) * 9), root=3, caution=10.0)


def _rows(fractions: str) -> tuple[tuple[float, ...], ...]:
    """Return the rows of a lower triangle that is written as fractions."""
    numbers = [float(Fraction(text)) for text in fractions.split()]
    rows = math.isqrt(2 * len(numbers))
    return tuple(tuple(numbers[row * (row - 1) // 2 :][:row]) for row in range(1, rows + 1))


@cache
def sharp_verner6() -> Method:
    """Return Sharp and Verner's method of order 6 with eight slopes per step; its estimate is of order 4."""
    return Method(
        "SharpVerner6",
        6,
        _rows(_SHARP_VERNER6_STAGES),
        (_SHARP_VERNER6_ERROR, (0.0,) * 9),
        root=3,
        caution=200.0,
        share=1e-4,
    )


@cache
def dop853() -> Method:
    """Return Dormand and Prince's method of order 8 with twelve slopes per step, using SciPy's tables."""
    from scipy.integrate import DOP853

    stages = [tuple(DOP853.A[row, :row].tolist()) for row in range(1, 12)]
    error = (tuple(DOP853.E5.tolist()), tuple(DOP853.E3.tolist()))
    return Method("DOP853", 8, (*stages, tuple(DOP853.B.tolist())), error, root=2)


@cache
def rodas5p() -> Rosenbrock:
    """Return Steinebach's method of order 5, stiffly accurate, with eight stages per step."""
    return Rosenbrock("Rodas5P", 5, _RODAS5P_GAMMA, _RODAS5P_STAGES, _RODAS5P_CORRECTIONS, root=3)
