"""Kinetics of IgG in people, by name: healthy volunteers, and patients with other diseases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from eaesim.errors import check_names
from eaesim.files import Unchecked, read_toml
from eaesim.model.parameter_file import DATA, Parameter, base_entries, changed, file_names

FOLDER = DATA / "kinetics"
#: Kinetics of patients, where nothing else is asked for.
SHIPPED = "volunteers"
KEYS = ("title", "source", "base", "parameters")
ENTRY = ("value", "low", "high", "spread", "source", "note", "key", "support")


@dataclass(frozen=True)
class IggKinetics:
    """The numbers of IgG in some people.

    Attributes
    ----------
    name
        Name it was loaded by.
    title
        The people.
    source
        Source of the numbers as a whole.
    entries
        Each `Parameter` of IgG, by name; `low` and `high` are the bounds of its estimate.
    """

    name: str
    title: str
    source: str
    entries: Mapping[str, Parameter]

    @property
    def values(self) -> dict[str, float]:
        """The values by name, in each parameter's unit."""
        return {name: entry.value for name, entry in self.entries.items()}


def igg_kinetics_names() -> tuple[str, ...]:
    """Return the names of the kinetics that `igg_kinetics` knows.

    Examples
    --------
    >>> igg_kinetics_names()
    ('cidp', 'guillain_barre', 'together', 'volunteers')
    """
    return file_names(FOLDER)


def igg_kinetics(name: str = SHIPPED) -> IggKinetics:
    """Return the kinetics of IgG in people by name.

    Examples
    --------
    >>> igg_kinetics("cidp").title
    'IgG in chronic inflammatory demyelinating polyneuropathy'
    """
    check_names([name], "kinetics", igg_kinetics_names())
    return _load(name)


@cache
def _load(name: str) -> IggKinetics:
    file = f"{name}.toml"
    return kinetics_table(read_toml((FOLDER / file).read_text("utf-8"), name=file), name=name)


def kinetics_table(table: Unchecked, *, name: str) -> IggKinetics:
    """Return the kinetics of a file's content.

    Examples
    --------
    >>> own = {"title": "Own", "source": "assumed", "base": "volunteers", "parameters": {}}
    >>> kinetics_table(own, name="own").entries["igg_endogenous"].unit
    'mg/mL'
    """
    file = f"{name}.toml"
    check_names(table, f"key of {file}", KEYS)
    entries = dict(igg_kinetics(str(table["base"])).entries) if "base" in table else {}
    base = base_entries("base")
    of_igg = [parameter for parameter in base if parameter.startswith(("igg_", "fcrn_"))]
    check_names(table["parameters"], "parameter of IgG", of_igg)
    for parameter, given in table["parameters"].items():
        kept = {key: base[parameter][key] for key in ("title", "unit", "kind")}
        plain = Parameter(name=parameter, value=0.0, low=0.0, high=0.0, spread=0.0, source="", **kept)
        entries[parameter] = changed(entries.get(parameter, plain), given, allowed=ENTRY, file=file)
    return IggKinetics(name, str(table["title"]), str(table["source"]), MappingProxyType(entries))
