"""User files, read whole: regular files of limited size only."""

from __future__ import annotations

import json
import os
import re
import stat
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, time
from os import PathLike
from typing import Any, TypeAlias

from eaesim.errors import DECIMAL_COMMA, TYPOGRAPHIC, EaesimError, FileError, ProtocolError, check_names

#: A value of TOML or JSON, and a table of such values by name.
Content: TypeAlias = "bool | int | float | str | date | time | Sequence[Content] | Table | None"
Table: TypeAlias = Mapping[str, Content]
#: A table that was read, whose values are checked by what is made of them.
Unchecked: TypeAlias = Mapping[str, Any]

#: Size limits in bytes, above any hand-written text and any table of a run.
LONGEST_TEXT, LARGEST_FILE = 1_000_000, 200_000_000
#: TOML's whole numbers have 64 bits.
_WHOLE = 2**63
# Maximum parts of a dotted key: parsing time grows with their square.
_MOST_PARTS = 100
#: How a workbook begins: it is an archive.
_WORKBOOK = b"PK\x03\x04"
_AT_LINE = re.compile(r"at line (\d+), column")
_BETWEEN_KEYS = re.compile(r"[=,{}\[\]\n]")


def read_bytes(path: str | PathLike[str], *, most: int = LARGEST_FILE) -> bytes:
    """Return the content of a regular file.

    Parameters
    ----------
    path
        The file; a pipe or a device, which may never end, is refused.
    most
        The largest size, in bytes.

    Raises
    ------
    FileError
        If it is missing, a folder, no regular file, too large, or cannot be read; the message does not
        name the file; the caller adds the name.

    Examples
    --------
    >>> read_bytes("/dev/null")
    Traceback (most recent call last):
    ...
    eaesim.errors.FileError: this is no regular file.
    """
    try:
        # Without O_NONBLOCK, opening a pipe blocks until another process writes to it.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(descriptor, "rb") as file:
            about = os.fstat(descriptor)
            if not stat.S_ISREG(about.st_mode):
                raise FileError("this is no regular file.")
            content = file.read(most + 1) if about.st_size <= most else None
    except FileNotFoundError as error:
        raise FileError("no such file.") from error
    except IsADirectoryError as error:
        raise FileError("this is a folder, not a file.") from error
    except (OSError, ValueError) as error:  # a name with a zero character is a ValueError
        raise FileError(f"it cannot be read: {getattr(error, 'strerror', None) or error}.") from error
    if content is None or len(content) > most:
        raise FileError(f"it holds more than {most:,} bytes, the most that is read.")
    return content


def read_text(path: str | PathLike[str], *, most: int = LONGEST_TEXT) -> str:
    """Return the text of a regular file in UTF-8, without a byte order mark; see `read_bytes`.

    Raises
    ------
    FileError
        As for `read_bytes`; also if it is no text.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "a.txt").write_text("x = 1", encoding="utf-8")
    ...     read_text(Path(folder, "a.txt"))
    'x = 1'
    """
    content = read_bytes(path, most=most)
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        if content.startswith(_WORKBOOK):
            raise FileError("this is a workbook, not a text file; eaesim scores reads workbooks.") from error
        raise FileError("this is not a text file in UTF-8; save it as a text with that encoding.") from error


def parse_toml(text: str) -> Unchecked:
    """Return the tables of TOML text.

    Raises
    ------
    FileError
        If it is not TOML, has a whole number of more than 64 bits, or a key of more than 100 parts.

    Examples
    --------
    >>> parse_toml("until = 40")
    {'until': 40}
    """
    if any(each.count(".") > _MOST_PARTS for each in _BETWEEN_KEYS.split(text)):
        raise FileError(f"broken TOML: a key has more than {_MOST_PARTS} parts.")
    try:
        tables = tomllib.loads(text)
        _check_numbers("", tables)
    except (ValueError, RecursionError) as error:  # the root of TOMLDecodeError; also a number too long
        raise FileError(f"broken TOML: {error}{_slip(text, str(error))}.") from error
    return tables


