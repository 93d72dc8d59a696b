"""What a laboratory would see in a study of a given size."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from eaesim.endpoints import Floats
from eaesim.files import Content
from eaesim.questions.power.plan import test_of
from eaesim.questions.power.trials import Trials

_QUARTILES = (0.25, 0.5, 0.75)
_STUDIES = (0.025, 0.975)
_NAMES = ("mean", "sd", "quartile_low", "median", "quartile_high", "mean_low", "mean_high")


def expected_rows(trials: Trials, *, animals: int) -> list[dict[str, Content]]:
    """Return a row for every arm, the control first, and endpoint; of onset, over rats with signs.

    Shares are of the animals that were not lost.

    Parameters
    ----------
    trials
        The simulated studies.
    animals
        In each arm.
    """
    plan, rows = trials.pool.plan, []
    for arm in (plan.control, *plan.arms):
        drawn = trials.pool.draw(arm, animals)
        for endpoint in plan.endpoints:
            row: dict[str, Content] = {"arm": arm, "endpoint": endpoint, "animals": animals}
            values = trials.pool.values(arm, endpoint, drawn)
            if test_of(endpoint) == "Fisher":
                values = np.where(trials.pool.lost(endpoint, drawn), np.nan, values)
            row |= _described(values)
            row["test"] = "" if arm == plan.control else test_of(endpoint)
            row["p_median"] = np.nan
            if arm != plan.control:
                p_values = trials.p_values(arm, endpoint, animals)
                known = p_values[~np.isnan(p_values)]
                row["p_median"] = float(np.median(known)) if len(known) else np.nan
            rows.append(row)
    return rows


def _described(values: Floats) -> dict[str, float]:
    """Return mean, standard deviation and quartiles of a study, averaged over studies."""
    ordered = np.sort(values, axis=1)  # NaN last
    known = (~np.isnan(ordered)).sum(axis=1)
    kept, known = ordered[known > 0], known[known > 0]
    if not len(kept):
        return dict.fromkeys(_NAMES, np.nan)
    means = np.nansum(kept, axis=1) / known
    squares = np.nansum((kept - means[:, None]) ** 2, axis=1)
    several = known > 1
    spread = float(np.sqrt(squares[several] / (known[several] - 1)).mean()) if several.any() else np.nan
    quartiles = [float(_quantile(kept, known, share).mean()) for share in _QUARTILES]
    low, high = np.quantile(means, _STUDIES)
    return dict(zip(_NAMES, (float(means.mean()), spread, *quartiles, float(low), float(high)), strict=True))


def _quantile(ordered: Floats, known: npt.NDArray[np.int64], share: float) -> Floats:
    """Return a quantile of each row, of which the first so many values are known."""
    place = share * (known - 1)
    below = place.astype(np.int64)
    rows = np.arange(len(ordered))
    low, high = ordered[rows, below], ordered[rows, np.minimum(below + 1, known - 1)]
    return np.asarray(low + (place - below) * (high - low))
