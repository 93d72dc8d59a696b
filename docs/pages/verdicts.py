"""The verdict on each finding, from the run of `eaesim mechanisms` that experiment 13 shows."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping
from functools import cache
from pathlib import Path

EXPERIMENT = "13_mechanisms"
ROWS = Path(__file__).parents[2] / "experiments" / EXPERIMENT / "rows.csv"
MECHANISM = "H1a"


def verdict_source() -> str:
    """Return where the verdicts are from."""
    return (
        f"The verdicts are those of `rows.csv` of the experiment "
        f"[{EXPERIMENT}](../experiments/{EXPERIMENT}.md) under "
        f"{MECHANISM}; `eaesim mechanisms` computes them anew."
    )


@cache
def _verdicts() -> Mapping[str, list[Mapping[str, str]]]:
    """Return the rows of the table by row of the evidence."""
    found: dict[str, list[Mapping[str, str]]] = {}
    with ROWS.open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            if line["mechanism"] in ("", MECHANISM):
                found.setdefault(line["finding"].partition(".")[0], []).append(line)
    return found


def verdict_of(row: str, *, is_long: bool = False) -> str:
    """Return the verdict on a row of the evidence; empty where it is not judged."""
    lines = _verdicts().get(row, [])
    words = Counter(line["finding_verdict"] or line["verdict"] for line in lines)
    verdict = ", ".join(words)
    reasons = dict.fromkeys(line["reason"] for line in lines if line["reason"])
    return f"{verdict}: {'; '.join(reasons)}" if is_long and verdict and reasons else verdict
