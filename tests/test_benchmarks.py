"""The benchmarks: what they measure with, and that the command writes its tables. Nothing here is timed."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def _benchmarks_can_be_imported(monkeypatch):
    monkeypatch.syspath_prepend(ROOT)


def test_a_rat_is_the_same_in_every_problem():
    from benchmarks.problem import random_problem

    few, more = random_problem(2), random_problem(5)
    assert np.array_equal(few.parameters, more.parameters[:2])
    assert np.array_equal(few.events.day, more.events.day[:2, : few.events.day.shape[1]])
    assert not np.array_equal(more.parameters[0], more.parameters[1])


def test_copies_differ_from_their_rat_by_nothing_that_matters():
    from benchmarks.problem import crowd, random_problem

    problem = random_problem(2)
    copies = crowd(problem, 5)
    assert np.array_equal(copies.parameters[:2], problem.parameters)
    assert (copies.parameters[2] != problem.parameters[0]).any()
    np.testing.assert_allclose(copies.parameters[4], problem.parameters[0], rtol=1e-11)
    assert np.array_equal(copies.events.day[3], problem.events.day[1])


def test_pieces_hold_every_event_and_every_recorded_day_once():
    from benchmarks.pieces import packed, pieces
    from benchmarks.problem import random_problem

    problem = random_problem(3)
    events = problem.events
    boundaries, added = packed(problem)
    for row in range(3):
        cut = list(pieces(problem, row))
        assert [piece.end for piece in cut[:-1]] == [piece.start for piece in cut[1:]]
        assert np.array_equal(np.concatenate([piece.days for piece in cut]), problem.days[1:])
        given = [amount for piece in cut for _, amount in piece.added]
        assert sum(given) == pytest.approx(events.amount[row][np.isfinite(events.day[row])].sum())
        assert added[row].sum() == pytest.approx(sum(given))
        assert (np.diff(boundaries[row]) >= 0).all()


@pytest.mark.slow
@pytest.mark.parametrize("scaled", [False, True])
def test_the_written_equations_are_the_packages_own(scaled):
    from benchmarks.equations import all_slots, equations
    from benchmarks.problem import random_problem

    problem = random_problem(2)
    system, scale = problem.system, np.asarray(problem.system.scale)
    unit = scale if scaled else np.ones_like(scale)
    state, out = problem.initial[1] + np.linspace(0.1, 2, len(scale)) * scale, np.empty(len(scale))
    equations(system, scaled=scaled).rates(state / unit, all_slots(problem, scaled=scaled)[1], out)
    expected = system.derivative(system.state(*state), system.parameters(*problem.parameters[1]))
    np.testing.assert_allclose(out * unit, expected, rtol=1e-11)


def test_the_error_is_that_of_the_contract():
    from benchmarks.truth import Truth

    truth = Truth(values=np.array([[[2.0, 1e-9, 0.0]]] * 4), size=np.array([[4.0, 1.0, 0.0]] * 4))
    found = truth.values.copy()
    found[0, 0, 0] = 2.002  # relative to the truth
    found[1, 0, 1] += 2e-6  # relative to a thousandth of the state's size
    found[2, 0, 0] = np.nan  # not solved
    error = truth.error(found)
    np.testing.assert_allclose(error[[0, 1, 3]], [1e-3, 2e-3, 0.0], rtol=1e-4)
    assert error[2] == np.inf


def test_cost_at_equal_error_is_read_off_a_power_law_exactly():
    from benchmarks.equal import ERROR, costs, ratios
    from benchmarks.measure import Point

    def engine(library, seconds):
        # Error 5 x tolerance, time as its fifth root: a straight line on logarithmic axes.
        return [
            Point(library, "method", tolerance, [[seconds * tolerance**-0.2] * 2] * 3, [5 * tolerance] * 9, 9)
            for tolerance in (1e-5, 1e-6, 1e-7)
        ]

    quick, slow = costs([*engine("slow", 3.0), *engine("quick", 1.0)])
    assert (quick.engine, slow.engine) == ("quick method", "slow method")
    assert quick.inside
    assert quick.tolerance == pytest.approx(ERROR / 5)
    assert quick.best == pytest.approx((ERROR / 5) ** -0.2)
    assert ratios(slow, quick) == pytest.approx((3.0, 3.0, 3.0))


def test_an_error_that_was_not_measured_is_said_to_be_so():
    from benchmarks.equal import costs
    from benchmarks.measure import Point

    rough = [Point("rough", "method", tolerance, [[1.0]], [tolerance], 1) for tolerance in (1e-3, 1e-4)]
    (cost,) = costs(rough)
    assert not cost.inside
    assert cost.error == pytest.approx(1e-4)


class _State(NamedTuple):
    drug: float
    cells: float


class _Parameters(NamedTuple):
    rate: float
    strength: float


def _killed_by_a_drug(state, own):
    drug, cells = state
    return _State(-own.rate * drug, own.rate * cells - own.strength * drug * cells)


def test_rat_days_that_differ_are_counted_from_parameters_and_events():
    from benchmarks.shared import Count
    from eaesim.solver import Events, Problem, System

    rows = [  # rate, strength, events as (day, amount), and what of 10 days no row above has
        (1.0, 2.0, [], 10),
        (1.0, 3.0, [], 0),  # no drug: its strength does not matter
        (1.0, 2.0, [(4.0, 1.0)], 6),
        (1.0, 3.0, [(4.0, 1.0)], 6),
        (1.0, 2.0, [(4.5, 1.0)], 6),  # on the same day, at another hour
        (1.0, 2.0, [(7.0, 1.0), (4.0, 1.0)], 3),
        (1.0, 2.0, [(4.0, 0.0)], 0),  # a dose of nothing
        (1.0, 2.0, [(4.0, 1.0), (10.0, 1.0)], 0),  # after the last reading
        (2.0, 2.0, [], 10),
        (1.0, 2.0, [(-2.0, 1.0)], 12),  # starts before the others
        (1.0, 2.0, [(-2.0, 2.0)], 12),
    ]
    given = [[*events, (np.inf, 0.0)][:2] + [(np.inf, 0.0)] * (1 - len(events)) for _, _, events, _ in rows]
    day, amount = np.moveaxis(np.array(given), -1, 0)
    problem = Problem(
        System(_killed_by_a_drug, _State, _Parameters, (1.0, 1.0)),
        np.array([row[:2] for row in rows]),
        np.tile([0.0, 1.0], (len(rows), 1)),
        Events(day, np.zeros(day.shape, dtype=np.int64), amount),
        np.arange(11.0),
        (),
    )
    count = Count()
    for row, (*_, new) in enumerate(rows):
        before = count.distinct
        count.add(problem.rows([row]))
        assert count.distinct - before == new, rows[row]
    assert count.asked == 10 * len(rows) + 4
    count.add(problem)
    assert count.distinct == 65


def test_rows_of_a_library_that_was_not_run_are_kept_with_their_day(tmp_path):
    from benchmarks.report import Section, write_csv

    old = [
        {"engine": f"{name} method", "error": "old", "measured": "2026-01-01"} for name in ("own", "other")
    ]
    write_csv(tmp_path / "table.csv", old)
    write_csv(tmp_path / "starts.csv", [{"start": "cold", "measured": "2026-01-01"}])

    def rows(name, *now):
        section = Section(name, "", now).with_earlier(tmp_path, libraries=["own"], today="2026-02-02")
        return [tuple(row.values()) for row in section.rows]

    found = rows("table", {"engine": "own method", "error": "new"})
    assert found == [("own method", "new", "2026-02-02"), ("other method", "old", "2026-01-01")]
    assert rows("starts", {"start": "warm"}) == [("warm", "2026-02-02")]
    assert rows("starts") == [("cold", "2026-01-01")]
    assert rows("absent") == []


def _run(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks", "--quick", *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)


@pytest.mark.slow
def test_the_command_writes_table_and_figure(tmp_path):
    from benchmarks.suite import PARTS

    out = tmp_path / "results"
    parts = [word for part in PARTS for word in ("--skip", part)]
    done = _run("--rats", "2", "--only", "own", "--only", "scipy", *parts, "--out", str(out))
    assert done.returncode == 0, done.stderr
    with (out / "table.csv").open(encoding="utf-8") as file:
        rows = {row["engine"]: row for row in csv.DictReader(file)}
    assert {"eaesim reference", "SciPy odeint LSODA", "SciPy solve_ivp RK45"} <= set(rows)
    assert all(float(row["rats_per_second_best"]) > 0 for row in rows.values())
    assert float(rows["eaesim reference"]["median_error"]) < 1e-4
    assert "Equal error" in (out / "README.md").read_text("utf-8")
    assert (out / "work_precision.png").stat().st_size > 10_000
    assert (out / "work_precision.svg").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["results"]


@pytest.mark.slow
def test_a_library_that_is_not_there_is_left_out_in_a_line(tmp_path):
    # Named by its adaptor, whose import fails in a process that may import nothing by that name.
    (tmp_path / "roadrunner.py").write_text("raise ImportError('no such simulator')", "utf-8")
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from benchmarks.worker import main; "
        "main('libroadrunner', 1, 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, encoding="utf-8", check=True
    )
    assert done.stdout.strip() == '{"missing": "no such simulator"}'
