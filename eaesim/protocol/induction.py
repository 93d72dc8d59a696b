"""Inductions of disease: immunisation, transfer and rechallenge."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, NamedTuple, TypeAlias

from eaesim.errors import ProtocolError, check_names
from eaesim.protocol.quantity import days, number_text, quantity, shown, whole_days

ADJUVANTS = ("complete", "incomplete", "none")


@dataclass(frozen=True, init=False)
class _Priming:
    """Base of what primes a rat: antigen, with or without adjuvant."""

    kind: ClassVar[str]
    day: float
    adjuvant: str
    amount: float

    def _fill(self, day: str | float, adjuvant: str, amount: float) -> None:
        check_names([adjuvant], "adjuvant", ADJUVANTS)
        vars(self).update(
            day=days(day, what="day of induction"),
            adjuvant=adjuvant,
            amount=quantity(amount, "dimensionless", what="amount of induction"),
        )

    def __str__(self) -> str:
        adjuvant = "no" if self.adjuvant == "none" else self.adjuvant
        amount = "" if self.amount == 1 else f", {self.amount:g} of the standard dose"
        return f"day {self.day:g}: {self.kind}, {adjuvant} adjuvant{amount}"


@dataclass(frozen=True, init=False)
class Immunisation(_Priming):
    """Subcutaneous antigen with or without adjuvant.

    Parameters
    ----------
    day
        Day, as a number or text.
    adjuvant
        ``"complete"``, ``"incomplete"`` or ``"none"``.
    amount
        Amount of antigen and adjuvant, relative to the rat's standard dose; 0 gives none.

    Raises
    ------
    QuantityError
        If the day or the amount is invalid.
    UnknownNameError
        If the adjuvant is unknown.

    Examples
    --------
    >>> print(Immunisation())
    day 0: immunisation, complete adjuvant
    """

    kind: ClassVar[str] = "immunisation"

    def __init__(self, day: str | float = 0, *, adjuvant: str = "complete", amount: float = 1.0) -> None:
        self._fill(day, adjuvant, amount)


@dataclass(frozen=True, init=False)
class Relapse(_Priming):
    """A rechallenge: a second priming event in a rat with an earlier induction.

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

    def __init__(self, day: str | float, *, adjuvant: str = "none", amount: float = 1.0) -> None:
        self._fill(day, adjuvant, amount)


class Harvest(NamedTuple):
    """Cells taken from the rats of an arm.

    Attributes
    ----------
    donor
        Name of the arm.
    day
        Whole day of the donor's own run; cells are taken before other events of that day.
    """

    donor: str
    day: int


@dataclass(frozen=True, init=False)
class Transfer:
    """Adoptive transfer of encephalitogenic T cells, which enter the first stage of licensing.

    Parameters
    ----------
    day
        Day, as a number or text.
    cells
        Number of cells: a number, or a text such as ``"1e5 cell"``; None for the rat's standard number.
    amount
        Relative to the rat's standard number, or to the harvested number; 0 gives none. Above 1
        represents several donors per rat, or cells expanded in culture.
    donor
        Name of the arm that donates cells: each rat receives those of the same rat (the one with its number)
        in that arm. The harvest comprises the last two stages of expansion, both stages of licensing and the
        effectors in the blood, but not memory cells or cells in the CNS.
    harvest
        Whole day of harvest, in the donor's own run, before other events of that day. A donor that has died
        by then gives none: its recipient is excluded from every comparison, like a failed rat, and reported
        with the reason.

    Raises
    ------
    QuantityError
        If the day, the number of cells, the amount or the day of harvest is invalid.
    ProtocolError
        If there are a number of cells and an amount or a donor, or a donor without a day of harvest.

    Examples
    --------
    >>> Transfer(cells="1e5 cell").cells
    100000.0
    >>> print(Transfer(amount=0.5))
    day 0: transfer, 0.5 of the standard number of cells
    >>> print(Transfer(donor="vehicle", harvest=11))
    day 0: transfer, cells of arm "vehicle" taken on day 11
    """

    kind: ClassVar[str] = "transfer"
    day: float = 0
    cells: float | None = None
    amount: float = 1.0
    donor: str | None = None
    harvest: int | None = None

    def __init__(
        self,
        day: str | float = 0,
        *,
        cells: str | float | None = None,
        amount: float = 1.0,
        donor: str | None = None,
        harvest: str | float | None = None,
    ) -> None:
        unit = "cell" if isinstance(cells, str) else "dimensionless"
        vars(self).update(
            day=days(day, what="day of induction"),
            cells=None if cells is None else quantity(cells, unit, what="cells"),
            harvest=None if harvest is None else whole_days(harvest, what="day of harvest", least=0),
            amount=quantity(amount, "dimensionless", what="amount of induction"),
            donor=donor,
        )
        self._check()

    @property
    def harvested(self) -> Harvest | None:
        """The harvest that the cells come from; None without a donor arm."""
        return None if self.donor is None or self.harvest is None else Harvest(self.donor, self.harvest)

    def _check(self) -> None:
        if self.cells is not None and self.amount != 1:
            raise ProtocolError(
                f"a transfer has cells = {number_text(self.cells)} or amount = {number_text(self.amount)} of "
                "the rat's standard number, not both."
            )
        if self.donor is not None and not isinstance(self.donor, str):
            raise ProtocolError(f"cells are taken from an arm by its name; given: {shown(self.donor)}.")
        if self.donor is not None and self.cells is not None:
            raise ProtocolError(
                f"a transfer has cells = {number_text(self.cells)} or those of an arm "
                f'("{self.donor}"), not both; amount is the share of these.'
            )
        if self.donor is not None and self.harvest is None:
            raise ProtocolError(
                f'cells of arm "{self.donor}" need the day on which they are taken, such as harvest = 11.'
            )
        if self.harvest is not None and self.donor is None:
            raise ProtocolError(f"harvest = {self.harvest} needs the arm that the cells are taken from.")

    def __str__(self) -> str:
        amount = "" if self.amount == 1 else f"{self.amount:g} of the "
        if self.donor is not None:
            text = f'{amount}cells of arm "{self.donor}" taken on day {self.harvest}'
        elif self.cells is not None:
            text = f"{self.cells:g} cells"
        else:
            text = f"{amount or 'the '}standard number of cells"
        return f"day {self.day:g}: transfer, {text}"


Induction: TypeAlias = Immunisation | Transfer | Relapse

#: Each kind of induction by its name.
INDUCTIONS: dict[str, type[Immunisation] | type[Transfer] | type[Relapse]] = {
    induction.kind: induction for induction in (Immunisation, Transfer, Relapse)
}


MOST_INDUCTIONS = 100


def check_inductions(inductions: Iterable[Induction]) -> tuple[Induction, ...]:
    """Return inductions as a tuple, after checking that the earliest is on day 0.

    Raises
    ------
    ProtocolError
        If something else is among them, or the earliest is not on day 0.

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
