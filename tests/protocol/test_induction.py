from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from eaesim.errors import ProtocolError, QuantityError, UnknownNameError
from eaesim.protocol.induction import INDUCTIONS, Immunisation, Relapse, Transfer, check_inductions
from eaesim.protocol.tables import induction_table, read_inductions
from eaesim.protocol.timeline import induction_events


def test_defaults_of_the_contract() -> None:
    assert Immunisation() == Immunisation(0, adjuvant="complete", amount=1)
    assert Relapse(35) == Relapse("35 day", adjuvant="none", amount=1.0)
    assert Transfer() == Transfer(0, cells=None)
    assert {kind: INDUCTIONS[kind].kind for kind in INDUCTIONS} == {
        "immunisation": "immunisation",
        "transfer": "transfer",
        "relapse": "relapse",
    }


def test_kinds_are_not_equal() -> None:
    assert Immunisation(0, adjuvant="none") != Relapse(0)


@pytest.mark.parametrize("cells", [1e5, 100_000, "1e5 cell", "100000 cells"])
def test_cells_are_a_number_or_a_text(cells: Any) -> None:
    assert Transfer(cells=cells).cells == 1e5


@pytest.mark.parametrize("cells", [-1, "1e5", "1e5 mg", float("inf"), True, "many"])
def test_cells_that_cannot_be_read(cells: Any) -> None:
    with pytest.raises(QuantityError):
        Transfer(cells=cells)


@pytest.mark.parametrize("amount", [-1, float("nan"), "1 mg", True])
def test_amounts_that_cannot_be_read(amount: Any) -> None:
    with pytest.raises(QuantityError):
        Immunisation(amount=amount)


@pytest.mark.parametrize("day", ["noon", float("inf"), None, True])
@pytest.mark.parametrize("induction", [Immunisation, Transfer, Relapse])
def test_days_that_cannot_be_read(induction: Any, day: Any) -> None:
    with pytest.raises(QuantityError):
        induction(day)


def test_a_misspelt_adjuvant() -> None:
    with pytest.raises(UnknownNameError, match='did you mean "complete"'):
        Immunisation(adjuvant="compleet")


@pytest.mark.parametrize(
    "inductions", [[Immunisation(2)], [Immunisation(-1), Relapse(0)], ["immunisation"], 3]
)
def test_inductions_that_make_no_study(inductions: Any) -> None:
    with pytest.raises(ProtocolError):
        check_inductions(inductions)


def test_order_and_none_at_all_are_free() -> None:
    assert check_inductions([Relapse(35), Immunisation()]) == (Relapse(35), Immunisation())
    assert check_inductions([]) == ()


# Every kind has an amount, and it is the same thing


@pytest.mark.parametrize("make", [Immunisation, Transfer, partial(Relapse, 0)])
def test_an_amount_scales_all_that_an_induction_adds(make) -> None:
    whole, half = induction_events([make()]), induction_events([make(amount=0.5)])
    assert [replace(event, amount=event.amount / 2) for event in whole] == list(half)
    assert induction_events([make(amount=0)]) == ()


@pytest.mark.parametrize("make", [Immunisation, Transfer, partial(Relapse, 0)])
@pytest.mark.parametrize("amount", [-1, "half", float("nan"), float("inf"), True, None, "2 cell"])
def test_an_amount_that_is_no_multiple_is_refused(make, amount) -> None:
    with pytest.raises(QuantityError):
        make(amount=amount)


def test_a_transfer_has_cells_or_an_amount() -> None:
    with pytest.raises(ProtocolError, match=r"cells = 1000 or amount = 0\.5.*not both"):
        Transfer(cells=1000, amount=0.5)


@pytest.mark.parametrize("kind", ["immunisation", "transfer", "relapse"])
def test_an_amount_is_written_and_read_back(kind) -> None:
    (induction,) = read_inductions([{"kind": kind, "day": 0, "amount": 0.3}], "induction")
    assert induction.amount == 0.3
    assert read_inductions([induction_table(induction)], "induction") == (induction,)
    assert "0.3 of the standard" in str(induction)
