"""The data of a page: subjects, drugs, published findings, and what identifies the package."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from eaesim.endpoints import Courses
from eaesim.endpoints.onsets import RelapseRule
from eaesim.errors import ProtocolError, unknown_name
from eaesim.evidence import Finding, load_findings
from eaesim.files import Content
from eaesim.livepage.panel import place
from eaesim.livepage.patient import ask_patient, sets_of_patients
from eaesim.livepage.subject import ask_subject
from eaesim.model import rat_names
from eaesim.model.patient import patient_names
from eaesim.model.pharmacy import load_drug, shipped_drugs
from eaesim.model.score import THRESHOLDS
from eaesim.protocol.dose import STUDIED_DRUG
from eaesim.questions.timing.attack.request import AttackRequest
from eaesim.questions.timing.request import TimedDose, TimingRequest
from eaesim.solver import Effort, System
from eaesim.study.fingerprint import fingerprint
from eaesim.workbench.dosing import Dose

# Relative tolerance of each step, and days between readings of the course of a drug.
TOLERANCE, EVERY = 3e-6, 0.25


@dataclass(frozen=True)
class PageContent:
    """The data of a page, and the equations of each drug.

    Attributes
    ----------
    data
        Plain values.
    systems
        Equations by drug.
    """

    data: Mapping[str, Content]
    systems: Mapping[str, System]


def page_content(
    subjects: Sequence[str],
    *,
    mechanism: Sequence[str],
    drugs: Sequence[str],
    doses: Sequence[str],
    animals: int,
    patients: int,
    seed: int,
    parameter_sets: int | None,
    effort: Effort,
) -> PageContent:
    """Simulate what a page opens with, for the intervals, and return its data.

    The settings are those of `eaesim.live`.

    Raises
    ------
    EaesimError
        As for `eaesim.live`.
    """
    if len(doses) not in (1, len(drugs)):
        several = "s" * (len(drugs) > 1)
        raise ProtocolError(
            f"{len(doses)} doses for {len(drugs)} drug{several}; give one dose for each drug, or one for all."
        )
    known = (*rat_names(), *patient_names())
    for name in subjects:
        if name not in known and not Path(name).exists():
            raise unknown_name(name, "rat or patient", known)
    treated = [
        TimedDose(drug=each, dose=amount, mechanism=mechanism if each == STUDIED_DRUG else None)
        for each, amount in zip(drugs, (*doses,) * (len(drugs) // len(doses)), strict=True)
    ]
    found = []
    for name in dict.fromkeys(subjects):
        if name in patient_names():
            sets = sets_of_patients(parameter_sets)
            people = AttackRequest(seed=seed, patients=patients, parameter_sets=sets)
            found.append(ask_patient(name, [people.with_values(**vars(one)) for one in treated], effort))
        else:
            rats = TimingRequest(rat=name, seed=seed, animals=animals, parameter_sets=parameter_sets)
            found.append(ask_subject([rats.with_values(**vars(one)) for one in treated], effort))
    names = [str(each.table["name"]) for each in found]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ProtocolError(f'two subjects have the name "{twice}"; give one of them.')
    systems = {name: system for each in found for name, system in each.systems.items()}
    given = {each.drug: each.given(each.acting()[0])[0] for each in treated}
    content: dict[str, Content] = {
        "version": version("eaesim"),
        "fingerprint": fingerprint(),
        "seed": seed,
        "tolerance": TOLERANCE,
        "every": EVERY,
        "deadScore": Courses.dead_score,
        "reading": reading_table(next(iter(systems.values()))),
        "relapse": vars(RelapseRule()),
        "drugs": {name: drug_table(name, given[name], system) for name, system in systems.items()},
        "subjects": {name: each.table for name, each in zip(names, found, strict=True)},
        "findings": [
            finding_table(one) for one in load_findings() if any(one.id in each.findings for each in found)
        ],
    }
    return PageContent(content, systems)


def reading_table(system: System) -> dict[str, Content]:
    """Return the numbers of the parameters with which a score is read.

    Examples
    --------
    >>> from eaesim.study.assembly import SYSTEM
    >>> len(reading_table(SYSTEM)["thresholds"])
    4
    """
    names = system.parameters._fields
    return {
        "noise": names.index("score_noise"),
        "floor": names.index("score_floor"),
        "thresholds": [names.index(name) for name in THRESHOLDS],
    }


def drug_table(name: str, dose: Dose, system: System) -> dict[str, Content]:
    """Return what a page needs of a drug: how it is given, and the dose with which the page opens."""
    drug = load_drug(name)
    return {
        "name": name,
        "title": "IVIG" if name == STUDIED_DRUG else drug.title,
        "isSwitch": drug.is_switch,
        "routes": {
            each: place(route.state, route.factor, route.divisor, system)
            for each, route in drug.routes.items()
        },
        "infusion": system.state._fields.index(drug.infusion),
        "isShipped": name in shipped_drugs(),
        "opening": {
            "dose": dose.amount,
            "times": dose.doses,
            "every": dose.every or 1.0,
            "over": 24 * dose.over,
            "route": dose.route,
        },
    }


def plasma(drug: str) -> str:
    """Return the state whose course a page shows for a drug: its concentration in plasma.

    Examples
    --------
    >>> plasma("ivig"), plasma("fingolimod")
    ('igg_plasma', 'fingolimod_plasma')
    """
    own = load_drug(drug)
    if own.is_igg:
        return "igg_plasma"
    return own.infusion if own.is_switch else own.own("plasma")


def finding_table(one: Finding) -> dict[str, Content]:
    """Return a published finding in words."""
    return {
        "id": one.id,
        "row": one.row,
        "study": one.study,
        "setting": one.setting,
        "endpoint": one.endpoint.replace("_", " "),
        "dose": one.dose,
        "text": one.text,
        "use": one.use,
        "source": one.source,
    }
