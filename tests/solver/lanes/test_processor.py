"""How many rats run abreast, and that it does not matter."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from eaesim.errors import EngineError
from eaesim.protocol import Bolus, Infusion
from eaesim.solver import solve
from eaesim.solver.lanes import processor

pytestmark = pytest.mark.usefixtures("own_machine_code")


@pytest.mark.parametrize("width", [1, 4, 8])
def test_the_variable_says_how_many(monkeypatch, width):
    monkeypatch.setenv("EAESIM_LANES", str(width))
    assert processor.lanes_width() == width
    assert "EAESIM_LANES" in processor.explain_width()[1]


@pytest.mark.parametrize("given", ["2", "16", "eight", "-4", "8.0", "4\n8"])
def test_another_number_is_refused_in_one_line(monkeypatch, given):
    monkeypatch.setenv("EAESIM_LANES", given)
    with pytest.raises(EngineError) as error:
        processor.lanes_width()
    text = str(error.value)
    assert "EAESIM_LANES" in text
    assert "1, 4, 8" in text
    assert "\n" not in text


def test_another_number_is_refused_by_the_solver_too(monkeypatch, toy):
    monkeypatch.setenv("EAESIM_LANES", "3")
    for engine in ("auto", "lanes"):
        with pytest.raises(EngineError, match="EAESIM_LANES"):
            solve(toy([(0.0, 0, 1.0)]), engine=engine)
    # The reference has no lanes.
    assert not solve(toy([(0.0, 0, 1.0)]), engine="reference").status.any()


@pytest.mark.parametrize(
    ("features", "width"), [(("avx2", "avx512f", "fma"), 8), (("avx2", "fma"), 4), ((), 4)]
)
def test_the_processor_says_how_many(monkeypatch, features, width):
    monkeypatch.delenv("EAESIM_LANES", raising=False)
    monkeypatch.setattr(processor, "features", lambda: features)
    found, why = processor.explain_width()
    assert found == processor.lanes_width() == width
    assert "avx512f" in why


def test_the_features_are_those_of_this_processor():
    found = processor.features()
    assert found == tuple(sorted(found))
    assert all(isinstance(name, str) for name in found)


@pytest.mark.slow
@pytest.mark.parametrize("width", [1, 4, 8])
def test_every_width_gives_the_same_rats(monkeypatch, toy, rat_problem, random_rats, same_bits, width):
    regimen = Bolus("1 g/kg").at(day=3) + Infusion("0.4 g/kg", over="4 h").at(day=9.3)
    rats = replace(random_rats(100).rows(slice(0, 11)), relative_tolerance=1e-7)
    monkeypatch.delenv("EAESIM_LANES", raising=False)
    problems = (rats, rat_problem(regimen, rat="da"), toy(*[[(0.0, 0, 1.0), (1.2, 1, 1.0)]] * 3, loss=1e5))
    plain = [solve(problem, engine="lanes") for problem in problems]
    monkeypatch.setenv("EAESIM_LANES", str(width))
    for problem, expected in zip(problems, plain, strict=True):
        seen = solve(problem, engine="lanes")
        assert same_bits(seen.status, expected.status)
        assert np.allclose(seen.values, expected.values, rtol=1e-6, atol=1e-12)
        # And alone as in a crowd, whatever the width.
        assert same_bits(solve(problem.rows([0]), engine="lanes").values, seen.values[:1])
