"""The tables: engines at equal error, the ladders behind them, cohorts and starts, as CSV and as one page."""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.equal import ERROR, OWN, Cost, costs, curves, ratios
from benchmarks.measure import Point

Row = Mapping[str, object]


@dataclass(frozen=True)
class Section:
    """A table of the page and a file of its own.

    Attributes
    ----------
    name, heading
        Of the file, without suffix, and of the table.
    rows
        All with the same keys.
    """

    name: str
    heading: str
    rows: Sequence[Row]

    def with_earlier(self, folder: Path, *, libraries: Collection[str], today: str) -> Section:
        """Return it with the day of its rows, and with those of an earlier run of libraries not run today.

        Parameters
        ----------
        folder
            Of the earlier run, if there was one.
        libraries
            Run today. Rows that are of no library are kept only where there are none of today.
        today
            Day of the rows.
        """
        file = folder / f"{self.name}.csv"
        rows: list[Row] = [{**row, "measured": today} for row in self.rows]
        earlier: list[Row] = []
        if file.exists():
            with file.open(newline="", encoding="utf-8") as text:
                earlier = [
                    row for row in csv.DictReader(text) if not rows or _library(row) not in ("", *libraries)
                ]
        names = list((rows or earlier or [{}])[0])
        return replace(self, rows=[{name: row.get(name, "") for name in names} for row in rows + earlier])


def _library(row: Row) -> str:
    """Return the library of a row, or an empty text."""
    return str(row.get("library") or row.get("engine") or "").partition(" ")[0]


def equal_error_rows(points: Sequence[Point]) -> list[Row]:
    """Return a row an engine, at the common error."""
    found = costs(points)
    own = next((cost for cost in found if cost.engine == OWN), found[0])
    return [_cost_row(cost, own) for cost in found]


def _cost_row(cost: Cost, own: Cost) -> Row:
    ratio, low, high = ratios(cost, own)
    return {
        "engine": cost.engine,
        "relative_tolerance": f"{cost.tolerance:.1e}",
        "median_error": f"{cost.error:.1e}",
        "error_99_percent": f"{cost.high_error:.1e}",
        "rats_per_second_best": three(1 / cost.best),
        "rats_per_second_median": three(1 / cost.median),
        "own_over_it": three(ratio),
        "own_over_it_low": three(low),
        "own_over_it_high": three(high),
        "note": "" if cost.inside else "not measured at this error; the nearest",
    }


def ladder_rows(points: Sequence[Point]) -> list[Row]:
    """Return a row an engine and tolerance."""
    return [
        {
            "engine": engine,
            "relative_tolerance": f"{point.tolerance:.1e}",
            "median_error": f"{point.quantile(0.5):.2e}",
            "error_99_percent": f"{point.quantile(0.99):.2e}",
            "worst_error": f"{point.quantile(1.0):.2e}",
            "rats_per_second_best": three(1 / point.best),
            "rats_per_second_median": three(1 / point.median),
            "rats_timed": point.rats,
            "runs": sum(map(len, point.rounds)),
        }
        for engine, found in curves(points).items()
        for point in found
    ]


def three(number: float) -> str:
    """Write a number with three digits, without an exponent.

    Examples
    --------
    >>> three(22193.7), three(0.51236)
    ('22200', '0.512')
    """
    rounded = float(f"{number:.3g}")
    return f"{rounded:.0f}" if rounded >= 100 else f"{rounded:g}"


def write_csv(path: Path, rows: Sequence[Row]) -> None:
    """Write rows with the same keys."""
    if not rows:
        return
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def markdown(rows: Sequence[Row]) -> str:
    """Return rows as a Markdown table; a column that is empty throughout is left out."""
    names = [name for name in rows[0] if any(str(row[name]) for row in rows)]
    lines = [[name.replace("_", " ").replace(" mb", " (MB)") for name in names], ["---"] * len(names)]
    lines += [[str(row[name]) for name in names] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def page(sections: Sequence[Section], *, remarks: Sequence[str]) -> str:
    """Return everything as one Markdown page.

    Parameters
    ----------
    sections
        In their order.
    remarks
        Lines that say on what machine it was measured.
    """
    parts = [
        "# Results",
        f"Equal error: a median of {ERROR:.0e} over rats. `../README.md` says what all this means.",
        "\n".join(f"- {line}" for line in remarks),
    ]
    for section in sections:
        if section.rows:
            parts += [f"## {section.heading}", markdown(section.rows)]
    return "\n\n".join(parts) + "\n"
