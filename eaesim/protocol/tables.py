"""Conversion of inductions and arms to and from tables of a study file."""

from __future__ import annotations

from eaesim.errors import ProtocolError, check_names
from eaesim.files import Content, Unchecked, check_table, check_tables, needed, within
from eaesim.protocol.arm import Arm
from eaesim.protocol.dose import STUDIED_DRUG, parse_dose
from eaesim.protocol.induction import INDUCTIONS, Induction, Transfer
from eaesim.protocol.quantity import number_text
from eaesim.protocol.regimen import DoseLine, Regimen

INDUCTION_KEYS = {
    "immunisation": ("day", "adjuvant", "amount"),
    "transfer": ("day", "cells", "amount", "from", "harvest"),
    "relapse": ("day", "adjuvant", "amount"),
}
#: Python names of keys in a file, where they differ.
_IN_PYTHON = {"from": "donor"}
_TIMES = ("day", "onset", "relapse", "after")
LINE_KEYS = ("dose", *_TIMES, "drug", "route")
ARM_KEYS = ("name", "mechanism", "doses", *LINE_KEYS, "induction", "parameters")


def read_inductions(tables: Content, name: str) -> tuple[Induction, ...]:
    """Read the inductions of a study or of an arm.

    Examples
    --------
    >>> print(*read_inductions([{"kind": "relapse", "day": 35}], "induction"))
    day 35: relapse, no adjuvant
    """
    return tuple(_read_induction(table, f"[[{name}]]") for table in check_tables(tables, name))


def _read_induction(table: Unchecked, name: str) -> Induction:
    kind = needed(table, "kind", name)
    check_names([kind], "kind of induction", INDUCTIONS)
    check_table(table, f"{name} {kind}", ("kind", *INDUCTION_KEYS[kind]))
    if kind == "relapse":
        needed(table, "day", f"{name} relapse")
    return INDUCTIONS[kind](
        **{_IN_PYTHON.get(key, key): value for key, value in table.items() if key != "kind"}
    )


def induction_table(induction: Induction) -> dict[str, Content]:
    """Return the table that `read_inductions` reads as this induction.

    Examples
    --------
    >>> from eaesim.protocol.induction import Relapse
    >>> induction_table(Relapse(35))
    {'kind': 'relapse', 'day': 35, 'adjuvant': 'none'}
    """
    table: dict[str, Content] = {"kind": induction.kind, "day": plain_number(induction.day)}
    if not isinstance(induction, Transfer):
        table["adjuvant"] = induction.adjuvant
    elif induction.cells is not None:
        table["cells"] = plain_number(induction.cells)
    elif induction.harvested is not None:
        table |= {"from": induction.harvested.donor, "harvest": induction.harvested.day}
    return table if induction.amount == 1 else table | {"amount": plain_number(induction.amount)}


def read_arm(table: Unchecked) -> Arm:
    """Read one arm.

    Examples
    --------
    >>> read_arm({"name": "day 7", "dose": "1 g/kg", "day": 7}).regimen.total()
    {'ivig': 1000.0}
    """
    check_table(table, "[[arm]]", ARM_KEYS)
    name = needed(table, "name", "[[arm]]")
    with within(f'arm "{name}"'):
        lines = [_read_line(line) for line in _line_tables(table)]
        inductions = read_inductions(table["induction"], "arm.induction") if "induction" in table else None
    return Arm(
        name,
        *lines,
        mechanism=table.get("mechanism"),
        inductions=inductions,
        parameters=table.get("parameters"),
    )


def _line_tables(table: Unchecked) -> list[Unchecked]:
    short = {key: table[key] for key in LINE_KEYS if key in table}
    if isinstance(short.get("dose"), (list, dict)):
        raise ProtocolError('"dose" is a text, such as "1 g/kg"; write several as [[arm.doses]].')
    if "doses" not in table:
        if short and "dose" not in short:
            raise ProtocolError(f'"{next(iter(short))}" is given, but no "dose".')
        return [short] if short else []
    if short:
        raise ProtocolError(f'"{next(iter(short))}" conflicts with "doses"; write it inside, dose by dose.')
    if not isinstance(table["doses"], list):
        raise ProtocolError('"doses" is a list, such as [{ dose = "1 g/kg", day = 0 }].')
    return [check_table(line, "dose", (*LINE_KEYS, "mechanism")) for line in table["doses"]]


def _read_line(table: Unchecked) -> Regimen:
    named = {key: table[key] for key in ("drug", "route", "mechanism") if key in table}
    times = {key: table[key] for key in _TIMES if key in table}
    return parse_dose(needed(table, "dose", "a line of doses"), **named).at(**times)


def arm_table(arm: Arm) -> dict[str, Content]:
    """Return the table that `read_arm` reads as this arm.

    Examples
    --------
    >>> from eaesim.protocol.dose import Bolus
    >>> arm_table(Arm("day 7", Bolus("1 g/kg").at(day=7)))
    {'name': 'day 7', 'dose': '1 g/kg', 'day': 7}
    """
    table: dict[str, Content] = {"name": arm.name}
    if arm.mechanism is not None:
        table["mechanism"] = arm.mechanism
    lines = [_line_table(line) for line in arm.regimen.lines]
    if len(lines) == 1 and "mechanism" not in lines[0]:
        table |= lines[0]
    elif lines:
        table["doses"] = lines
    if arm.inductions is not None:
        table["induction"] = [induction_table(induction) for induction in arm.inductions]
    if arm.parameters:
        table["parameters"] = dict(arm.parameters)
    return table


def _line_table(line: DoseLine) -> dict[str, Content]:
    dose = line.dose
    table: dict[str, Content] = {"dose": dose.text()}
    if line.trigger is None:
        table["day"] = plain_number(line.day or 0.0)
    else:
        table[line.trigger.kind] = line.trigger.text()
    optional: dict[str, tuple[Content, Content]] = {
        "after": (line.after, 0),
        "drug": (dose.drug, STUDIED_DRUG),
        "route": (dose.route, "iv"),
    }
    table |= {key: value for key, (value, default) in optional.items() if value != default}
    return table if dose.mechanism is None else table | {"mechanism": dose.mechanism}


def plain_number(value: float) -> int | float:
    """Return a whole number as an integer, so that a file has 7 and not 7.0.

    Examples
    --------
    >>> plain_number(7.0), plain_number(0.5)
    (7, 0.5)
    """
    text = number_text(value)
    return int(text) if text.lstrip("-").isdigit() else value
