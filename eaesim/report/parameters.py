"""The parameters of the rats of a run: value, bounds, unit and source; what is assumed says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eaesim.model.parameter_file import KINDS, Parameter
from eaesim.report.rats import RunRat


@dataclass(frozen=True)
class ParameterRow:
    """One parameter of all rats of a run.

    Attributes
    ----------
    name, unit, kind, note
        As in the parameter file.
    values
        One for each rat, and where its members differ, their lowest and highest: ``"9 (8.2 to 9.7)"``.
    bounds
        Of what is not known.
    spread
        How rats differ: a coefficient of variation.
    sources
        Numbers of `parameter_sources`.
    is_assumed
        Whether a value has no source.
    """

    name: str
    unit: str
    kind: str
    note: str
    values: tuple[str, ...]
    bounds: str
    spread: str
    sources: tuple[int, ...]
    is_assumed: bool


def parameter_sources(rats: Sequence[RunRat]) -> list[str]:
    """Return every source of a value, in the order of first use; its number is its place, from 1."""
    return list(dict.fromkeys(entry.basis for entries in _entries(rats) for entry in entries))


def parameter_rows(rats: Sequence[RunRat]) -> list[tuple[str, list[ParameterRow]]]:
    """Return the parameters by kind; nothing without a rat."""
    numbers = {source: number for number, source in enumerate(parameter_sources(rats), start=1)}
    ranges = [one.ranges() for one in rats]
    found: dict[str, list[ParameterRow]] = {kind: [] for kind in KINDS}
    for entries in _entries(rats):
        first = entries[0]
        values = tuple(_value(entry, own.get(entry.name)) for entry, own in zip(entries, ranges, strict=True))
        row = ParameterRow(
            name=first.name.replace("_", " "),
            unit="" if first.unit == "dimensionless" else first.unit,
            kind=first.kind,
            note=first.note,
            values=values,
            bounds=f"{_number(first.low)} to {_number(first.high)}",
            spread=f"{first.spread:g}" if first.spread else "",
            sources=tuple(dict.fromkeys(numbers[entry.basis] for entry in entries)),
            is_assumed=any(entry.source.startswith("assumed") for entry in entries),
        )
        found[first.kind].append(row)
    return [(kind, rows) for kind, rows in found.items() if rows]


def _entries(rats: Sequence[RunRat]) -> list[list[Parameter]]:
    """Return for every parameter what each rat says of it."""
    known = [one.rat.entries for one in rats if one.rat is not None]
    return [[entries[name] for entries in known] for name in known[0]] if known else []


def _value(entry: Parameter, ends: tuple[float, float] | None) -> str:
    return _number(entry.value) + (f" ({_number(ends[0])} to {_number(ends[1])})" if ends else "")


def _number(value: float) -> str:
    return f"{value:.0f}" if 1_000 <= abs(value) < 1e6 else f"{value:.3g}"
