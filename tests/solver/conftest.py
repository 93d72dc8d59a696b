"""Problems for the solver, and independent ways to solve them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from eaesim.model import MECHANISMS, STATES, Parameters, Rat, State, derivative, load
from eaesim.protocol import Arm, Bolus, Immunisation, Infusion, Regimen, Relapse, Transfer
from eaesim.protocol.timeline import arm_events
from eaesim.solver import ACCURACIES, SOLVED, Events, Problem, Solution, System, solve
from eaesim.solver.trace import trace
from eaesim.study.assembly import arm_parameters, build_problem, system_with
from eaesim.study.cohort import Cohort

ENGINES = ("lanes", "reference")
_SCALE = np.array([info.scale for info in STATES.values()])
_UNTIL = 60
# Settings that no rat has by default, so that their terms are not all zero.
_SETTINGS = {"lesion_priming_reach": 1.0, "anti_igg_clearance": 0.3, "cns_reads_plasma": 1.0}


@pytest.fixture
def own_equations(monkeypatch) -> None:
    """Let small problems too be solved by code of their own, not of more general equations."""
    pytest.importorskip("numba")
    monkeypatch.setattr("eaesim.solver.lanes.machinecode.SMALL", 0)


@pytest.fixture(params=ENGINES)
def engine(request) -> str:
    """Name each engine in turn: what holds for one holds for the other."""
    if request.param == "lanes":
        pytest.importorskip("numba")
    return request.param


# A tolerance at which courses are solved in double precision.
_DOUBLE = 9e-8


class Solver:
    """Solves problems of which no rat makes trouble, by one of the ways to do so."""

    def __init__(self, way: str) -> None:
        self.way = way
        self.engine = "reference" if way == "reference" else "lanes"
        self.accuracy = way if way in ACCURACIES else "courses"
        # What arithmetic may lose, as a share: the lanes compute in single precision at both accuracies.
        self.rounding = 1e-6 if way in ACCURACIES else 1e-13

    def solution(self, problem: Problem, **options: Any) -> Solution:
        """Return what the solver returns."""
        chosen = {"engine": self.engine, "accuracy": self.accuracy, "workers": 1}
        if self.way == "double":
            problem = replace(problem, relative_tolerance=min(problem.relative_tolerance, _DOUBLE))
        return solve(problem, **chosen | options)

    def __call__(self, problem: Problem, **options: Any) -> np.ndarray:
        """Return the recorded values."""
        solution = self.solution(problem, **options)
        assert not solution.status.any(), solution.reason
        assert not solution.reason
        return solution.values

    def near(self, expected: Any, rel: float = 1e-6, abs: float = 1e-12) -> Any:
        """Return what a value may be: scores need a thousandth, courses a millionth, others what is said."""
        if self.way == "scores":
            rel, abs = 1e-3, 1e-5 * float(np.max(np.abs(expected)))
        if self.way == "courses":
            rel = max(rel, 1e-6)
        return pytest.approx(expected, rel=rel, abs=abs)


@pytest.fixture(params=["courses", "double", "scores", "reference"])
def solved(request) -> Solver:
    """Solve with the lanes at each accuracy, with courses in double precision, and with the reference."""
    if request.param != "reference":
        pytest.importorskip("numba")
    return Solver(request.param)


# A toy: what is lost from the first state enters the second


class Chain(NamedTuple):
    first: float
    second: float


class Rates(NamedTuple):
    growth: float
    loss: float


def _chain(state: Chain, rates: Rates) -> Chain:
    return Chain((rates.growth - rates.loss) * state.first, rates.loss * state.first)


def _toy(
    *rows: Sequence[tuple[float, int, float]],
    growth: float = 0.0,
    loss: float = 0.5,
    days: int = 10,
    start: float = 0.0,
    derivative: Callable[[Any, Any], Any] = _chain,
) -> Problem:
    """Build a problem: a row for every list of (day, state, amount)."""
    width = max((len(row) for row in rows), default=0)
    day, state = np.full((len(rows), width), np.inf), np.zeros((len(rows), width), dtype=np.int64)
    amount = np.zeros((len(rows), width))
    for place, row in enumerate(rows):
        for column, event in enumerate(row):
            day[place, column], state[place, column], amount[place, column] = event
    return Problem(
        system=System(derivative, Chain, Rates, (1.0, 1.0)),
        parameters=np.broadcast_to([growth, loss], (len(rows), 2)).copy(),
        initial=np.full((len(rows), 2), start),
        events=Events(day, state, amount),
        days=np.arange(days + 1.0),
        record=("first", "second"),
    )


@pytest.fixture(scope="session")
def toy() -> Callable[..., Problem]:
    """Build a problem of two states; rows are lists of (day, state, amount)."""
    return _toy


# The rat


def _problem(
    *regimens: Regimen,
    rat: Rat | str = "lewis",
    inductions: Sequence[Any] = (Immunisation(),),
    mechanism: str = "H1a",
    until: int = 20,
    record: Sequence[str] = State._fields,
    differences: np.ndarray | None = None,
) -> Problem:
    """Build a row for every regimen and every rat; by default one rat, the typical one."""
    strain = load(rat) if isinstance(rat, str) else rat
    unlike = np.zeros((1, len(Parameters._fields))) if differences is None else differences
    cohort = Cohort(unlike, np.zeros((len(unlike), until + 1)), np.full(len(unlike), np.inf))
    parameters, events = [], []
    drugs = Arm("all", *regimens).drugs()
    for regimen in regimens:
        # Rows of one problem have the same drugs; a dose of 0 is no event.
        arm = Arm("arm", regimen, *(Bolus("0 mg/kg", drug=drug).at(day=0) for drug in drugs))
        parameters += list(arm_parameters(strain, arm, cohort, mechanism=mechanism))
        events += [arm_events(inductions, regimen, triggered={})] * len(unlike)
    return build_problem(parameters, events, until=until, record=record, system=system_with(drugs))


@pytest.fixture(scope="session")
def rat_problem() -> Callable[..., Problem]:
    """Build a problem: a row for every regimen given."""
    return _problem


# Random rats and protocols


def _day(draw: np.random.Generator, first: float, last: float) -> float:
    day = draw.uniform(first, last)
    return float(np.floor(day)) if draw.random() < 0.5 else day


def _regimen(draw: np.random.Generator) -> Regimen:
    regimen = Regimen()
    for _ in range(draw.integers(0, 4)):
        dose = f"{draw.uniform(10, 2500):g} mg/kg"
        repeats = (
            {"every": draw.uniform(0.1, 4), "doses": int(draw.integers(2, 5))} if draw.random() < 0.4 else {}
        )
        if draw.random() < 0.4:
            given = Infusion(dose, over=draw.uniform(0.05, 1.5), **repeats)
        else:
            given = Bolus(dose, route=str(draw.choice(["iv", "ip", "sc"])), **repeats)
        regimen += given.at(day=_day(draw, -7, _UNTIL - 15))
    return regimen


def _inductions(draw: np.random.Generator) -> list[Any]:
    if draw.random() < 0.7:
        first = Immunisation(adjuvant=str(draw.choice(["complete", "incomplete", "none"], p=[0.6, 0.2, 0.2])))
    else:
        first = Transfer(cells=draw.uniform(2e4, 3e5))
    inductions = [first]
    if draw.random() < 0.5:
        inductions.append(
            Relapse(_day(draw, 20, _UNTIL - 5), adjuvant=str(draw.choice(["none", "complete"])))
        )
    if draw.random() < 0.2:
        inductions.append(Transfer(_day(draw, 1, _UNTIL - 5)))
    return inductions


@cache
def _random_pair(number: int) -> Problem:
    """Build a random rat, and below it the typical rat of its strain, under one random protocol."""
    draw = np.random.default_rng([20240, number])
    strain = load(str(draw.choice(["lewis", "da", "da_antibody"])))
    acting = draw.choice(list(MECHANISMS), size=draw.integers(0, 4), replace=False)
    settings = {name: value for name, value in _SETTINGS.items() if draw.random() < 0.2}
    if number % 2:  # without a room of their own regulatory T cells overrun some rats: as stiff as it gets
        settings["treg_capacity"] = 1e300
    # A stream for each parameter, so that a new one leaves the others as they were.
    unlike = np.array(
        [
            np.random.default_rng([20240, number, crc32(name.encode())]).standard_normal()
            for name in Parameters._fields
        ]
    )
    return _problem(
        _regimen(draw),
        rat=strain.replace(**settings),
        inductions=_inductions(draw),
        mechanism="+".join(acting) or "none",
        until=_UNTIL,
        differences=np.vstack([unlike, np.zeros(len(unlike))]),
    )


def _stacked(problems: Sequence[Problem]) -> Problem:
    """Put the rows of problems that differ in nothing else below each other."""
    width = max(problem.events.day.shape[1] for problem in problems)

    def padded(name: str, fill: float) -> np.ndarray:
        columns = [getattr(problem.events, name) for problem in problems]
        return np.vstack(
            [np.pad(each, ((0, 0), (0, width - each.shape[1])), constant_values=fill) for each in columns]
        )

    first = problems[0]
    return Problem(
        first.system,
        np.vstack([problem.parameters for problem in problems]),
        np.vstack([problem.initial for problem in problems]),
        Events(padded("day", np.inf), padded("state", 0), padded("amount", 0.0)),
        first.days,
        first.record,
    )


@cache
def _random_rats(number: int, *, typical: bool = False) -> Problem:
    """Build that many random rats under as many random protocols; or the typical rats under the same."""
    return _stacked(
        [_random_pair(each).rows(slice(int(typical), 1 + int(typical))) for each in range(number)]
    )


@pytest.fixture(scope="session")
def random_rats() -> Callable[..., Problem]:
    """Build random rats under random protocols; no caller may change them."""
    return _random_rats


@pytest.fixture(scope="session")
def stacked() -> Callable[..., Problem]:
    """Put the rows of problems below each other."""
    return _stacked


# The truth by other means


@cache
def _traced() -> tuple[Callable[..., list[float]], Callable[..., list[list[float]]]]:
    """Return the rates and their Jacobian as SymPy writes them out: quick, and exact for implicit methods."""
    import sympy

    state, parameters = sympy.symbols(State._fields), sympy.symbols(Parameters._fields)
    rates = sympy.Matrix(list(derivative(State(*state), Parameters(*parameters))))
    write = {"modules": "math", "cse": True}
    return (
        sympy.lambdify([state, parameters], list(rates), **write),
        sympy.lambdify([state, parameters], rates.jacobian(state).tolist(), **write),
    )


def _independent(
    problem: Problem, row: int, *, method: str = "Radau", tolerance: float = 1e-11, parameters: Any = None
) -> tuple[np.ndarray, np.ndarray]:
    """Solve one row with SciPy, started anew at every event; return daily states and their peaks."""
    rates, jacobian = _traced()
    own = (problem.parameters[row] if parameters is None else np.array(parameters)).tolist()
    implicit = {"jac": lambda _, y: np.array(jacobian(y.tolist(), own))} if method == "Radau" else {}
    events = problem.events
    finite = np.isfinite(events.day[row])
    times = events.day[row][finite]
    days, last = problem.days, float(problem.days[-1])
    starts = sorted({min([0.0, *times]), *(time for time in times if time < last)})
    state, seen = problem.initial[row].copy(), np.full((len(days), len(_SCALE)), np.nan)
    peak = np.abs(state)
    for start, end in zip(starts, [*starts[1:], last], strict=True):
        if start in days:
            seen[days == start] = state
        for index in np.flatnonzero(events.day[row] == start):
            state[events.state[row, index]] += events.amount[row, index]
        peak = np.maximum(peak, np.abs(state))
        inside = days[(days > start) & (days <= end)]
        course = solve_ivp(
            lambda _, y: rates(y.tolist(), own),
            (start, end),
            state,
            method=method,
            dense_output=True,
            rtol=tolerance,
            atol=1e-3 * tolerance * _SCALE,
            **implicit,
        )
        assert course.success
        if len(inside):
            seen[np.isin(days, inside)] = course.sol(inside).T
        state = course.y[:, -1].copy()
        peak = np.maximum(peak, np.abs(course.y).max(axis=1))
    # A state that never leaves 0 picks up dust from the linear algebra of an implicit step.
    dust = peak <= 1e-3 * tolerance * _SCALE
    return np.where(dust, 0.0, seen), np.where(dust, 0.0, peak)


@cache
def _base_peaks() -> np.ndarray:
    """Return the peaks of the base rat: the typical Lewis rat, immunised and not treated."""
    return _independent(_problem(Regimen(), until=_UNTIL), 0, method="DOP853", tolerance=1e-9)[1]


@cache
def _random_truth(number: int) -> SimpleNamespace:
    problem = _random_rats(number)
    # Under H2 regulatory T cells overrun some, for each of which Radau needs a minute: one is tested alone.
    rows = np.flatnonzero(solve(problem).status == SOLVED).tolist()
    states, peaks = zip(*(_independent(problem, row) for row in rows), strict=True)
    return SimpleNamespace(
        problem=problem.rows(rows), rows=rows, states=np.array(states), peaks=np.array(peaks)
    )


# What Radau made of a few of them is stored, in few digits and on every third day.
STORED = Path(__file__).parents[1] / "data" / "radau.npz"
_STORED_RATS, _THIRD = 12, slice(None, None, 3)


def _depends_on() -> str:
    """Return a text that changes with the equations and the stored rats, if not with their last bits."""
    problem = _random_rats(_STORED_RATS)
    found = hashlib.sha256(repr(trace(problem.system)).encode())
    for values in (problem.parameters, problem.initial, *vars(problem.events).values()):
        with np.errstate(over="ignore"):  # a capacity without end
            found.update(values.astype(np.float32).tobytes())
    return found.hexdigest()


@pytest.fixture(scope="session")
def store() -> Callable[[SimpleNamespace], None]:
    """Store what Radau made of the first random rats."""

    def write(truth: SimpleNamespace) -> None:
        rows = [row for row in truth.rows if row < _STORED_RATS]
        states = truth.states[: len(rows), _THIRD].astype(np.float32)
        np.savez_compressed(
            STORED, key=_depends_on(), rows=rows, states=states, peaks=truth.peaks[: len(rows)]
        )

    return write


@pytest.fixture(scope="session")
def stored_truth() -> SimpleNamespace:
    """Return what Radau made of a few random rats, kept for these equations and rats alone."""
    with np.load(STORED) as kept:
        assert str(kept["key"]) == _depends_on(), (
            "the equations or the random rats have changed; Radau solves them anew, in a minute, with "
            "EAESIM_STORE_RADAU=1 pytest -n 0 -m slow tests/solver/test_agreement.py -k stored"
        )
        rows, states, peaks = kept["rows"].tolist(), kept["states"].astype(float), kept["peaks"]
    problem = _random_rats(_STORED_RATS).rows(rows)
    thinned = replace(problem, days=problem.days[_THIRD])
    return SimpleNamespace(problem=thinned, rows=rows, states=states, peaks=peaks)


@pytest.fixture(scope="session")
def random_truth() -> SimpleNamespace:
    """Solve as many random rats with Radau as EAESIM_TEST_RADAU says, 12 by default: 5 CPU seconds each."""
    return _random_truth(int(os.environ.get("EAESIM_TEST_RADAU", "12")))


def _errors(values: np.ndarray, truth: np.ndarray, peaks: np.ndarray) -> np.ndarray:
    """Return the error of each run as the contract defines it: the worst over days and states."""
    floor = 1e-3 * np.maximum(peaks, _base_peaks())[:, None, :]
    apart, size = np.abs(values - truth), np.maximum(np.abs(truth), floor)
    assert np.isfinite(apart).all()
    # Where nothing ever is, an implicit step leaves dust, and that must be all.
    assert (apart[size == 0] <= 1e-15).all()
    return np.divide(apart, size, out=np.zeros_like(apart), where=size > 0).max(axis=(1, 2))


def _error(values: np.ndarray, truth: np.ndarray, peak: np.ndarray) -> float:
    return float(_errors(values[None], truth[None], peak[None])[0])


@pytest.fixture(scope="session")
def independent() -> Callable[..., tuple[np.ndarray, np.ndarray]]:
    """Solve one row of a problem by other means than the solver's."""
    return _independent


@pytest.fixture(scope="session")
def run_error() -> Callable[..., float]:
    """Measure the error of a run."""
    return _error


@pytest.fixture(scope="session")
def run_errors() -> Callable[..., np.ndarray]:
    """Measure the error of every run."""
    return _errors
