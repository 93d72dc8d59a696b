"""What each mechanism of another drug than IVIG predicts of the trials that IVIG is known from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from eaesim.endpoints import Floats
from eaesim.estimation.trial import AT_ONSET, Trial, effects
from eaesim.model.pharmacy import load_drug
from eaesim.protocol.quantity import number_text
from eaesim.questions.mechanisms.bench import Bench
from eaesim.questions.mechanisms.request import MechanismsRequest
from eaesim.questions.mechanisms.trials import finding_trials, given_by_its_routes, simulate_trials, with_drug
from eaesim.solver import Progress
from eaesim.workbench.answer import Answer, Shown

if TYPE_CHECKING:
    import pandas as pd

# Bounds and middle of what the parameter sets predict.
QUANTILES = (0.05, 0.5, 0.95)


@dataclass(frozen=True)
class DrugMechanisms(Answer):
    """What each mechanism of another drug than IVIG predicts; no finding on IVIG is compared with it.

    Attributes
    ----------
    request
        The settings.
    trials
        What was simulated, by name.
    effects
        1 - treated / untreated of the means in every parameter set, shape (members, mechanisms), by trial.
    mechanisms
        The mechanisms, in order.
    members
        Number of parameter sets.

    Examples
    --------
    >>> from eaesim import mechanisms
    >>> asked = {"drug": "methylprednisolone", "dose": "30 mg/kg", "mechanism": ["t_cells"]}
    >>> found = mechanisms(**asked, parameter_sets=1, animals=4)
    >>> sorted(found.tables())
    ['predictions']
    """

    drawn_by: ClassVar[str] = "figurepredicted"
    figure_of: ClassVar[str] = "mechanisms draws each trial by its own endpoint"

    request: MechanismsRequest
    trials: Mapping[str, Trial]
    effects: Mapping[str, Floats]
    mechanisms: tuple[str, ...]
    members: int

    def table(self) -> pd.DataFrame:
        """Return a row for every trial and mechanism: the columns of ``predictions.csv``.

        ``predicted`` is the effect in the median parameter set, and ``low`` and ``high`` hold 90 % of the
        sets: NaN where untreated rats show nothing. Nothing is published about them.
        """
        return self._table.copy()

    @cached_property
    def _table(self) -> pd.DataFrame:
        import pandas as pd

        rows = []
        for name, trial in self.trials.items():
            for column, mechanism in enumerate(self.mechanisms):
                draws = self.effects[name][:, column]
                known = draws[~np.isnan(draws)]
                low, middle, high = np.quantile(known, QUANTILES) if len(known) else [np.nan] * 3
                rows.append(
                    {
                        "trial": trial_words(trial),
                        "mechanism": mechanism,
                        "experiment": trial.experiment.name,
                        "dose": trial.dose.text(),
                        "route": trial.dose.route,
                        "day": trial.day,
                        "endpoint": trial.endpoint,
                        "predicted": float(middle),
                        "low": float(low),
                        "high": float(high),
                    }
                )
        return pd.DataFrame(rows)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the table by the name of its CSV file."""
        return {"predictions": self.table()}

    def shown(self) -> list[Shown]:
        """Return what the terminal prints."""
        short = self.table()[["trial", "mechanism", "predicted", "low", "high"]]
        title = f"effect of {self.request.drug} by its mechanism; 90 % of the parameter sets"
        return [Shown(title, table=short)]

    def sentence(self) -> str:
        """Return the largest effect of each mechanism, and what its strength rests on, a line for each."""
        lines = []
        for mechanism in self.mechanisms:
            if "+" in mechanism and len(self.mechanisms) > 1:
                continue
            rows = self._table[self._table["mechanism"] == mechanism].dropna(subset="predicted")
            if not len(rows):
                lines.append(f"{mechanism}: untreated rats show nothing to prevent.")
                continue
            best = rows.sort_values("predicted").to_dict("records")[-1]
            percent = {name: f"{100 * best[name]:.0f} %" for name in ("predicted", "low", "high")}
            lines.append(
                f"{mechanism} prevents most in {best['trial']}: {percent['predicted']} "
                f"({percent['low']} to {percent['high']})."
            )
        return "\n".join(lines)

    def notes(self) -> list[str]:
        """Return what the strength of the drug rests on."""
        return [strength_words(self.request.drug)]


def strength_words(drug: str) -> str:
    """Return in a sentence where the strength of a drug other than IVIG comes from.

    Examples
    --------
    >>> strength_words("late_acting").partition(";")[0]
    'the strength of late_acting is that of its file'
    """
    entries = load_drug(drug).parameters.values()
    spread = sum(entry.low < entry.high for entry in entries)
    several = f"{spread} of its {len(entries)} parameters are" if spread else "none of its parameters is"
    return (
        f"the strength of {drug} is that of its file; {several} spread over bounds as parameter uncertainty; "
        "no finding set it, and findings on IVIG are not compared with it."
    )


def trial_words(trial: Trial) -> str:
    """Return what a trial is in few words.

    Examples
    --------
    >>> trial_words(finding_trials()["A5"])
    'Lewis immunised, 1 g/kg on day 7: peak score'
    """
    from eaesim.workbench.figure.words import readable

    day = trial.day
    when = "at first signs" if day == AT_ONSET else f"on day {number_text(float(day))}"
    route = "" if trial.dose.route == "iv" else f" {trial.dose.route}"
    return f"{readable(trial.experiment.name)}, {trial.dose.text()}{route} {when}: {readable(trial.endpoint)}"


def predict(
    request: MechanismsRequest, mechanisms: Sequence[str], bench: Bench, progress: Progress | None
) -> DrugMechanisms:
    """Simulate the trials of the findings on IVIG with another drug, by each of its mechanisms."""
    dose = str(request.dose)
    of_ivig = given_by_its_routes(finding_trials(), request.drug)
    trials = {name: with_drug(trial, dose, drug=request.drug) for name, trial in of_ivig.items()}
    arms = simulate_trials(trials, mechanisms, bench, drug=request.drug, seed=request.seed, progress=progress)
    found = {
        name: effects(dosed, np.broadcast_to(control[:, None], dosed.shape))
        for name, (dosed, control) in arms.items()
    }
    return DrugMechanisms(request, trials, found, tuple(mechanisms), bench.members)
