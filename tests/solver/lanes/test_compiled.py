"""Compiled equations and driver: the same code from disk as from the compiler."""

from __future__ import annotations

import numpy as np
import pytest

from eaesim.protocol import Bolus, Regimen
from eaesim.solver.lanes import crowd, drivercode, job, machinecode
from eaesim.solver.lanes.compiled import kept
from eaesim.solver.lanes.processor import lanes_width, single_width
from eaesim.solver.trace import trace

pytestmark = pytest.mark.usefixtures("own_machine_code")


@pytest.fixture
def folder(monkeypatch, tmp_path):
    """Keep equations in a folder of their own, as a user does."""
    drivercode.load_driver(lanes_width())  # those of the user, not compiled anew
    drivercode.load_driver(single_width(), single=True)
    monkeypatch.setattr(machinecode, "kept", kept)
    monkeypatch.setenv("EAESIM_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def solved(problem, monkeypatch):
    """Solve as a new process does, without code in memory."""
    monkeypatch.setattr(machinecode, "_KNOWN", {})
    return crowd.solve(problem, workers=1)


def test_equations_from_disk_are_those_that_were_compiled(rat_problem, monkeypatch, folder, same_bits):
    problem = rat_problem(Regimen(), until=12)
    before = solved(problem, monkeypatch)
    (code,) = machinecode._KNOWN.values()
    monkeypatch.setattr(machinecode, "_build", None)  # nothing is compiled
    after = solved(problem, monkeypatch)
    (again,) = machinecode._KNOWN.values()
    assert same_bits(before.values, after.values)
    assert (code.layout, code.numbers, code.folded) == (again.layout, again.numbers, again.folded)
    assert len(list(folder.iterdir())) == 1


def test_a_small_problem_takes_the_code_of_more_general_equations(rat_problem, monkeypatch, same_bits):
    monkeypatch.setattr(machinecode, "SMALL", 60_000)
    dosed, plain = rat_problem(Bolus("1 g/kg").at(day=1), until=12), rat_problem(Regimen(), until=12)
    whole = solved(dosed, monkeypatch)
    known = dict(machinecode._KNOWN)
    small = crowd.solve(plain, workers=1)
    assert known == machinecode._KNOWN
    own = solved(plain, monkeypatch)
    assert same_bits(small.values, own.values)
    assert len(machinecode._KNOWN) == 1
    # That of less general ones does not do.
    assert same_bits(crowd.solve(dosed, workers=1).values, whole.values)
    assert len(machinecode._KNOWN) == 2
    # Nor is it borrowed for long: one rat for 13 days is, five times.
    monkeypatch.setattr(machinecode, "_KNOWN", known)
    monkeypatch.setattr(machinecode, "SMALL", 13 * 5)
    monkeypatch.setattr(machinecode, "_BORROWED", {})
    for times in range(1, 8):
        assert same_bits(crowd.solve(plain, workers=1).values, own.values)
        assert len(known) == (1 if times <= 5 else 2)


@pytest.mark.parametrize("part", ["method", "floor", "width", "still", "zero_parameters", "resting", "tape"])
def test_other_equations_have_a_file_of_their_own(toy, monkeypatch, folder, part):
    problem, asked = toy([(0.0, 0, 1.0)]), []

    def noted(tape, **given):
        asked.append((tape, given | {"still": frozenset()}))
        return machinecode.machine_code(tape, **given)

    monkeypatch.setattr(job, "machine_code", noted)
    job.job_of(problem, crowd.verner6())
    ((tape, given),) = asked
    del given["rat_days"]
    other = {"method": crowd.rodas5p(), "floor": (1.0, 1e-9), "width": 1, "resting": {0: 0}}
    changed = {} if part == "tape" else {part: other.get(part, frozenset({1}))}
    monkeypatch.setattr(machinecode, "_KNOWN", {})
    for path in folder.glob("*"):
        path.unlink()
    machinecode.machine_code(tape, **given)
    machinecode.machine_code(trace(problem.system, ("first",)) if part == "tape" else tape, **given | changed)
    assert len(list(folder.iterdir())) == 2


# The driver


@pytest.mark.slow
def test_the_driver_alone_computes_the_bits_of_numba(toy, monkeypatch, same_bits):
    from eaesim.solver.lanes.driver import drive

    problem = toy([(0.0, 0, 1.0)], [(2.5, 0, 1.0), (4.0, 0, 2.0)], [])
    alone = crowd.solve(problem, workers=1)
    monkeypatch.setattr(job, "load_driver", lambda *_, **__: drivercode.Driver(drive, ""))
    assert same_bits(alone.values, crowd.solve(problem, workers=1).values)


@pytest.mark.slow
def test_a_driver_that_needs_numba_is_run_by_it(toy, monkeypatch, folder, same_bits):
    def tied(*_):
        raise drivercode._CannotStandAloneError("it needs NRT_Allocate")

    expected = crowd.solve(toy([(0.0, 0, 1.0)]), workers=1)
    monkeypatch.setattr(drivercode, "_compile", tied)
    drivercode._load.cache_clear()
    try:
        driver = drivercode.load_driver(lanes_width())
        assert driver.kept == "not kept: it needs NRT_Allocate"
        assert same_bits(crowd.solve(toy([(0.0, 0, 1.0)]), workers=1).values, expected.values)
    finally:
        drivercode._load.cache_clear()


@pytest.mark.parametrize(
    "array",
    [np.zeros(3), np.zeros((3, 2), dtype=np.float32), np.zeros((2, 3)).T, np.broadcast_to(0.0, (3, 2))],
    ids=["dimensions", "type", "order", "not writable"],
)
def test_an_array_of_another_kind_is_refused(array):
    kind = {"array": "float64", "dimensions": 2}
    assert len(list(drivercode._flat(np.zeros((3, 2)), kind))) == len(list(drivercode._kinds(kind)))
    with pytest.raises(TypeError, match="contiguous array"):
        list(drivercode._flat(array, kind))
