"""Cases that cover what a file can hold, and simulators that nobody here wrote."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from eaesim.interop.animal import typical_animal, untreated
from eaesim.model import MECHANISMS, State
from eaesim.model.patient import patient_names
from eaesim.protocol import Arm, Bolus, Immunisation, Infusion, Regimen, Relapse, Transfer
from eaesim.protocol.timeline import MOMENT
from eaesim.solver import solve
from eaesim.study import Study, study_text
from eaesim.study.assembly import build_problem, system_with

_TOLERANCE = 1e-10


def _study(rat: str, *regimens: Regimen, until: int = 30, **settings: Any) -> Study:
    return Study(rat, arms=[Arm("given", *regimens)], until=until, **settings)


_EARLY = Bolus("1 g/kg").at(day=0)
_COURSE = Infusion("0.4 g/kg", over="4 h", every="1 day", doses=5)
_TWICE = [Immunisation(), Relapse(35, adjuvant="complete")]
CASES: dict[str, Study] = {
    "lewis, untreated": _study("lewis"),
    "lewis, H1a, day 0": _study("lewis", _EARLY),
    "da, relapse and infusions": _study("da", _COURSE.at(day=34.5), until=60, inductions=_TWICE),
    "da_antibody, H5, day 3": _study("da_antibody", Bolus("2 g/kg").at(day=3), mechanism="H5"),
    "lewis, nothing at all": _study("lewis", until=5, inductions=[]),
    "lewis, before day 0": _study("lewis", _COURSE.at(day=-7.25), Bolus("1 g/kg").at(day=-0.5)),
    "lewis, one infusion into another": _study("lewis", _COURSE.at(day=2), _COURSE.at(day=2.1)),
    "lewis, two at one time": _study("lewis", _EARLY, Bolus("1 g/kg", route="ip").at(day=0)),
    "da, intraperitoneal": _study("da", Bolus("1 g/kg", route="ip").at(day=1)),
    "da, subcutaneous": _study("da", Bolus("1 g/kg", route="sc").at(day=1)),
    "lewis, late drug": _study("lewis", Bolus("1 mg/kg", drug="late_acting").at(day=11)),
    "lewis, late drug, slowly": _study(
        "lewis",
        Infusion("1 mg/kg", over="1 day", drug="late_acting").at(day=10),
        Bolus("1 mg/kg", drug="late_acting", route="ip").at(day=12),
        _EARLY,
    ),
    "da, transfer": _study("da", Bolus("1 g/kg").at(day=2), inductions=[Transfer()]),
    "lewis, few cells": _study("lewis", inductions=[Transfer(cells=1e5)]),
    "da, incomplete adjuvant": _study(
        "da", inductions=[Immunisation(adjuvant="incomplete"), Relapse(12, amount=0.5)]
    ),
}
BY_MECHANISM: dict[str, Study] = {
    f"da_antibody, {mechanism}": _study(
        "da_antibody", Bolus("1 g/kg", every="6 day", doses=3).at(day=0), mechanism=mechanism
    )
    for mechanism in (*MECHANISMS, "H1a+H2", "none")
}


# Each has what no other of these has; the rest cross-checks the same events in other orders.
QUICK = (
    "lewis, untreated",
    "da, relapse and infusions",
    "da_antibody, H5, day 3",
    "lewis, nothing at all",
    "lewis, before day 0",
    "lewis, late drug, slowly",
    "da, transfer",
    "da, incomplete adjuvant",
)


@pytest.fixture(
    params=[
        name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in CASES | BY_MECHANISM
    ]
)
def case(request: pytest.FixtureRequest) -> Study:
    return (CASES | BY_MECHANISM)[request.param]


# A back-to-back schedule for every way in which two events can come to lie within a rounding error.
BACK_TO_BACK = ("infusions", "boluses", "one after the other", "a moment apart", "up to a whole day")


def random_study(seed: int) -> Study:
    """Return a random rat, induction, mechanism and regimen; of every third, doses are back to back."""
    source = random.Random(seed)
    kind = BACK_TO_BACK[seed // 3 % len(BACK_TO_BACK)] if seed % 3 == 0 else ""
    regimens = _back_to_back(kind, source) if kind else []
    regimens += [_any_dose(source) for _ in range(source.randint(0 if kind else 1, 2))]
    inductions = source.choice(
        [[Immunisation()], [Immunisation()], _TWICE, [Transfer()], [Immunisation(adjuvant="incomplete")], []]
    )
    return _study(
        source.choice(["lewis", "da", "da_antibody"]),
        *regimens,
        until=40,
        inductions=inductions,
        mechanism=source.choice([*MECHANISMS, "H1a", "H1a+H2", "none"]),
    )


def _any_dose(source: random.Random) -> Regimen:
    drug = source.choice(["ivig", "ivig", "ivig", "late_acting"])
    amount = f"{source.choice([0.05, 0.4, 1, 2]) * (1 if drug == 'ivig' else 0.001)} g/kg"
    doses = source.randint(1, 4)
    repeats = {"doses": doses, "every": source.choice([0.25, 1 / 3, 1, 2.5, source.uniform(0.1, 3)])}
    day = source.choice([source.randint(-7, 20), source.uniform(-7, 20), source.randint(-20, 80) / 4])
    if source.random() < 0.5:
        return Infusion(amount, over=f"{source.randint(5, 2000)} min", drug=drug, **repeats).at(day=day)
    return Bolus(amount, drug=drug, route=source.choice(["iv", "iv", "ip", "sc"]), **repeats).at(day=day)


def _back_to_back(kind: str, source: random.Random) -> list[Regimen]:
    minutes = source.choice([source.randint(1, 48) * 30, source.randint(20, 1500)])
    over, number = f"{minutes} min", source.randint(2, 8)
    day = source.choice([source.randint(-3, 15), source.randint(0, 150) / 10, source.randint(0, 45) / 3])
    slow = Infusion("0.4 g/kg", over=over, every=over, doses=number)
    if kind == "infusions":
        return [slow.at(day=day)]
    if kind == "boluses":
        every = source.choice([0.1, 0.2, 0.3, 1 / 3, 1 / 7, minutes / 1440])
        quick = Bolus("0.4 g/kg", every=every, doses=number)
        return [quick.at(day=day), Bolus("2 g/kg").at(day=day + source.randrange(number) * round(every, 12))]
    if kind == "one after the other":
        first = Infusion("1 g/kg", over=over)
        return [first.at(day=day), slow.at(day=day + minutes / 60 / 24), Bolus("1 g/kg").at(day=day)]
    if kind == "a moment apart":
        apart = source.choice([1e-15, 1e-12, 1e-9, 1e-6, 1.1e-6, 9e-6, 1.1e-5, 3e-5])
        return [slow.at(day=day), slow.at(day=day + apart), Bolus("1 g/kg").at(day=day + 2 * apart)]
    third = Infusion("0.3 g/kg", over=1 / 3, every=1 / 3, doses=3 * source.randint(1, 3))
    return [third.at(day=round(day)), Bolus("1 g/kg").at(day=round(day) + 1)]


def _solved(study: Study, engine: str, *, days: np.ndarray | None = None) -> np.ndarray:
    animal = typical_animal(study)
    system = system_with(animal.drugs)
    own = [animal.entries[name].value for name in system.parameters._fields]
    problem = build_problem(
        [np.array(own)], [animal.events], until=study.design.until, record=system.state._fields, system=system
    )
    days = _days(study) if days is None else days
    values: np.ndarray = solve(replace(problem, days=days), engine=engine).values[0]
    return values


def _days(study: Study) -> np.ndarray:
    # Between events, where it makes no difference who reads before and who after what happens on a day.
    return np.arange(study.design.until) + 0.30417


def _peak(study: Study) -> np.ndarray:
    """Return the peak of every state: what the days read, or what follows an event between or before them."""
    after = [event.day + MOMENT / 2 for event in typical_animal(study).events]
    days = np.unique([*_days(study), *(day for day in after if day <= study.design.until)])
    peak: np.ndarray = np.abs(_solved(study, "auto", days=days)).max(axis=0)
    return peak


@cache
def _base_peak(rat: str) -> np.ndarray:
    return _peak(untreated(rat) if rat in patient_names() else _study(rat))


@pytest.fixture(scope="session")
def reference() -> Callable[[Study, str], np.ndarray]:
    """Return what an engine of this package makes of a case, at its own tolerance: (days, states)."""
    known: dict[tuple[str, str], np.ndarray] = {}

    def run(study: Study, engine: str) -> np.ndarray:
        if engine == "lanes":
            pytest.importorskip("numba")
        key = f"{study_text(study)}{study.design.arms[0].drugs()}", engine
        if key not in known:
            known[key] = _solved(study, engine)
        return known[key]

    return run


def _times(study: Study) -> tuple[float, ...]:
    return (0.0, *(_days(study) - typical_animal(study).start).tolist())


def _scales(study: Study) -> tuple[tuple[str, float], ...]:
    return tuple((name, info.scale) for name, info in typical_animal(study).states.items())


Scales = tuple[tuple[str, float], ...]


def run_roadrunner(text: str, times: tuple[float, ...], scales: Scales) -> np.ndarray:
    """Return every state, shape (times, states), by CVODE."""
    import roadrunner

    runner = roadrunner.RoadRunner(text)
    runner.integrator.relative_tolerance = _TOLERANCE
    runner.integrator.maximum_num_steps = 100_000
    for name, scale in scales:
        runner.integrator.setIndividualTolerance(name, 1e-3 * _TOLERANCE * scale)
    runner.timeCourseSelections = [name for name, _ in scales]
    return np.array(runner.simulate(times=list(times)))


def run_copasi(text: str, times: tuple[float, ...], scales: Scales) -> np.ndarray:
    """Return every state, shape (times, states), by LSODA."""
    import basico

    model = basico.load_model_from_string(text)
    try:
        frame = basico.run_time_course(
            model=model,
            values=list(times),
            r_tol=_TOLERANCE,
            a_tol=1e-3 * _TOLERANCE * min(scale for _, scale in scales),
            max_steps=1_000_000,
            use_sbml_id=True,
        )
        return frame[[name for name, _ in scales]].to_numpy()
    finally:
        basico.remove_datamodel(model)


SIMULATORS = {"libroadrunner": cache(run_roadrunner), "COPASI": cache(run_copasi)}


@pytest.fixture(params=SIMULATORS)
def simulator(request: pytest.FixtureRequest) -> Callable[[Study, str], np.ndarray]:
    """Return a function that runs the text of a case in a simulator: (days, states)."""
    run = SIMULATORS[request.param]
    return lambda study, text: run(text, _times(study), _scales(study))[1:]


@pytest.fixture
def random_studies() -> Callable[[int], Study]:
    return random_study


@pytest.fixture(params=SIMULATORS)
def uncached_simulator(request: pytest.FixtureRequest) -> Callable[[Study, str], np.ndarray]:
    """Return a function that runs the text of a case in a simulator and forgets it: (days, states)."""
    run = SIMULATORS[request.param].__wrapped__
    return lambda study, text: run(text, _times(study), _scales(study))[1:]


@pytest.fixture(scope="session")
def error() -> Callable[[Study, np.ndarray, np.ndarray], float]:
    """Return the error of a run, as the solver's contract defines it."""

    def measure(study: Study, values: np.ndarray, truth: np.ndarray) -> float:
        apart = np.abs(values - truth)
        assert np.isfinite(apart).all()
        peak = _peak(study)
        peak[: len(State._fields)] = np.maximum(peak[: len(State._fields)], _base_peak(study.rat.name))
        # Where nothing ever is, there must be nothing here either.
        if apart[:, peak == 0].any():
            return float("inf")
        size = np.maximum(np.abs(truth), 1e-3 * peak)[:, peak > 0]
        return float((apart[:, peak > 0] / size).max())

    return measure
