"""Runs for the rows that need more than scores: other drugs, second attacks, donors and recipients."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from eaesim.endpoints import Floats
from eaesim.errors import QuantityError, unknown_name
from eaesim.estimation.population import Dose, observed, with_drugs
from eaesim.estimation.rats import Rats
from eaesim.estimation.reading import Populations
from eaesim.files import Unchecked
from eaesim.model import Drug, Parameter, Parameters
from eaesim.model.harvest import harvestable
from eaesim.model.score import severity
from eaesim.protocol import Regimen
from eaesim.protocol.dose import STUDIED_DRUG, parse_dose
from eaesim.protocol.induction import Induction
from eaesim.protocol.tables import read_inductions
from eaesim.protocol.timeline import arm_events
from eaesim.solver import solve
from eaesim.study.assembly import build_problem, system_with
from eaesim.study.cohort import population_parameters

# Last day of the first disease, where a run continues.
COURSE = 35
# Kept for every rat, day by day, besides its severity, its hazard and the cells that it could give.
KEPT = ("infiltrate", "t_cells", "regulators", "macrophages", "demyelination")
_RECORD = (
    severity,
    "death_hazard",
    "bystander_cns",
    "effector_cns",
    "treg_cns",
    "inflammation",
    "demyelination",
    harvestable,
)

RUNS = Path(__file__).with_name("runs.toml")


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
        A drug, and the day of its first dose; None where none is given.
    since_onset
        Whether that day counts from each rat's own first day with signs.
    given_as
        The finding on treated rats whose dose it shares; a user may set that.
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
    given_as: str = ""
    since_onset: bool = False

    @property
    def of_ivig(self) -> bool:
        """Whether IVIG is given, which acts by each mechanism in turn."""
        return self.dose is not None and self.dose.drug == STUDIED_DRUG

    def drugs(self) -> tuple[Drug, ...]:
        """Return the drugs other than IVIG."""
        return () if self.dose is None or self.of_ivig else (self.dose.substance,)


@cache
def read_runs(path: Path = RUNS) -> Mapping[str, Run]:
    """Return every run, by name.

    Raises
    ------
    UnknownNameError
        If a run is like none that comes before it, or names no drug or parameter.

    Examples
    --------
    >>> read_runs()["lewis_entry_4"].dose.text()
    '1 mg/kg every 2 day x 4'
    """
    found: dict[str, Run] = {}
    for name, table in tomllib.loads(path.read_text(encoding="utf-8")).items():
        found[name] = _run(name, dict(table), found)
    return found


def _run(name: str, table: Unchecked, before: Mapping[str, Run]) -> Run:
    like = table.get("like", "")
    if like and like not in before:
        raise unknown_name(like, "run", before)
    changes: dict[str, Any] = {
        key: table[key] for key in ("rat", "until", "induced", "scale", "day", "given_as") if key in table
    }
    for parameter in changes.get("scale", {}):
        if parameter not in Parameters._fields:
            raise unknown_name(parameter, "parameter", Parameters._fields)
    if "induction" in table:
        changes["inductions"] = tuple(read_inductions(table["induction"], name))
    if "dose" in table:
        named = {key: table[key] for key in ("route", "drug") if key in table}
        changes["dose"] = parse_dose(table["dose"], **named)
        changes["since_onset"] = table.get("since") == "onset"
    changes |= {"name": name, "like": like}
    return replace(before[like], **changes) if like else Run(**changes)


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

    def state(self, name: str) -> Floats:
        """Return a state in every course, shape (populations, courses, days)."""
        return self._by_course(self.states[name])

    @property
    def severity(self) -> Floats:
        """Latent severity in every course, likewise."""
        return self._by_course(self.populations.severity)

    def _by_course(self, values: Floats) -> Floats:
        return np.repeat(values, self.populations.death_day.shape[1] // values.shape[1], axis=1)

    def of(self, places: npt.NDArray[np.int64]) -> Seen:
        """Return some of the populations, by their places."""
        populations = _replaced(self.populations, lambda name: getattr(self.populations, name)[places])
        return Seen(populations, {name: values[places] for name, values in self.states.items()})


def _replaced(populations: Populations, read: Callable[[str], Floats]) -> Populations:
    """Return populations in which everything that has a row for each is read anew, by its name."""
    return replace(
        populations,
        score=read("score"),
        severity=read("severity"),
        death_day=read("death_day"),
        transferable=read("transferable"),
    )


def joined(parts: Sequence[Seen]) -> Seen:
    """Return populations that were simulated apart as if at once."""
    states = {name: np.concatenate([part.states[name] for part in parts]) for name in parts[0].states}
    populations = _replaced(
        parts[0].populations,
        lambda name: np.concatenate([getattr(part.populations, name) for part in parts]),
    )
    return Seen(populations, states)


def simulate_run(
    run: Run,
    typical: Sequence[Parameters],
    *,
    entries: Mapping[str, Parameter],
    rats: Rats,
    onset: Floats | None = None,
    workers: int | None = None,
) -> Seen:
    """Simulate a run in one population for each typical rat, as `simulate_populations` does.

    A drug that counts from an onset needs the first day with signs of each course in the run that this one is
    like, shape (typical rats, courses); NaN where there is none, which is then not given the drug. There each
    observer scores its own rat.

    Raises
    ------
    QuantityError
        If a drug counts from an onset that is not given.
    """
    if run.since_onset and onset is None:
        raise QuantityError(f"the drug of {run.name} counts from each rat's onset, which is not given.")
    rats = apart(rats) if run.since_onset else rats
    parameters = population_parameters(typical, entries=entries, differences=rats.differences)
    parameters = parameters.reshape(-1, parameters.shape[2])
    for name, factor in run.scale.items():
        parameters[:, Parameters._fields.index(name)] *= factor
    since = np.zeros(len(parameters)) if onset is None or not run.since_onset else onset.ravel()
    starts, follows = np.unique(since, return_inverse=True)
    problem = build_problem(
        with_drugs(parameters, run.drugs()),
        [arm_events(run.inductions, _regimen(run, start), triggered={}) for start in starts.tolist()],
        until=run.until,
        record=_RECORD,
        follows=follows.astype(np.int64),
        system=system_with(run.drugs()),
    )
    values = solve(problem, accuracy="scores", workers=workers).values
    return _seen(run, values, parameters, rats, len(typical))


def _regimen(run: Run, start: float) -> Regimen:
    """Return what is given from a day on; nothing to a rat without an onset."""
    if run.dose is None or np.isnan(start):
        return Regimen()
    # A drug that would be given before day 0 is given from day 0 on.
    return run.dose.at(day=max(start + run.day, 0.0) if run.since_onset else run.day)


def apart(rats: Rats) -> Rats:
    """Return rats each of which has one observer, in the order of their courses."""
    observers = rats.death.shape[-1]
    days = rats.observer.shape[-1]
    return Rats(
        np.repeat(rats.differences, observers, axis=0),
        rats.observer.reshape(-1, 1, days),
        rats.death.reshape(-1, 1),
    )


def _seen(run: Run, values: Floats, parameters: Floats, rats: Rats, sets: int) -> Seen:
    readings = observed(values, parameters, rats)
    by_rat = values.reshape(sets, len(rats.death), run.until + 1, -1)
    populations = Populations(
        readings.score,
        by_rat[..., 0],
        readings.death_day,
        by_rat[..., -1],
        None,
        min(COURSE, run.until),
        run.induced,
        run.induced or 0,
    )
    return Seen(populations, {name: by_rat[..., place] for place, name in enumerate(KEPT, start=2)})
