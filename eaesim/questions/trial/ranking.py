"""How likely the published ratios of relapse rates are under each mechanism."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from eaesim.estimation.patientfit import squared_misses
from eaesim.evidence.judge import AGREES, DISAGREES, INCONCLUSIVE
from eaesim.protocol.outcome import Published

if TYPE_CHECKING:
    import pandas as pd

#: Columns of the ratios of each parameter set.
RATIOS = ("trial", "arm", "mechanism", "parameter_set", "published", "low", "high", "ratio")


def counts_in_likelihood(row: Published) -> bool:
    """Return whether a row is a ratio of relapse rates in relapsing-remitting disease, with an interval.

    Examples
    --------
    >>> from eaesim.protocol.trialfile import read_trial
    >>> sum(map(counts_in_likelihood, read_trial("lewanska").published))
    2
    """
    is_ratio = row.endpoint == "relapse_rate" and row.measure == "ratio" and row.low is not None
    return is_ratio and row.use == "validate" and row.since == 0


def ranking(table: pd.DataFrame, ratios: pd.DataFrame) -> pd.DataFrame:
    """Return the log likelihood of the published ratios and the verdicts, by mechanism.

    The log likelihood is minus half of the squared misses, in standard errors of the published logarithms of
    the ratios; a parameter set counts by its likelihood. That of no effect, all ratios 1, stands beside it.

    Parameters
    ----------
    table
        ``trial.csv``.
    ratios
        The ratios of each parameter set.
    """
    import pandas as pd

    compared = table[(table["measure"] != "value") & (table["use"] != "calibrate")]
    found = []
    for name in dict.fromkeys(table["mechanism"]):
        own, rows = ratios[ratios["mechanism"] == name], compared[compared["mechanism"] == name]
        verdicts = rows["verdict"].value_counts()
        agree, open_, against = (int(verdicts.get(one, 0)) for one in (AGREES, INCONCLUSIVE, DISAGREES))
        found.append(
            {
                "mechanism": name,
                "ratios": own.groupby(["trial", "arm"]).ngroups,
                "log_likelihood": log_likelihood(own),
                "no_effect": log_likelihood(own.assign(ratio=1.0)),
                "rows": agree + open_ + against,
                "inside": agree + open_,
                AGREES: agree,
                INCONCLUSIVE: open_,
                DISAGREES: against,
            }
        )
    return pd.DataFrame(found).sort_values(
        "log_likelihood", ascending=False, kind="stable", ignore_index=True, na_position="last"
    )


def log_likelihood(ratios: pd.DataFrame) -> float:
    """Return the log likelihood of the published ratios under one mechanism; NaN without any.

    Examples
    --------
    >>> import pandas as pd
    >>> one = {"parameter_set": [0], "published": [0.5], "low": [0.25], "high": [1.0], "ratio": [1.0]}
    >>> one = pd.DataFrame(one)
    >>> round(log_likelihood(one), 2)
    -1.92
    """
    if not len(ratios):
        return math.nan
    squares = squared_misses(
        ratios["ratio"], value=ratios["published"], low=ratios["low"], high=ratios["high"]
    )
    sets = (-0.5 * squares).groupby(ratios["parameter_set"]).sum(min_count=1).to_numpy()
    most = sets.max()
    return float(most + np.log(np.mean(np.exp(sets - most))))
