"""Runs for the rows that need more than scores: drugs as blocks, second attacks, donors and recipients."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from eaesim.analysis.estimation.blocks import Block, blocked, read_blocks
from eaesim.analysis.estimation.population import TOLERANCE, Dose
from eaesim.analysis.estimation.prior import DATA
from eaesim.analysis.estimation.reading import Populations
from eaesim.endpoints import Floats
from eaesim.errors import QuantityError, unknown_name
from eaesim.model import Parameter, Parameters
from eaesim.model.score import severity
from eaesim.protocol import Regimen
from eaesim.protocol.dose import parse_dose
from eaesim.protocol.induction import Induction
from eaesim.protocol.tables import read_inductions
from eaesim.protocol.timeline import arm_events
from eaesim.solver import Events, Problem, solve
from eaesim.study.assembly import build_problem, read
from eaesim.study.cohort import draw_cohort, population_parameters

# Last day of the first disease, where a run goes on.
COURSE = 34
# What is kept of every rat, day by day, beside its severity and its hazard.
KEPT = ("infiltrate", "t_cells", "macrophages", "demyelination", "pool")


def pool(state: Any, _: Any) -> Any:
    """Return the cells that a donor holds: expanded, licensing, in the blood, and memory."""
    expanded = state.expansion_4 + state.expansion_5 + state.licensing_early + state.licensing_late
    return expanded + state.effector_blood + state.memory


_RECORD = (severity, "death_hazard", "bystander_cns", "effector_cns", "inflammation", "demyelination", pool)


@dataclass(frozen=True, kw_only=True)
class Span:
    """When a drug is there.

    Attributes
    ----------
    block
        What it does.
    first, last
        Days; `last` is infinite for a drug that stays.
    since_onset
        Whether they count from each rat's own first day with signs.
    """

    block: Block
    first: float
    last: float = np.inf
    since_onset: bool = False


@dataclass(frozen=True, kw_only=True)
class Run:
    """What is done to rats of one strain.

    Attributes
    ----------
    name, rat
        Its name, and the strain.
    until
        Last day.
    inductions
        What is done.
    induced
        Day of a second attack; None without one.
    like
        The run that it is compared with; ``""`` without one.
    scale
        By parameter, what it is multiplied by.
    dose, day
        IVIG, and its day; None where none is given.
    span
        Another drug; None where none is given.
    """

    name: str
    rat: str
    until: int
    inductions: tuple[Induction, ...]
    induced: int | None = None
    like: str = ""
    scale: Mapping[str, float] = field(default_factory=dict)
    dose: Dose | None = None
    day: float = 0.0
    span: Span | None = None


@cache
def read_runs(path: Path = DATA / "rowruns.toml") -> Mapping[str, Run]:
    """Return every run, by name.

    Raises
    ------
    UnknownNameError
        If a run is like none that stands before it, or names no drug or parameter.

    Examples
    --------
    >>> read_runs()["lewis_entry_4"].span.last
    12.0
    """
    found: dict[str, Run] = {}
    for name, table in tomllib.loads(path.read_text(encoding="utf-8")).items():
        found[name] = _run(name, dict(table), found)
    return found


def _run(name: str, table: dict[str, Any], before: Mapping[str, Run]) -> Run:
    like = table.get("like", "")
    if like and like not in before:
        raise unknown_name(like, "run", before)
    changes: dict[str, Any] = {
        key: table[key] for key in ("rat", "until", "induced", "scale", "day") if key in table
    }
    for parameter in changes.get("scale", {}):
        if parameter not in Parameters._fields:
            raise unknown_name(parameter, "parameter", Parameters._fields)
    if "induction" in table:
        changes["inductions"] = tuple(read_inductions(table["induction"], name))
    if "dose" in table:
        changes["dose"] = parse_dose(table["dose"], route=table.get("route", "iv"))
    if "block" in table:
        changes["span"] = _span(table["block"])
    changes |= {"name": name, "like": like}
    return replace(before[like], **changes) if like else Run(**changes)


def _span(table: Mapping[str, Any]) -> Span:
    blocks = read_blocks()
    if table["drug"] not in blocks:
        raise unknown_name(table["drug"], "drug", blocks)
    return Span(
        block=blocks[table["drug"]],
        first=float(table["from"]),
        last=float(table.get("to", np.inf)),
        since_onset=table.get("since") == "onset",
    )


@dataclass(frozen=True)
class Seen:
    """What was seen of one run.

    Attributes
    ----------
    populations
        Scores, severities and deaths.
    states
        Those of `KEPT`, each of shape (populations, rats, days).
    """

    populations: Populations
    states: Mapping[str, Floats]

    def of(self, sets: Any) -> Seen:
        """Return some of the populations, by their places."""
        own = self.populations
        chosen = replace(
            own,
            score=own.score[sets],
            severity=own.severity[sets],
            death_day=own.death_day[sets],
            reduced=own.reduced[sets],
        )
        return Seen(chosen, {name: values[sets] for name, values in self.states.items()})


def simulate_run(
    run: Run,
    typical: Sequence[Parameters],
    *,
    entries: Mapping[str, Parameter],
    animals: int,
    seed: int,
    onset: Floats | None = None,
    cells: Floats | None = None,
    workers: int | None = None,
) -> Seen:
    """Simulate a run in one population for each typical rat.

    Parameters
    ----------
    run
        What is done.
    typical, entries, animals, seed, workers
        As for `eaesim.analysis.estimation.population.simulate_populations`; the rats are the same.
    onset
        Each rat's first day with signs in the run that this one is like, shape (typical rats, animals); NaN
        where it has none, which is then not given the drug.
    cells
        Transferred on day 0, in multiples of the standard number, shape (typical rats, animals).

    Raises
    ------
    QuantityError
        If a drug counts from an onset that is not given.
    """
    cohort = draw_cohort(animals, seed=seed, days=run.until + 1)
    parameters = population_parameters(typical, entries=entries, differences=cohort.differences)
    parameters = parameters.reshape(-1, parameters.shape[2])
    for name, factor in run.scale.items():
        parameters[:, Parameters._fields.index(name)] *= factor
    regimen = Regimen() if run.dose is None else run.dose.at(day=run.day)
    problem = build_problem(
        parameters,
        [arm_events(run.inductions, regimen, triggered={})],
        until=run.until,
        record=_RECORD,
        follows=np.zeros(len(parameters), dtype=np.int64),
        relative_tolerance=TOLERANCE,
    )
    if cells is not None:
        standard = parameters[:, Parameters._fields.index("transferred_cells")]
        problem = _with_event(problem, "licensing_early", np.zeros(len(parameters)), cells.ravel() * standard)
    if run.span is not None:
        problem = _with_block(problem, run.span, onset)
    values = solve(problem, workers=workers).values
    return _seen(run, values, parameters, cohort, (len(typical), animals))


def _seen(run: Run, values: Floats, parameters: Floats, cohort: Any, shape: tuple[int, int]) -> Seen:
    sets, days = shape[0], run.until + 1
    readings = read(
        values[:, :, 0],
        values[:, :, 1],
        parameters,
        observer=np.tile(cohort.observer, (sets, 1)),
        death=np.tile(cohort.death, sets),
    )
    infiltrate, t_cells, macrophages, demyelination, held = (
        values[:, :, place].reshape(*shape, days) for place in range(2, 7)
    )
    failed = np.isnan(values[:, 0, 0])
    populations = Populations(
        readings.score.reshape(*shape, days),
        values[:, :, 0].reshape(*shape, days),
        np.where(failed, np.nan, readings.death_day).reshape(shape),
        np.stack([macrophages.max(axis=2), demyelination[:, :, -1]], axis=2),
        min(COURSE, run.until),
        run.induced,
    )
    kept = (infiltrate, t_cells, macrophages, demyelination, held)
    return Seen(populations, dict(zip(KEPT, kept, strict=True)))


def _with_event(problem: Problem, state: str, day: Floats, amount: Floats) -> Problem:
    """Return a problem with one event more in every row; a day that is not finite is none."""
    place = problem.system.state._fields.index(state)
    day, amount = day[:, None], amount[:, None]
    own = problem.events
    events = Events(
        np.hstack([own.day, np.where(np.isfinite(day), day, np.inf)]),
        np.hstack([own.state, np.full(day.shape, place, dtype=np.int64)]),
        np.hstack([own.amount, np.where(np.isfinite(day), amount, 0.0)]),
    )
    return replace(problem, events=events)


def _with_block(problem: Problem, span: Span, onset: Floats | None) -> Problem:
    """Return a problem in which a drug acts; with a strength of 0 the problem stays what it is."""
    block, rows = span.block, len(problem.parameters)
    if block.strength == 0:
        return problem
    if span.since_onset and onset is None:
        raise QuantityError(f"{block.drug} counts from each rat's onset, which is not given.")
    since = np.zeros(rows) if onset is None or not span.since_onset else onset.ravel()
    wrapped = replace(
        problem,
        system=blocked([block]),
        initial=np.hstack([problem.initial, np.zeros((rows, 1))]),
    )
    strength = np.full(rows, block.strength)
    # A drug that is there before day 0 is there from day 0 on.
    wrapped = _with_event(wrapped, block.state, np.maximum(since + span.first, 0.0), strength)
    return _with_event(wrapped, block.state, since + span.last, -strength)
