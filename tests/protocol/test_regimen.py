from __future__ import annotations

import math
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eaesim.errors import ProtocolError
from eaesim.protocol.dose import Bolus, Infusion, parse_dose
from eaesim.protocol.regimen import DoseLine, Regimen
from eaesim.protocol.trigger import Trigger


@given(data=st.data())
def test_the_table_has_every_dose_evenly_spaced_and_in_order(
    data: st.DataObject, generated: SimpleNamespace
) -> None:
    line = data.draw(generated.regimens).lines[0]
    rows = Regimen((line,)).table()
    first = line.day if line.trigger is None else line.after
    times = [row.day if row.day is not None else row.after for row in rows]
    assert len(rows) == line.dose.doses
    assert times == [first + repeat * (line.dose.every or 0) for repeat in range(line.dose.doses)]
    assert {(row.amount, row.over, row.drug, row.route) for row in rows} == {
        (line.dose.amount, line.dose.over, line.dose.drug, line.dose.route)
    }


@given(data=st.data())
def test_regimens_add_up(data: st.DataObject, generated: SimpleNamespace) -> None:
    parts = data.draw(st.lists(generated.regimens, max_size=4))
    whole = sum(parts, Regimen())
    rows = whole.table()
    assert len(rows) == sum(len(part.table()) for part in parts)
    days = [row.day for row in rows if row.day is not None]
    assert days == sorted(days)
    for drug, total in whole.total().items():
        amounts = [line.dose.amount * line.dose.doses for line in whole.lines if line.dose.drug == drug]
        assert total == pytest.approx(sum(amounts))
        assert total == pytest.approx(math.fsum(row.amount for row in rows if row.drug == drug))


@given(data=st.data())
def test_the_print_fits_80_columns_and_marks_every_dose(
    data: st.DataObject, generated: SimpleNamespace
) -> None:
    regimen = data.draw(generated.regimens)
    lines = str(regimen).splitlines()
    assert len(lines) == 1 + regimen.lines[0].dose.doses + 1
    assert all(len(line) <= 80 for line in lines)
    marks = lines[-1].split("|")[1]
    assert sum({"-": 0, "o": 1}.get(mark) or (int(mark) if mark.isdigit() else 0) for mark in marks) == len(
        regimen.table()
    )


def test_the_print_of_a_schedule() -> None:
    regimen = Bolus("1 g/kg").at(day=-1) + parse_dose(
        "5 mg/kg over 4 h every 2 day x 2", drug="late_acting"
    ).at(relapse="score rise >= 1.5", after=1)
    assert str(regimen).splitlines() == [
        "day                      dose     over  drug         route  mL/kg",
        "-1                       1 g/kg         ivig         iv     10",
        "score rise >= 1.5, +1 d  5 mg/kg  4 h   late_acting  iv",
        "score rise >= 1.5, +3 d  5 mg/kg  4 h   late_acting  iv",
        "days: -1 |o| -1",
        "days after score rise >= 1.5: 0 |-------------o--------------------------o| 3",
    ]


def test_an_empty_regimen_is_the_vehicles() -> None:
    assert str(Regimen()) == "no dose"
    assert Regimen().table() == []
    assert Regimen().total() == {}
    assert Regimen() + Bolus("1 g/kg").at(day=0) == Bolus("1 g/kg").at(day=0)


@pytest.mark.parametrize(("dose", "volume"), [("2 g/kg", 20.0), ("2.5 g/kg", 25.0), ("0.4 g/kg", 4.0)])
def test_volume_comes_from_the_concentration_and_warns_above_20(dose: str, volume: float) -> None:
    regimen = Bolus(dose, every=1, doses=3).at(day=0)
    assert [row.volume for row in regimen.table()] == [volume] * 3
    assert len(regimen.warnings()) == (1 if volume > 20 else 0)


def test_an_infusion_and_a_triggered_dose_warn_too() -> None:
    assert Infusion("2.5 g/kg", over="4 h").at(onset="score >= 1").warnings()


def test_without_a_concentration_there_is_no_volume() -> None:
    regimen = Bolus("100 g/kg", drug="late_acting").at(day=0)
    assert regimen.table()[0].volume is None
    assert regimen.warnings() == []


def test_a_line_has_a_day_or_a_trigger() -> None:
    with pytest.raises(ProtocolError):
        DoseLine(Bolus("1 g/kg"))
    with pytest.raises(ProtocolError):
        DoseLine(Bolus("1 g/kg"), 0, Trigger("onset", 1))