def read_toml(text: str, *, name: str) -> Unchecked:
    """Parse TOML text."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FileError(f"{name} is not valid TOML: {error}.") from error


def _slip(text: str, error: str) -> str:
    """Return a hint on a frequent slip in the line that an error names; empty where there is none.

    Examples
    --------
    >>> _slip("until = 20,5", "Expected newline (at line 1, column 11)")
    '; the decimal sign is a point: 20.5'
    """
    if "Cannot declare" in error and "twice" in error:
        return "; a table of which there are several has two brackets, such as [[arm]]"
    place = _AT_LINE.search(error)
    lines = text.split("\n")
    line = lines[int(place[1]) - 1] if place and int(place[1]) <= len(lines) else ""
    key, _, value = (part.strip() for part in line.partition("="))
    if set(line) & set(TYPOGRAPHIC):
        return '; quotation marks are straight, not typographic: "'
    if found := DECIMAL_COMMA.fullmatch(value):
        return f"; the decimal sign is a point: {found[1]}.{found[2]}"
    if value[:1].isalpha():
        return f'; a text stands between quotation marks: {key} = "{value}"'
    return ""


def _check_numbers(name: str, value: Content) -> None:
    if isinstance(value, dict):
        for key, each in value.items():
            _check_numbers(key, each)
    elif isinstance(value, list):
        for each in value:
            _check_numbers(name, each)
    elif isinstance(value, int) and not -_WHOLE <= value < _WHOLE:
        raise FileError(f"{name} = {value} is too large a whole number.")


@contextmanager
def within(place: str) -> Iterator[None]:
    """Add the location in the file to the message of an error.

    Examples
    --------
    >>> with within("study.toml"):
    ...     raise ProtocolError("no arm.")
    Traceback (most recent call last):
    ...
    eaesim.errors.ProtocolError: study.toml: no arm.
    """
    try:
        yield
    except EaesimError as error:
        # The input may contain line ends; the message is one line.
        raise type(error)(" ".join(f"{place}: {error}".split())) from error


def check_table(table: Content, name: str, allowed: Collection[str]) -> Unchecked:
    """Return a table after checking that it is one and has only `allowed` keys.

    Examples
    --------
    >>> check_table({"untill": 40}, "[study]", ["rat", "until"])
    Traceback (most recent call last):
    ...
    eaesim.errors.UnknownNameError: "untill" is not a [study] key; did you mean "until"? ...
    """
    if not isinstance(table, Mapping):
        raise ProtocolError(f"{name} is not a table of keys and values.")
    check_names(table, f"{name} key", allowed)
    return table


def check_tables(tables: Content, name: str) -> list[Unchecked]:
    """Return a list of tables after checking that it is one.

    Examples
    --------
    >>> check_tables([{"name": "vehicle"}], "arm")
    [{'name': 'vehicle'}]
    """
    if not isinstance(tables, list) or not all(isinstance(table, Mapping) for table in tables):
        raise ProtocolError(f"{name} is a list of tables; write [[{name}]] above each, with two brackets.")
    return tables


def needed(table: Unchecked, key: str, name: str) -> Any:
    """Return the value of a required key.

    Examples
    --------
    >>> needed({"rat": "lewis"}, "rat", "[study]")
    'lewis'
    """
    if key not in table:
        raise ProtocolError(f'{name} has no "{key}".')
    return table[key]


def toml_text(value: Content) -> str:
    """Return a value as TOML on one line, integers without a decimal point.

    Examples
    --------
    >>> toml_text({"day": [0.0, 7.5], "drug": "ivig"})
    '{ day = [0, 7.5], drug = "ivig" }'
    """
    if isinstance(value, Mapping):
        keys = {name: name if name.isidentifier() else json.dumps(name) for name in value}
        return f"{{ {', '.join(f'{keys[name]} = {toml_text(each)}' for name, each in value.items())} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(toml_text, value))}]"
    if isinstance(value, bool | str):
        return json.dumps(value, ensure_ascii=False)
    return repr(value).removesuffix(".0")
