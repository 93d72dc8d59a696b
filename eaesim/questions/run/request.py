"""Settings of a run of a study."""

from __future__ import annotations

from dataclasses import dataclass

from eaesim.endpoints import ENDPOINTS
from eaesim.endpoints.groups import MOST_GROUP
from eaesim.protocol.kinds import Count, MaybeCount, Text, Texts, choice, count, listed, optional, text
from eaesim.protocol.settings import Setting
from eaesim.study.cohort import MOST_SUMMED
from eaesim.study.recorded import check_recorded, recordable
from eaesim.study.study import RECORD
from eaesim.workbench.madestudy import MadeStudy
from eaesim.workbench.request import StudyRequest


def _recorded(name: str) -> str:
    return check_recorded([name])[0]


#: What is written of single rats: all, or nothing; by default all of up to so many rats.
KEPT, MOST_KEPT = ("auto", "rats", "summary"), 100_000


@dataclass(frozen=True, kw_only=True)
class RunRequest(MadeStudy, StudyRequest):
    """Run every arm of a study with the same rats.

    Writes the table of means and paired differences, every rat's endpoints, scores and courses, and the
    figure; of more than 100,000 rats only table and figure. A [run] table in the study file may give the
    settings; options override it. Without a file, --dose and --day make the study, an arm each beside
    untreated rats.

    Examples
    --------
    >>> RunRequest(record=["igg_plasma"]).changed()
    {'record': ['igg_plasma']}
    """

    table = "run"
    title = "A simulated study of rat EAE"

    animals: Count = Setting(
        count(1, MOST_SUMMED), 320, "Rats, the same in every arm; default: those of the study file."
    )
    record: Texts = Setting(
        listed(text(_recorded, names=recordable)),
        RECORD,
        "States and derived quantities to keep day by day, for courses.parquet, and exposures of each rat.",
    )
    endpoints: Texts = Setting(
        listed(text(names=lambda: ENDPOINTS), least=0),
        (),
        "Further endpoints with a window of days, such as cumulative_score[12:42] or "
        "peak_score[:15]; default: those of the study file.",
    )
    drawn: Texts = Setting(
        listed(text(names=lambda: ENDPOINTS), least=0),
        (),
        "Endpoints in the figure; default: the first with a window that the study names, or the peak score.",
    )
    group: MaybeCount = Setting(
        optional(count(1, MOST_GROUP)),
        None,
        "Animals in the groups whose range is drawn around a mean; default: as many as in a published group "
        "that was treated alike, or 8.",
    )
    keep: Text = Setting(
        choice("way of keeping rats", KEPT),
        "auto",
        "Files of single rats: rats for their endpoints, scores and courses, summary for none, in which ten "
        "million rats take 1 GB of memory; default: rats for up to 100,000 rats in each arm.",
    )

    @property
    def is_summary(self) -> bool:
        """Whether nothing is kept of single rats."""
        return self.keep == "summary" or (self.keep == "auto" and self.animals > MOST_KEPT)

    @property
    def solved(self) -> str:
        """What is solved exactly: courses where they are kept."""
        is_scores = self.is_summary and self.accuracy == "auto"
        return "scores" if is_scores else super().solved
