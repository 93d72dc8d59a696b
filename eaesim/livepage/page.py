"""The page: data, equations and code in one HTML file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from eaesim.files import Content
from eaesim.interop.javascript import javascript_text
from eaesim.livepage.content import PageContent, page_content, plasma
from eaesim.model.score import edss
from eaesim.protocol.dose import STUDIED_DRUG
from eaesim.solver import Effort, Progress, Quantity, System
from eaesim.solver.lanes.method import tsit5
from eaesim.study.assembly import READ
from eaesim.workbench.figure.words import sentence_case
from eaesim.workbench.report.sources import bibtex, citation

#: Subjects and mechanisms of IVIG of a page by default; animals, and patients of each parameter set.
SUBJECTS, MECHANISMS, ANIMALS, PATIENTS = ("lewis", "da", "patient"), ("H1a", "H1b", "H7"), 400, 30
#: Code that simulates, in the order in which it is read; libraries, with what they bundle; code of the page.
ENGINE, PLOTS = ("engine.js", "group.js", "worker.js"), ("d3.min.js", "plot.umd.min.js")
LICENCES = ("d3.LICENSE", "plot.LICENSE", "bundled.LICENSE")
BEHAVIOUR = (
    "state.js",
    "effect.js",
    "words.js",
    "patientwords.js",
    "charts.js",
    "own.js",
    "keep.js",
    "live.js",
)
#: What a published finding was used for, in words.
USES = {
    "calibrate": "parameters may be set by it",
    "validate": "compared with the model, never fitted",
    "shown": "shown with the model only",
}
_DATA = files("eaesim.livepage") / "data"


def live(
    *subjects: str,
    mechanism: Sequence[str] | str = MECHANISMS,
    drug: Sequence[str] | str = (STUDIED_DRUG,),
    dose: Sequence[str] | str = ("1 g/kg",),
    animals: int = ANIMALS,
    patients: int = PATIENTS,
    seed: int = 1,
    parameter_sets: int | None = None,
    progress: Progress | None = None,
) -> str:
    """Return one HTML page that simulates in the reader's browser, without a server or a network.

    Parameters
    ----------
    *subjects
        Names of rats and patients, or folders of fits; by default ``lewis``, ``da`` and ``patient``.
    mechanism
        Mechanisms of IVIG that can be chosen; ``"all"`` is every one.
    drug
        Drugs that can be chosen.
    dose
        Dose of each drug with which the page opens, or one for all.
    animals
        Rats that are simulated, the same for every dosing day.
    patients
        Patients of each parameter set, likewise.
    seed
        Random seed of rats and patients.
    parameter_sets
        Parameter sets of a rat, by default 64, of 640 animals or more 128; of a patient all, or so many.
    progress
        Called with the number of animals done and their total, for each subject and drug.

    Returns
    -------
    str
        The page; the same settings give the same text.

    Raises
    ------
    EaesimError
        If a subject, a mechanism, a drug or a dose is not known, or the doses are not one for each drug.

    Examples
    --------
    >>> live("lewis", drug=["ivig", "fingolimod", "cam"], dose=["1 g/kg", "1 mg/kg"])
    Traceback (most recent call last):
    ...
    eaesim.errors.ProtocolError: 2 doses for 3 drugs; give one dose for each drug, or one for all.
    """
    content = page_content(
        subjects or SUBJECTS,
        mechanism=_several(mechanism),
        drugs=_several(drug),
        doses=_several(dose),
        animals=animals,
        patients=patients,
        seed=seed,
        parameter_sets=parameter_sets,
        effort=Effort(progress=progress),
    )
    return page_text(content)


def _several(given: Sequence[str] | str) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def systems_text(systems: Mapping[str, System]) -> str:
    """Return the equations of each drug as JavaScript.

    Examples
    --------
    >>> from eaesim.study.assembly import SYSTEM
    >>> systems_text({"ivig": SYSTEM})[:24]
    'const SYSTEMS = {"ivig":'
    """
    parts = [
        f"{json.dumps(name)}: {javascript_text(system, seen(name), method=tsit5())}"
        for name, system in systems.items()
    ]
    joined = ",\n".join(parts)
    return f"const SYSTEMS = {{{joined}}};\n"


def seen(drug: str) -> tuple[Quantity, ...]:
    """Return what a page reads: what scores and deaths need, the drug in plasma, and a patient's EDSS."""
    return (*READ, plasma(drug), edss)


def data_text(content: Mapping[str, Content]) -> str:
    """Return the data of a page as JSON that may stand within HTML."""
    text = json.dumps(content, sort_keys=False, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")


def page_text(content: PageContent) -> str:
    """Return the page of its data and equations."""
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    engine = systems_text(content.systems) + "".join(map(file_text, ENGINE))
    return environment.from_string(file_text("live.html.jinja")).render(
        version=content.data["version"],
        style=Markup(file_text("live.css")),
        data=Markup(data_text(content.data)),
        engine=Markup(engine),
        plots=[Markup(file_text(name)) for name in PLOTS],
        behaviour=Markup("".join(map(file_text, BEHAVIOUR))),
        licences={name: file_text(name) for name in LICENCES},
        content=content.data,
        **_words(content),
        uses=USES,
        citation=citation(str(content.data["version"])),
        bibtex=bibtex(str(content.data["version"])),
    )


def _words(content: PageContent) -> Mapping[str, Content]:
    """Return what the text of a page names: treatments, claims about patients, and who is simulated."""
    data: Any = content.data
    subjects = data["subjects"].values()
    patients = [one for one in subjects if one["animal"] == "patient"]
    rats = [one for one in subjects if one["animal"] == "rat"]
    counts = dict.fromkeys(f"{one['animals']} {one['animal']}s" for one in subjects)
    diseases = (
        *("experimental autoimmune encephalomyelitis",) * bool(rats),
        *("multiple sclerosis",) * bool(patients),
    )
    return {
        "treatments": {name: one for each in subjects for name, one in each["treatments"].items()},
        "claims": {
            name: text
            for one in patients
            for panel in one["panels"].values()
            for name, text in panel["claims"].items()
        },
        "counts": sentence_case(" or ".join(counts)),
        "diseases": sentence_case(" and ".join(diseases)),
        "patients": patients[0]["animals"] // patients[0]["sets"] if patients else 0,
    }


def file_text(name: str) -> str:
    """Return a file of the page."""
    return (_DATA / name).read_text(encoding="utf-8")
