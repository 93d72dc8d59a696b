"""What a sensitivity analysis found: indices with intervals, how they grew, and what was left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from eaesim.analysis.indices import estimate, rank_agreement, ranks
from eaesim.analysis.sensitivityplan import Output, SensitivityPlan
from eaesim.analysis.sensitivitysample import Sample
from eaesim.endpoints import Floats

if TYPE_CHECKING:
    import pandas as pd

#: So many of the first ranks are drawn, and compared between the halves of the sample.
TOP = 20
#: Halves whose rankings agree less have not settled.
LEAST_AGREEMENT = 0.8


def index_table(plan: SensitivityPlan, points: Floats, samples: Sequence[Sample]) -> pd.DataFrame:
    """Return the columns of ``sensitivity.csv``, for each output the factors by rank.

    Parameters
    ----------
    plan
        What was asked.
    points
        In the unit cube, shape (size, points, factors).
    samples
        One an output.
    """
    import pandas as pd

    leading, frames = plan.way.leading, []
    for output, sample in zip(plan.outputs, samples, strict=True):
        whole = sample.whole
        kept, values = points[whole], sample.values[whole]
        indices = _estimate(plan, kept, values)
        half = len(values) // 2
        halves = [
            _estimate(plan, kept[part], values[part])[leading] for part in (slice(half), slice(half, None))
        ]
        frame = pd.DataFrame(
            {
                "method": plan.method,
                "output": output.text(),
                "parameter": [factor.name for factor in plan.factors],
                "unit": [factor.unit for factor in plan.factors],
                "low": [factor.values.low for factor in plan.factors],
                "high": [factor.values.high for factor in plan.factors],
                "scale": [factor.values.scale for factor in plan.factors],
                **indices,
                "rank": _places(indices[leading]),
                "rank_first_half": _places(halves[0]),
                "rank_second_half": _places(halves[1]),
                "samples": values.size,
                "left_out": sample.values.size - values.size,
                "zero": int(sample.zero[whole].sum()),
                "failed": sample.failed,
            }
        )
        frame = frame.sort_values("rank", kind="stable")
        if not settled(_agreement(frame, leading)):
            frame["rank"] = pd.array([None] * len(frame), dtype="Int64")
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def settled(agreement: float) -> bool:
    """Say whether halves of a sample that agree so well give a ranking; NaN is that of one factor alone.

    Examples
    --------
    >>> settled(0.9), settled(0.5)
    (True, False)
    """
    return not agreement < LEAST_AGREEMENT


def _agreement(rows: pd.DataFrame, leading: str) -> float:
    """Return the rank correlation of the halves of the sample over the first factors with any influence."""
    rows = rows.head(TOP)
    rows = rows[(rows[leading] > 0) & rows["rank_second_half"].notna()]
    halves = [rows[f"rank_{half}_half"].to_numpy(dtype=np.float64) for half in ("first", "second")]
    return rank_agreement(*halves) if len(rows) > 1 else float("nan")


def convergence_table(plan: SensitivityPlan, points: Floats, samples: Sequence[Sample]) -> pd.DataFrame:
    """Return the columns of ``convergence.csv``: the leading index from growing parts of the sample.

    The parameters are those of `index_table`.
    """
    import pandas as pd

    leading, frames = plan.way.leading, []
    for output, sample in zip(plan.outputs, samples, strict=True):
        whole = sample.whole
        kept, values = points[whole], sample.values[whole]
        for size in _sizes(len(values), plan.way.least):
            indices = _estimate(plan, kept[:size], values[:size])
            frames.append(
                pd.DataFrame(
                    {
                        "method": plan.method,
                        "output": output.text(),
                        plan.way.size: size,
                        "parameter": [factor.name for factor in plan.factors],
                        **{f"{leading}{end}": indices[f"{leading}{end}"] for end in ("", "_low", "_high")},
                        "rank": _places(indices[leading]),
                    }
                )
            )
    return pd.concat(frames, ignore_index=True)


def _estimate(plan: SensitivityPlan, points: Floats, values: Floats) -> dict[str, Floats]:
    return estimate(plan.method, points, values, seed=plan.sampling_seed)


def _places(values: Floats) -> pd.Series:
    import pandas as pd

    return pd.Series(ranks(values)).astype("Int64")


def _sizes(size: int, least: int) -> list[int]:
    """Return the whole sample, its half, quarter and so on, the smallest first; at most six."""
    return sorted({part for part in (size >> step for step in range(6)) if part >= least}) or [size]


@dataclass(frozen=True, repr=False)
class Sensitivity:
    """Which unknowns the outputs of a study depend on.

    Attributes
    ----------
    table
        The columns of ``sensitivity.csv``: a row for every output and factor, the largest index first; `rank`
        is missing where the ranking has not settled. `samples` is how many
        sets of values the indices rest on, `left_out` how many belong to a trajectory or a base sample with
        one at which the output has no value, `zero` at how many there was nothing to compare with, and
        `failed` how many rats could not be solved.
    convergence
        The columns of ``convergence.csv``: the leading index from growing parts of the sample.
    plan
        What was asked.
    animals, seed, dead
        The rats, and how the dead were scored.
    reason
        Why the first rat that could not be solved was not.
    """

    table: pd.DataFrame
    convergence: pd.DataFrame
    plan: SensitivityPlan
    animals: int
    seed: int
    dead: str
    reason: str = ""

    def __repr__(self) -> str:
        """Return the result in a few words; `table` has the rest."""
        return (
            f"Sensitivity({self.plan.method}, {len(self.plan.factors)} factors, "
            f"{self.plan.samples} sets of {self.animals} rats): {self.sentence()}"
        )

    def rows(self, output: Output) -> pd.DataFrame:
        """Return the rows of one output, by rank."""
        return self.table[self.table["output"] == output.text()]

    def agreement(self, output: Output) -> float:
        """Return how well the first and the second half of the sample rank alike what ranks first.

        Spearman's rank correlation over the first `TOP` factors that have any influence; NaN where fewer than
        two have.
        """
        return _agreement(self.rows(output), self.plan.way.leading)

    def notes(self) -> list[str]:
        """Return a line for all that a reader must know: what failed, was left out, or has not settled."""
        notes = []
        for output in self.plan.outputs:
            first: Any = self.rows(output).iloc[0]
            sets = f"of {self.plan.samples} sets of values"
            parts = []
            if first["failed"]:
                parts.append(
                    f"{first['failed']} runs failed{f' (the first: {self.reason})' if self.reason else ''}; "
                    f"each such rat is left out of its whole {_one(self.plan)}"
                )
            if first["left_out"]:
                why = f"in each of these {self.plan.way.size} is one without a value"
                parts.append(f"{first['left_out']} {sets} are left out: {why}")
            if first["zero"]:
                parts.append(f"at {first['zero']} {sets} the mean of {output.reference} is 0")
            if np.isnan(first[self.plan.way.leading]):
                parts.append("it has no indices, being undefined or the same everywhere")
            elif not settled(self.agreement(output)):
                parts.append(
                    "no ranking is given, since it has not settled (rank correlation of the halves of the "
                    f"sample {self.agreement(output):.2f}); take more {self.plan.way.size}"
                )
            notes += [f"{output.text()}: {part}." for part in parts]
        return notes

    def sentence(self) -> str:
        """Return what ranks first for each output whose ranking has settled, in plain sentences."""
        return " ".join(self._words(output) for output in self.plan.outputs)

    def _words(self, output: Output) -> str:
        leading = self.plan.way.leading
        rows = self.rows(output)
        rows = rows[rows[leading] > 0].head(3)
        if not len(rows):
            return f"{output.text()} depends on nothing that was varied."
        if not settled(self.agreement(output)):
            return (
                f"{output.text()}: no ranking yet; the halves of the sample agree by "
                f"{self.agreement(output):.2f}, and {LEAST_AGREEMENT:g} is needed; take more "
                f"{self.plan.way.size}."
            )
        found = [
            f"{row['parameter']} ({leading} {row[leading]:.2f}, {row[f'{leading}_low']:.2f} to "
            f"{row[f'{leading}_high']:.2f})"
            for _, row in rows.iterrows()
        ]
        return f"{output.text()} depends most on {', then '.join(found)}."


def _one(plan: SensitivityPlan) -> str:
    return "trajectory" if plan.method == "morris" else "base sample"
