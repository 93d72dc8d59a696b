"""Means to test the lanes: random rats solved by other means, and scripts in their own process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eaesim.model import STATES, Parameters, State, derivative

pytest.importorskip("numba")

_SCALE = np.array([info.scale for info in STATES.values()])
_COLUMNS = 8


@pytest.fixture(scope="module")
def own_machine_code() -> Iterator[None]:
    """Let tests of the compiler see what it makes now, not what it made for another test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("eaesim.solver.lanes.machinecode.kept", lambda key, tape, build: build())
        yield


@pytest.fixture(scope="module", autouse=True)
def own_equations() -> Iterator[None]:
    """Let small problems too be solved by code of their own: that its bits are those of others is tested."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("eaesim.solver.lanes.machinecode.SMALL", 0)
        yield


def same_bits(one: np.ndarray, other: np.ndarray) -> bool:
    return one.shape == other.shape and one.tobytes() == other.tobytes()


@pytest.fixture(scope="session", name="same_bits")
def same_bits_fixture() -> Callable[[np.ndarray, np.ndarray], bool]:
    """Tell whether two arrays agree to the last bit, the sign of a zero included."""
    return same_bits


@cache
def _rates() -> Any:
    """Return the rates of change as SymPy writes them out, compiled: none of the solver's own means."""
    import sympy
    from numba import njit

    state, parameters = sympy.symbols(State._fields), sympy.symbols(Parameters._fields)
    steps, results = sympy.cse(list(derivative(State(*state), Parameters(*parameters))))
    lines = ["def rates(y, own, out):"]
    lines += [f"    {name} = y[{place}]" for place, name in enumerate(State._fields)]
    lines += [f"    {name} = own[{place}]" for place, name in enumerate(Parameters._fields)]
    lines += [f"    {name} = {sympy.pycode(value)}" for name, value in steps]
    lines += [f"    out[{place}] = {sympy.pycode(value)}" for place, value in enumerate(results)]
    scope: dict[str, Any] = {}
    exec("\n".join(lines), scope)
    return njit(error_model="numpy")(scope["rates"])


@cache
def _advance() -> Any:
    """Return Gragg's midpoint rule, extrapolated, with its own step control: it needs no table of weights."""
    from numba import njit

    rates = _rates()

    @njit(error_model="numpy")
    def advance(y, own, peak, span, step, tolerance, floor):
        table = np.empty((_COLUMNS, len(y)))
        slope, change = np.empty(len(y)), np.empty(len(y))
        time = 0.0
        rates(y, own, slope)
        while time < span:
            last = span - time <= 1.000001 * step
            if last:
                step = span - time
            for column in range(_COLUMNS):
                pieces = 2 * (column + 1)
                piece = step / pieces
                before, here = y.copy(), y + piece * slope
                for _ in range(pieces - 1):
                    rates(here, own, change)
                    before, here = here, before + 2 * piece * change
                rates(here, own, change)
                new = (before + here + piece * change) / 2
                for back in range(column):
                    ratio = (pieces / (2 * (column - back))) ** 2
                    old = table[back].copy()
                    table[back] = new
                    new = new + (new - old) / (ratio - 1)
                table[column] = new
            final = table[_COLUMNS - 1]
            size = np.maximum(np.abs(y), np.abs(final)) + 1e-3 * floor
            error = np.max(np.abs(final - table[_COLUMNS - 2]) / size) / tolerance
            if error <= 1:
                time = span if last else time + step
                y[:] = final
                peak[:] = np.maximum(peak, np.abs(y))
                rates(y, own, slope)
            step *= min(4.0, max(0.1, 0.9 * max(error, 1e-12) ** (-1 / (2 * _COLUMNS - 1))))
            if not step > 1e-6:
                return np.nan  # too stiff for an explicit method
        return step

    return advance


@pytest.fixture(scope="session")
def extrapolated() -> Callable[..., tuple[np.ndarray, np.ndarray]]:
    """Solve one row of a problem of rats; return daily states and their peaks."""

    def solved(problem: Any, row: int, tolerance: float = 1e-11) -> tuple[np.ndarray, np.ndarray]:
        events, days = problem.events, problem.days.tolist()
        given, own, y = events.day[row], problem.parameters[row].copy(), problem.initial[row].copy()
        times = sorted({min([0.0, *given]), *given[given < days[-1]].tolist(), *days})
        seen, peak, step = [], np.abs(y), 0.01
        for start, end in zip(times, [*times[1:], None], strict=True):
            if start in days:
                seen.append(y.copy())
            if end is None:
                break
            for place in np.flatnonzero(given == start):
                y[events.state[row, place]] += events.amount[row, place]
                step = min(step, 0.01)
            step = _advance()(y, own, peak, end - start, step, tolerance, _SCALE)
            assert step > 0, f"row {row} is too stiff for an explicit method"
        return np.array(seen), peak

    return solved


@pytest.fixture(scope="session")
def shared_cache(tmp_path_factory: Any) -> Path:
    """Return a cache folder for scripts that are not about the cache."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def script(shared_cache: Path, tmp_path: Path) -> Callable[..., Any]:
    """Run Python text in a process of its own, or only start it; keywords are environment variables."""

    def run(
        text: str, *, check: bool = True, start: bool = False, timeout: float = 120, **variables: object
    ) -> Any:
        own = {"EAESIM_CACHE": shared_cache, "PYTHONWARNINGS": "error"} | variables
        path = tmp_path / "script.py"
        path.write_text(_PRELUDE + text, encoding="utf-8")
        process = subprocess.Popen(
            [sys.executable, str(path)],
            env=os.environ | {name: str(value) for name, value in own.items()},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        if start:
            return process
        with process:
            try:
                output, errors = process.communicate(timeout=timeout)
            finally:
                process.kill()
        if check:
            assert process.returncode == 0, errors
        return subprocess.CompletedProcess(process.args, process.returncode, output, errors)

    return run


@pytest.fixture(scope="session")
def prelude() -> str:
    """Return what every script starts with."""
    return _PRELUDE


# A small problem, and a way to show its answer to the last bit.
_PRELUDE = """
import hashlib
import sys
from typing import NamedTuple

import numpy as np

from eaesim.solver import Events, Problem, System, choose_engine, solve


class Chain(NamedTuple):
    first: float
    second: float


class Rates(NamedTuple):
    loss: float


def chain(state, rates):
    return Chain(-rates.loss * state.first, rates.loss * state.first)


def toy(rats=20, loss=0.5):
    return Problem(
        System(chain, Chain, Rates, (1.0, 1.0)),
        loss * np.linspace(1, 2, rats)[:, None],
        np.zeros((rats, 2)),
        Events(np.zeros((rats, 1)), np.zeros((rats, 1), dtype=np.int64), np.ones((rats, 1))),
        np.arange(11.0),
        ("first", "second"),
    )


def digest(problem, **options):
    return hashlib.sha256(solve(problem, engine="lanes", **options).values.tobytes()).hexdigest()


"""
