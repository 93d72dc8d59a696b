from __future__ import annotations

from typing import Any

import pytest

from eaesim.errors import ProtocolError, UnknownNameError
from eaesim.protocol.arm import Arm
from eaesim.protocol.dose import Bolus
from eaesim.protocol.induction import Immunisation
from eaesim.protocol.regimen import Regimen

IVIG = Bolus("1 g/kg")


@pytest.mark.parametrize("name", ["", "  ", "two\nlines", "tab\t", 3, None])
def test_a_name_is_one_line(name: Any) -> None:
    with pytest.raises(ProtocolError):
        Arm(name)


def test_regimens_are_summed_in_order() -> None:
    arm = Arm("x", IVIG.at(day=7), IVIG.at(day=0))
    assert [line.day for line in arm.regimen.lines] == [7, 0]
    assert Arm("vehicle").regimen == Regimen()


def test_a_dose_without_a_day_is_no_regimen() -> None:
    with pytest.raises(ProtocolError, match=r"at\(day=0\)"):
        Arm("x", IVIG)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("dose", "arm", "expected"),
    [(None, None, "H1a"), (None, "H2", "H2"), ("H3+H1b", "H2", "H1b+H3"), (None, "none", "none")],
)
def test_the_nearest_mechanism_counts(dose: str | None, arm: str | None, expected: str) -> None:
    line = Bolus("1 g/kg", mechanism=dose).at(day=0)
    assert Arm("x", line, mechanism=arm).mechanism_or("H1a") == expected


def test_one_plasma_igg_acts_by_one_mechanism() -> None:
    first, second = (Bolus("1 g/kg", mechanism=name).at(day=0) for name in ("H1a", "H2"))
    with pytest.raises(ProtocolError, match="plasma IgG"):
        Arm("x", first, second)
    with pytest.raises(ProtocolError, match="H1a, H3"):
        Arm("x", first, IVIG.at(day=3), mechanism="H3")
    mixed = Arm("x", first, IVIG.at(day=3))
    assert mixed.mechanism_or("H1a") == "H1a"
    with pytest.raises(ProtocolError, match="H1a, H2"):
        mixed.mechanism_or("H2")


def test_two_companions_share_one_compartment() -> None:
    late = Bolus("1 mg/kg", drug="late_acting").at(day=0)
    assert len(Arm("x", late, late, IVIG.at(day=0)).regimen.lines) == 3
    other = Bolus("1 mg/kg", drug="late_acting")
    object.__setattr__(other, "drug", "another")
    with pytest.raises(ProtocolError, match="another and late_acting"):
        Arm("x", late, other.at(day=1))


def test_a_misspelt_mechanism() -> None:
    with pytest.raises(UnknownNameError):
        Arm("x", mechanism="H9")


def test_inductions_of_its_own() -> None:
    assert Arm("x").inductions is None
    assert Arm("x", inductions=[]).inductions == ()
    with pytest.raises(ProtocolError):
        Arm("x", inductions=[Immunisation(3)])
