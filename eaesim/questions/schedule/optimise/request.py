"""Settings of the search for the best schedule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from eaesim.endpoints import ENDPOINTS
from eaesim.model.pharmacy import drug_names
from eaesim.protocol.dose import STUDIED_DRUG
from eaesim.protocol.kinds import (
    Amount,
    Amounts,
    Count,
    Day,
    MaybeAmount,
    MaybeDay,
    MaybeShare,
    Text,
    amount,
    choice,
    count,
    day,
    fraction,
    listed,
    optional,
    text,
)
from eaesim.protocol.settings import Setting
from eaesim.questions.schedule.optimise.limits import DOSES, LEAST, TOTAL, VOLUME
from eaesim.questions.schedule.optimise.search import GENERATIONS
from eaesim.study.cohort import MOST_ANIMALS
from eaesim.workbench.madestudy import MadeInduced
from eaesim.workbench.request import RatRequest

ROBUST = ("mean", "worst tenth")
#: Rats of the report.
FRESH = 1000


@dataclass(frozen=True, kw_only=True)
class OptimiseRequest(MadeInduced, RatRequest):
    """Search for the days and amounts of IVIG, or of another drug, with the largest effect.

    With a target it is the least of the drug that reaches it. Writes optimum.csv, schedules.csv,
    flatness.csv, budgets.csv, front.csv and the figures: the best schedule, and the front of the effect
    against the total and the number of doses.

    Examples
    --------
    >>> OptimiseRequest(total="3 g/kg", doses=5).changed()
    {'total': '3000 mg/kg'}
    """

    table = "optimise"
    title = "The best schedule within limits"
    refused = {"dead": "it is not for a search; the dead score 5."}  # noqa: RUF012 - read only

    animals: Count = Setting(
        count(1, MOST_ANIMALS),
        FRESH,
        "Fresh rats of the report; default: those of the study file, at least 1000. The search has its own.",
    )
    endpoint: Text = Setting(
        text(names=lambda: ENDPOINTS), "cumulative_score", "Endpoint that is to be small."
    )
    drug: Text = Setting(text(names=drug_names), STUDIED_DRUG, "Drug that is given.")
    total: Amount = Setting(amount("mg/kg"), TOTAL, "Total of the drug.")
    doses: Count = Setting(count(1, 20), DOSES, "Maximum number of doses, each with its own day and amount.")
    earliest: Day = Setting(day(), 0.0, "First day of dosing.")
    latest: MaybeDay = Setting(optional(day()), None, "Last day of dosing; default: two days before the end.")
    least: Amount = Setting(amount("mg/kg"), LEAST, "Smallest single dose.")
    volume: Amount = Setting(amount("mL/kg"), VOLUME, "Largest volume at once.")
    ceiling: MaybeAmount = Setting(
        optional(amount("mg/mL")), None, "Highest IgG in plasma; default: no limit."
    )
    route: Text = Setting(text(), "iv", "Route: iv, or another of the drug, such as ip or sc.")
    robust: Text = Setting(
        choice("robustness criterion", ROBUST),
        "mean",
        "Robustness criterion: mean over rats, or worst tenth of the parameter sets.",
    )
    target: MaybeShare = Setting(
        optional(fraction()),
        None,
        "Effect to reach with the least IgG; default: as large an effect as possible.",
    )
    budgets: Amounts = Setting(
        listed(amount("mg/kg"), least=0),
        (),
        "Further totals for which to find the best schedule; default: none.",
    )
    generations: Count = Setting(
        count(1, 10_000), GENERATIONS, "Generations of the search.", is_in_file=False, option=""
    )

    @classmethod
    def given_by(cls, study: Mapping[str, int]) -> dict[str, int]:
        """Return what the ``[study]`` table says; rats of the report are never fewer than usual by it."""
        return super().given_by(study) | {"animals": max(study["animals"], FRESH)}
