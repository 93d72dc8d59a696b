"""A laboratory's own rat: its strain's ensemble, moved as far as the scores of its control animals ask."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from eaesim.analysis.estimation.bank import LEAST_SETS, SETS, Bank, build_bank, typical_rats
from eaesim.analysis.estimation.group import MEASURED, Group, read_watched
from eaesim.analysis.estimation.population import read_experiments, simulate_populations
from eaesim.analysis.estimation.rats import drawn_rats
from eaesim.analysis.estimation.trial import shortened
from eaesim.endpoints import Floats, scores_with_dead
from eaesim.solver import Progress
from eaesim.study.ensemble import Ensemble

if TYPE_CHECKING:
    import pandas as pd

    from eaesim.evidence import LaboratoryResult

# By so much more sets are tried where few come near the animals.
MORE = 4
# Weights that sum up to this little are left out of what is written.
_NEGLIGIBLE = 1e-3
# Laboratories that are simulated for the predicted courses, and the most rats in each.
PREDICTED, MOST_RATS = 400, 40
#: The model's scale of scores, of which the top is death.
MODEL_SCALE = 5.0


@dataclass(frozen=True)
class Predicted:
    """What the laboratory's rat is predicted to do, day by day: central 90 % intervals.

    Attributes
    ----------
    animals
        Rats in each mean.
    low, high
        Of the score of single rats, shape (days,).
    mean, mean_low, mean_high
        Of the mean score of so many rats: median and interval.
    """

    animals: int
    low: Floats
    high: Floats
    mean: Floats
    mean_low: Floats
    mean_high: Floats


@dataclass(frozen=True)
class LaboratoryFit:
    """A laboratory's rat.

    Attributes
    ----------
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
    notes
        What was assumed.
    """

    bank: Bank
    group: Group
    weights: Floats
    observed: Floats | None = None
    predicted: Predicted | None = None
    notes: tuple[str, ...] = ()

    def ensemble(self, about: dict[str, object]) -> Ensemble:
        """Return the sets that count, with their weights."""
        order = np.argsort(self.weights)
        kept = np.sort(order[np.cumsum(self.weights[order]) > _NEGLIGIBLE])
        return Ensemble(
            rat=self.bank.ensemble.rat,
            names=self.bank.names,
            values=self.bank.values[kept],
            weight=self.weights[kept] / self.weights[kept].sum(),
            about=about,
            # What published rows on treated rats say of a member holds in this laboratory too.
            likelihood={
                name: rows[self.bank.members[kept]] for name, rows in self.bank.ensemble.likelihood.items()
            },
        )

    def table(self) -> pd.DataFrame:
        """Return what the animals showed beside this rat and its strain: medians with 90 % intervals.

        `animals` is how many animals each value that was shown is read from. The incidence is that of all
        that were watched to the last day or had signs; animals that were lost count in the estimate as far as
        they were watched.
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
        """Return for every day the mean score that was shown, and what is predicted, on the model's scale."""
        import pandas as pd

        if self.observed is None or self.predicted is None:
            return pd.DataFrame()
        watched = ~np.isnan(self.observed)
        total = np.where(watched, self.observed, 0.0).sum(axis=0)
        number = watched.sum(axis=0)
        return pd.DataFrame(
            {
                "day": np.arange(len(number)),
                "animals": number,
                "shown": np.where(number > 0, total / np.maximum(number, 1), np.nan),
                "predicted": self.predicted.mean,
                "low": self.predicted.mean_low,
                "high": self.predicted.mean_high,
                "rat_low": self.predicted.low,
                "rat_high": self.predicted.high,
            }
        )

    def sentence(self) -> str:
        """Return the result in one sentence; every animal is counted."""
        effective = 1.0 / np.sum(self.weights**2)
        lost = f", {len(self.group.without)} lost before" if len(self.group.without) else ""
        return (
            f"{self.group.animals} control animals, {self.group.sick} with signs by day {self.bank.until}"
            f"{lost}: {effective:.0f} effective of {len(self.weights)} rats of the strain "
            f"{self.bank.ensemble.rat.strain}."
        )


def weighted_percentiles(values: Floats, weights: Floats, shares: tuple[float, ...]) -> tuple[float, ...]:
    """Return percentiles of weighted values.

    Examples
    --------
    >>> weighted_percentiles(np.array([3.0, 1.0, 2.0]), np.array([0.1, 0.1, 0.8]), (50,))
    (2.0,)
    """
    order = np.argsort(values)
    reached = np.cumsum(weights[order])
    places = np.searchsorted(reached, np.array(shares) / 100 * reached[-1])
    return tuple(float(value) for value in values[order][np.minimum(places, len(values) - 1)])


