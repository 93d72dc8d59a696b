"""The price of an effect: the best schedule for less of the drug in all, and for fewer doses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from eaesim.questions.schedule.optimise.evaluation import Evaluation
from eaesim.questions.schedule.optimise.limits import Limits, Schedule
from eaesim.questions.schedule.optimise.search import polished

#: Shares of the total that are tried.
SHARES = (0.25, 0.5, 0.75, 1.0)
TOTAL, DOSES = "total", "doses"
# Schedules of the search from which each point of the front begins.
_STARTS = 8


@dataclass(frozen=True)
class FrontPoint:
    """The best schedule within less.

    Attributes
    ----------
    along
        ``"total"``: of fewer mg/kg in all; ``"doses"``: of fewer doses.
    limit
        The most mg/kg, or the most doses.
    schedule
        Its doses.
    """

    along: str
    limit: float
    schedule: Schedule

    @property
    def name(self) -> str:
        """Name of its arm among the fresh rats."""
        return f"at most {self.limit:g} {'mg/kg' if self.along == TOTAL else 'doses'}"


def front_limits(limits: Limits) -> list[tuple[str, float, Limits]]:
    """Return the limits of each point: what is less, how much, and the limits with it.

    Examples
    --------
    >>> [(along, limit) for along, limit, _ in front_limits(Limits(1000.0, 2, 0.0, 10.0))][:4]
    [('total', 250.0), ('total', 500.0), ('total', 750.0), ('total', 1000.0)]
    """
    least = max(limits.least, limits.step)
    totals = [share * limits.total for share in SHARES if share * limits.total >= least]
    return [
        *((TOTAL, total, replace(limits, total=total)) for total in totals),
        *((DOSES, float(count), replace(limits, doses=count)) for count in range(1, limits.doses + 1)),
    ]


def find_front(
    objective: Evaluation, met: Mapping[Schedule, float], best: Schedule, limits: Limits
) -> tuple[FrontPoint, ...]:
    """Return the points of the front, each at least as good as those with less.

    Parameters
    ----------
    objective
        What is made small: the effect, without a target.
    met
        Schedules of the search, with what they reached.
    best
        The best schedule, which ends the front.
    limits
        What a schedule may use.
    """
    found: list[FrontPoint] = []
    for along, limit, own in front_limits(limits):
        before = [one.schedule for one in found if one.along == along]
        if (along == TOTAL and limit == limits.total) or (along == DOSES and limit == limits.doses):
            found.append(FrontPoint(along, limit, best))
            continue
        starts = _starts(met, own) + before
        found.append(FrontPoint(along, limit, polished(objective, own, starts)))
    return tuple(found)


def _starts(met: Mapping[Schedule, float], limits: Limits) -> list[Schedule]:
    """Return the best schedules that were met and are within limits, and what is left of the best others."""
    by_worth = sorted(met, key=met.__getitem__)
    within = [each for each in by_worth if limits.rounded(each) == each]
    cut = [limits.rounded(_scaled(each, limits)) for each in by_worth[:_STARTS]]
    return [each for each in dict.fromkeys((*within[:_STARTS], *cut)) if each]


def _scaled(schedule: Schedule, limits: Limits) -> Sequence[tuple[float, float]]:
    used = sum(dose.amount for dose in schedule)
    share = min(1.0, limits.total / used) if used else 1.0
    return [(dose.day, share * dose.amount) for dose in schedule]
