"""Rat EAE as an ODE immune-response model, and the timing of intravenous immunoglobulin.

Names are imported when first used, so that ``import eaesim`` stays quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

# At once, not when first used: importing the room of the same name would otherwise put itself here.
from eaesim.plot import plot

if TYPE_CHECKING:
    from eaesim.analysis import (
        compare,
    )
    from eaesim.errors import EaesimError, EaesimWarning
    from eaesim.evidence import LaboratoryResult, load_findings, read_scores
    from eaesim.interop import export
    from eaesim.model import Rat, rat_names
    from eaesim.protocol import Arm, Bolus, Immunisation, Infusion, Regimen, Relapse, Transfer
    from eaesim.questions.ablation.answer import Ablation, ablation
    from eaesim.questions.discriminate.answer import Discrimination, discriminate
    from eaesim.questions.mechanisms.answer import Mechanisms, mechanisms
    from eaesim.questions.power.answer import Power, power
    from eaesim.questions.run.answer import StudyRun, run
    from eaesim.questions.schedule.answer import Schedules, schedule
    from eaesim.questions.schedule.mistiming.answer import Mistiming, mistiming
    from eaesim.questions.schedule.optimise.answer import Optimum, optimise
    from eaesim.questions.sensitivity.answer import Sensitivity, sensitivity
    from eaesim.questions.sweep.answer import SweepResult, read_sweep, sweep
    from eaesim.questions.timing.answer import Timing, timing
    from eaesim.study import Result, Study, Subjects, load, study_text
    from eaesim.workbench.studyfile import read_study

_ROOMS = {
    "analysis": ("compare",),
    "errors": ("EaesimError", "EaesimWarning"),
    "evidence": ("LaboratoryResult", "load_findings", "read_scores"),
    "interop": ("export",),
    "model": ("Rat", "rat_names"),
    "protocol": ("Arm", "Bolus", "Immunisation", "Infusion", "Regimen", "Relapse", "Transfer"),
    "questions.ablation.answer": ("Ablation", "ablation"),
    "questions.discriminate.answer": ("Discrimination", "discriminate"),
    "questions.mechanisms.answer": ("Mechanisms", "mechanisms"),
    "questions.power.answer": ("Power", "power"),
    "questions.run.answer": ("StudyRun", "run"),
    "questions.schedule.answer": ("Schedules", "schedule"),
    "questions.schedule.mistiming.answer": ("Mistiming", "mistiming"),
    "questions.schedule.optimise.answer": ("Optimum", "optimise"),
    "questions.sensitivity.answer": ("Sensitivity", "sensitivity"),
    "questions.sweep.answer": ("SweepResult", "read_sweep", "sweep"),
    "questions.timing.answer": ("Timing", "timing"),
    "study": ("Result", "Study", "Subjects", "load", "study_text"),
    "workbench.studyfile": ("read_study",),
}
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names}

__version__ = "0.2.0"
__all__ = [
    "Ablation",
    "Arm",
    "Bolus",
    "Discrimination",
    "EaesimError",
    "EaesimWarning",
    "Immunisation",
    "Infusion",
    "LaboratoryResult",
    "Mechanisms",
    "Mistiming",
    "Optimum",
    "Power",
    "Rat",
    "Regimen",
    "Relapse",
    "Result",
    "Schedules",
    "Sensitivity",
    "Study",
    "StudyRun",
    "Subjects",
    "SweepResult",
    "Timing",
    "Transfer",
    "ablation",
    "compare",
    "discriminate",
    "export",
    "load",
    "load_findings",
    "mechanisms",
    "mistiming",
    "optimise",
    "plot",
    "power",
    "rat_names",
    "read_scores",
    "read_study",
    "read_sweep",
    "run",
    "schedule",
    "sensitivity",
    "study_text",
    "sweep",
    "timing",
]


def __getattr__(name: str) -> Any:
    if name not in _ROOM_OF:
        raise AttributeError(f"module 'eaesim' has no attribute {name!r}")
    return getattr(import_module(f"eaesim.{_ROOM_OF[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
