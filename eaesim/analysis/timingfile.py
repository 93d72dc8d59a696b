"""Timing as a file: a TOML table that says the same as the arguments of `timing`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from os import PathLike
from typing import Any

import numpy as np

from eaesim.analysis.timing import (
    DEFAULT_ANIMALS,
    DEFAULT_DAYS,
    STRAINS,
    places,
    timing,
    timing_studies,
)
from eaesim.analysis.timingresult import Timing
from eaesim.endpoints import dead_rule
from eaesim.errors import ProtocolError, QuantityError, unknown_name
from eaesim.model import Rat, default_rat
from eaesim.protocol.parametertable import check_parameters
from eaesim.protocol.quantity import days as read_day
from eaesim.protocol.studyfile import read_tables
from eaesim.solver import Progress
from eaesim.study import Study, load
from eaesim.study.membership import member_settings, usual_count
from eaesim.units import LONGEST

_KEYS = ("rat", "around", "dose", "days", "mechanism", "animals", "seed", "members", "dead", "endpoints")
_DAYS = re.compile(r"\s*([-+]?[\d.]+)\s*:\s*([-+]?[\d.]+)\s*(?::\s*([-+]?[\d.]+)\s*)?")
MOST_DAYS = 1_000


def parse_days(text: str) -> tuple[float, ...]:
    """Read dosing days: ``"-7:14"``, both ends included, ``"-7:14:3"`` with a step, or a single day.

    Raises
    ------
    QuantityError
        If it cannot be read, runs backwards, or has a step of 0.

    Examples
    --------
    >>> parse_days("-1:1")
    (-1.0, 0.0, 1.0)
    """
    match = (
        None if len(text) > LONGEST else _DAYS.fullmatch(text) or re.fullmatch(r"\s*([-+]?[\d.]+)\s*", text)
    )
    try:
        numbers = [float(part) for part in match.groups() if part] if match else []
    except ValueError:
        numbers = []
    if not numbers:
        raise QuantityError(
            f'days "{text}" cannot be read; write FIRST:LAST or FIRST:LAST:STEP, such as -7:14.'
        )
    first, last = (read_day(each, what="days") for each in (numbers[0], numbers[min(len(numbers), 2) - 1]))
    step = numbers[2] if len(numbers) > 2 else 1.0
    if last < first:
        raise QuantityError(f'days "{text}" run backwards; write {last:g}:{first:g}.')
    if step <= 0:
        raise QuantityError(f'days "{text}" have a step of {step:g}; it must be above 0.')
    if (last - first) / step > MOST_DAYS:
        raise QuantityError(f'days "{text}" are more than {MOST_DAYS}; give fewer, or a larger step.')
    return tuple(float(day) for day in np.round(np.arange(first, last + step * 1e-9, step), 9))


@dataclass(frozen=True)
class TimingRequest:
    """Everything that decides a timing result; see `timing` for what each setting means."""

    rat: str | None = None
    around: str = "both"
    dose: tuple[str, ...] = ("1 g/kg",)
    days: tuple[float, ...] = DEFAULT_DAYS
    mechanism: tuple[str, ...] = ("H1a",)
    animals: int = DEFAULT_ANIMALS
    seed: int = 1
    members: int | None = None
    dead: str = "score"
    parameters: Mapping[str, float | str] = field(default_factory=dict)
    endpoints: tuple[str, ...] = ()

    def _chosen_rat(self) -> Rat | None:
        if not self.parameters:
            return None if self.rat is None else load(self.rat)
        timed_by = places(self.around)
        if self.rat is None and len(timed_by) > 1:
            raise ProtocolError(
                "own parameters need one rat: name it, or ask around immunisation or relapse alone."
            )
        return load(self.rat or default_rat(STRAINS[timed_by[0]])).replace(**self.parameters)

    def studies(self) -> tuple[Study, ...]:
        """Return the studies that will be run.

        Raises
        ------
        EaesimError
            If a setting is not allowed.
        """
        return tuple(study for each in self._by_mechanism() for study in each.values())

    def member_settings(self) -> list[dict[str, Any]]:
        """Return for each induction the rat, its number of members and their ensemble, as plain values.

        Raises
        ------
        EaesimError
            If a setting is not allowed.
        """
        rats = [next(iter(each.values())).rat for each in self._by_mechanism()]
        return [
            {"rat": rat.name, **member_settings(rat, self.members or usual_count(rat, self.animals))}
            for rat in rats
        ]

    def _by_mechanism(self) -> Iterable[dict[str, Study]]:
        """Return for each induction that doses are timed by its studies, by mechanism."""
        return timing_studies(
            self._chosen_rat(),
            around=self.around,
            dose=self.dose,
            days=self.days,
            mechanism=self.mechanism,
            endpoints=self.endpoints,
        ).values()

    def run(self, *, workers: int | None = None, progress: Progress | None = None) -> Timing:
        """Simulate.

        Raises
        ------
        EaesimError
            If a setting is not allowed.
        """
        return timing(
            self._chosen_rat(),
            around=self.around,
            dose=self.dose,
            days=self.days,
            mechanism=self.mechanism,
            animals=self.animals,
            seed=self.seed,
            members=self.members,
            dead=self.dead,
            endpoints=self.endpoints,
            workers=workers,
            progress=progress,
        )


def read_timing_file(path: str | PathLike[str]) -> TimingRequest | None:
    """Read the ``[timing]`` and ``[parameters]`` tables of a file; None where it has no ``[timing]``.

    Raises
    ------
    EaesimError
        If the file or a key cannot be used.
    """
    tables = read_tables(path)
    if "timing" not in tables:
        return None
    for table in tables:
        if table not in ("timing", "parameters"):
            raise unknown_name(table, "table of a timing file", ("timing", "parameters"))
    given = tables["timing"]
    if not isinstance(given, Mapping):
        raise ProtocolError(f"{path}: timing is not a table; write [timing].")
    for key in given:
        if key not in _KEYS:
            raise unknown_name(key, "key of [timing]", _KEYS)
    for key in ("rat", "around", "dead"):
        if not isinstance(given.get(key, ""), str):
            raise ProtocolError(f"[timing]: {key} = {given[key]!r} is not a text.")
    settings: dict[str, Any] = {
        key: value
        for key, value in given.items()
        if key in ("rat", "around", "animals", "seed", "members", "dead")
    }
    settings |= {"dead": dead_rule(given["dead"])} if "dead" in given else {}
    settings |= {key: _texts(given[key], key) for key in ("dose", "mechanism", "endpoints") if key in given}
    if "days" in given:
        settings["days"] = parse_days(str(given["days"]))
    return TimingRequest(**settings, parameters=check_parameters(tables.get("parameters", {})))


def needed_timing_file(path: str | PathLike[str]) -> TimingRequest:
    """Read a timing file.

    Raises
    ------
    EaesimError
        If the file or a key cannot be used, or it has no ``[timing]`` table.
    """
    request = read_timing_file(path)
    if request is None:
        raise ProtocolError(f"{path} has no [timing] table; a file with [study] is for eaesim run.")
    return request


def _texts(value: Any, key: str) -> tuple[str, ...]:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise ProtocolError(f"[timing]: {key} = {value!r} is not a text or a list of texts.")
    return tuple(texts)
