"""Published sources by key, with their citations; unverified fields are marked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from eaesim.errors import FileError, check_names
from eaesim.files import Unchecked, read_toml

#: Parts of a source that were read; never the full text.
READ = ("abstract", "table", "figure legend", "vendor page", "repository", "web page")
_KINDS = {"year": int, "verified": bool, "from_memory": list}


@dataclass(frozen=True, kw_only=True)
class Source:
    """One published source.

    Attributes
    ----------
    key
        Name in this package, such as ``"Jorgensen2005"``; one that begins with Anon has no author.
    read
        Part that was read: one of `READ`.
    verified
        Whether every field was read on a page.
    authors, year, title, journal, volume, pages, doi, pmid, url
        As far as they are known.
    from_memory
        Fields given from memory.
    note
        Caveats on its numbers.

    Examples
    --------
    >>> source("Pender1989").short
    'Pender 1989 [from memory]'
    """

    key: str
    read: str
    verified: bool
    authors: str = ""
    year: int | None = None
    title: str = ""
    journal: str = ""
    volume: str = ""
    pages: str = ""
    doi: str = ""
    pmid: str = ""
    url: str = ""
    from_memory: tuple[str, ...] = ()
    note: str = ""

    @property
    def short(self) -> str:
        """First author and year, for a table or a figure, marked where given from memory."""
        if not self.authors:
            return f"{self.key} (no author given)"
        name = " ".join(part for part in (_surname(self.authors), self.year and str(self.year)) if part)
        return f"{name} [from memory]" if {"authors", "year"} & set(self.from_memory) else name

    @property
    def text(self) -> str:
        """The citation on one line, with its DOI or PubMed number and unverified fields."""
        year = f" ({self.year})" if self.year else ""
        volume = f" {self.volume}" if self.volume else ""
        pages = (f":{self.pages}" if volume else f" {self.pages}") if self.pages else ""
        parts = (
            f"{self.authors or 'No author given'}{year}",
            self.title or "Title not on the page read",
            f"{self.journal}{volume}{pages}",
            ", ".join(self.where),
        )
        return ". ".join(part for part in parts if part) + self.marks

    @property
    def where(self) -> tuple[str, ...]:
        """Its DOI and PubMed number, or the page that was read."""
        numbers = (f"doi:{self.doi}" if self.doi else "", f"PMID {self.pmid}" if self.pmid else "")
        return tuple(each for each in numbers if each) or ((self.url,) if self.url else ())

    @property
    def marks(self) -> str:
        """Unverified fields, in brackets; empty where all are verified."""
        if self.verified:
            return ""
        memory = f" [from memory: {', '.join(self.from_memory)}]" if self.from_memory else ""
        return f" [not verified]{memory}"


@cache
def bibliography() -> Mapping[str, Source]:
    """Return every source by its key, in the order of the data file.

    Examples
    --------
    >>> bibliography()["Pashov1998"].journal
    'Eur J Immunol'
    """
    # The file is in the folder of the findings, which use most of it.
    path = files("eaesim") / "evidence" / "data" / "bibliography.toml"
    return read_bibliography(path.read_text("utf-8"), name="bibliography.toml")


def read_bibliography(text: str, *, name: str) -> Mapping[str, Source]:
    r"""Read sources from TOML text: one table for each, named by its key.

    Raises
    ------
    FileError
        If a source lacks `read`, or has no doi, pmid or url, or a field has the wrong
        type; the message names file and source.
    UnknownNameError
        If a field is not one of `Source`.

    Examples
    --------
    >>> read_bibliography("[Nobody2000]\nread = 'abstract'", name="own.toml")
    Traceback (most recent call last):
    ...
    eaesim.errors.FileError: own.toml: Nobody2000 lacks verified.
    """
    tables = read_toml(text, name=name)
    return MappingProxyType({key: _source(key, fields, name=name) for key, fields in tables.items()})


def source(key: str) -> Source:
    """Return the source of this key."""
    check_names([key], "bibliography key", bibliography())
    return bibliography()[key]


def cite(keys: Iterable[str]) -> str:
    """Return the citations of these keys on one line.

    Examples
    --------
    >>> cite(["Redoxis"])
    'Redoxis. MBP-induced EAE. https://www.redoxis.se/17/131/mbp-induced-eae/'
    """
    return "; ".join(source(key).text for key in keys)


def _source(key: str, fields: Unchecked, *, name: str) -> Source:
    if not isinstance(fields, dict):
        raise FileError(f"{name}: {key} is not a table; write [{key}] above its fields.")
    allowed = [field for field in Source.__dataclass_fields__ if field != "key"]
    for field, value in fields.items():
        check_names([field], f"field of {key}", allowed)
        if type(value) is not _KINDS.get(field, str) or value == "":
            raise FileError(f"{name}: {field} of {key} is {value!r}, which is not what it must hold.")
    for field in ("read", "verified"):
        if field not in fields:
            raise FileError(f"{name}: {key} lacks {field}.")
    check_names([fields["read"]], f"word for read of {key}", READ)
    for field in fields.get("from_memory", ()):
        if field not in fields:
            raise FileError(f"{name}: {key} has {field} from memory, but gives none.")
    if fields.get("from_memory") and fields["verified"]:
        raise FileError(f"{name}: {key} is said to be verified, with fields from memory.")
    if not {"doi", "pmid", "url"} & set(fields):
        raise FileError(f"{name}: {key} has no doi, pmid or url.")
    return Source(**{"key": key, **fields, "from_memory": tuple(fields.get("from_memory", ()))})


def _surname(authors: str) -> str:
    """Return the first author's name without initials."""
    first = authors.partition(",")[0].removesuffix(" et al.")
    name, _, initials = first.rpartition(" ")
    return name if name and initials.isupper() else first
