"""The tables of a sensitivity analysis: indices with intervals, and how they grew with the sample."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from eaesim.endpoints import Floats
from eaesim.questions.sensitivity.indices import estimate, rank_agreement, ranks
from eaesim.questions.sensitivity.plan import Output, SensitivityPlan
from eaesim.questions.sensitivity.sample import Sample

if TYPE_CHECKING:
    import pandas as pd

#: So many of the first ranks are drawn, and compared between the halves of the sample.
TOP = 20
#: Halves whose rankings agree less have not settled.
LEAST_AGREEMENT = 0.8


def index_tables(
    plan: SensitivityPlan, points: Floats, samples: Sequence[Sample]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return ``sensitivity.csv``, for each output the factors by rank, and ``convergence.csv``.

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

    indices, growth = [], []
    for output, sample in zip(plan.outputs, samples, strict=True):
        kept, values = points[sample.whole], sample.values[sample.whole]
        indices.append(_indices(plan, output, sample, kept, values))
        sizes = {part for part in (len(values) >> step for step in range(6)) if part >= plan.way.least}
        growth += [_part(plan, output, kept[:size], values[:size]) for size in sorted(sizes) or [len(values)]]
    return pd.concat(indices, ignore_index=True), pd.concat(growth, ignore_index=True)


def _indices(
    plan: SensitivityPlan, output: Output, sample: Sample, points: Floats, values: Floats
) -> pd.DataFrame:
    import pandas as pd

    leading, half = plan.way.leading, len(values) // 2
    found = _estimate(plan, points, values)
    first, second = (
        _estimate(plan, points[part], values[part])[leading] for part in (slice(half), slice(half, None))
    )
    frame = pd.DataFrame(
        {
            "method": plan.request.method,
            "output": output.text(),
            "parameter": [factor.name for factor in plan.factors],
            "unit": [factor.unit for factor in plan.factors],
            "low": [factor.values.low for factor in plan.factors],
            "high": [factor.values.high for factor in plan.factors],
            "scale": [factor.values.scale for factor in plan.factors],
            **found,
            "rank": _places(found[leading]),
            "rank_first_half": _places(first),
            "rank_second_half": _places(second),
            "samples": values.size,
            "left_out": sample.values.size - values.size,
            "zero": int(sample.zero[sample.whole].sum()),
            "failed": sample.failed,
        }
    ).sort_values("rank", kind="stable")
    if not settled(agreement(frame, leading)):
        frame["rank"] = pd.array([None] * len(frame), dtype="Int64")
    return frame


def _part(plan: SensitivityPlan, output: Output, points: Floats, values: Floats) -> pd.DataFrame:
    """Return the leading index from a part of the sample."""
    import pandas as pd

    leading, found = plan.way.leading, _estimate(plan, points, values)
    return pd.DataFrame(
        {
            "method": plan.request.method,
            "output": output.text(),
            plan.way.size: len(values),
            "parameter": [factor.name for factor in plan.factors],
            **{f"{leading}{end}": found[f"{leading}{end}"] for end in ("", "_low", "_high")},
            "rank": _places(found[leading]),
        }
    )


def _estimate(plan: SensitivityPlan, points: Floats, values: Floats) -> dict[str, Floats]:
    return estimate(plan.request.method, points, values, seed=plan.request.sampling_seed)


def _places(values: Floats) -> pd.Series:
    import pandas as pd

    return pd.Series(ranks(values)).astype("Int64")


def settled(agreement: float) -> bool:
    """Say whether halves of a sample that agree so well give a ranking; NaN is that of one factor alone.

    Examples
    --------
    >>> settled(0.9), settled(0.5)
    (True, False)
    """
    return not agreement < LEAST_AGREEMENT


def agreement(rows: pd.DataFrame, leading: str) -> float:
    """Return how well the halves of the sample rank alike what ranks first.

    Spearman's rank correlation over the first `TOP` factors that have any influence; NaN where fewer than
    two have.
    """
    rows = rows.head(TOP)
    rows = rows[(rows[leading] > 0) & rows["rank_second_half"].notna()]
    halves = [rows[f"rank_{half}_half"].to_numpy(dtype=np.float64) for half in ("first", "second")]
    return rank_agreement(*halves) if len(rows) > 1 else float("nan")
