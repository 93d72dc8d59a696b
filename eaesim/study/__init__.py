"""Virtual rats, their studies, and the results."""

from eaesim.study.cohort import draw_cohort
from eaesim.study.ensemble import Ensemble, read_ensemble, shipped_ensemble, write_ensemble
from eaesim.study.ownmodel import Model
from eaesim.study.rats import load
from eaesim.study.result import Result
from eaesim.study.store import Store
from eaesim.study.study import Study, read_plain_study, study_text
from eaesim.study.subjects import Subjects

__all__ = [
    "Ensemble",
    "Model",
    "Result",
    "Store",
    "Study",
    "Subjects",
    "draw_cohort",
    "load",
    "read_ensemble",
    "read_plain_study",
    "shipped_ensemble",
    "study_text",
    "write_ensemble",
]
