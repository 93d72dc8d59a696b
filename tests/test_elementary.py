"""Functions of our own against extended precision, and the bytes that they keep on other processors."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from functools import cache

import numpy as np
import pytest

from eaesim.elementary import exp, exp2, log1p, products

# Runs a study of rats that differ, and prints a hash of everything that comes of it. With an argument, what
# depends on the processor in NumPy is off in the last bit.
RUN = """
import hashlib, sys
import numpy as np
from eaesim.protocol import Arm, Bolus, Infusion
from eaesim.solver import choose_engine
from eaesim.study import Study
from eaesim.study.chunk import individuals
from eaesim.study.cohort import draw_cohort
from eaesim.study.plan import plan_arm

choose_engine()
if len(sys.argv) > 1:
    for name in "exp exp2 expm1 log log2 log10 log1p power tanh sin cos matmul".split():
        true = getattr(np, name)
        setattr(np, name, lambda *given, true=true, **settings: true(*given, **settings) * (1 + 2.0**-52))
arms = [
    Arm("vehicle"),
    Arm("day 0", Infusion("1 g/kg", over="4 h").at(day=0)),
    Arm("onset", Bolus("1 g/kg").at(onset="score >= 1")),
]
result = Study("lewis", until=20, arms=arms).run(animals=16, workers=1)
plan = plan_arm(result.rat, result.design, result.design.arms[1], result.sets)
simulation, plasma = result.simulation, result.plasma.exposure("day 0", level=3.0)
seen = {
    "parameters": individuals(plan, draw_cohort(16, seed=1, days=21)),
    "scores": simulation.score,
    "severity": simulation.severity,
    "deaths": simulation.death_day,
    **simulation.states,
    "plasma": np.array([plasma.peak, plasma.area, plasma.days_above]),
}
texts = {"summary": result.table().to_csv(), "animals": result.animals_table().to_csv()}
for name, values in seen.items():
    print(name, hashlib.sha256(np.ascontiguousarray(values).tobytes()).hexdigest())
for name, text in texts.items():
    print(name, hashlib.sha256(text.encode()).hexdigest())
"""


@cache
def printed(*arguments: str, **environment: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", RUN, *arguments],
        env={name: value for name, value in os.environ.items() if name != "NPY_DISABLE_CPU_FEATURES"}
        | environment,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return done.stdout.splitlines()


HERE = np._core._multiarray_umath
EXTENSIONS = " ".join(name for name in HERE.__cpu_dispatch__ if HERE.__cpu_features__.get(name))


@pytest.mark.slow
def test_the_bytes_are_the_same_where_numpy_s_last_bits_are_others() -> None:
    assert len(printed()) > 8
    assert printed("off") == printed()


# Whatever this processor has; on one that has none of them, only the test above says something.
@pytest.mark.slow
@pytest.mark.parametrize(
    "variables",
    [
        {"NPY_DISABLE_CPU_FEATURES": EXTENSIONS},
        {"OPENBLAS_CORETYPE": "Prescott", "OPENBLAS_NUM_THREADS": "3"},
    ],
    ids=["NumPy", "BLAS"],
)
def test_the_bytes_are_the_same_without_extensions(variables: dict[str, str]) -> None:
    assert printed(**variables) == printed()


def off_by(found: np.ndarray, true: np.ndarray) -> float:
    """Return the largest error in units of the last place."""
    return float((np.abs(found - true) / np.spacing(np.abs(found))).max())


@pytest.mark.parametrize(("function", "true", "most"), [(exp, np.exp, 700.0), (exp2, np.exp2, 1000.0)])
def test_an_exponential_is_right_to_the_last_bit_but_one(function, true, most) -> None:
    random = np.random.default_rng(1)
    values = np.concatenate([random.uniform(-6, 6, 20_000), random.uniform(-most, most, 20_000), [0.0, 1.0]])
    wide = true(values.astype(np.longdouble))
    if np.finfo(np.longdouble).eps < np.finfo(float).eps:
        assert off_by(function(values), wide) < 1.3
    np.testing.assert_allclose(function(values), true(values), rtol=1e-15)
    assert (function(np.zeros(3)) == 1.0).all()


def test_an_exponential_has_the_ends_of_numpy_s() -> None:
    values = np.array([-np.inf, -1e300, -800.0, -746.0, 710.0, 1e300, np.inf, np.nan])
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(exp(values), np.exp(values))
    assert exp2(np.arange(-1022.0, 1024.0)).tolist() == [2.0**power for power in range(-1022, 1024)]


@pytest.mark.parametrize("value", [0.0, 1e-300, 1e-12, 0.0025, 0.09, 1.0, 4.0, 30.0])
def test_the_logarithm_is_that_of_the_standard_library(value: float) -> None:
    assert log1p(value) == pytest.approx(math.log1p(value), rel=2e-15)


@pytest.mark.parametrize("shape", [(7,), (7, 3), (7, 0), (0,)])
def test_products_are_matrix_products(shape: tuple[int, ...]) -> None:
    random = np.random.default_rng(2)
    values, weights = random.normal(size=shape), random.normal(size=(5, shape[0]))
    found = products(values, weights)
    assert found.shape == (5, *shape[1:])
    np.testing.assert_allclose(found, weights @ values, rtol=1e-13)
    for column in range(shape[1] if len(shape) > 1 else 0):
        assert (found[:, column] == products(values[:, column], weights)).all()
