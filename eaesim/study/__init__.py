"""Virtual rats, the studies they take part in, and what came of them."""

from eaesim.study.cohort import draw_cohort
from eaesim.study.result import Result
from eaesim.study.store import Store
from eaesim.study.study import Study, read_study, study_text

__all__ = ["Result", "Store", "Study", "draw_cohort", "read_study", "study_text"]
