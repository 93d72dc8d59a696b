"""What a study is run with."""

from __future__ import annotations

from dataclasses import dataclass

from eaesim.endpoints import ENDPOINTS
from eaesim.model import STATES
from eaesim.protocol.kinds import Count, Texts, choice, count, listed, text
from eaesim.protocol.settings import Setting
from eaesim.study.cohort import MOST_ANIMALS
from eaesim.study.study import RECORD
from eaesim.workbench.request import StudyRequest


@dataclass(frozen=True, kw_only=True)
class RunRequest(StudyRequest):
    """Run every arm of a study with the same rats.

    Writes the table of means and paired differences, every rat's endpoints, scores and courses, and the
    figure. A [run] table in the study file may give the settings; options come before it.

    Examples
    --------
    >>> RunRequest(record=["igg_plasma"]).changed()
    {'record': ['igg_plasma']}
    """

    table = "run"
    title = "A simulated study of rat EAE"

    animals: Count = Setting(
        count(1, MOST_ANIMALS), 320, "Rats, the same in every arm; default: those of the study file."
    )
    record: Texts = Setting(
        listed(choice("state", STATES)), RECORD, "States to keep day by day, for courses.parquet."
    )
    endpoints: Texts = Setting(
        listed(text(names=lambda: ENDPOINTS), least=0),
        (),
        "Endpoints with a window of days, read beside the usual ones, such as cumulative_score[12:42] or "
        "peak_score[:15]; default: those of the study file.",
    )
