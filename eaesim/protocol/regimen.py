"""Regimens: doses with their days, or the sign that triggers them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from eaesim.errors import ProtocolError
from eaesim.model import Drug
from eaesim.protocol.quantity import days, dose_text, duration_text, quantity, whole_days
from eaesim.protocol.sketch import axis, columns
from eaesim.protocol.trigger import Trigger

#: Largest usual single volume for a rat, in mL/kg.
LARGEST_VOLUME = 20.0


@dataclass(frozen=True, init=False)
class Dose:
    """A dose in a regimen: a `Bolus` or an `Infusion`."""

    dose: str
    drug: str
    route: str
    every: float | None  # days
    doses: int
    mechanism: str | None
    over: float = field(default=0.0, init=False, repr=False)  # days; 0 for a bolus
    substance: Drug = field(init=False, repr=False)  # the drug as it acts in this dose

    @property
    def amount(self) -> float:
        """Amount of one dose in mg/kg."""
        return quantity(self.dose, "mg/kg", what="dose")

    def text(self) -> str:
        """Return the dose as `parse_dose` reads it.

        Examples
        --------
        >>> from eaesim.protocol.dose import Bolus
        >>> Bolus("400 mg/kg", every="24 h", doses=5).text()
        '0.4 g/kg every 1 day x 5'
        """
        over = f" over {duration_text(self.over)}" if self.over else ""
        repeats = f" every {duration_text(self.every)} x {self.doses}" if self.every is not None else ""
        return f"{self.dose}{over}{repeats}"


@dataclass(frozen=True)
class DoseLine:
    """One dose with its repeats, and the time of the first.

    Attributes
    ----------
    dose
        A `Bolus` or an `Infusion`.
    day
        Day of the first dose; None if triggered.
    trigger
        Trigger of the first dose; None if it has a day.
    after
        Whole days between the trigger and the first dose.

    Raises
    ------
    ProtocolError
        If it has both a day and a trigger, or neither, or `after` with a fixed day.
    QuantityError
        If a time cannot be read.

    Examples
    --------
    >>> from eaesim.protocol.dose import Bolus
    >>> DoseLine(Bolus("1 g/kg"), day=7).day
    7.0
    """

    dose: Dose
    day: float | None = None
    trigger: Trigger | None = None
    after: int = 0

    def __post_init__(self) -> None:
        if (self.day is None) == (self.trigger is None):
            raise ProtocolError('a dose is given on a day or at a trigger: one of "day", "onset", "relapse".')
        vars(self).update(after=whole_days(self.after, what="after", least=0))
        if self.day is not None:
            if self.after:
                raise ProtocolError('"after" counts from onset or relapse; with "day" write the day itself.')
            vars(self).update(day=days(self.day, what="day"))


@dataclass(frozen=True)
class Given:
    """One dose in the expanded table of a regimen.

    Attributes
    ----------
    day
        Day of the dose; None if triggered.
    trigger
        Trigger in words; None if it has a day.
    after
        Days after the trigger; 0 if it has a day.
    amount
        Amount in mg/kg.
    over
        Length of the infusion in days; 0 for a bolus.
    drug, route
        Names of drug and route.
    volume
        Volume in mL/kg; None if the drug's concentration is unknown.

    Examples
    --------
    >>> from eaesim.protocol.dose import Bolus
    >>> Bolus("1 g/kg").at(day=7).table()[0].volume
    10.0
    """

    day: float | None
    trigger: str | None
    after: float
    amount: float
    over: float
    drug: str
    route: str
    volume: float | None


@dataclass(frozen=True)
class Regimen:
    """Doses given to the same rat; regimens can be added, and an empty one is vehicle.

    Attributes
    ----------
    lines
        Dose lines, in the order in which they were added.

    Examples
    --------
    >>> from eaesim.protocol.dose import Bolus
    >>> print(Bolus("1 g/kg").at(day=0) + Bolus("400 mg/kg", every="7 day", doses=2).at(day=7))
    day  dose      over  drug  route  mL/kg
    0    1 g/kg          ivig  iv     10
    7    0.4 g/kg        ivig  iv     4
    14   0.4 g/kg        ivig  iv     4
    days: 0 |o-------------------------------o------------------------------o| 14
    """

    lines: tuple[DoseLine, ...] = ()

    def __add__(self, other: Regimen) -> Regimen:
        if not isinstance(other, Regimen):
            return NotImplemented
        return Regimen(self.lines + other.lines)

    def table(self) -> list[Given]:
        """Return every single dose: those with a day first, in order of time, then triggered ones.

        Examples
        --------
        >>> from eaesim.protocol.dose import Bolus
        >>> [row.day for row in Bolus("1 g/kg", every="1 day", doses=3).at(day=5).table()]
        [5.0, 6.0, 7.0]
        """
        rows = [row for line in self.lines for row in _expand(line)]
        fixed = sorted((row for row in rows if row.day is not None), key=lambda row: row.day or 0.0)
        return fixed + [row for row in rows if row.day is None]

    def total(self) -> dict[str, float]:
        """Return the total mg/kg by drug; triggered doses count as given.

        Examples
        --------
        >>> from eaesim.protocol.dose import Bolus
        >>> Bolus("0.4 g/kg", every="1 day", doses=5).at(day=0).total()
        {'ivig': 2000.0}
        """
        drugs = dict.fromkeys(line.dose.drug for line in self.lines)
        return {
            drug: math.fsum(
                line.dose.amount * line.dose.doses for line in self.lines if line.dose.drug == drug
            )
            for drug in drugs
        }

    def warnings(self) -> list[str]:
        """Return a text for each dose whose volume is above `LARGEST_VOLUME`.

        Examples
        --------
        >>> from eaesim.protocol.dose import Bolus
        >>> print(*Bolus("2.5 g/kg").at(day=0).warnings())
        2.5 g/kg of ivig is 25 mL/kg at 100 mg/mL; a rat is seldom given more than 20 mL/kg at once.
        """
        large = {
            (row.drug, row.amount, row.volume)
            for row in self.table()
            if row.volume is not None and row.volume > LARGEST_VOLUME
        }
        return [
            f"{dose_text(amount)} of {drug} is {volume:g} mL/kg at {amount / volume:g} mg/mL; "
            f"a rat is seldom given more than {LARGEST_VOLUME:g} mL/kg at once."
            for drug, amount, volume in sorted(large)
        ]

    def text(self, *, first: float | None = None, last: float | None = None) -> str:
        """Return the table, followed by a time line of days and one for each trigger.

        Parameters
        ----------
        first, last
            Ends of the time line of days; by default the first and the last dose.

        Examples
        --------
        >>> from eaesim.protocol.dose import Bolus
        >>> print(Bolus("1 g/kg").at(onset="score >= 1", after=2).text())
        day               dose    over  drug  route  mL/kg
        score >= 1, +2 d  1 g/kg        ivig  iv     10
        days after score >= 1: 0 |-----------------------------------------------o| 2
        """
        if not self.lines:
            return "no dose"
        rows = self.table()
        fixed = [row.day for row in rows if row.day is not None]
        heading = ("day", "dose", "over", "drug", "route", "mL/kg")
        lines = [columns([heading, *map(_cells, rows)])]
        if fixed:
            ends = (min(fixed) if first is None else first, max(fixed) if last is None else last)
            lines.append(axis("days:", fixed, *ends))
        for trigger in dict.fromkeys(row.trigger for row in rows if row.trigger):
            waits = [row.after for row in rows if row.trigger == trigger]
            lines.append(axis(f"days after {trigger}:", waits, 0, max(waits)))
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.text()


def _expand(line: DoseLine) -> list[Given]:
    dose, concentration = line.dose, line.dose.substance.concentration
    offsets = [repeat * (dose.every or 0.0) for repeat in range(dose.doses)]
    return [
        Given(
            day=None if line.day is None else line.day + offset,
            trigger=line.trigger.text() if line.trigger else None,
            after=line.after + offset if line.trigger else 0.0,
            amount=dose.amount,
            over=dose.over,
            drug=dose.drug,
            route=dose.route,
            volume=dose.amount / concentration if concentration else None,
        )
        for offset in offsets
    ]


def _cells(row: Given) -> tuple[str, ...]:
    waits = f"{row.trigger}, +{row.after:.2g} d" if row.after else f"{row.trigger}"
    return (
        waits if row.day is None else f"{row.day:g}",
        dose_text(float(f"{row.amount:.4g}")),
        f"{row.over * 24:.4g} h" if row.over else "",
        row.drug,
        row.route,
        "" if row.volume is None else f"{row.volume:.3g}",
    )
