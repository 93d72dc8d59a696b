"""Drugs as blocks around the equations: they change what they name, while they are there, nothing else."""

from __future__ import annotations

from collections import namedtuple
from dataclasses import replace

import numpy as np
import pytest

from eaesim.errors import QuantityError, UnknownNameError
from eaesim.evidence import load_findings
from eaesim.model import STATES, Parameters, State, derivative, load
from eaesim.protocol import Immunisation, Regimen
from eaesim.protocol.timeline import arm_events
from eaesim.questions.mechanisms.blocks import Block, blocked, read_blocks
from eaesim.questions.mechanisms.runs import Span, _with_block
from eaesim.solver import Events, Problem, Reducer, System, solve
from eaesim.study.assembly import build_problem

DAYS = 16
RECORD = tuple(State._fields)
SCALES = np.array([info.scale for info in STATES.values()])


def problem(until: int = DAYS, **options) -> Problem:
    own = np.array([load("lewis").parameters("none"), load("da").parameters("none")])
    events = arm_events([Immunisation()], Regimen(), triggered={})
    return build_problem(
        own, [events], until=until, record=RECORD, follows=np.zeros(2, dtype=np.int64), **options
    )


def with_drug(block: Block, first: float, last: float, **options) -> Problem:
    return _with_block(problem(**options), Span(block=block, first=first, last=last), np.zeros(2))


def test_every_other_drug_of_table_e_has_one_process_and_one_strength():
    named = {one.drug for one in load_findings() if one.table == "E"} - {"", "ivig"}
    assert set(read_blocks()) == named
    for block in read_blocks().values():
        assert block.process
        assert block.why
        assert bool(block.inhibits) != bool(block.depletes)


@pytest.mark.parametrize("drug", read_blocks())
def test_a_drug_of_strength_0_leaves_every_bit(drug):
    plain, block = problem(), read_blocks()[drug]
    assert _with_block(plain, Span(block=replace(block, strength=0.0), first=2.0), np.zeros(2)) is plain
    # Around the equations too: every rate has the same bits, wherever the rat is.
    random, wrapped = np.random.default_rng(3), blocked([block])
    own = load("da").parameters("H1a")
    for _ in range(20):
        values = (SCALES * random.lognormal(0, 2, len(SCALES))).tolist()
        rates = wrapped.derivative(wrapped.state(*values, 0.0), own)
        assert rates == (*derivative(State(*values), own), 0.0)


@pytest.mark.parametrize("drug", read_blocks())
def test_a_drug_before_it_is_given_changes_nothing_that_can_be_seen(drug):
    found = solve(with_drug(read_blocks()[drug], DAYS - 1, np.inf)).values[:, :DAYS]
    expected = solve(problem()).values[:, :DAYS]
    assert np.abs(found - expected) / (1e-3 * SCALES + expected) == pytest.approx(0, abs=1e-3)


@pytest.mark.parametrize("engine", ["lanes", "reference"])
@pytest.mark.parametrize("name", ["cns_entry_rate", "priming_rate", "expansion_rate", "inflammation_rate"])
def test_a_full_block_is_the_parameter_at_0_in_the_window(name, engine):
    first, last = 3, 9
    block = Block(drug="x", process="x", inhibits=(name,), strength=1.0, why="x")
    found = solve(with_drug(block, first, last), engine=engine).values
    # By hand: three runs of the plain equations, the middle one with the parameter at 0.
    own = problem().parameters
    without = own.copy()
    without[:, Parameters._fields.index(name)] = 0.0
    state, parts = problem().initial, []
    last_state = tuple(Reducer("last", each) for each in State._fields)
    for start, end, parameters in ((0, first, own), (first, last, without), (last, DAYS, own)):
        part = problem(until=end - start, reducers=last_state)
        events = part.events if start == 0 else Events(*(each[:, :0] for each in vars(part.events).values()))
        solved = solve(replace(part, parameters=parameters, initial=state, events=events), engine="reference")
        state = solved.reduced
        parts.append(solved.values[:, 1 if start else 0 :])
    expected = np.concatenate(parts, axis=1)
    scale = np.abs(expected).max(axis=(0, 1)) + 1e-12
    assert np.abs(found - expected).max(axis=(0, 1)) / scale == pytest.approx(0, abs=2e-5)
    assert np.abs(expected - solve(problem(), engine="reference").values).max() > 0


def decaying(rate: float = 0.3) -> tuple[System, Problem]:
    state, own = namedtuple("S", ["inflammation"]), namedtuple("P", ["inflammation_rate"])
    system = System(lambda s, p: state(-p.inflammation_rate * s.inflammation), state, own, (1.0,))
    none = np.zeros((1, 0))
    whole = Problem(
        system,
        np.array([[rate]]),
        np.ones((1, 1)),
        Events(none, none.astype(np.int64), none),
        np.arange(11.0),
        ("inflammation",),
    )
    return system, whole


@pytest.mark.parametrize("kind", ["inhibits", "depletes"])
@pytest.mark.parametrize("strength", [0.25, 1.0])
def test_a_window_has_the_rate_of_the_closed_form(kind, strength):
    system, plain = decaying()
    names = {"inhibits": ("inflammation_rate",), "depletes": ("inflammation",)}[kind]
    block = Block(drug="x", process="x", strength=strength, why="x", **{kind: names})
    given = Events(np.array([[2.0, 5.0]]), np.ones((1, 2), dtype=np.int64), np.array([[strength, -strength]]))
    wrapped = replace(
        plain, system=blocked([block], system=system), initial=np.array([[1.0, 0.0]]), events=given
    )
    inside = 0.3 * (1 - strength) if kind == "inhibits" else 0.3 + strength
    days = plain.days
    spent = 0.3 * (days - np.clip(days, 2, 5) + 2) + inside * (np.clip(days, 2, 5) - 2)
    assert solve(wrapped, engine="reference").values[0, :, 0] == pytest.approx(np.exp(-spent), rel=1e-6)


def test_two_drugs_on_one_process_leave_what_both_leave():
    system, plain = decaying()
    pair = [
        Block(drug=drug, process="x", inhibits=("inflammation_rate",), strength=0.5, why="x")
        for drug in ("one", "two")
    ]
    events = Events(np.zeros((1, 2)), np.array([[1, 2]]), np.full((1, 2), 0.5))
    both = replace(
        plain, system=blocked(pair, system=system), initial=np.array([[1.0, 0.0, 0.0]]), events=events
    )
    found = solve(both, engine="reference").values[0, :, 0]
    assert found == pytest.approx(np.exp(-0.3 * 0.25 * plain.days), rel=1e-6)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"inhibits": ("cns_entry",)}, UnknownNameError, 'did you mean "cns_entry_rate"'),
        ({"depletes": ("inflamation",)}, UnknownNameError, 'did you mean "inflammation"'),
        ({}, QuantityError, "nothing to act on"),
        ({"inhibits": ("cns_entry_rate",), "strength": 1.2}, QuantityError, "from 0 to 1"),
        ({"inhibits": ("cns_entry_rate",), "strength": -0.1}, QuantityError, "from 0 to 1"),
        ({"depletes": ("inflammation",), "strength": float("inf")}, QuantityError, "from 0 on"),
        ({"depletes": ("inflammation",), "strength": float("nan")}, QuantityError, "from 0 on"),
    ],
)
def test_a_block_on_nothing_is_one_line(change, error, message):
    with pytest.raises(error, match=message) as found:
        Block(**{"drug": "x", "process": "x", "strength": 0.5, "why": "x", **change})
    assert "\n" not in str(found.value)
