"""Which engine runs, why, and what happens where the lanes cannot."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec

import pytest

from eaesim.errors import EngineError, UnknownNameError
from eaesim.solver import ENGINES, choose_engine, engine, solve

needs_numba = pytest.mark.skipif(find_spec("numba") is None, reason="Numba is not installed")


def run(text, *arguments, **variables):
    """Run Python text in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", text, *arguments],
        env=os.environ | {name: str(value) for name, value in variables.items()},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_an_unknown_engine_is_told_the_closest_name(toy):
    with pytest.raises(UnknownNameError, match='did you mean "lanes"'):
        choose_engine("lane")
    with pytest.raises(UnknownNameError, match="reference"):
        solve(toy([(0.0, 0, 1.0)]), engine="fast")


def test_the_reference_is_always_there():
    assert choose_engine("reference").name == "reference"
    assert ENGINES == ("auto", "lanes", "reference")


@needs_numba
def test_the_lanes_are_chosen_where_they_work():
    for asked in ("auto", "lanes"):
        found = choose_engine(asked)
        assert found.name == "lanes"
        assert found.why
        assert "\n" not in found.why


@needs_numba
def test_auto_is_the_lanes_to_the_last_bit(toy):
    problem = toy([(0.0, 0, 1.0)], [(2.3, 1, 1.0)])
    seen = {name: solve(problem, engine=name).values.tobytes() for name in ENGINES}
    assert seen["auto"] == seen["lanes"] != seen["reference"]


@needs_numba
def test_both_engines_agree(toy):
    problem = toy([(0.0, 0, 1.0)], [(2.3, 1, 1.0)], [(-3.0, 0, 2.0), (4.0, 0, 1.0)], growth=0.1)
    lanes, reference = (solve(problem, engine=name).values for name in ("lanes", "reference"))
    assert lanes == pytest.approx(reference, rel=1e-6, abs=1e-9)


# Without Numba, or with one that is broken

WITHOUT = """
import sys


class Without:
    '''A finder that hides some packages, as if they were not installed.'''

    def __init__(self, finder):
        self.finder = finder

    def find_spec(self, name, *rest):
        hidden = name.partition(".")[0] in ("numba", "llvmlite")
        return None if hidden else self.finder.find_spec(name, *rest)


sys.meta_path = [Without(finder) for finder in sys.meta_path]
"""
# The solver's own contract is enough here: a decay from 1.
DECAY = """
from typing import NamedTuple

import numpy as np

from eaesim.errors import EngineError
from eaesim.solver import Events, Problem, System, choose_engine, solve


class State(NamedTuple):
    x: float


problem = Problem(
    System(lambda state, rates: (-rates.x * state.x,), State, State, (1.0,)),
    np.ones((2, 1)),
    np.ones((2, 1)),
    Events(np.empty((2, 0)), np.empty((2, 0), dtype=np.int64), np.empty((2, 0))),
    np.arange(3.0),
    ("x",),
)
try:
    choose_engine("lanes")
except EngineError as error:
    print(error)
else:
    print("nothing wrong")
found = choose_engine("auto")
print(found.name)
print(found.why)
assert abs(solve(problem).values[1, 2, 0] - np.exp(-2)) < 1e-6
assert not solve(problem).status.any()
print("numba" in sys.modules, "llvmlite" in sys.modules)
"""


def test_without_numba_the_reference_runs_and_says_why():
    error, name, why, loaded = run(WITHOUT + DECAY).splitlines()
    assert name == "reference"
    assert "Numba is not installed" in why
    assert "pip install" in why
    assert why in error
    assert "lanes" in error
    assert loaded == "False False"


BROKEN = """
import sys


class Broken:
    def find_spec(self, name, *rest):
        if name == "llvmlite":
            raise ImportError("this build of llvmlite\\nis for another machine")
        return None


sys.meta_path.insert(0, Broken())
"""


@needs_numba
def test_with_a_broken_compiler_the_reference_runs_and_says_why():
    error, name, why, _ = run(BROKEN + DECAY).splitlines()
    assert name == "reference"
    assert "this build of llvmlite is for another machine" in why
    assert why in error


@needs_numba
@pytest.mark.slow
def test_where_compilation_is_switched_off_the_reference_runs_and_says_why(tmp_path):
    text = "import sys\n" + DECAY
    error, name, why, _ = run(text, NUMBA_DISABLE_JIT=1, EAESIM_CACHE=tmp_path).splitlines()
    assert name == "reference"
    assert why in error


def test_the_error_of_an_engine_is_one_line(monkeypatch, toy):
    monkeypatch.setattr(engine, "_found", lambda: engine.Engine("reference", "a good reason"))
    with pytest.raises(EngineError, match="a good reason") as error:
        solve(toy([(0.0, 0, 1.0)]), engine="lanes")
    assert "\n" not in str(error.value)
    assert choose_engine().name == "reference"
    assert not solve(toy([(0.0, 0, 1.0)])).status.any()


# Quick to start


@pytest.mark.parametrize(
    "text",
    [
        "import eaesim",
        "import eaesim; eaesim.load('lewis'); eaesim.Study, eaesim.Bolus, eaesim.timing",
        "import sys; sys.argv = ['eaesim', '--help']\n"
        "from eaesim.cli.main import main\n"
        "try: main()\nexcept SystemExit: pass",
        "import eaesim.solver",
    ],
    ids=["import", "names", "help", "solver"],
)
def test_no_compiler_is_loaded_before_something_is_solved(text):
    shown = run(f"{text}\nimport sys\nprint('numba' in sys.modules, 'llvmlite' in sys.modules)")
    assert shown.splitlines()[-1] == "False False"


@needs_numba
def test_the_reference_loads_no_compiler():
    text = "import sys\n" + DECAY.partition("try:\n")[0] + "solve(problem, engine='reference')\n"
    assert run(text + "print('numba' in sys.modules)").strip() == "False"
