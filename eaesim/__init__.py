"""Rat EAE as an ODE immune-response model, and the timing of intravenous immunoglobulin.

Names are imported when first used, so that ``import eaesim`` stays quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from eaesim.endpoints import Endpoint
    from eaesim.errors import EaesimError, EaesimWarning
    from eaesim.estimation.comparison import compare
    from eaesim.evidence import load_findings, read_scores
    from eaesim.interop import export
    from eaesim.livepage.page import live
    from eaesim.model import Action, Drug, Mechanism, Rat, rat_names
    from eaesim.protocol import Arm, Bolus, Immunisation, Infusion, Regimen, Relapse, Transfer
    from eaesim.questions.ablation.answer import Ablation, ablation
    from eaesim.questions.discriminate.answer import Discrimination, discriminate
    from eaesim.questions.fit.answer import fit
    from eaesim.questions.fit.calibration.answer import FitCalibration, calibrate_fit
    from eaesim.questions.fit.laboratory.answer import fit_scores
    from eaesim.questions.fit.laboratory.result import LaboratoryFit
    from eaesim.questions.fit.patient.answer import PatientFit, fit_patients
    from eaesim.questions.fit.result import Fit
    from eaesim.questions.mechanisms.answer import Mechanisms, mechanisms
    from eaesim.questions.power.answer import Power, power
    from eaesim.questions.run.answer import StudyRun, run
    from eaesim.questions.schedule.answer import Schedules, schedule
    from eaesim.questions.schedule.mistiming.answer import Mistiming, mistiming
    from eaesim.questions.schedule.optimise.answer import Optimum, optimise
    from eaesim.questions.scores.answer import LaboratoryResult, scores
    from eaesim.questions.sensitivity.answer import Sensitivity, sensitivity
    from eaesim.questions.sweep.answer import SweepResult, read_sweep, sweep
    from eaesim.questions.targets.answer import Targets, targets
    from eaesim.questions.timing.answer import Timing, timing
    from eaesim.questions.timing.attack.answer import PatientTiming, timing_patient
    from eaesim.questions.trial.answer import TrialAnswer, trial
    from eaesim.questions.trial.doses.answer import TrialDoses, trial_doses
    from eaesim.questions.trial.sizes.answer import TrialSizes, trial_sizes
    from eaesim.study import Model, Result, Study, Subjects, load, study_text
    from eaesim.workbench.figure.save import plot
    from eaesim.workbench.report.answer import report
    from eaesim.workbench.studyfile import read_study

_ROOMS = {
    "errors": ("EaesimError", "EaesimWarning"),
    "estimation.comparison": ("compare",),
    "evidence": ("load_findings", "read_scores"),
    "interop": ("export",),
    "livepage.page": ("live",),
    "endpoints": ("Endpoint",),
    "model": ("Action", "Drug", "Mechanism", "Rat", "rat_names"),
    "protocol": ("Arm", "Bolus", "Immunisation", "Infusion", "Regimen", "Relapse", "Transfer"),
    "questions.ablation.answer": ("Ablation", "ablation"),
    "questions.discriminate.answer": ("Discrimination", "discriminate"),
    "questions.mechanisms.answer": ("Mechanisms", "mechanisms"),
    "questions.fit.answer": ("fit",),
    "questions.fit.calibration.answer": ("FitCalibration", "calibrate_fit"),
    "questions.fit.laboratory.answer": ("fit_scores",),
    "questions.fit.laboratory.result": ("LaboratoryFit",),
    "questions.fit.patient.answer": ("PatientFit", "fit_patients"),
    "questions.fit.result": ("Fit",),
    "questions.power.answer": ("Power", "power"),
    "questions.run.answer": ("StudyRun", "run"),
    "questions.schedule.answer": ("Schedules", "schedule"),
    "questions.schedule.mistiming.answer": ("Mistiming", "mistiming"),
    "questions.schedule.optimise.answer": ("Optimum", "optimise"),
    "questions.scores.answer": ("LaboratoryResult", "scores"),
    "questions.sensitivity.answer": ("Sensitivity", "sensitivity"),
    "questions.sweep.answer": ("SweepResult", "read_sweep", "sweep"),
    "questions.targets.answer": ("Targets", "targets"),
    "questions.timing.answer": ("Timing", "timing"),
    "questions.timing.attack.answer": ("PatientTiming", "timing_patient"),
    "questions.trial.answer": ("TrialAnswer", "trial"),
    "questions.trial.doses.answer": ("TrialDoses", "trial_doses"),
    "questions.trial.sizes.answer": ("TrialSizes", "trial_sizes"),
    "study": ("Model", "Result", "Study", "Subjects", "load", "study_text"),
    "workbench.figure.save": ("plot",),
    "workbench.report.answer": ("report",),
    "workbench.studyfile": ("read_study",),
}
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names}

__version__ = "0.2.0"
__all__ = [
    "Ablation",
    "Action",
    "Arm",
    "Bolus",
    "Discrimination",
    "Drug",
    "EaesimError",
    "EaesimWarning",
    "Endpoint",
    "Fit",
    "FitCalibration",
    "Immunisation",
    "Infusion",
    "LaboratoryFit",
    "LaboratoryResult",
    "Mechanism",
    "Mechanisms",
    "Mistiming",
    "Model",
    "Optimum",
    "PatientFit",
    "PatientTiming",
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
    "Targets",
    "Timing",
    "Transfer",
    "TrialAnswer",
    "TrialDoses",
    "TrialSizes",
    "ablation",
    "calibrate_fit",
    "compare",
    "discriminate",
    "export",
    "fit",
    "fit_patients",
    "fit_scores",
    "live",
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
    "report",
    "run",
    "schedule",
    "scores",
    "sensitivity",
    "study_text",
    "sweep",
    "targets",
    "timing",
    "timing_patient",
    "trial",
    "trial_doses",
    "trial_sizes",
]


def __getattr__(name: str) -> Any:
    if name not in _ROOM_OF:
        raise AttributeError(f"module 'eaesim' has no attribute {name!r}")
    return getattr(import_module(f"eaesim.{_ROOM_OF[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
