"""Settings of an analysis, declared once for file, call, command line, manifest and schema.

A request is a frozen dataclass whose fields are `Setting` descriptors. Every input is read by the kind of
its field; messages for a file, a call and an option differ only in the name of the place.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from textwrap import wrap
from typing import Any, ClassVar, Generic, Literal, Self, TypeAlias, TypeVar

from eaesim.errors import EaesimWarning, ProtocolError, UnknownNameError, check_names
from eaesim.files import Content, Table, check_table, toml_text

Given = TypeVar("Given", contravariant=True)
Value = TypeVar("Value", covariant=True)
Item = TypeVar("Item")

# Maximum width of the comments in a template file.
_WIDTH = 98


def _as_it_is(value: Item) -> Item:
    return value


@dataclass(frozen=True)
class Kind(Generic[Given, Value]):
    """Reading and writing of values of one kind.

    Attributes
    ----------
    read
        Function from the input, and the name of its place for messages, to the value; raises `EaesimError`.
    metavar
        Placeholder in ``--help``.
    schema
        JSON Schema of the value in a file.
    write
        Function to the form in a file or manifest, the inverse of `read`.
    from_text
        Function from the text of an option to the form in a file.
    is_flag
        Whether the option has no argument.
    joined
        Function that joins the values of a repeated option; None if it is not repeatable.
    names
        Names for shell completion.
    """

    read: Callable[[Given, str], Value]
    metavar: str
    schema: Table
    write: Callable[[Any], Content] = _as_it_is
    from_text: Callable[[str], Content] = _as_it_is
    is_flag: bool = False
    joined: Callable[[Content, Content], Content] | None = None
    names: Callable[[], Iterable[str]] = tuple


@dataclass(frozen=True)
class _Placed(Generic[Item]):
    """A value with the name of the place where a user gave it."""

    value: Item
    place: str


@dataclass(frozen=True)
class _Known(Generic[Item]):
    """A value that has already been read."""

    value: Item


@dataclass(eq=False)
class Setting(Generic[Given, Value]):
    """One setting of a request: a descriptor that reads its input.

    Attributes
    ----------
    kind
        Kind of its values.
    default
        Default value, in the form stored.
    help
        Noun phrase for the help; the default is appended.
    formerly, formerly_in_file
        Former names, accepted for one minor version; the latter in files alone, elsewhere another's name.
    is_in_file
        Whether a study file may give it; not so for workers and progress, which do not affect the result.
    option
        Name on the command line, by default the same; empty for no option.
    """

    kind: Kind[Given, Value]
    default: Value
    help: str
    formerly: tuple[str, ...] = ()
    formerly_in_file: tuple[str, ...] = ()
    is_in_file: bool = True
    option: str | None = None
    name: str = field(default="", init=False)

    def __set_name__(self, owner: type, name: str) -> None:
        """Remember the name of the field."""
        self.name = name

    def __get__(self, instance: Settings | None, owner: type | None = None) -> Value:
        """Return the value, or the default on the class."""
        if instance is None:
            return self.default
        value: Value = instance.__dict__[self.name]
        return value

    def __set__(self, instance: Settings, value: Given) -> None:
        """Read and store a value."""
        instance.__dict__[self.name] = self._read(value)

    def _read(self, given: Any) -> Value:
        if given is self.default:
            return self.default
        if isinstance(given, _Known):
            known: Value = given.value
            return known
        if isinstance(given, _Placed):
            return self.kind.read(given.value, given.place)
        return self.kind.read(given, self.name)

    @property
    def schema(self) -> dict[str, Content]:
        """The JSON Schema of its value in a file."""
        known = {} if self.default is None else {"default": self.kind.write(self.default)}
        return {**self.kind.schema, "description": self.help, **known}

    @property
    def flag(self) -> str:
        """The option on the command line; the plain name if there is none."""
        name = self.name if self.option is None else self.option
        return option_name(name) if name else ""


#: Any kind, and a setting of any; what is given is checked as it is read.
AnyKind: TypeAlias = Kind[Any, Any]
AnySetting: TypeAlias = Setting[Any, Any]


class Settings:
    """Base of a request; a subclass is a frozen keyword-only dataclass of `Setting` fields.

    Examples
    --------
    >>> from eaesim.protocol.kinds import Amount, amount
    >>> @dataclass(frozen=True, kw_only=True)
    ... class Level(Settings):
    ...     table = "schedule"
    ...     level: Amount = Setting(amount("mg/mL"), 3.0, "Plasma IgG above which days are counted.")
    >>> Level.from_table({"level": "4 g/L"}).level, Level(level="4 g/L").changed()
    (4.0, {'level': '4 mg/mL'})
    """

    #: Name of the table in a study file.
    table: ClassVar[str] = ""
    #: Input: a study file; one with its table; nothing, if the settings suffice; or a data file.
    input: ClassVar[Literal["study", "table", "nothing", "data"]] = "study"
    #: Names of data that need no file, such as shipped trials.
    data_names: ClassVar[Callable[[], Iterable[str]]] = tuple
    #: Former names of the command and the table.
    former_names: ClassVar[tuple[str, ...]] = ()
    #: Option of other commands that asks it, without dashes: of a setting, or its data; default: its name.
    asked_by: ClassVar[str] = ""
    #: Settings that are separate tables in a file without a study, such as ``parameters``.
    own_tables: ClassVar[tuple[str, ...]] = ()
    #: Title of its page.
    title: ClassVar[str] = ""
    #: Names that belong to other analyses, and the replacement here; ``{name}`` is a setting.
    refused: ClassVar[Mapping[str, str]] = {}

    @classmethod
    def settings(cls) -> dict[str, AnySetting]:
        """Return the settings by name: its own in order, then those of its bases, without refused ones."""
        found = dict[str, AnySetting]()
        for base in cls.__mro__:
            for name, one in vars(base).items():
                if isinstance(one, Setting) and name not in cls.refused:
                    found.setdefault(name, one)
        return found

    @classmethod
    def from_table(cls, table: Content, **under: object) -> Self:
        """Read the table of a file; `under` has the values of missing keys."""
        place = f"[{cls.table}]"
        own = cls.settings()
        former = {old: name for name, one in own.items() for old in one.formerly_in_file}
        allowed = [name for name, one in own.items() if one.is_in_file]
        given = check_table(table, place, [*allowed, *cls.former(), *former, *cls.refused])
        named = {key: _Placed(value, f"{place} {key}") for key, value in given.items()}
        return cls(**(under | cls.named_today(named, former)))

    @classmethod
    def from_file(cls, tables: Table) -> Self:
        """Read a file with only this table; further tables are settings that are tables."""
        check_names(tables, f"table of a file with [{cls.table}]", (cls.table, *cls.own_tables))
        own = tables[cls.table]
        further = {name: _Placed(tables[name], f"[{name}]") for name in cls.own_tables if name in tables}
        for name in further:
            if isinstance(own, Mapping) and name in own:
                raise ProtocolError(
                    f"[{cls.table}] has {name}, and the file has [{name}]; write one of them."
                )
        return cls.from_table(own, **further)

    def with_options(self, options: Table) -> Self:
        """Return a request in which command-line options take precedence.

        Parameters
        ----------
        options
            Values by name, as in a file; None if not given. A table adds to that of the file.
        """
        named = self.named_today(
            {name: _Placed(value, self.flag(name)) for name, value in options.items() if value is not None}
        )
        for name, given in named.items():
            if isinstance(given.value, Mapping):
                own = self.settings()[name].kind.write(getattr(self, name))
                table = {**(own if isinstance(own, Mapping) else {}), **given.value}
                named[name] = _Placed(table, given.place)
        return type(self)(**(self._known() | named))

    @classmethod
    def flag(cls, name: str) -> str:
        """Return the option of a setting, also by a former name."""
        known = cls.settings()
        return (name in known and known[name].flag) or option_name(name)

    @classmethod
    def former(cls) -> dict[str, str]:
        """Return the current names by former names."""
        return {old: name for name, one in cls.settings().items() for old in one.formerly}

    @classmethod
    def named_today(cls, given: Mapping[str, Item], more: Mapping[str, str] | None = None) -> dict[str, Item]:
        """Return values by current names, with a warning for each former one; `more` are former names too."""
        former, found = {**cls.former(), **(more or {})}, dict[str, Item]()
        for name, value in given.items():
            place = value.place if isinstance(value, _Placed) else name
            cls.check_refused(name, place)
            today = former.get(name, name)
            if today != name:
                own = cls.flag(today) if place.startswith("--") else today
                warnings.warn(f"{place} is now called {own}.", EaesimWarning, stacklevel=2)
            found[today] = value
        return found

    @classmethod
    def check_refused(cls, name: str, place: str) -> None:
        """Reject a name that belongs to another analysis, with a hint."""
        if name in cls.refused:
            names = {each: option_name(each) if place.startswith("--") else each for each in cls.settings()}
            raise UnknownNameError(f"{place}: {cls.refused[name].format(**names)}")

    def with_values(self, **values: object) -> Self:
        """Return a request with other values of some settings, in the form stored."""
        return type(self)(**(self._known() | {name: _Known(value) for name, value in values.items()}))

    def _known(self) -> dict[str, _Known[object]]:
        """Return the values by name, marked as already read."""
        return {name: _Known(getattr(self, name)) for name in self.settings()}

    def written(self) -> dict[str, Content]:
        """Return every setting as in a file."""
        return {
            name: one.kind.write(getattr(self, name))
            for name, one in self.settings().items()
            if one.is_in_file
        }

    def changed(self) -> dict[str, Content]:
        """Return non-default settings as a table that `from_table` reads as the same request."""
        known = self.settings()
        return {
            name: value
            for name, value in self.written().items()
            if getattr(self, name) != known[name].default
        }

    @classmethod
    def commented(cls, under: Collection[str] = ()) -> str:
        """Return a template of its table, with every key explained."""
        lines = [f"[{cls.table}]"]
        for name, one in cls.settings().items():
            if one.is_in_file:
                lines += wrap(one.help, width=_WIDTH, initial_indent="# ", subsequent_indent="# ")
                value = one.kind.write(one.default)
                is_open = value is None or name in under
                text = toml_text(_example(one.kind.schema) if value is None else value)
                lines.append(f"{'# ' if is_open else ''}{name} = {text}")
        return "\n".join(lines) + "\n"

    @classmethod
    def schema(cls) -> dict[str, Content]:
        """Return the JSON Schema of the table."""
        properties = {name: one.schema for name, one in cls.settings().items() if one.is_in_file}
        former = {
            old: {**properties[name], "deprecated": True, "description": f"Now called {name}."}
            for old, name in cls.former().items()
            if name in properties
        }
        return {"type": "object", "additionalProperties": False, "properties": properties | former}


def option_name(name: str) -> str:
    """Return the command-line option of a setting.

    Examples
    --------
    >>> option_name("parameter_sets")
    '--parameter-sets'
    """
    return f"--{name.replace('_', '-')}"


def _example(schema: Content) -> Content:
    """Return an example value for a schema."""
    match schema:
        case {"examples": [first, *_]} | {"enum": [first, *_]} | {"minimum": first}:
            return first
        case {"anyOf": [first, *_]}:
            return _example(first)
        case {"type": "array", "items": items}:
            return [_example(items)]
        case {"additionalProperties": Mapping() as each} if each:
            return {"NAME": _example(each)}
    return 0.5 if isinstance(schema, Mapping) and schema.get("type") == "number" else "NAME"
