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


def test_doses_of_one_drug_act_alike_and_other_drugs_have_compartments_of_their_own() -> None:
    late = Bolus("1 mg/kg", drug="late_acting").at(day=0)
    steroid = [Bolus("1 mg/kg", drug="methylprednisolone", mechanism=one) for one in ("cytokine", "t_cells")]
    arm = Arm("x", late, late, IVIG.at(day=0), steroid[0].at(day=1))
    assert [drug.name for drug in arm.drugs()] == ["late_acting", "methylprednisolone"]
    with pytest.raises(ProtocolError, match="given: cytokine, t_cells"):
        Arm("x", *(dose.at(day=1) for dose in steroid))
    with pytest.raises(UnknownNameError, match='did you mean "cytokine"'):
        Bolus("1 mg/kg", drug="methylprednisolone", mechanism="cytokin")


def test_a_misspelt_mechanism() -> None:
    with pytest.raises(UnknownNameError):
        Arm("x", mechanism="H9")


def test_inductions_of_its_own() -> None:
    assert Arm("x").inductions is None
    assert Arm("x", inductions=[]).inductions == ()
    with pytest.raises(ProtocolError):
        Arm("x", inductions=[Immunisation(3)])
