"""Inductions: how disease is started, and how it is started again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from eaesim.errors import ProtocolError, unknown_name
from eaesim.protocol.quantity import days, number_text, quantity

ADJUVANTS = ("complete", "incomplete", "none")


@dataclass(frozen=True, init=False)
class Immunisation:
    """Antigen with or without adjuvant under the skin.

    Parameters
    ----------
    day
        When, in days or as text.
    adjuvant
        ``"complete"``, ``"incomplete"`` or ``"none"``.
    amount
        Of antigen and adjuvant alike, relative to the rat's standard dose; 0 gives none.

    Raises
    ------
    QuantityError
        If the day or the amount cannot be used.
    UnknownNameError
        If the adjuvant is another.

    Examples
    --------
    >>> print(Immunisation())
    day 0: immunisation, complete adjuvant
    """

    kind: ClassVar[str] = "immunisation"
    day: float = 0
    adjuvant: str = "complete"
    amount: float = 1.0

    def __init__(self, day: str | float = 0, *, adjuvant: str = "complete", amount: float = 1.0) -> None:
        _fill(self, day=day, adjuvant=adjuvant, amount=amount)

    def __str__(self) -> str:
        return _priming_text(self)


@dataclass(frozen=True, init=False)
class Relapse:
    """A second priming event, given to a rat that has been induced before.

    Parameters
    ----------
    day, adjuvant, amount
        As for `Immunisation`; the adjuvant is ``"none"`` unless stated.

    Raises
    ------
    QuantityError, UnknownNameError
        As for `Immunisation`.

    Examples
    --------
    >>> print(Relapse(35))
    day 35: relapse, no adjuvant
    """

    kind: ClassVar[str] = "relapse"
    day: float
    adjuvant: str = "none"
    amount: float = 1.0

    def __init__(self, day: str | float, *, adjuvant: str = "none", amount: float = 1.0) -> None:
        _fill(self, day=day, adjuvant=adjuvant, amount=amount)

    def __str__(self) -> str:
        return _priming_text(self)


@dataclass(frozen=True, init=False)
class Transfer:
    """Adoptive transfer of encephalitogenic T cells.

    Parameters
    ----------
    day
        When, in days or as text.
    cells
        How many: a number, or a text such as ``"1e5 cell"``; None for the rat's standard number.
    amount
        Of cells, relative to the rat's standard number; 0 gives none.

    Raises
    ------
    QuantityError
        If the day, the number of cells or the amount cannot be used.
    ProtocolError
        If there are both a number of cells and an amount.

    Examples
    --------
    >>> Transfer(cells="1e5 cell").cells
    100000.0
    >>> print(Transfer(amount=0.5))
    day 0: transfer, 0.5 of the standard number of cells
    """

    kind: ClassVar[str] = "transfer"
    day: float = 0
    cells: float | None = None
    amount: float = 1.0

    def __init__(
        self, day: str | float = 0, *, cells: str | float | None = None, amount: float = 1.0
    ) -> None:
        object.__setattr__(self, "day", days(day, what="day of induction"))
        if cells is not None:
            cells = quantity(cells, "cell" if isinstance(cells, str) else "dimensionless", what="cells")
        object.__setattr__(self, "cells", cells)
        object.__setattr__(self, "amount", quantity(amount, "dimensionless", what="amount of induction"))
        if cells is not None and self.amount != 1:
            raise ProtocolError(
                f"a transfer has cells = {number_text(cells)} or amount = {number_text(self.amount)} of the "
                "rat's standard number, not both."
            )

    def __str__(self) -> str:
        amount = "" if self.amount == 1 else f"{self.amount:g} of "
        cells = f"{amount}the standard number of cells" if self.cells is None else f"{self.cells:g} cells"
        return f"day {self.day:g}: transfer, {cells}"


Induction: TypeAlias = Immunisation | Transfer | Relapse

#: Each kind of induction by its name.
INDUCTIONS: dict[str, type[Immunisation] | type[Transfer] | type[Relapse]] = {
    induction.kind: induction for induction in (Immunisation, Transfer, Relapse)
}


MOST_INDUCTIONS = 100


def check_inductions(inductions: Iterable[Induction]) -> tuple[Induction, ...]:
    """Return inductions as a tuple, once it is sure that the earliest is on day 0.

    Raises
    ------
    ProtocolError
        If something else stands among them, or the earliest is not on day 0.

    Examples
    --------
    >>> check_inductions([Immunisation(day=2)])
    Traceback (most recent call last):
    ...
    eaesim.errors.ProtocolError: the earliest induction is on day 2; day 0 is the first induction.
    """
    if not isinstance(inductions, Iterable):
        raise ProtocolError("inductions is a list, such as [Immunisation(day=0)]; it may be empty.")
    result = tuple(inductions)
    for induction in result:
        if not isinstance(induction, Immunisation | Transfer | Relapse):
            raise ProtocolError(
                f"{type(induction).__name__} is not an induction; allowed: Immunisation, Transfer, Relapse."
            )
    if len(result) > MOST_INDUCTIONS:
        raise ProtocolError(f"there are {len(result):,} inductions; at most {MOST_INDUCTIONS}.")
    earliest = min((induction.day for induction in result), default=0)
    if earliest != 0:
        raise ProtocolError(
            f"the earliest induction is on day {number_text(earliest)}; day 0 is the first induction."
        )
    return result


def _fill(induction: Immunisation | Relapse, *, day: str | float, adjuvant: str, amount: float) -> None:
    if adjuvant not in ADJUVANTS:
        raise unknown_name(adjuvant, "adjuvant", ADJUVANTS)
    object.__setattr__(induction, "day", days(day, what="day of induction"))
    object.__setattr__(induction, "adjuvant", adjuvant)
    object.__setattr__(induction, "amount", quantity(amount, "dimensionless", what="amount of induction"))


def _priming_text(induction: Immunisation | Relapse) -> str:
    adjuvant = "no" if induction.adjuvant == "none" else induction.adjuvant
    amount = "" if induction.amount == 1 else f", {induction.amount:g} of the standard dose"
    return f"day {induction.day:g}: {induction.kind}, {adjuvant} adjuvant{amount}"
