"""Drug files: what they may say, checked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from eaesim.errors import FileError, ProtocolError, QuantityError, check_names, unknown_name
from eaesim.files import Content, Unchecked, check_table, check_tables, needed, within
from eaesim.model.action import (
    COMPETE,
    DEPLETE,
    INHIBIT,
    IV,
    KINDS,
    SHAPES,
    SITES,
    Action,
    Mechanism,
    Route,
    Value,
)
from eaesim.model.bibliography import bibliography
from eaesim.model.parameter_file import Parameter, base_entries, literature
from eaesim.model.parameters import Parameters
from eaesim.model.processes import check_target
from eaesim.model.state import State
from eaesim.units import conversion, number

KEYS = (
    "title",
    "target",
    "concentration",
    "source",
    "key",
    "note",
    "disposition",
    "route",
    "action",
    "mechanism",
)
DISPOSITION = {
    "volume": "mL/kg",
    "elimination": "1/day",
    "volume_tissue": "mL/kg",
    "exchange": "mL/kg/day",
    "cns_intact": "dimensionless",
    "cns_leak": "dimensionless",
}
ROUTE = {"absorption": "1/day", "bioavailability": "dimensionless"}
ROUTES = ("iv", "ip", "sc", "im", "oral", "icv")
ACTION = (
    *("name", "on", "does", "half_effect", "potency", "most", "rate", "shape", "steepness", "linearity"),
    *("per_concentration", "sees", "reach"),
)
MECHANISM = ("title", "site", "strength", "action")
ENTRY = ("value", "low", "high", "spread", "source", "note", "key", "support")
#: Where a dose of IgG goes: the compartments of IgG belong to the animal.
IGG = {
    "iv": Route("igg_plasma", divisor="igg_volume_plasma"),
    "ip": Route("igg_peritoneal", factor="igg_bioavailability_ip"),
    "sc": Route("igg_subcutaneous", factor="igg_bioavailability_sc"),
}
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_SHARES = ("bioavailability", "reach", "linearity", "cns_intact", "plasma")
_ABOVE_ZERO = ("volume", "volume_tissue", "half_effect")
_STEEPEST = 8
# Keys that need another.
_PAIRS = (("volume_tissue", "exchange"), ("exchange", "volume_tissue"), ("cns_leak", "cns_intact"))


def drug_fields(name: str, table: Unchecked) -> dict[str, Any]:
    """Return the attributes of a drug from the tables of its file.

    Parameters
    ----------
    name
        Id of the drug, which is the name of its file.
    table
        Tables of the file.

    Raises
    ------
    UnknownNameError
        If it has an unknown key, or names an unknown target or parameter.
    EaesimError
        If a key is missing, or a value has the wrong unit or is out of range.

    Examples
    --------
    >>> drug_fields("own", {"titel": "x"})
    Traceback (most recent call last):
    ...
    eaesim.errors.UnknownNameError: "titel" is not a drug key; did you mean "title"? ...
    """
    check_name(name)
    check_table(table, "drug", KEYS)
    reader = _Reader(name, _text(table, "source"), _keys(table))
    routes = reader.disposition(needed(table, "disposition", "the drug"), table.get("route", {}))
    top = check_tables(table.get("action", []), "action")
    groups = check_table(table.get("mechanism", {}), "mechanism", table.get("mechanism", {}))
    several = bool(groups) or len(top) > 1
    actions = tuple(reader.action(each, several) for each in top)
    mechanisms = {id_: reader.mechanism(id_, one) for id_, one in groups.items()}
    if reader.sees_cns and f"{name}_cns_intact" not in reader.parameters and not reader.is_igg:
        raise ProtocolError(
            'an action sees "cns", but [disposition] has no "cns_intact", the share of the concentration in '
            "plasma that is reached behind a closed barrier."
        )
    concentration = table.get("concentration")
    words = ", ".join(dict.fromkeys(f"{one.does} {' and '.join(one.on)}" for one in actions))
    return {
        "name": name,
        "title": _text(table, "title"),
        "source": reader.source,
        "note": str(table.get("note", "")),
        "concentration": None if concentration is None else _number("concentration", concentration, "mg/mL"),
        "target": str(table.get("target", "")) or words or ", ".join(mechanisms) or "none",
        "routes": routes,
        "infusion": "igg_infusion" if reader.is_igg else f"{name}_infusion",
        "parameters": reader.parameters,
        "key": reader.key,
        "actions": actions,
        "mechanisms": mechanisms,
    }


def check_name(name: str) -> str:
    """Return the name of a drug, which begins the names of its states and parameters."""
    if not _NAME.fullmatch(name) or len(name) > 60:
        raise ProtocolError(
            f'"{name}" is no name of a drug; write small letters, digits and single underscores, '
            "such as anti_lfa1, and a letter first."
        )
    taken = [each for each in (*State._fields, *Parameters._fields) if each.startswith(f"{name}_")]
    if taken and name != "ivig":
        raise ProtocolError(f'"{name}" begins a name of the animal, {taken[0]}; name the drug otherwise.')
    return name


@dataclass
class _Reader:
    """Reader of one drug, which collects its parameters."""

    name: str
    source: str
    key: tuple[str, ...]
    parameters: dict[str, Parameter] = field(default_factory=dict)
    is_igg: bool = False
    sees_cns: bool = False

    def disposition(self, table: Content, routes: Content) -> dict[str, Route]:
        """Read compartments and routes."""
        if table == "igg":
            if self.name != "ivig":
                raise ProtocolError('disposition = "igg" is that of ivig alone; give volume and elimination.')
            self.is_igg = True
            return dict(IGG)
        given = check_table(table, "[disposition]", DISPOSITION)
        for key in ("volume", "elimination"):
            needed(given, key, "[disposition]")
        for one, other in _PAIRS:
            if one in given and other not in given:
                raise ProtocolError(f'[disposition] has "{one}" and no "{other}".')
        for key, value in given.items():
            self._own(key, key, value, DISPOSITION[key])
        if "cns_intact" in given and "cns_leak" not in given:
            self._own("cns_leak", "cns_leak", 0.0, "dimensionless")
        found = {IV: Route(f"{self.name}_plasma", divisor=f"{self.name}_volume")}
        for route, entry in check_table(routes, "route", ROUTES).items():
            own = check_table(entry, f"[route.{route}]", () if route == IV else ROUTE)
            if route != IV:
                rate = needed(own, "absorption", f"[route.{route}]")
                self._own(f"absorption_{route}", "absorption", rate, ROUTE["absorption"])
                share = own.get("bioavailability", 1.0)
                self._own(f"bioavailability_{route}", "bioavailability", share, "dimensionless")
                factor = f"{self.name}_bioavailability_{route}"
                found[route] = Route(f"{self.name}_depot_{route}", factor=factor)
        return found

    def mechanism(self, name: str, table: Content) -> Mechanism:
        """Read a mechanism."""
        place = f"[mechanism.{name}]"
        if not name.isidentifier() or name == "none":
            raise ProtocolError(f'"{name}" is no name of a mechanism; write letters, digits and underscores.')
        given = check_table(table, place, MECHANISM)
        tables = check_tables(given.get("action", []), f"mechanism.{name}.action")
        if not tables:
            raise ProtocolError(f"{place} has no action; write [[mechanism.{name}.action]] below it.")
        strength = given.get("strength", "")
        check_names(filter(None, [strength]), "parameter", Parameters._fields)
        return Mechanism(
            name,
            _text(given, "title", place),
            strength,
            str(given.get("site", "")),
            tuple(self.action(each, True, name) for each in tables),
        )

    def action(self, table: Unchecked, several: bool, mechanism: str = "") -> Action:
        """Read an action; its own parameters are named after it if there are several."""
        check_table(table, "[[action]]", ACTION)
        does = str(table.get("does"))
        check_names([does], "kind of action", KINDS)
        on = table.get("on", [] if does == COMPETE else None)
        names = [on] if isinstance(on, str) else on
        if not isinstance(names, list) or bool(names) == (does == COMPETE):
            raise ProtocolError(
                'an action needs on = "TARGET", or a list of them; eaesim list targets names them.'
            )
        targets = tuple(check_target(each, depleted=does == DEPLETE) for each in names)
        with within(f"action on {' and '.join(targets)}" if targets else does):
            label = str(table.get("name", "")) or mechanism.lower() or (targets[0] if targets else "fcrn")
            return self._action(table, does, targets, label if several else "")

    def _action(self, table: Unchecked, does: str, targets: tuple[str, ...], label: str) -> Action:
        shape = table.get("shape", "linear" if "per_concentration" in table or does == COMPETE else "hill")
        check_names([shape], "shape", SHAPES)
        if shape == "linear" and does == INHIBIT:
            raise ProtocolError(
                "a linear effect cannot inhibit: it would take more than all; write shape = "
                '"hill" with steepness 1.'
            )
        size = ["per_concentration"] if shape == "linear" else ["half_effect", "potency"]
        allowed = {"hill": ("steepness",), "mixed": ("linearity",), "linear": ()}[shape]
        most = () if shape == "linear" else ("rate",) if does == DEPLETE else ("most",)
        always = ("name", "on", "does", "shape", "sees", "reach")
        check_table(table, f"{shape} {does}", (*always, *size, *allowed, *most))
        given = [key for key in size if key in table]
        if len(given) != 1:
            raise ProtocolError(
                f"a {shape} effect needs {' or '.join(size)}; given: {' and '.join(given) or 'none'}."
            )

        def value(key: str, unit: str, default: Value = 1.0) -> Value:
            return self._value(key, table[key], unit, label) if key in table else default

        unit = {COMPETE: "dimensionless", DEPLETE: "mL/mg/day"}.get(does, "mL/mg")
        size_of = value(given[0], {"half_effect": "mg/mL", "potency": "mL/mg"}.get(given[0], unit))
        if does == DEPLETE and shape != "linear":
            needed(table, "rate", "a depletion")
        strongest = value("rate", "1/day") if does == DEPLETE else value("most", "dimensionless")
        if does == INHIBIT and strongest in self.parameters and self.parameters[str(strongest)].value > 1:
            raise QuantityError("most is the largest share taken away, from 0 to 1.")
        steepness = table.get("steepness", 1)
        if isinstance(steepness, float) and steepness.is_integer():
            steepness = int(steepness)
        if not isinstance(steepness, int) or isinstance(steepness, bool) or not 1 <= steepness <= _STEEPEST:
            raise QuantityError(f"steepness = {steepness!r}; give a whole number from 1 to {_STEEPEST}.")
        return Action(
            targets,
            does,
            shape,
            half=size_of if given[0] == "half_effect" else None,
            potency=None if given[0] == "half_effect" else size_of,
            most=strongest,
            steepness=steepness,
            linearity=value("linearity", "dimensionless", 0.0),
            reach=value("reach", "dimensionless"),
            plasma_share=self._sees(table.get("sees", "plasma"), label),
        )

    def _sees(self, given: Content, label: str) -> Value:
        share: Value
        if isinstance(given, Mapping):
            own = check_table(given, "sees", ("plasma",))
            share = self._value("plasma", needed(own, "plasma", "sees"), "dimensionless", label)
        elif given in SITES:
            share = 1.0 if given == "plasma" else 0.0
        else:
            raise unknown_name(given, "site that an action sees", [*SITES, "{ plasma = SHARE }"])
        self.sees_cns |= share != 1.0
        return share

    def _value(self, key: str, given: Content, unit: str, label: str) -> Value:
        """Return the parameter of a number: one of the animal by its name, or a new one of the drug."""
        if isinstance(given, str) and given in Parameters._fields:
            theirs = base_entries("base")[given]["unit"]
            if theirs != unit:
                with within(f"{key} = {given}"):
                    conversion(theirs, unit)
            return given
        own = "_".join(part for part in (key if key != "plasma" else "plasma_share", label) if part)
        while f"{self.name}_{own}" in self.parameters:
            own += "_2"
        return self._own(own, key, given, unit)

    def _own(self, own: str, key: str, given: Content, unit: str) -> str:
        """Add a parameter of the drug, and return its name."""
        name = f"{self.name}_{own}"
        entry = check_table(given, key, ENTRY) if isinstance(given, Mapping) else {"value": given}
        value = _number(key, needed(entry, "value", key), unit)
        low, high = (
            _number(f"{key}, {end}", entry.get(end, entry["value"]), unit) for end in ("low", "high")
        )
        if not low <= value <= high:
            raise QuantityError(f"{key} must have low <= value <= high; given: {low:g}, {value:g}, {high:g}.")
        spread = _number(f"{key}, spread", entry.get("spread", 0.0), "dimensionless")
        if key in _SHARES and high > 1:
            raise QuantityError(f"{key} = {high:g} is a share, from 0 to 1.")
        if key in _ABOVE_ZERO and low <= 0:
            raise QuantityError(f"{key} = {low:g} must be above 0.")
        inherited = self.source if self.source == "assumed" else f"as the drug: {self.source}"
        self.parameters[name] = Parameter(
            name,
            value,
            unit,
            low,
            high,
            spread,
            "drug",
            str(entry.get("source", inherited)),
            str(entry.get("note", "")),
            **literature(own, entry, name=f"{self.name}.toml"),
        )
        return name


def _text(table: Unchecked, key: str, name: str = "the drug") -> str:
    value = needed(table, key, name)
    if not isinstance(value, str) or not value.strip():
        raise FileError(f"{name}: {key} is a text.")
    return value


def _keys(table: Unchecked) -> tuple[str, ...]:
    source = table.get("source")
    given: Iterable[str] = table.get("key", [source] if source in bibliography() else [])
    if not isinstance(given, list):
        raise FileError("key is a list of bibliography keys.")
    check_names(given, "bibliography key", bibliography())
    return tuple(given)


def _number(key: str, given: Content, unit: str) -> float:
    value = number(given, unit, what=key)
    if value < 0:
        raise QuantityError(f"{key} = {given} is negative; the least is 0.")
    return value
