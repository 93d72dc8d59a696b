"""Trial files: conversion of trials to and from TOML; those of the package are known by name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, replace
from functools import cache
from importlib.resources import files
from os import PathLike
from pathlib import Path
from typing import Any

from eaesim.errors import ProtocolError, QuantityError, check_names, unknown_name
from eaesim.files import Content, Unchecked, check_table, check_tables, needed, parse_toml, within
from eaesim.model.pharmacy import drugs_from
from eaesim.protocol.attacks import AttackSettings
from eaesim.protocol.dose import parse_dose
from eaesim.protocol.entry import Entry
from eaesim.protocol.outcome import PlaceboRow, Published
from eaesim.protocol.quantity import days, quantity, span
from eaesim.protocol.regimen import Regimen
from eaesim.protocol.studyfile import read_tables
from eaesim.protocol.tables import LINE_KEYS, read_arm
from eaesim.protocol.trial import Trial, TrialArm

FOLDER = files("eaesim") / "evidence" / "data" / "trials"
FILE_TABLES = ("study", "attacks", "parameters", "arm", "trial")
STUDY_KEYS = ("subject", "until", "run_in", "mechanism", "edss", "later_attacks")
TRIAL_KEYS = (
    "title",
    "claim",
    "entry",
    "dropout",
    "sequence",
    "background",
    "placebo",
    "published",
    "not_simulable",
)
ARM_KEYS = ("name", "patients", "mechanism", "doses", *LINE_KEYS, "parameters")
ATTACK_KEYS = tuple(each.name for each in fields(AttackSettings))
ENTRY_KEYS = tuple(each.name for each in fields(Entry))
PUBLISHED_KEYS = tuple(each.name for each in fields(Published))
#: What a background that is only named stands for: 1 g on three days, in 70 kg (TARIMS; weight assumed).
BACKGROUNDS = {"methylprednisolone": "14.3 mg/kg every 1 day x 3"}
_TIMES = ("day", "onset", "relapse")
_LINE_KEYS = (*LINE_KEYS, "mechanism")
_A_YEAR = re.compile(r"(.+?)\s*(?:/|per|a)\s*year")


def trial_names() -> tuple[str, ...]:
    """Return the names of the trials that `read_trial` knows.

    Examples
    --------
    >>> "aims" in trial_names(), "stangel" in trial_names()
    (True, False)
    """
    return tuple(name for name, content in _shipped().items() if "not_simulable" not in content["trial"])


def not_simulable() -> Mapping[str, str]:
    """Return the trials whose endpoint the model does not have, with the reason.

    Examples
    --------
    >>> list(not_simulable())
    ['stangel']
    """
    tables = {name: content["trial"] for name, content in _shipped().items()}
    return {name: str(table["not_simulable"]) for name, table in tables.items() if "not_simulable" in table}


@cache
def _shipped() -> Mapping[str, Unchecked]:
    """Return the content of every trial file of the package, by name."""
    found = {item.name.removesuffix(".toml"): item for item in FOLDER.iterdir()}
    return {name: parse_toml(found[name].read_text("utf-8")) for name in sorted(found)}


def read_trial(trial: str | PathLike[str]) -> Trial:
    """Read a trial: one of the package by its name, or a file.

    Drug files beside a file are known by their names.

    Raises
    ------
    UnknownNameError
        If it is neither.
    ProtocolError
        If the model does not have what the trial measured.
    EaesimError
        If a key or a value is invalid; every message names the file.

    Examples
    --------
    >>> read_trial("aims").arm("placebo").patients
    73
    """
    if str(trial) in _shipped():
        with within(str(trial)):
            return trial_of(_shipped()[str(trial)], name=str(trial))
    path = Path(trial)
    if path.suffix != ".toml" and not path.exists():
        raise unknown_name(trial, "trial", trial_names())
    content = read_tables(path)
    with within(str(trial)), drugs_from(path.parent):
        return replace(trial_of(content, name=path.stem), file=str(trial))


def trial_of(content: Unchecked, *, name: str) -> Trial:
    """Return the trial of a file's tables.

    Examples
    --------
    >>> arm = {"name": "placebo", "patients": 73}
    >>> trial_of({"study": {"until": "2 years"}, "arm": [arm]}, name="own").until
    730
    """
    if isinstance(content.get("study"), Mapping) and "rat" in content["study"]:
        raise ProtocolError('a file with a rat is a study, for eaesim run; a trial has subject = "patient".')
    check_table(content, "trial file", FILE_TABLES)
    trial = check_table(content.get("trial", {}), "[trial]", TRIAL_KEYS)
    if "not_simulable" in trial:
        raise ProtocolError(
            f"it is not simulable: {trial['not_simulable']}. Trials: {', '.join(trial_names())}."
        )
    study = check_table(needed(content, "study", "the file"), "[study]", STUDY_KEYS)
    given: dict[str, Any] = {
        key: study[key] for key in ("subject", "mechanism", "edss", "later_attacks") if key in study
    }
    for key in ("title", "claim"):
        if not isinstance(trial.get(key, ""), str):
            raise ProtocolError(f"[trial]: {key} = {trial[key]!r} is not a text.")
        given[key] = trial.get(key, "")
    if "run_in" in study:
        given["run_in"] = span(study["run_in"], what="run_in")
    if "entry" in trial:
        given["entry"] = _entry(trial["entry"])
    if "dropout" in trial:
        given["dropout"] = _a_year(trial["dropout"])
    if "background" in trial:
        given["background"] = _background(trial["background"])
    if "placebo" in trial:
        given["placebo"] = PlaceboRow(**_needing(trial["placebo"], "placebo", ("endpoint", "value")))
    if "sequence" in trial:
        given["sequence"] = _names(trial["sequence"])
    return Trial(
        name=name,
        until=_day(needed(study, "until", "[study]"), what="until"),
        arms=tuple(_arm(table) for table in check_tables(needed(content, "arm", "the file"), "arm")),
        attacks=_attacks(content.get("attacks", {})),
        published=tuple(
            _published(row) for row in check_tables(trial.get("published", []), "trial.published")
        ),
        parameters=content.get("parameters", {}),
        **given,
    )


def _arm(table: Unchecked) -> TrialArm:
    check_table(table, "[[arm]]", ARM_KEYS)
    patients = needed(table, "patients", "[[arm]]")
    given = {key: value for key, value in table.items() if key != "patients"}
    with within(f'arm "{table.get("name")}"'):
        if "doses" in given:
            given["doses"] = _lines(given["doses"])
        elif "dose" in given and not any(key in given for key in _TIMES):
            given["day"] = 0
    return TrialArm(read_arm(given), patients)


def _lines(doses: Content) -> list[Unchecked]:
    """Return lines of doses with their days; a text begins one of its intervals after the line before."""
    if not isinstance(doses, list):
        raise ProtocolError('"doses" is a list, such as ["0.4 g/kg every 1 day x 5", "0.4 g/kg"].')
    lines = list[Unchecked]()
    first = None
    for given in doses:
        line: dict[str, Any] = (
            {"dose": given} if isinstance(given, str) else dict(check_table(given, "dose", _LINE_KEYS))
        )
        if "day" in line:
            line["day"] = days(line["day"], what="day")
        elif not any(key in line for key in _TIMES):
            line["day"] = 0.0 if first is None else first + _interval(line)
        first = line.get("day", first)
        lines.append(line)
    return lines


def _interval(line: Unchecked) -> float:
    """Return the days between the doses of a line; 0 of a single one."""
    named = {key: line[key] for key in ("drug", "route") if key in line}
    return parse_dose(needed(line, "dose", "a line of doses"), **named).every or 0.0


def _background(given: Content) -> Regimen:
    if isinstance(given, str):
        check_names([given], "background by its name alone", BACKGROUNDS)
        given = {"drug": given, "dose": BACKGROUNDS[given]}
    lines = given if isinstance(given, list) else [given]
    with within("background"):
        return read_arm({"name": "background", "doses": _lines(lines)}).regimen


def _attacks(given: Content) -> AttackSettings:
    table = dict(check_table(given, "[attacks]", ATTACK_KEYS))
    if isinstance(table.get("lasting"), str):
        table["lasting"] = float(span(table["lasting"], what="lasting"))
    return AttackSettings(**table)


def _entry(given: Content) -> Entry:
    table = dict(check_table(given, "entry", ENTRY_KEYS))
    for key in ("relapse_within", "first_attack_within", "stable"):
        if key in table:
            table[key] = span(table[key], what=f"entry: {key}")
    return Entry(**table)


def _a_year(given: Content) -> float:
    """Read a share of the patients a year."""
    match = _A_YEAR.fullmatch(given.strip()) if isinstance(given, str) else None
    if match is None:
        raise QuantityError(f'dropout {given!r} is not a share a year; write for example "10 %/year".')
    return quantity(match[1], "dimensionless", what="dropout")


def _names(given: Content) -> tuple[str, ...]:
    if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
        raise ProtocolError('sequence is a list of arms, such as ["IVIG", "placebo"].')
    return tuple(given)


def _published(given: Unchecked) -> Published:
    name = "[[trial.published]]"
    table = _needing(given, name, ("endpoint", "measure", "arm", "source"), PUBLISHED_KEYS)
    sources = table["source"]
    table["source"] = tuple(map(str, sources if isinstance(sources, list) else [sources]))
    for key in ("since", "until"):
        if key in table:
            table[key] = _day(table[key], what=key)
    return Published(**table)


def _needing(
    given: Content, name: str, keys: tuple[str, ...], allowed: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Return a table that has these keys, whose numbers are numbers and whose texts are texts."""
    table = dict(check_table(given, name, allowed or keys))
    for key in keys:
        needed(table, key, name)
    for key, value in table.items():
        number = key in ("value", "low", "high", "sd", "p")
        if number and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise QuantityError(f"{name}: {key} = {value!r} is not a number.")
        if key in ("endpoint", "measure", "arm", "use", "result", "derived") and not isinstance(value, str):
            raise ProtocolError(f"{name}: {key} = {value!r} is not a text.")
        if key == "stand_in" and not isinstance(value, bool):
            raise ProtocolError(f"{name}: stand_in = {value!r} is neither true nor false.")
    return table


def _day(given: Content, *, what: str) -> int:
    """Read a day: a whole number, or a time with its unit, of which the nearest day is taken."""
    result = days(given, what=what)
    if isinstance(given, str):
        return round(result)
    if not result.is_integer():
        raise QuantityError(f"{what} {given} is not a whole number of days.")
    return int(result)
