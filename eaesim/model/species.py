"""Rats and patients: base parameters, and named differences that define a strain or a species."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from html import escape
from types import MappingProxyType

from eaesim.errors import FileError, QuantityError, unknown_name
from eaesim.files import Unchecked
from eaesim.model.card import card
from eaesim.model.mechanism import MECHANISMS, parse_mechanism
from eaesim.model.parameter_file import (
    DATA,
    Parameter,
    base_entries,
    check_source,
    literature,
    read_toml,
)
from eaesim.model.parameters import Parameters
from eaesim.model.pharmacy import drug_parameter

# Source of a value that was set on a rat.
BY_USER = "set by the user"
_RAT_KEYS = ("title", "base", "strain", "source", "parameters", "off")
#: Species of a subject.
RAT, HUMAN = "rat", "human"
#: Rats that are estimated together, one per strain: with all model components, or the fewest.
FULL, LEAN = ("lewis", "da"), ("lewis_lean", "da_lean")
#: Default rats of all commands, defined only here.
DEFAULT = FULL


@dataclass(frozen=True, repr=False)
class Rat:
    """An animal, or a patient: a name, and a value with its source for every parameter.

    Attributes
    ----------
    name
        Name it was loaded by, with any changes.
    title
        Short description.
    strain
        Strain of comparable published data.
    source
        Source of the parameter set as a whole.
    entries
        Every `Parameter`, by name.
    differences
        Parameters that differ from the base because of the strain or the user.
    ensemble
        Folder of the ensemble, for a rat from a fit; otherwise empty.
    off
        Parameters held, if necessary outside their bounds, at values that disable a model component.
    species
        ``"rat"`` or ``"human"``.
    attacks
        Of a patient: the random process of attacks, as a `Parameter` by setting of `eaesim.protocol.Attacks`,
        and ``edss``, the disability before the first of them.

    Examples
    --------
    >>> load("lewis").replace(spreading_rate=0)
    Rat('lewis', spreading_rate=0)
    """

    name: str
    title: str
    strain: str
    source: str
    entries: Mapping[str, Parameter]
    differences: tuple[str, ...] = ()
    ensemble: str = ""
    off: tuple[str, ...] = ()
    species: str = RAT
    attacks: Mapping[str, Parameter] = field(default_factory=lambda: MappingProxyType({}))

    def parameters(self, mechanism: str = "none") -> Parameters:
        """Return the parameter values for a run with only the named mechanisms enabled.

        Parameters
        ----------
        mechanism
            Ids combined with ``+``, or ``"none"``.

        Raises
        ------
        UnknownNameError
            If a mechanism is not known.

        Examples
        --------
        >>> from eaesim.model.species import load
        >>> load("lewis").parameters("H1a").potency_priming
        0.0
        """
        acting = parse_mechanism(mechanism)
        off = {item.potency: 0.0 for name, item in MECHANISMS.items() if name not in acting}
        return Parameters(**{name: self.entries[name].value for name in Parameters._fields} | off)

    def replace(self, /, **values: float | str) -> Rat:
        """Return a rat with other values: numbers in the parameter's unit, or text with a unit.

        ``ic50_NAME`` is accepted for ``potency_NAME`` and is its reciprocal. A parameter of a drug replaces
        the value in the drug's file.

        Raises
        ------
        UnknownNameError
            If a parameter is not known.
        QuantityError
            If a value is not finite, or its unit does not fit.

        Examples
        --------
        >>> from eaesim.model.species import load
        >>> load("lewis").replace(spreading_rate=0).entries["spreading_rate"].value
        0.0
        """
        changed = dict(self.entries)
        for given, value in values.items():
            name, new = _potency(given, value)
            entry = changed.get(name) or drug_parameter(name)
            if entry is None:
                raise unknown_name(given, "parameter", changed)
            changed[name] = replace(entry.with_value(new, source=BY_USER), key=(), support="")
        differences = tuple(dict.fromkeys((*self.differences, *(_potency(name, 1.0)[0] for name in values))))
        return replace(self, entries=MappingProxyType(changed), differences=differences)

    def entry(self, name: str) -> Parameter:
        """Return a parameter of the animal, or of a drug that is known here.

        Raises
        ------
        UnknownNameError
            If there is none of that name.

        Examples
        --------
        >>> from eaesim.model.species import load
        >>> load("lewis").entry("late_acting_elimination").value
        0.35
        """
        found = self.entries.get(name) or drug_parameter(name)
        if found is None:
            raise unknown_name(name, "parameter", self.entries)
        return found

    def with_values(self, values: Mapping[str, float], *, source: str) -> Rat:
        """Return a rat with values from elsewhere, such as a fit; values set by the user are kept.

        It belongs to no ensemble.

        Parameters
        ----------
        values
            Values by name, in the parameter's unit.
        source
            Source of the values.

        Raises
        ------
        UnknownNameError
            If a parameter is not known.
        QuantityError
            If a value is not finite, or negative.

        Examples
        --------
        >>> from eaesim.model.species import load
        >>> rat = load("lewis").replace(spreading_rate=0)
        >>> fitted = rat.with_values({"spreading_rate": 0.5, "divisions": 9}, source="fit")
        >>> fitted.entries["spreading_rate"].value, fitted.entries["divisions"].value
        (0.0, 9.0)
        """
        changed = dict(self.entries)
        for name, value in values.items():
            if name not in changed:
                raise unknown_name(name, "parameter", changed)
            if changed[name].source != BY_USER:
                changed[name] = changed[name].with_value(value, source=source)
        differences = tuple(dict.fromkeys((*self.differences, *values)))
        return replace(self, entries=MappingProxyType(changed), differences=differences, ensemble="")

    @property
    def changes(self) -> tuple[Parameter, ...]:
        """The parameters set by the user."""
        return tuple(entry for entry in self.entries.values() if entry.source == BY_USER)

    def warnings(self) -> list[str]:
        """Return a text for each value that the user set outside its bounds."""
        return [
            f"{entry.name} = {entry.value:g} lies outside {entry.low:g} to {entry.high:g} {entry.unit}, "
            "the bounds on the model card."
            for entry in self.changes
            if entry.low < entry.high and not entry.low <= entry.value <= entry.high
        ]

    def __repr__(self) -> str:
        """Return the name and what was changed."""
        changed = "".join(f", {entry.name}={entry.value:g}" for entry in self.changes)
        return f"Rat({self.name!r}{changed})"

    def __str__(self) -> str:
        """Return the model card."""
        return card(self)

    def _repr_html_(self) -> str:
        """Return HTML for notebooks: the text with aligned columns."""
        return f"<pre>{escape(str(self))}</pre>"


def _potency(name: str, value: float | str) -> tuple[str, float | str]:
    if not name.startswith("ic50_"):
        return name, value
    potency = f"potency_{name.removeprefix('ic50_')}"
    known = base_entries("base")
    if potency in known and known[potency]["unit"] != "mL/mg":
        raise QuantityError(f"{name}: {potency} is not 1 over a concentration; set {potency} itself.")
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not value > 0:
        raise QuantityError(f"{name} = {value!r} must be a number above 0; a potency of 0 switches it off.")
    return potency, 1.0 / value


def rat_names() -> tuple[str, ...]:
    """Return the names of the rats that `load` knows.

    Examples
    --------
    >>> rat_names()
    ('da', 'da_antibody', 'da_lean', 'lewis', 'lewis_lean')
    """
    names = (item.name.removesuffix(".toml") for item in DATA.iterdir() if item.name.endswith(".toml"))
    return tuple(sorted(name for name in names if name != "base"))


def default_rat(strain: str) -> str:
    """Return the default rat of a strain.

    Examples
    --------
    >>> default_rat("da")
    'da'
    """
    return next(name for name in DEFAULT if load(name).strain == strain)


def companions(rats: Iterable[str]) -> tuple[str, ...]:
    """Return the rats that are estimated together with some: all of `FULL`, or all of `LEAN`.

    Raises
    ------
    UnknownNameError
        If one is in neither.
    QuantityError
        If some are in each.

    Examples
    --------
    >>> companions(["da_lean"])
    ('lewis_lean', 'da_lean')
    """
    asked = tuple(rats)
    for name in asked:
        if name not in (*FULL, *LEAN):
            raise unknown_name(name, "rat with published rows", (*FULL, *LEAN))
    for group in (FULL, LEAN):
        if set(asked) <= set(group):
            return group
    raise QuantityError(f"lean rats ({', '.join(LEAN)}) are estimated together, not with others.")


def load(name: str) -> Rat:
    """Return a rat by name.

    Parameters
    ----------
    name
        One of `rat_names`.

    Raises
    ------
    UnknownNameError
        If there is no such rat.

    Examples
    --------
    >>> load("da").strain
    'da'
    """
    if not isinstance(name, str) or name not in rat_names():
        raise unknown_name(name, "rat", rat_names())
    return _load(name)


@cache
def _load(name: str) -> Rat:
    table = read_toml((DATA / f"{name}.toml").read_text("utf-8"), name=f"{name}.toml")
    for key in table:
        if key not in _RAT_KEYS:
            raise unknown_name(key, f"key of {name}.toml", _RAT_KEYS)
    base = table["base"]
    parent = load(base) if base in rat_names() else None
    entries = dict(parent.entries) if parent else _from_base(base, table["parameters"], name=name)
    off = table.get("off", {})
    for parameter, entry in {**table["parameters"], **off}.items():
        if parameter not in entries:
            raise unknown_name(parameter, "parameter", entries)
        check_source(parameter, entry, name=f"{name}.toml")
        given = entries[parameter].with_value(
            entry["value"], source=entry["source"], note=entry.get("note", "")
        )
        if parameter not in off and not given.low <= given.value <= given.high:
            raise FileError(f"{name}.toml: {parameter} must have low <= value <= high of {base}.toml.")
        entries[parameter] = replace(given, **literature(parameter, entry, name=f"{name}.toml"))
    inherited = parent.differences if parent else ()
    differences = tuple(dict.fromkeys((*inherited, *table["parameters"], *off)))
    return Rat(
        name,
        table["title"],
        table["strain"],
        table["source"],
        MappingProxyType(entries),
        differences,
        off=tuple(dict.fromkeys((*(parent.off if parent else ()), *off))),
    )


def _from_base(base: str, given: Unchecked, *, name: str) -> dict[str, Parameter]:
    entries = {}
    for parameter, entry in base_entries(base).items():
        if "value" not in entry and parameter not in given:
            raise QuantityError(
                f"{name}.toml gives no value for {parameter}, and {base}.toml leaves it to the rat."
            )
        entries[parameter] = Parameter(
            name=parameter,
            **(
                {"value": entry["low"], "source": "assumed"}
                | dict(entry)
                | {"key": tuple(entry.get("key", ()))}
            ),
        )
    return entries
