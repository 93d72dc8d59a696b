"""Patients of a page: one attack each, and the relapses that a dose leaves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from eaesim.evidence.claims import claims
from eaesim.files import Content, toml_text
from eaesim.livepage.cohort import packed_table
from eaesim.livepage.panel import finite
from eaesim.livepage.subject import Subject, treatment_name, treatment_table
from eaesim.model.patient import load_subject
from eaesim.protocol import Arm
from eaesim.questions.timing.attack.answer import PatientTiming, answer, attacked, plan
from eaesim.questions.timing.attack.plan import UNTIL, AttackPlan
from eaesim.questions.timing.attack.request import AttackRequest
from eaesim.questions.timing.attack.words import trial_windows
from eaesim.solver import Effort, System
from eaesim.study.patients import undosed
from eaesim.study.patientsets import fitted_sets
from eaesim.workbench.figure.words import sentence_case

#: What a page draws of patients, by what it calls them.
CURVES = {"left": "relapses left", "protected": "share protected"}


def sets_of_patients(asked: int | None) -> int | None:
    """Return how many parameter sets patients have, where so many of a rat are asked: at most all.

    Examples
    --------
    >>> sets_of_patients(8), sets_of_patients(None)
    (8, None)
    """
    return min(asked, len(fitted_sets())) if isinstance(asked, int) and fitted_sets() else asked


def ask_patient(name: str, requests: Sequence[AttackRequest], effort: Effort) -> Subject:
    """Follow patients with one attack under the treatments of a page, for the intervals.

    Parameters
    ----------
    name
        Name of the patient.
    requests
        What is asked of the same patients for each drug.
    effort
        Effort of the computation.

    Raises
    ------
    EaesimError
        If a name, a dose or a number is not allowed, or nobody relapses.
    """
    treated: dict[str, dict[str, Content]] = {}
    found: dict[str, Content] = {}
    systems: dict[str, System] = {}
    panel: dict[str, Content] = {}
    numbers: dict[str, Content] = {}
    for request in requests:
        own = plan(name, request)
        timing = answer(own, effort)
        for acting in request.acting():
            treatment = treatment_name(request.drug, acting)
            given, sets, systems[request.drug] = _patients(own, acting)
            treated[treatment] = treatment_table(request.drug, acting) | given
            found[treatment] = {"left": _intervals(timing, acting), "protected": []}
            numbers = {"animals": own.patients(sets), "sets": sets}
        panel = panel or _panel(own, timing)
    subject, kind = load_subject(name), name.removeprefix("patient").replace("_", " ").strip()
    table: dict[str, Content] = {
        "title": f"Patients ({kind})" if kind else "Patients",
        "about": sentence_case(subject.title),
        "animal": "patient",
        "name": name,
        "isShipped": True,
        "values": {},
        "treatments": treated,
        "panels": {"attack": panel | {"intervals": found}},
    }
    return Subject(table | numbers, systems, ())


def _patients(own: AttackPlan, acting: str) -> tuple[dict[str, Content], int, System]:
    """Return the patients under a treatment, with their attack; the number of sets; and the equations."""
    subjects = own.subjects(acting)
    problem = undosed(
        attacked(own, subjects, Effort()),
        Arm("treated", own.request.given(acting)[0].at(day=own.lead)),
        until=own.lead + UNTIL,
        mechanism=own.mechanism(acting),
    )
    events, sets = problem.events, len(subjects)
    columns = np.stack([events.day, events.state, events.amount], axis=2).reshape(len(events.day), -1)
    given: dict[str, Content] = {
        "parameters": packed_table(problem.parameters, sets=sets),
        "initial": packed_table(problem.initial, sets=sets),
        "attack": packed_table(columns, sets=sets),
        "own": {},
        "verdicts": {},
    }
    return given, sets, problem.system


def _intervals(timing: PatientTiming, acting: str) -> list[Content]:
    """Return the package's own share of relapses left, with its 95 % interval, by day."""
    rows = timing.table[timing.table["mechanism"] == acting]
    columns = (rows[name] for name in ("day", "left", "left_low", "left_high"))
    return [
        {"day": int(day), "effect": finite(left), "low": finite(low), "high": finite(high)}
        for day, left, low, high in zip(*columns, strict=True)
    ]


def _panel(own: AttackPlan, timing: PatientTiming) -> dict[str, Content]:
    """Return what a page needs of the attack; its days count from `own.lead` days before it."""
    days, seen = [int(day) for day in own.request.days], timing.relapses.iloc[0]
    windows = trial_windows(float(seen["median_day"]))
    codes = [code for text, *_ in windows for code in text.split() if code in claims()]
    return {
        "title": "one attack",
        "event": "the attack",
        "isRelapse": False,
        "isAttack": True,
        "isPrediction": True,
        "origin": own.lead,
        "until": own.lead + UNTIL,
        "days": days,
        "signs": (),
        "meanUntil": 0,
        "events": [],
        "without": None,
        "onset": None,
        "leastExcess": 0.0,
        "drawn": "left",
        "curves": CURVES,
        "published": {one: {"numbers": [], "statements": []} for one in CURVES},
        "windows": [
            {"label": text, "first": int(max(first, days[0])), "last": int(last)}
            for text, first, last in windows
        ],
        "claims": {code: claims()[code].text for code in codes},
        "seen": [float(seen[name]) for name in ("day_5_percent", "median_day", "day_95_percent")],
        "study": _study_head(own),
    }


def _study_head(own: AttackPlan) -> str:
    """Return the file of one attack, to which a page adds the dose, what it does, and its days."""
    beside = ("dose", "drug", "mechanism", "days")
    settings = {name: value for name, value in own.request.changed().items() if name not in beside}
    lines = [f"{name} = {toml_text(value)}" for name, value in {"of": own.subject, **settings}.items()]
    return "\n".join([f"[{own.request.table}]", *lines])
