"""Rats and patients: base parameters, and named differences that define a strain or a species."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from html import escape
from os import PathLike
from pathlib import Path
from types import MappingProxyType

from eaesim.errors import FileError, QuantityError, check_names, unknown_name
from eaesim.files import Content, Unchecked, needed, parse_toml, read_text, read_toml, within
from eaesim.model.card import card
from eaesim.model.mechanism import MECHANISMS, parse_mechanism
from eaesim.model.parameter_file import DATA, Parameter, Subject, base_entries, file_names
from eaesim.model.parameters import Parameters
from eaesim.model.pharmacy import drug_parameter
from eaesim.model.strainfile import INHERITED, check_name, strain_fields

# Source of a value that was set on a rat.
BY_USER = "set by the user"
#: Species of a subject.
RAT, HUMAN = "rat", "human"
#: Rats that are estimated together, one per strain: with all model components, or the fewest.
FULL, LEAN = ("lewis", "da"), ("lewis_lean", "da_lean")
#: Default rats of all commands, defined only here.
DEFAULT = FULL


@dataclass(frozen=True, repr=False)
class Rat(Subject):
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
    base
        Rat of the package that a strain of the user differs from; otherwise empty.
    path
        File of a strain of the user; otherwise empty.

    Examples
    --------
    >>> load("lewis").replace(spreading_rate=0)
    Rat('lewis', spreading_rate=0)
    """

    @classmethod
    def from_table(cls, name: str, **table: Content) -> Rat:
        """Make a strain from what its file would say: how it differs from a rat of the package.

        Parameters
        ----------
        name
            Name of the strain.
        **table
            ``title``, ``source``, ``base`` (the rat), ``parameters`` (a table for each, of ``value`` and
            ``source``, and ``low`` and ``high`` where the value is outside the bounds of the base), and
            ``strain`` where published data of that strain are to be compared.

        Raises
        ------
        EaesimError
            If a key is missing or unknown, or a value has no source, no fitting unit, or is out of bounds.

        Examples
        --------
        >>> entry = {"value": "0.9 1/day", "source": "assumed"}
        >>> wistar = Rat.from_table(
        ...     "wistar",
        ...     title="Wistar",
        ...     source="assumed",
        ...     base="lewis",
        ...     parameters={"expansion_rate": entry},
        ... )
        >>> wistar.entries["expansion_rate"].value, wistar.strain
        (0.9, 'wistar')
        """
        check_name(name)
        if name in rat_names():
            raise FileError(f"{name} is a rat of the package; give the strain another name.")
        given = {"strain": name, "parameters": {}, **table}
        base = needed(given, "base", "the strain")
        return replace(_made(name, given, parent=load(base)), base=base)

    @classmethod
    def from_file(cls, path: str | PathLike[str]) -> Rat:
        """Read a strain from its file, whose name is that of the strain; the keys are those of `from_table`.

        Raises
        ------
        EaesimError
            If the file cannot be read, or is not a valid strain; the message names the file.
        """
        with within(str(path)):
            table = parse_toml(read_text(path))
            return replace(cls.from_table(Path(path).stem, **table), path=str(path))

    @property
    def loaded_as(self) -> str:
        """The name by which it is loaded, without what the user set; of a strain from Python its base."""
        return self.ensemble or self.path or self.base or self.name

    @property
    def fingerprint(self) -> str:
        """A hash of its values, without titles and notes."""
        values = [(one.name, one.value, one.low, one.high, one.spread) for one in self.entries.values()]
        return sha256(repr((self.strain, values)).encode()).hexdigest()

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
            check_names([name], "parameter", changed)
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
    return tuple(name for name in file_names(DATA) if name != "base")


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

    Examples
    --------
    >>> companions(["da_lean"])
    ('lewis_lean', 'da_lean')
    """
    asked = tuple(rats)
    check_names(asked, "rat with published data", (*FULL, *LEAN))
    for group in (FULL, LEAN):
        if set(asked) <= set(group):
            return group
    raise QuantityError(f"lean rats ({', '.join(LEAN)}) are estimated together, not with others.")


def load(name: str) -> Rat:
    """Return a rat by name.

    Examples
    --------
    >>> load("da").strain
    'da'
    """
    check_names([name], "rat", rat_names())
    return _load(name)


@cache
def _load(name: str) -> Rat:
    table = read_toml((DATA / f"{name}.toml").read_text("utf-8"), name=f"{name}.toml")
    return _made(name, table, parent=load(table["base"]) if table["base"] in rat_names() else None)


def _made(name: str, table: Unchecked, *, parent: Rat | None) -> Rat:
    """Return the rat of a table, which differs from its parent, or from the base of all."""
    inherited = {} if parent is None else {each: getattr(parent, each) for each in INHERITED}
    return Rat(**strain_fields(name, table, **inherited))