def on_model_scale(result: LaboratoryResult) -> tuple[LaboratoryResult, str]:
    """Return a laboratory's scores on the model's scale of 0 to 5, and a line that says what was done.

    Scores of the living are multiplied by 5 / the top of the laboratory's scale (or its score of death, if
    that is higher), and the dead score 5. The line is empty where the scales are the same.
    """
    scores = result.scores
    top = max(scores.scale_max, scores.dead_score)
    factor = MODEL_SCALE / top
    own = replace(
        scores, score=scores.score * factor, scale_max=MODEL_SCALE, dead_score=MODEL_SCALE, notes=scores.notes
    )
    mapped = replace(result, scores=own, dead="score", signs=min(result.signs * factor, MODEL_SCALE))
    if factor == 1 and scores.dead_score == MODEL_SCALE:
        return mapped, ""
    return mapped, (
        f"scores are multiplied by {factor:.4g} to lie on the model's scale of 0 to 5 (0 to {top:g} here), "
        f"and the dead score 5; signs: {result.signs:g} or more, in the model {mapped.signs:.3g} or more."
    )


def predict(bank: Bank, weights: Floats, *, animals: int, seed: int, workers: int | None = None) -> Predicted:
    """Simulate the courses of a laboratory's rat.

    Parameters
    ----------
    bank, weights
        The sets, and how much each counts.
    animals
        Rats in each mean.
    seed
        Of the sets drawn and their rats.
    workers
        Threads.
    """
    random = np.random.default_rng([seed, 13])
    drawn = random.choice(len(weights), PREDICTED, p=weights)
    rat, animals = bank.ensemble.rat, min(animals, MOST_RATS)
    experiment = shortened(read_experiments()[f"{rat.strain}_immunised"], bank.until)
    seen = simulate_populations(
        experiment,
        typical_rats(rat.parameters(), bank.names, bank.values[drawn]),
        entries=rat.entries,
        # Each laboratory has rats of its own.
        rats=drawn_rats(animals, seed=seed + 1, days=experiment.days, populations=PREDICTED),
        workers=workers,
    )
    days = bank.until + 1
    score = seen.score[:, :, :days].reshape(-1, days)
    score = scores_with_dead(score, seen.death_day.reshape(-1))
    low, high = np.nanpercentile(score, (5, 95), axis=0)
    means = np.nanmean(score.reshape(PREDICTED, animals, days), axis=1)
    mean_low, mean, mean_high = np.nanpercentile(means, (5, 50, 95), axis=0)
    return Predicted(animals, low, high, mean, mean_low, mean_high)


def fit_scores(
    result: LaboratoryResult,
    ensemble: Ensemble,
    *,
    sets: int = SETS,
    seed: int = 1,
    workers: int | None = None,
    progress: Progress | None = None,
) -> LaboratoryFit:
    """Estimate a laboratory's rat from the daily scores of its control animals.

    Every control animal counts as far as it was watched (`eaesim.analysis.estimation.group.log_likelihood`).

    Parameters
    ----------
    result
        The scores, in the units of their file.
    ensemble
        Of the strain.
    sets
        Rats of the strain that are tried.
    seed
        Of them.
    workers
        Threads.
    progress
        Called with the number of sets done and their total.

    Raises
    ------
    ProtocolError
        If the animals are too few, or none is ill.
    NothingComputedError
        If no rat of the strain does what they did.
    """
    mapped, scaled = on_model_scale(result)
    control = mapped.scores.control
    seen = mapped.watched(control)
    group = read_watched(seen, before=mapped.before_onset(control))
    for factor in (1, MORE):
        bank = build_bank(
            ensemble,
            until=seen.until,
            signs=mapped.signs,
            sets=factor * sets,
            seed=seed,
            workers=workers,
            progress=progress,
        )
        # Many animals leave few sets that come near them: more sets may do.
        if bank.effective(group) >= LEAST_SETS:
            break
    weights = bank.weights(group)
    observed = scores_with_dead(seen.score, seen.death_day)
    predicted = predict(bank, weights, animals=len(observed), seed=seed, workers=workers)
    notes = tuple(note for note in (scaled, *_group_notes(control, group)) if note)
    return LaboratoryFit(bank, group, weights, observed, predicted, notes)


def _group_notes(arm: str, group: Group) -> list[str]:
    """Say how animals that are not wholly known count."""
    notes = []
    if count := len(group.without):
        notes.append(f"{count} lost without signs count by the chance of none until then")
    if count := len(group.onset):
        notes.append(f"{count} lost with signs count by their onset and a peak of at least what was read")
    if count := len(group.by):
        notes.append(f"{count} not read just before their first sign count by the chance of one in between")
    return [f"{arm}: {'; '.join(notes)}."] if notes else []
