"""Result of a power analysis: power by number of animals, the animals needed, and what a study would show."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from eaesim.endpoints import Floats
from eaesim.files import Content
from eaesim.questions.power.needed import NO_EFFECT, Needed, needed_animals
from eaesim.questions.power.plan import MOST, TAILS, PowerPlan, test_of
from eaesim.questions.power.trials import Trials

if TYPE_CHECKING:
    import pandas as pd

_QUARTILES = (0.25, 0.5, 0.75)
_STUDIES = (0.025, 0.975)
_NAMES = ("mean", "sd", "quartile_low", "median", "quartile_high", "mean_low", "mean_high")


@dataclass(frozen=True, repr=False)
class PowerResult:
    """The outcome of a power analysis: a prediction of the model.

    Attributes
    ----------
    plan
        Plan of the analysis.
    trials
        The simulated studies.
    """

    plan: PowerPlan
    trials: Trials

    def __repr__(self) -> str:
        """Return what was planned; `table` and `needed_table` hold the results."""
        plan = self.plan
        return f"Power({plan.study.rat!r}, {plan.request.studies} studies, arms: {', '.join(plan.arms)})"

    def table(self) -> pd.DataFrame:
        """Return power by arm, endpoint and number of animals: the columns of ``power.csv``.

        `low` and `high` are what the number of studies leaves open; between `member_low` and `member_high`
        lie nine of ten parameter sets of the ensemble, of which one is the truth.
        """
        return self._table.copy()

    @cached_property
    def _table(self) -> pd.DataFrame:
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "arm": arm,
                    "endpoint": endpoint,
                    "test": test_of(endpoint),
                    "animals": animals,
                    "power": found.value,
                    "low": found.low,
                    "high": found.high,
                    "member_low": found.member_low,
                    "member_high": found.member_high,
                    "studies": self.plan.request.studies,
                    "members": self.plan.members,
                }
                for arm in self.plan.arms
                for endpoint in self.plan.endpoints
                for animals in self.plan.request.sizes
                for found in [self.trials.rate(arm, endpoint, animals)]
            ]
        )

    @cached_property
    def needed(self) -> dict[tuple[str, str], Needed]:
        """The animals that each arm, and the control as well, need for the target power, by endpoint."""
        return {
            (arm, endpoint): self._needed(arm, endpoint)
            for arm in self.plan.arms
            for endpoint in self.plan.endpoints
        }

    def _needed(self, arm: str, endpoint: str) -> Needed:
        return needed_animals(
            lambda animals: self.trials.rate(arm, endpoint, animals),
            wanted=self.plan.request.wanted,
            alpha=self.plan.request.alpha,
            members=self.plan.members,
        )

    def needed_table(self) -> pd.DataFrame:
        """Return the animals needed by arm and endpoint: the columns of ``needed.csv``.

        `animals` suffices on average over parameter sets, `animals_cautious` in 19 of 20; `power_most` is
        the power with 100 animals. Empty: 100 do not suffice. `test`, `tails`, `alpha` and `correction` are
        those of the test that the numbers hold for.
        """
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "arm": arm,
                    "endpoint": endpoint,
                    "test": test_of(endpoint),
                    "tails": TAILS,
                    "alpha": self.plan.request.alpha,
                    "correction": self.plan.request.correction,
                    "wanted": self.plan.request.wanted,
                    "animals": found.animals,
                    "animals_low": found.low,
                    "animals_high": found.high,
                    "animals_cautious": found.cautious,
                    "power_most": found.most.value,
                    "verdict": found.text(),
                }
                for (arm, endpoint), found in self.needed.items()
            ]
        )

    def needed_words(self) -> pd.DataFrame:
        """Return what `needed_table` says in words: on average, and in 19 of 20 parameter sets."""
        import pandas as pd

        rows = []
        for (arm, endpoint), found in self.needed.items():
            row = {"arm": arm, "endpoint": endpoint, "test": test_of(endpoint), "on average": found.average()}
            rows.append(row | ({} if self.plan.members == 1 else {"in 19 of 20 sets": found.in_most()}))
        return pd.DataFrame(rows)

    @cached_property
    def chosen(self) -> int:
        """The number of animals in each arm that the expected table is of.

        What the first endpoint needs in every arm where some number suffices; without one, the most tried.
        """
        first = self.plan.endpoints[0]
        numbers = [self.needed[arm, first] for arm in self.plan.arms]
        enough = [int(each.animals) for each in numbers if not (each.absent or math.isnan(each.animals))]
        return max(enough, default=self.plan.request.sizes[-1])

    @cached_property
    def _expected(self) -> pd.DataFrame:
        import pandas as pd

        return pd.DataFrame(expected_rows(self.trials, animals=self.chosen))

    def expected_table(self) -> pd.DataFrame:
        """Return what a laboratory would see with the chosen number of animals: ``expected.csv``.

        `mean`, `sd` and the quartiles are those of a study, averaged over studies; from `mean_low` to
        `mean_high` lie the means of 19 of 20 studies; `p_median` is the median p value against the control.
        """
        return self._expected.copy()

    def absent(self) -> list[str]:
        """Return the arms that no endpoint tells from the control."""
        return [
            arm
            for arm in self.plan.arms
            if all(self.needed[arm, endpoint].absent for endpoint in self.plan.endpoints)
        ]

    def sentence(self) -> str:
        """Return the result in one sentence: on average over parameter sets, and in 19 of 20 of them."""
        first = self.plan.endpoints[0]
        parts = [f"{arm} {self._short(self.needed[arm, first])}" for arm in self.plan.arms]
        return (
            f"Rats in each arm for a power of {self.plan.request.wanted:g} ({first}, {test_of(first)}): "
            f"{'; '.join(parts)}. A prediction."
        )

    @staticmethod
    def _short(found: Needed) -> str:
        return NO_EFFECT if found.absent else found.text(short=True)

    def notes(self) -> list[str]:
        """Return a line for each thing that a reader must know."""
        plan, notes = self.plan, []
        for arm in self.absent():
            notes.append(
                f'"{arm}" hardly differs from "{plan.control}" in the model: its power is near the rate of '
                "false positives, and a test that is not significant does not show an absence."
            )
        first = plan.endpoints[0]
        short = [
            arm
            for arm in plan.arms
            if not self.needed[arm, first].absent and math.isnan(self.needed[arm, first].cautious)
        ]
        if plan.members > 1 and short:
            notes.append(
                f"in more than one of 20 parameter sets even {MOST} rats in each arm do not give the target "
                f"power by {first} ({', '.join(short)}): parameter uncertainty is what limits it."
            )
        untested = [
            name for name in plan.endpoints if any(self.needed[arm, name].untested for arm in plan.arms)
        ]
        if untested:
            notes.append(
                f"{', '.join(untested)}: where animals are lost between the first event and the last, shares "
                "are not compared, as in eaesim scores; compare the day of onset (log-rank)."
            )
        if self.trials.pool.result.failures():
            notes.append(
                f"{len(self.trials.pool.result.failures())} runs of the pool failed and are left out."
            )
        return notes


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
