"""Limits of a schedule, an encoding of schedules that respects them, and plain schedules within them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from eaesim.endpoints import Floats
from eaesim.errors import ProtocolError
from eaesim.model.pharmacy import load_drug
from eaesim.protocol import Bolus, Regimen
from eaesim.protocol.dose import STUDIED_DRUG
from eaesim.protocol.quantity import dose_text, number_text

#: Amounts are whole multiples of it, in mg/kg.
STEP = 50.0
#: Of another drug: steps in all.
STEPS = 40
#: Single doses hold no less, in mg/kg.
LEAST = 50.0
#: At once, in mL/kg: the most for a slow injection into a vein; 5 is usual for a quick one.
VOLUME = 20.0
#: In all, in mg/kg, and in how many doses, where nothing is said.
TOTAL, DOSES = 2000.0, 5


class Planned(NamedTuple):
    """One dose: its day, and its amount in mg/kg."""

    day: float
    amount: float


Schedule = tuple[Planned, ...]


@dataclass(frozen=True)
class Limits:
    """What a schedule may use.

    Attributes
    ----------
    total
        Drug in all, mg/kg.
    doses
        The most doses.
    earliest, latest
        The days between which they are given, both included; doses are given on whole days from the first.
    least, most
        Range of a single dose, mg/kg.
    ceiling
        The most IgG in plasma, mg/mL.
    route
        By which they are given.
    drug
        What is given.
    step
        Amounts are whole multiples of it, in mg/kg.

    Raises
    ------
    ProtocolError
        If nothing can be given within them.
    """

    total: float
    doses: int
    earliest: float
    latest: float
    least: float = LEAST
    most: float = np.inf
    ceiling: float = np.inf
    route: str = "iv"
    drug: str = STUDIED_DRUG
    step: float = STEP

    def __post_init__(self) -> None:
        if self.earliest > self.latest:
            raise ProtocolError(
                f"the earliest day, {number_text(self.earliest)}, comes after the latest, "
                f"{number_text(self.latest)}."
            )
        if self.total <= 0:
            raise ProtocolError("the budget is 0: nothing can be given; total is above 0.")
        if self.least > self.total:
            raise ProtocolError(
                f"a dose of at least {dose_text(self.least)} does not fit into {dose_text(self.total)} "
                "in all; allow more, or smaller doses."
            )
        if self.least > self.most:
            raise ProtocolError(
                f"a dose of at least {dose_text(self.least)} is more than may be given at once, "
                f"{dose_text(self.most)}."
            )
        if self.most < self.step or self.total < self.step:
            raise ProtocolError(
                f"amounts go in steps of {dose_text(self.step)}; less than that is allowed at once or in all."
            )

    @property
    def days(self) -> Floats:
        """The days on which a dose may be given."""
        return np.arange(self.earliest, self.latest + 1e-9)

    def decoded(self, place: Floats) -> Schedule:
        """Return the schedule at a place without bounds: one number for each dose's day, then for its share.

        The last share is what is not used. Doses on one day are one; one that is too small is none.
        """
        count, days = self.doses, self.days
        at = np.minimum((len(days) * _between(place[:count])).astype(int), len(days) - 1)
        shares = np.exp(place[count:] - place[count:].max())
        amounts = self.total * shares[:-1] / shares.sum()
        return self.rounded(zip(days[at].tolist(), amounts.tolist(), strict=True))

    def rounded(self, doses: Iterable[tuple[float, float]]) -> Schedule:
        """Return doses, pairs of day and amount, as a schedule that keeps to the limits."""
        by_day: dict[float, float] = {}
        for day, amount in doses:
            by_day[day] = by_day.get(day, 0.0) + amount
        kept: list[Planned] = []
        left = self.total
        for day, amount in sorted(by_day.items(), key=lambda each: -each[1]):
            given = self.step * np.floor(min(amount, self.most, left) / self.step + 1e-6)
            if given >= max(self.least, self.step) * (1 - 1e-9) and len(kept) < self.doses:
                kept.append(Planned(float(day), float(given)))
                left -= given
        return tuple(sorted(kept))

    def encoded(self, schedule: Schedule) -> Floats:
        """Return a place that `decoded` reads as about this schedule."""
        days, count = self.days, self.doses
        at = np.full(count, 0.5)
        shares = np.full(count + 1, 1e-3)
        for place, dose in enumerate(schedule[:count]):
            at[place] = (np.searchsorted(days, dose.day) + 0.5) / len(days)
            shares[place] = max(dose.amount / self.total, 1e-3)
        shares[count] = max(1 - sum(dose.amount for dose in schedule) / self.total, 1e-3)
        return np.concatenate([np.log(at / (1 - at)), np.log(shares)])

    def regimen(self, schedule: Schedule) -> Regimen:
        """Return a schedule as doses of the drug."""
        doses = (Bolus(f"{dose.amount!r} mg/kg", drug=self.drug, route=self.route) for dose in schedule)
        return sum((dose.at(day=at.day) for dose, at in zip(doses, schedule, strict=True)), Regimen())


def volume_limit(volume: float, drug: str) -> float:
    """Return the dose in mg/kg that a volume in mL/kg holds.

    Examples
    --------
    >>> volume_limit(20.0, "ivig")
    2000.0
    """
    concentration = load_drug(drug).concentration
    return np.inf if concentration is None else volume * concentration


def schedule_text(schedule: Schedule) -> str:
    """Return a schedule in one line.

    Examples
    --------
    >>> schedule_text((Planned(-1.0, 1000.0), Planned(3.0, 500.0)))
    '1 g/kg on day -1, 0.5 g/kg on day 3'
    """
    return (
        ", ".join(f"{dose_text(dose.amount)} on day {number_text(dose.day)}" for dose in schedule)
        or "nothing"
    )


def _between(value: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(value, -30, 30))))


def plain_schedules(limits: Limits) -> dict[str, Schedule]:
    """Return plain schedules within limits, by name; of two that are the same, the first.

    Examples
    --------
    >>> plain = plain_schedules(Limits(1000.0, 5, -7.0, 14.0))
    >>> list(plain)[:3]
    ['at once on day -7', 'at once on day 0', 'at once on day 3']
    >>> [dose.day for dose in plain["weekly from day -7"]]
    [-7.0, 0.0, 7.0, 14.0]
    """
    days, count = limits.days, limits.doses
    first = float(days[0])
    starts = [first, *([0.0] if first < 0.0 <= days[-1] and 0.0 in days else [])]
    found: dict[str, Schedule] = {}

    def add(name: str, at: Iterable[float]) -> None:
        chosen = [float(day) for day in at if first <= day <= days[-1]][:count]
        share = limits.total / len(chosen)
        schedule = limits.rounded((day, share) for day in chosen)
        if schedule and schedule not in found.values():
            found[name] = schedule

    for day in (*starts, float(days[len(days) // 2 - (len(days) % 2 == 0)])):
        add(f"at once on day {day:g}", [day])
    for day in starts:
        add(f"daily from day {day:g}", day + np.arange(count))
        add(f"weekly from day {day:g}", day + 7.0 * np.arange(count))
    spread = days[np.unique(np.round(np.linspace(0, len(days) - 1, count)).astype(int))]
    add("equal doses over all days", spread)
    return found
