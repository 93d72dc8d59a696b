"""The parameters of the rats of a run: value, bounds, unit and source; what is assumed says so."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from eaesim.model.parameter_file import KINDS, Parameter, basis
from eaesim.workbench.report.rats import RunRat

# The set that the rats had before they were estimated; of an ensemble it is some values, and no more.
_SEARCHED = "assumed: found with the others by a joint search"
_HELD = "assumed: the same in every parameter set"


@dataclass(frozen=True)
class ParameterRow:
    """One parameter of all rats of a run.

    Attributes
    ----------
    name, unit, kind, note
        As in the parameter file.
    values
        One for each rat; where its parameter sets differ, median, lowest and highest: ``"9 (8.2 to 9.7)"``.
    bounds
        Bounds of an unknown value.
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
    return list(dict.fromkeys(source for sources in _sources(rats) for source in sources))


def parameter_rows(rats: Sequence[RunRat]) -> list[tuple[str, list[ParameterRow]]]:
    """Return the parameters by kind; nothing without a rat."""
    numbers = {source: number for number, source in enumerate(parameter_sources(rats), start=1)}
    ranges = [one.ranges() for one in rats]
    found: dict[str, list[ParameterRow]] = {kind: [] for kind in KINDS}
    for entries, sources in zip(_entries(rats), _sources(rats), strict=True):
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
            sources=tuple(dict.fromkeys(numbers[source] for source in sources)),
            is_assumed=any(source.startswith("assumed") for source in sources),
        )
        found[first.kind].append(row)
    return [(kind, rows) for kind, rows in found.items() if rows]


def _entries(rats: Sequence[RunRat]) -> list[list[Parameter]]:
    """Return for every parameter what each rat says about it."""
    known = [one.rat.entries for one in rats if one.rat is not None]
    return [[entries[name] for entries in known] for name in known[0]] if known else []


def _sources(rats: Sequence[RunRat]) -> list[list[str]]:
    """Return for every parameter where the value of each rat comes from."""
    known = [(one, one.ranges()) for one in rats if one.rat is not None]
    return [
        [_source(entry, one, estimated) for entry, (one, estimated) in zip(entries, known, strict=True)]
        for entries in _entries(rats)
    ]


def _source(entry: Parameter, one: RunRat, estimated: Collection[str]) -> str:
    """Return where a value comes from; for an ensemble it is not that of the rat's own set."""
    if entry.name in estimated:
        source = f"estimated with eaesim fit: the ensemble of {one.name}"
    else:
        source = _HELD if one.members > 1 and entry.source.startswith(_SEARCHED) else entry.source
    return basis(source, entry.support, entry.key)


def _value(entry: Parameter, ends: tuple[float, float, float] | None) -> str:
    if ends is None:
        return _number(entry.value)
    low, middle, high = map(_number, ends)
    return f"{middle} ({low} to {high})"


def _number(value: float) -> str:
    return f"{value:.0f}" if 1_000 <= abs(value) < 1e6 else f"{value:.3g}"
