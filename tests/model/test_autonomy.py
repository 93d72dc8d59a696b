"""The rule of the whole model: nothing in it knows the time."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import eaesim.model

ROOM = Path(eaesim.model.__file__).parent
MODULES = sorted(ROOM.glob("*.py"))
CLOCK = {"t", "time", "times", "day", "days", "hour", "hours", "clock", "now", "datetime", "date", "calendar"}


def names_in(source: str) -> set[str]:
    """Return every name, attribute, argument and import of a module, split into its words."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case (
                ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name) | ast.keyword(arg=str(name))
            ):
                found.add(name)
            case ast.alias(name=name):
                found.update(name.split("."))
    return {word for name in found for word in name.lower().split("_")}


def imports_in(source: str) -> set[str]:
    """Return the packages that a module imports, inside functions too."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=aliases):
                found.update(alias.name.split(".")[0] for alias in aliases)
            case ast.ImportFrom(module=str(module)):
                found.add(module.split(".")[0])
    return found


def test_no_name_in_the_model_is_a_time() -> None:
    found = {path.stem: names_in(path.read_text("utf-8")) & CLOCK for path in MODULES}
    assert {name: words for name, words in found.items() if words} == {}


def test_the_model_is_plain_arithmetic() -> None:
    numerical = {"numpy", "scipy", "numba", "pandas", "random"}
    found = {path.stem: imports_in(path.read_text("utf-8")) & numerical for path in MODULES}
    assert {name: packages for name, packages in found.items() if packages} == {}


@pytest.mark.parametrize(
    "source",
    [
        "def f(state, t): ...",
        "x = state.day",
        "f(time=1)",
        "import time",
        "from datetime import date",
        "dose_day = 1",
    ],
)
def test_the_search_for_times_finds_them(source: str) -> None:
    assert names_in(source) & CLOCK


def test_the_search_for_imports_looks_into_functions() -> None:
    assert imports_in("def f():\n    from numpy import array") == {"numpy"}


def test_the_search_covers_the_modules_of_the_equations() -> None:
    assert {"equations", "ivig", "priming", "lesion", "effectors", "regulation"} <= {
        path.stem for path in MODULES
    }


def test_the_equations_run_without_any_numerical_package() -> None:
    code = (
        "import sys; from eaesim.model import derivative;"
        "print({'numpy', 'scipy', 'sympy', 'pint', 'numba'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.strip() == "set()"
