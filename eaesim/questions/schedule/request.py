"""Settings of a comparison of schedules."""

from __future__ import annotations

from dataclasses import dataclass

from eaesim.endpoints import ENDPOINTS
from eaesim.protocol.kinds import Amount, Count, Text, amount, count, text
from eaesim.protocol.settings import Setting
from eaesim.study.cohort import MOST_ANIMALS
from eaesim.workbench.madestudy import MadeStudy
from eaesim.workbench.request import StudyRequest

#: Extra clearance at the full response, per day; assumed, the middle of its range. Two weeks after 1 g/kg the
#: half-life of the IgG is 3.6 days instead of 6.7: tissue gives back what plasma loses.
CLEARANCE = 1.0
#: Plasma IgG above which days are counted, in mg/mL: the lowest concentration named as significant in a dish,
#: which is no threshold (finding C7); assumed.
LEVEL = 3.0


@dataclass(frozen=True, kw_only=True)
class ScheduleRequest(MadeStudy, StudyRequest):
    """Run the arms of a study as schedules on the same rats, and compare their effects and IgG.

    Writes schedule.csv and the figure. A schedule with several doses is also run in rats that make antibodies
    against the given IgG. A [schedule] table in the study file may give the settings; options override it.
    --optimise searches for the best schedule; with --mistiming the day of the relapse is unknown; these
    take the settings of [optimise] and [mistiming]. Without a file, --dose and --day make the study, an arm
    each beside untreated rats.

    Examples
    --------
    >>> ScheduleRequest(level="4 g/L").changed()
    {'level': '4 mg/mL'}
    """

    table = "schedule"
    title = "Schedules of treatment compared"

    animals: Count = Setting(
        count(1, MOST_ANIMALS), 320, "Rats, the same in every arm; default: those of the study file."
    )
    endpoint: Text = Setting(
        text(names=lambda: ENDPOINTS), "cumulative_score", "Endpoint by which schedules are ranked."
    )
    antibodies: Amount = Setting(
        amount("1/day"),
        CLEARANCE,
        "Extra clearance by antibodies against IgG that repeated schedules are shown with.",
    )
    level: Amount = Setting(amount("mg/mL"), LEVEL, "Plasma IgG above which days are counted.")
