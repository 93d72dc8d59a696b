"""Paths: names of settings of a study, such as ``"arm.at onset.dose"``, and changes of a design by path."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from eaesim.errors import ProtocolError, check_names, unknown_name
from eaesim.files import Content
from eaesim.protocol.design import Design
from eaesim.protocol.tables import (
    INDUCTION_KEYS,
    LINE_KEYS,
    arm_table,
    induction_table,
    read_arm,
    read_inductions,
)
from eaesim.protocol.values import Value

#: Single-word paths; a rat and its parameters are not part of a design, and are changed with the rat.
SINGLE = ("mechanism", "rat", "until")
_EXAMPLES = '"arm.NAME.dose", "parameter.NAME", "induction.0.day", "mechanism", "rat" or "until"'
_LINE_KEYS = (*LINE_KEYS, "mechanism")

# Maximum digits of the number of a dose line or an induction.
_DIGITS = 6

Keys = tuple[str | int, ...]


@dataclass(frozen=True)
class StudyPath:
    """The location of a setting in a study.

    Attributes
    ----------
    text
        Path as written.
    keys
        Keys leading to it; two paths to the same setting have the same keys.
    """

    text: str
    keys: Keys

    @property
    def parameter(self) -> str:
        """The parameter it leads to, by the name as written; ``""`` for another setting."""
        return self.text.partition(".")[2] if self.keys[0] == "parameter" else ""


def check_path(text: str) -> str:
    """Return the text if it may be a path in some study.

    Examples
    --------
    >>> check_path("arm.early.dose")
    'arm.early.dose'
    """
    kind, _, rest = text.partition(".") if isinstance(text, str) else ("", "", "")
    if text not in SINGLE and not (kind in ("arm", "induction", "parameter") and rest):
        raise ProtocolError(f'"{text}" is not a path; write {_EXAMPLES}, in quotes.')
    return text


def read_path(text: str, design: Design) -> StudyPath:
    """Find the setting that a path leads to; names of arms may contain dots, and longer ones take precedence.

    Parameters
    ----------
    text
        ``parameter.NAME``, ``arm.NAME.KEY`` (of an arm with one line of doses, and ``mechanism``),
        ``arm.NAME.doses.N.KEY``, ``arm.NAME.induction.N.KEY``, ``arm.NAME.parameters.KEY`` (of one that the
        arm sets), ``induction.N.KEY``, ``mechanism``, ``rat`` or ``until``. N counts from 0.
    design
        Arms and inductions. Names of parameters are checked by the rat.

    Examples
    --------
    >>> from eaesim.protocol import Arm, Bolus, Immunisation
    >>> design = Design(40, [Immunisation()], [Arm("vehicle"), Arm("early", Bolus("1 g/kg").at(day=0))])
    >>> read_path("arm.early.dose", design).keys
    ('arm', 'early', 'doses', 0, 'dose')
    """
    kind, _, rest = check_path(text).partition(".")
    if text in SINGLE:
        return StudyPath(text, (text,))
    if kind == "parameter":
        # An alias of a parameter is the same setting: a potency is 1/IC50.
        return StudyPath(text, (kind, f"potency_{rest[5:]}" if rest.startswith("ic50_") else rest))
    if kind == "induction":
        kinds = [induction.kind for induction in design.inductions]
        return StudyPath(text, (kind, *_induction_keys(text, rest, kinds, "the study")))
    names = [arm.name for arm in design.arms]
    longest = sorted(names, key=len, reverse=True)
    name = next((name for name in longest if rest.startswith(f"{name}.")), None)
    if name is None:
        raise unknown_name(rest.rpartition(".")[0] or rest, "arm", names)
    return StudyPath(text, (kind, name, *_arm_keys(text, rest[len(name) + 1 :], design, names.index(name))))


def _arm_keys(text: str, rest: str, design: Design, place: int) -> Keys:
    arm = design.arms[place]
    key, _, deeper = rest.partition(".")
    lines, owner = len(arm.regimen.lines), f'arm "{arm.name}"'
    if key == "induction":
        kinds = [induction.kind for induction in arm.inductions or ()]
        return (key, *_induction_keys(text, deeper, kinds, owner))
    if key == "doses":
        number, _, last = deeper.partition(".")
        return (key, _number(text, number, lines, f"lines of doses of {owner}"), _known(last, _LINE_KEYS))
    if key == "parameters":
        # Two names of one parameter are one setting, written as in the arm.
        own = dict(arm.parameters)
        check_names([deeper], f"parameter of {owner}", own)
        return (key, deeper)
    if rest == "mechanism":
        return (rest,)
    _known(rest, ("doses", "induction", "mechanism", "parameters", *LINE_KEYS))
    if lines != 1:
        hint = f'write "arm.{arm.name}.doses.0.{rest}"' if lines else "give it one, of 0 g/kg perhaps"
        raise ProtocolError(f'"{text}": {owner} has {lines or "no"} lines of doses; {hint}.')
    return ("doses", 0, rest)


def _induction_keys(text: str, rest: str, kinds: list[str], owner: str) -> Keys:
    number, _, key = rest.partition(".")
    place = _number(text, number, len(kinds), f"inductions of {owner}")
    return (place, _known(key, INDUCTION_KEYS[kinds[place]]))


def _number(text: str, given: str, length: int, what: str) -> int:
    if not given.isdecimal() or len(given) > _DIGITS or int(given) >= length:
        raise ProtocolError(
            f'"{text}": "{given}" is not among the {what}, which are counted from 0; there are {length}.'
        )
    return int(given)


def _known(key: str, allowed: Collection[str]) -> str:
    check_names([key], "key of a path", allowed)
    return key


def change_design(design: Design, changes: Mapping[StudyPath, Value]) -> Design:
    """Return a design with other values at some paths; settings of the rat are ignored.

    Examples
    --------
    >>> from eaesim.protocol import Arm, Bolus, Immunisation
    >>> design = Design(40, [Immunisation()], [Arm("early", Bolus("1 g/kg").at(day=0))])
    >>> changed = change_design(design, {read_path("arm.early.day", design): 3})
    >>> changed.arms[0].regimen.lines[0].day
    3.0
    """
    own = {path.keys: value for path, value in changes.items() if path.keys[0] not in ("parameter", "rat")}
    if not own:
        return design
    touched = {keys[1] for keys in own if keys[0] == "arm"}
    tables = _tables(design, touched)
    for keys, value in own.items():
        table: Any = tables
        for key in keys[:-1]:
            table = table[key]
        table[keys[-1]] = value
    is_induced = any(keys[0] == "induction" for keys in own)
    return Design(
        tables["until"],
        read_inductions(tables["induction"], "induction") if is_induced else design.inductions,
        [read_arm(tables["arm"][arm.name]) if arm.name in touched else arm for arm in design.arms],
        tables["mechanism"],
        design.control,
        design.endpoints,
    )


def _tables(design: Design, arms: Collection[str | int]) -> dict[str, Any]:
    """Return the tables that paths lead into, with those of some arms by name."""
    return {
        "until": design.until,
        "mechanism": design.mechanism,
        "induction": [induction_table(induction) for induction in design.inductions],
        "arm": {arm.name: _long(arm_table(arm)) for arm in design.arms if arm.name in arms},
    }


def _long(table: dict[str, Content]) -> dict[str, Content]:
    """Return the table of an arm with its one line of doses in a list."""
    if "dose" not in table:
        return table
    rest = {key: value for key, value in table.items() if key not in LINE_KEYS}
    return rest | {"doses": [{key: value for key, value in table.items() if key in LINE_KEYS}]}


def stated_value(design: Design, path: StudyPath) -> Value | None:
    """Return the value of a design at a path; None if it is not stated, or belongs to the rat.

    Examples
    --------
    >>> from eaesim.protocol import Arm, Bolus, Immunisation
    >>> design = Design(40, [Immunisation()], [Arm("early", Bolus("1 g/kg").at(day=0))])
    >>> stated_value(design, read_path("arm.early.dose", design))
    '1 g/kg'
    """
    tables: Any = _tables(design, [arm.name for arm in design.arms])
    for key in path.keys[:-1]:
        tables = tables.get(key, {}) if isinstance(key, str) else tables[key]
    found = tables.get(path.keys[-1])
    return None if isinstance(found, dict) else found
