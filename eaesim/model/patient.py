"""Patients: a rat with human values, slower processes in the CNS, and a random process of attacks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from types import MappingProxyType

from eaesim.errors import check_names
from eaesim.files import Unchecked, read_toml
from eaesim.model.iggkinetics import igg_kinetics
from eaesim.model.parameter_file import DATA, Parameter, changed, file_names
from eaesim.model.species import HUMAN, Rat, load, rat_names

PATIENTS = DATA / "patients"
#: Fitted number by which the rates in the CNS are divided.
SLOWNESS = "cns_slowness"
KEYS = ("title", "base", "strain", "source", "kinetics", "slower", "parameters", "off", "attacks")
ENTRY = ("value", "low", "high", "spread", "source", "note", "key", "support", "share_of")
ATTACK = (*ENTRY, "unit", "title")


def patient_names() -> tuple[str, ...]:
    """Return the names of the shipped patients.

    Examples
    --------
    >>> patient_names()
    ('patient', 'patient_progressive')
    """
    return file_names(PATIENTS)


def load_subject(name: str) -> Rat:
    """Return a rat or a patient by name.

    Examples
    --------
    >>> load_subject("patient").species
    'human'
    """
    check_names([name], "rat or patient", (*rat_names(), *patient_names()))
    return load(name) if name in rat_names() else _load(name)


def patient_of(rat: Rat, name: str, fitted: Mapping[str, float] = MappingProxyType({})) -> Rat:
    """Return the patient that a parameter set of the rat becomes.

    Parameters
    ----------
    rat
        Parameter set: everything that the patient's file does not give is its value.
    name
        One of `patient_names`.
    fitted
        Values instead of those in the file: parameters and settings of the attacks that it gives, and
        `SLOWNESS`. What a file gives as a share of another parameter is fitted as that share.

    Examples
    --------
    >>> rat = load("da")
    >>> patient_of(rat, "patient", {"cns_slowness": 2}).entries["deficit_rate"].value * 2 == (
    ...     rat.entries["deficit_rate"].value
    ... )
    True
    """
    return _over(rat, name, dict(fitted))


def with_kinetics(patient: Rat, name: str) -> Rat:
    """Return a patient with the kinetics of IgG of other people.

    Examples
    --------
    >>> with_kinetics(load_subject("patient"), "cidp").entries["igg_recycled_fraction"].value
    0.0
    """
    return replace(patient, entries=MappingProxyType({**patient.entries, **igg_kinetics(name).entries}))


@cache
def _load(name: str) -> Rat:
    base = _table(name)["base"]
    return _over(load_subject(base), name, {})


@cache
def _table(name: str) -> Unchecked:
    table = read_toml((PATIENTS / f"{name}.toml").read_text("utf-8"), name=f"{name}.toml")
    check_names(table, f"key of {name}.toml", KEYS)
    return table


def _over(rat: Rat, name: str, fitted: dict[str, float]) -> Rat:
    """Return the patient of this name over a rat, or over the patient that its file is based on."""
    table, file = _table(name), f"{name}.toml"
    if rat.species != HUMAN and table["base"] in patient_names():
        return _over(_over(rat, table["base"], fitted), name, {})
    entries, attacks = dict(rat.entries), dict(rat.attacks)
    given = {**table.get("parameters", {}), **table.get("off", {})}
    known = (SLOWNESS, *table.get("attacks", {}), *given)
    check_names(fitted, "fitted value", known)
    slower = table.get("slower", {"rates": ()})
    for rate in slower["rates"]:
        by, before = fitted.get(SLOWNESS, slower["value"]), entries[rate]
        told = f"{before.source}; divided by {by:g}, {slower['source']}"
        entries[rate] = replace(_scaled(before, 1.0 / by), source=told)
    if "kinetics" in table:
        entries |= igg_kinetics(table["kinetics"]).entries
    check_names(given, "parameter", entries)
    for parameter, entry in given.items():
        own = _changed(entries[parameter], entry, fitted, allowed=ENTRY, file=file)
        entries[parameter] = _scaled(own, entries[entry["share_of"]].value) if "share_of" in entry else own
    for setting, entry in table.get("attacks", {}).items():
        unit = entry.get("unit", "dimensionless")
        plain = attacks.get(setting) or Parameter(setting, 0.0, unit, 0.0, 0.0, 0.0, "protocol", "")
        attacks[setting] = _changed(plain, entry, fitted, allowed=ATTACK, file=file)
    off = table.get("off", {})
    return replace(
        rat,
        name=name,
        **{key: table[key] for key in ("title", "strain", "source")},
        entries=MappingProxyType(entries),
        attacks=MappingProxyType(attacks),
        differences=tuple(dict.fromkeys((*rat.differences, *slower["rates"], *given))),
        ensemble="",
        off=tuple(dict.fromkeys((*rat.off, *off))),
        species=HUMAN,
    )


def _changed(
    before: Parameter, entry: Unchecked, fitted: Mapping[str, float], *, allowed: tuple[str, ...], file: str
) -> Parameter:
    """Return a parameter as its entry says, with the fitted value, if there is one, instead of its own."""
    own = {**entry, "value": fitted[before.name]} if before.name in fitted else entry
    return changed(before, own, allowed=allowed, file=file, is_bounded="low" in entry)


def _scaled(entry: Parameter, factor: float) -> Parameter:
    return replace(entry, value=entry.value * factor, low=entry.low * factor, high=entry.high * factor)
