"""Arms that give cells: what can be taken, and what cannot."""

from __future__ import annotations

from typing import Any

import pytest

from eaesim.errors import EaesimError, ProtocolError, QuantityError, UnknownNameError
from eaesim.protocol import Arm, Bolus, Design, Immunisation, Transfer
from eaesim.protocol.donors import levels
from eaesim.protocol.induction import Harvest
from eaesim.protocol.path import change_design, read_path
from eaesim.protocol.selection import donors, renamed, with_donors
from eaesim.protocol.timeline import induction_events


def cells(donor: str, harvest: Any = 11, name: str = "cells") -> Arm:
    return Arm(name, inductions=[Transfer(donor=donor, harvest=harvest)])


def design(*arms: Arm, until: int = 40) -> Design:
    return Design(until, [Immunisation()], [Arm("vehicle"), *arms])


def test_what_is_taken_is_an_event_of_its_harvest() -> None:
    (event,) = induction_events([Transfer(2, amount=0.3, donor="vehicle", harvest="11 day")])
    assert (event.day, event.state, event.amount) == (2.0, "licensing_early", 0.3)
    assert event.harvest == Harvest("vehicle", 11)
    assert induction_events([Transfer(amount=0, donor="vehicle", harvest=11)]) == ()


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        ({"donor": "vehicle"}, "harvest = 11"),
        ({"harvest": 11}, "needs the arm"),
        ({"donor": "vehicle", "harvest": 11, "cells": 1e5}, "not both"),
        ({"donor": "vehicle", "harvest": 11, "cells": 1e5, "amount": 2}, "not both"),
        ({"donor": "vehicle", "harvest": -3}, "day of harvest"),
        ({"donor": "vehicle", "harvest": 1.5}, "day of harvest"),
        ({"donor": "vehicle", "harvest": "late"}, "day of harvest"),
        ({"donor": "vehicle", "harvest": True}, "day of harvest"),
        ({"donor": "vehicle", "harvest": float("nan")}, "day of harvest"),
        ({"donor": "vehicle", "harvest": 11, "amount": -1}, "amount"),
        ({"donor": 3, "harvest": 11}, "by its name"),
        ({"donor": Arm("vehicle"), "harvest": 11}, "by its name"),
    ],
)
def test_a_harvest_that_is_none(options: dict[str, Any], hint: str) -> None:
    with pytest.raises((ProtocolError, QuantityError), match=hint):
        Transfer(**options)


@pytest.mark.parametrize(
    ("arms", "error", "hint"),
    [
        ([cells("vehicel")], UnknownNameError, 'arm "cells".*did you mean "vehicle"'),
        ([cells("cells")], ProtocolError, 'arm "cells" takes its cells from itself'),
        ([cells("vehicle", 41)], ProtocolError, "day 41 lies past the end.*until day 40"),
        ([cells("b", name="a"), cells("a", name="b")], ProtocolError, "circle"),
        (
            [cells("b", name="a"), cells("c", name="b"), cells("a", name="c")],
            ProtocolError,
            'circle: "[abc]" from "[abc]" from "[abc]" from "[abc]"',
        ),
    ],
)
def test_cells_that_cannot_be_taken(arms: list[Arm], error: type[EaesimError], hint: str) -> None:
    with pytest.raises(error, match=hint) as caught:
        design(*arms)
    assert "\n" not in str(caught.value)


def test_the_message_of_a_circle_says_who_takes_from_whom() -> None:
    with pytest.raises(ProtocolError) as caught:
        design(cells("b", name="a"), cells("vehicle", name="c"), cells("a", name="b"))
    said = str(caught.value)
    assert said in (
        'arms take their cells in a circle: "a" from "b" from "a".',
        'arms take their cells in a circle: "b" from "a" from "b".',
    )


def test_inductions_of_the_study_may_take_cells_of_an_arm_with_its_own() -> None:
    study = [Transfer(donor="donor", harvest=11)]
    own = Design(40, study, [Arm("vehicle"), Arm("donor", inductions=[Immunisation()])])
    assert donors(own) == {"vehicle": ("donor",), "donor": ()}
    with pytest.raises(ProtocolError, match=r"from itself.*give it inductions of its own"):
        Design(40, study, [Arm("vehicle"), Arm("donor")])


def test_arms_are_run_after_those_they_take_cells_from() -> None:
    given = donors(design(cells("b", name="c"), cells("vehicle", name="a"), cells("a", name="b")))
    assert levels(given) == [("vehicle",), ("a",), ("b",), ("c",)]
    assert levels(donors(design(Arm("day 0"), cells("vehicle")))) == [("vehicle", "day 0"), ("cells",)]


def test_some_arms_are_kept_with_all_that_they_need() -> None:
    whole = design(Arm("other"), cells("vehicle", name="a"), cells("a", name="b"))
    assert [arm.name for arm in with_donors(whole, ["b"])] == ["vehicle", "a", "b"]
    assert [arm.name for arm in with_donors(whole, ["other"])] == ["other"]


def test_arms_under_other_names_take_cells_of_each_other() -> None:
    own = Arm("vehicle", Bolus("1 g/kg").at(day=0), mechanism="H7", parameters={"divisions": 8})
    whole = Design(40, [Immunisation()], [own, cells("vehicle")])
    again = Design(40, [], renamed(whole, "3 "))
    assert donors(again) == {"3 vehicle": (), "3 cells": ("3 vehicle",)}
    assert again.arms[0].inductions == (Immunisation(),)
    kept = (again.arms[0].regimen, again.arms[0].mechanism, again.arms[0].parameters)
    assert kept == (own.regimen, own.mechanism, own.parameters)


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("arm.cells.induction.0.amount", 2, Transfer(amount=2, donor="vehicle", harvest=11)),
        ("arm.cells.induction.0.harvest", 16, Transfer(donor="vehicle", harvest=16)),
        ("arm.cells.induction.0.from", "other", Transfer(donor="other", harvest=11)),
    ],
)
def test_a_sweep_may_change_what_is_taken(path: str, value: Any, expected: Transfer) -> None:
    whole = design(Arm("other"), cells("vehicle"))
    changed = change_design(whole, {read_path(path, whole): value})
    assert changed.arms[2].inductions == (expected,)


@pytest.mark.parametrize(("path", "value"), [("arm.cells.induction.0.harvest", 41), ("until", 10)])
def test_a_sweep_may_not_harvest_past_the_end(path: str, value: int) -> None:
    whole = design(cells("vehicle"))
    with pytest.raises(ProtocolError, match="past the end"):
        change_design(whole, {read_path(path, whole): value})
