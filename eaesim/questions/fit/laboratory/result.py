"""A laboratory's own rat: its strain's ensemble, moved as far as the scores of its control animals ask."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from eaesim.endpoints import Floats
from eaesim.estimation.bank import Bank, weighted_percentiles
from eaesim.estimation.group import MEASURED, Group
from eaesim.questions.fit.laboratory.request import LaboratoryRequest
from eaesim.questions.fit.result import made_by
from eaesim.study.ensemble import Ensemble, write_ensemble
from eaesim.workbench.answer import Answer, Shown

if TYPE_CHECKING:
    import pandas as pd

# Weights that sum up to this little are left out of what is written.
_NEGLIGIBLE = 1e-3
# Of death, on the model's scale.
DEAD_SCORE = 5.0
# The rat that is made.
_NAME = "laboratory"


@dataclass(frozen=True)
class Predicted:
    """What the laboratory's rat is predicted to do, day by day, while it lives: central 95 % intervals.

    Attributes
    ----------
    animals
        Rats in each mean.
    low, high
        Interval of the score of single rats, shape (days,).
    mean, mean_low, mean_high
        Median and interval of the mean score of the living of so many rats.
    alive
        Share of the rats alive.
    """

    animals: int
    low: Floats
    high: Floats
    mean: Floats
    mean_low: Floats
    mean_high: Floats
    alive: Floats


@dataclass(frozen=True)
class LaboratoryFit(Answer):
    """A laboratory's rat.

    Attributes
    ----------
    request
        What was asked.
    bank
        What was simulated.
    group
        What its control animals showed.
    weights
        How much each set of the bank counts.
    observed
        Daily scores of the control animals on the model's scale, shape (animals, days); NaN after the last
        reading of an animal that was lost.
    predicted
        Courses that this rat is predicted to have.
    read
        What was left out or assumed in reading the scores.
    assumed
        What was assumed in the estimate.

    Examples
    --------
    >>> import pandas as pd
    >>> from eaesim import fit_scores
    >>> days = [[0.0] * onset + [1.0, 2.0, 3.0, 3.0, 2.0] + [0.0] * (17 - onset) for onset in (10, 11, 12)]
    >>> found = fit_scores(pd.DataFrame(days).assign(rat=range(3), group="PBS"), sets=500)
    >>> sorted(found.tables())
    ['courses', 'rows']
    """

    request: LaboratoryRequest
    bank: Bank
    group: Group
    weights: Floats
    observed: Floats
    predicted: Predicted
    read: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()

    def ensemble(self) -> Ensemble:
        """Return the sets that count, with their weights."""
        order = np.argsort(self.weights)
        kept = np.sort(order[np.cumsum(self.weights[order]) > _NEGLIGIBLE])
        return Ensemble(
            rat=self.bank.ensemble.rat,
            names=self.bank.names,
            values=self.bank.values[kept],
            weight=self.weights[kept] / self.weights[kept].sum(),
            about=made_by(self.request, seed=self.request.seed),
            # What published data on treated rats say about a parameter set holds in this laboratory too.
            likelihood={
                name: rows[self.bank.members[kept]] for name, rows in self.bank.ensemble.likelihood.items()
            },
        )

    def table(self) -> pd.DataFrame:
        """Return what the animals showed next to this rat and its strain: medians with 90 % intervals.

        `animals` is how many animals each value that was shown is read from. The incidence is that of all
        that were observed to the last day or had signs; animals that were lost count in the estimate as long
        as they were observed.
        """
        import pandas as pd

        group, rows = self.group, []
        readings = {"incidence": self.bank.incidence} | dict(zip(MEASURED, self.bank.mean.T, strict=True))
        known = group.sick + group.well
        shown = {"incidence": group.sick / known} | dict(zip(MEASURED, group.mean, strict=True))
        even = np.full(len(self.weights), 1.0 / len(self.weights))
        for name, values in readings.items():
            low, middle, high = weighted_percentiles(values, self.weights, (5, 50, 95))
            before = weighted_percentiles(values, even, (5, 50, 95))
            rows.append(
                {
                    "reading": name,
                    "animals": known if name == "incidence" else group.complete,
                    "shown": shown[name],
                    "predicted": middle,
                    "low": low,
                    "high": high,
                    "strain": before[1],
                    "strain_low": before[0],
                    "strain_high": before[2],
                }
            )
        return pd.DataFrame(rows)

    def courses(self) -> pd.DataFrame:
        """Return the mean score of the living by day, shown and predicted with 95 % intervals.

        Scores are on the model's scale; `animals` were observed, of which `alive` is the share of the living.
        """
        import pandas as pd

        living = self.observed < DEAD_SCORE
        total = np.where(living, self.observed, 0.0).sum(axis=0)
        watched, number = (~np.isnan(self.observed)).sum(axis=0), living.sum(axis=0)
        return pd.DataFrame(
            {
                "day": np.arange(len(number)),
                "animals": watched,
                "alive": np.where(watched > 0, number / np.maximum(watched, 1), np.nan),
                "shown": np.where(number > 0, total / np.maximum(number, 1), np.nan),
                "predicted": self.predicted.mean,
                "predicted_alive": self.predicted.alive,
                "low": self.predicted.mean_low,
                "high": self.predicted.mean_high,
                "rat_low": self.predicted.low,
                "rat_high": self.predicted.high,
            }
        )

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables by the names of their CSV files."""
        return {"rows": self.table(), "courses": self.courses()}

    def write(self, folder: Path) -> None:
        """Write the rat."""
        write_ensemble(folder, _NAME, self.ensemble())

    def shown(self) -> list[Shown]:
        """Return what the terminal prints."""
        return [Shown("your control animals, your rat, and its strain (median, 90 %)", table=self.table())]

    def notes(self) -> list[str]:
        """Return what was left out or assumed."""
        return [*self.read, *self.assumed]

    def closing(self) -> list[str]:
        """Return the next command."""
        return [f"Next: eaesim timing --induction immunisation --rat {{folder}}/{_NAME}"]

    def sentence(self) -> str:
        """Return the result in one sentence; every animal is counted."""
        effective = 1.0 / np.sum(self.weights**2)
        lost = f", {len(self.group.without)} lost before" if len(self.group.without) else ""
        return (
            f"{self.group.animals} control animals, {self.group.sick} with signs by day {self.bank.until}"
            f"{lost}: {effective:.0f} effective of {len(self.weights)} rats of the strain "
            f"{self.bank.ensemble.rat.strain}."
        )
