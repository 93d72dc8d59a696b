"""Settings of a question, declared once: file, call, command line, manifest and schema follow from that.

A request is a frozen dataclass whose fields are `Setting` descriptors. Whatever comes in is read by the kind
of its field, with the same message from a file, a call and an option but for the name of the place.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from textwrap import wrap
from typing import Any, ClassVar, Generic, Literal, Self, TypeVar

from eaesim.errors import EaesimWarning, ProtocolError, UnknownNameError, unknown_name
from eaesim.protocol.tables import check_table

Given = TypeVar("Given", contravariant=True)
Value = TypeVar("Value", covariant=True)

# Of the comments in a file to start from.
_WIDTH = 98


def _as_it_is(value: Any) -> Any:
    return value


@dataclass(frozen=True)
class Kind(Generic[Given, Value]):
    """How values of one kind are read and written.

    Attributes
    ----------
    read
        From what is given, and the name of the place for messages, to the value; raises an `EaesimError`.
    metavar
        What stands for it in ``--help``.
    schema
        The JSON Schema of what a file may give.
    write
        To what a file or a manifest gives, which `read` reads as the same value.
    from_text
        From the text of a command line to what a file would give.
    is_flag
        Whether the command line gives no text, only the option.
    joined
        How what an option gives is joined to what it gave before; None where it is given once.
    names
        What a shell offers to complete.
    """

    read: Callable[[Given, str], Value]
    metavar: str
    schema: Mapping[str, Any]
    write: Callable[[Any], Any] = _as_it_is
    from_text: Callable[[str], Any] = _as_it_is
    is_flag: bool = False
    joined: Callable[[Any, Any], Any] | None = None
    names: Callable[[], Iterable[str]] = tuple


@dataclass(frozen=True)
class _Placed:
    """A value with the name of the place where a user gave it."""

    value: Any
    place: str


@dataclass(frozen=True)
class _Known:
    """A value that was read already."""

    value: Any


@dataclass(eq=False)
class Setting(Generic[Given, Value]):
    """One setting of a request: a descriptor that reads what is given.

    Attributes
    ----------
    kind
        How it is read.
    default
        Its value where nothing is given, in the kind's own form.
    help
        What it is, as a phrase that begins with the noun; the default is added to it.
    formerly
        Older names, which live for one minor version.
    is_in_file
        Whether a study file may give it; workers and progress say nothing about the result.
    option
        Its name on the command line, by default its own; empty where there is none.
    """

    kind: Kind[Given, Value]
    default: Value
    help: str
    formerly: tuple[str, ...] = ()
    is_in_file: bool = True
    option: str | None = None
    name: str = field(default="", init=False)

    def __set_name__(self, owner: type, name: str) -> None:
        """Remember the name of the field."""
        self.name = name

    def __get__(self, instance: object, owner: type | None = None) -> Value:
        """Return the value, or of the class the default."""
        if instance is None:
            return self.default
        value: Value = instance.__dict__[self.name]
        return value

    def __set__(self, instance: object, value: Given) -> None:
        """Read what is given."""
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
    def flag(self) -> str:
        """The option on the command line, without a dash before it where there is none."""
        name = self.name if self.option is None else self.option
        return option_name(name) if name else ""


class Settings:
    """Base of a request; a subclass is a frozen dataclass of keywords, each of them a `Setting`.

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
    #: What it is asked of: a study file; one that has to hold its table; nothing, where the settings say all;
    #: or a data file.
    input: ClassVar[Literal["study", "table", "nothing", "data"]] = "study"
    #: Names that it had until this version: of the verb and of the table.
    former_names: ClassVar[tuple[str, ...]] = ()
    #: Where another verb asks it, the option that does so, without dashes: that of one of its settings, or of
    #: its data; by default a flag of its name.
    asked_by: ClassVar[str] = ""
    #: Settings that are a table of their own in a file without a study, such as ``parameters``.
    own_tables: ClassVar[tuple[str, ...]] = ()
    #: Title of its page.
    title: ClassVar[str] = ""
    #: Names that belong to other questions, and what to use here; ``{name}`` stands for a setting.
    refused: ClassVar[Mapping[str, str]] = {}

    @classmethod
    def settings(cls) -> dict[str, Setting[Any, Any]]:
        """Return the settings by name: its own in their order, then those of its bases; none it refuses."""
        found = dict[str, Setting[Any, Any]]()
        for base in cls.__mro__:
            for name, one in vars(base).items():
                if isinstance(one, Setting) and name not in cls.refused:
                    found.setdefault(name, one)
        return found

    @classmethod
    def from_table(cls, table: object, **under: Any) -> Self:
        """Read the table of a file.

        Parameters
        ----------
        table
            As it stands in the file.
        **under
            Values where it gives none.

        Raises
        ------
        UnknownNameError
            If it holds a key that is not known.
        EaesimError
            If a value cannot be read.
        """
        place = f"[{cls.table}]"
        allowed = [name for name, one in cls.settings().items() if one.is_in_file]
        given = check_table(table, place, [*allowed, *cls.former(), *cls.refused])
        named = {key: _Placed(value, f"{place} {key}") for key, value in given.items()}
        return cls(**(under | cls.named_today(named)))

    @classmethod
    def from_file(cls, tables: Mapping[str, Any]) -> Self:
        """Read a file with this table alone; further tables are settings of its own that are tables.

        Parameters
        ----------
        tables
            Of the file, by name.

        Raises
        ------
        UnknownNameError
            If a table or a key is not known.
        EaesimError
            If a value cannot be read.
        """
        for name in tables:
            if name not in (cls.table, *cls.own_tables):
                raise unknown_name(name, f"table of a file with [{cls.table}]", (cls.table, *cls.own_tables))
        own = tables[cls.table]
        further = {name: _Placed(tables[name], f"[{name}]") for name in cls.own_tables if name in tables}
        for name in further:
            if isinstance(own, Mapping) and name in own:
                raise ProtocolError(
                    f"[{cls.table}] has {name}, and the file has [{name}]; write one of them."
                )
        return cls.from_table(own, **further)

    def with_options(self, options: Mapping[str, Any]) -> Self:
        """Return a request in which options of a command line come before everything.

        Parameters
        ----------
        options
            By name, as a file would give them; None where one was not given. A table adds to the file's.
        """
        named = self.named_today(
            {name: _Placed(value, self.flag(name)) for name, value in options.items() if value is not None}
        )
        for name, given in named.items():
            if isinstance(given.value, Mapping):
                own = self.settings()[name].kind.write(getattr(self, name)) or {}
                named[name] = _Placed({**own, **given.value}, given.place)
        return type(self)(**(self._known() | named))

    @classmethod
    def flag(cls, name: str) -> str:
        """Return the option of a setting, or of a name that it had."""
        known = cls.settings()
        return (name in known and known[name].flag) or option_name(name)

    @classmethod
    def former(cls) -> dict[str, str]:
        """Return the names of today by the names of yesterday."""
        return {old: name for name, one in cls.settings().items() for old in one.formerly}

    @classmethod
    def named_today(cls, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return values by the names of today, with a warning for each that has another one.

        Raises
        ------
        UnknownNameError
            If a name is refused.
        """
        former, found = cls.former(), dict[str, Any]()
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
        """Refuse a name that belongs to another question, and say what to use here.

        Raises
        ------
        UnknownNameError
            If the name is refused.
        """
        if name in cls.refused:
            names = {each: option_name(each) if place.startswith("--") else each for each in cls.settings()}
            raise UnknownNameError(f"{place}: {cls.refused[name].format(**names)}")

    def with_values(self, **values: Any) -> Self:
        """Return a request in which some settings have other values, given in the kinds' own forms."""
        return type(self)(**(self._known() | {name: _Known(value) for name, value in values.items()}))

    def _known(self) -> dict[str, Any]:
        """Return the values by name, so that they are not read a second time."""
        return {name: _Known(getattr(self, name)) for name in self.settings()}

    def written(self) -> dict[str, Any]:
        """Return every setting as a file would give it."""
        return {
            name: one.kind.write(getattr(self, name))
            for name, one in self.settings().items()
            if one.is_in_file
        }

    def changed(self) -> dict[str, Any]:
        """Return what differs from the defaults as a table that `from_table` reads as the same request."""
        known = self.settings()
        return {
            name: value
            for name, value in self.written().items()
            if getattr(self, name) != known[name].default
        }

    @classmethod
    def commented(cls, under: Collection[str] = ()) -> str:
        """Return its table with every key and what it is, to start from.

        Parameters
        ----------
        under
            Keys that are commented out, since another table of the file gives them.
        """
        lines = [f"[{cls.table}]"]
        for name, one in cls.settings().items():
            if one.is_in_file:
                lines += wrap(one.help, width=_WIDTH, initial_indent="# ", subsequent_indent="# ")
                value = one.kind.write(one.default)
                is_open = value is None or name in under
                text = _toml(_example(one.kind.schema) if value is None else value)
                lines.append(f"{'# ' if is_open else ''}{name} = {text}")
        return "\n".join(lines) + "\n"

    @classmethod
    def schema(cls) -> dict[str, Any]:
        """Return the JSON Schema of the table."""
        properties = {
            name: {**one.kind.schema, "description": one.help, **_schema_default(one)}
            for name, one in cls.settings().items()
            if one.is_in_file
        }
        former = {
            old: {**properties[name], "deprecated": True, "description": f"Now called {name}."}
            for old, name in cls.former().items()
            if name in properties
        }
        return {"type": "object", "additionalProperties": False, "properties": properties | former}


def option_name(name: str) -> str:
    """Return the option of the command line that is called as a setting.

    Examples
    --------
    >>> option_name("parameter_sets")
    '--parameter-sets'
    """
    return f"--{name.replace('_', '-')}"


def _example(schema: Mapping[str, Any]) -> Any:
    """Return a value that a schema allows."""
    if "examples" in schema:
        return schema["examples"][0]
    if schema.get("type") == "array":
        return [_example(schema["items"])]
    if schema.get("additionalProperties"):
        return {"NAME": _example(schema["additionalProperties"])}
    return schema.get("minimum", 0.5 if schema.get("type") == "number" else "NAME")


def _toml(value: Any) -> str:
    """Return a value as TOML on one line, whole numbers without a point."""
    if isinstance(value, Mapping):
        keys = {name: name if name.isidentifier() else json.dumps(name) for name in value}
        return f"{{ {', '.join(f'{keys[name]} = {_toml(each)}' for name, each in value.items())} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, bool | str):
        return json.dumps(value, ensure_ascii=False)
    return repr(value).removesuffix(".0")


def _schema_default(one: Setting[Any, Any]) -> dict[str, Any]:
    return {} if one.default is None else {"default": one.kind.write(one.default)}
