"""Estimating a laboratory's own rat from the daily scores of its control animals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from eaesim.endpoints import Floats, scores_with_dead
from eaesim.estimation.bank import LEAST_SETS, Bank, build_bank, simulate_immunised
from eaesim.estimation.ensembles import read_ensembles
from eaesim.estimation.group import Group, read_watched
from eaesim.evidence.firstlook import first_look
from eaesim.evidence.laboratoryendpoints import LaboratoryEndpoints
from eaesim.evidence.laboratorywords import arm_note
from eaesim.files import Content
from eaesim.model import load
from eaesim.questions.fit.laboratory.request import LaboratoryRequest
from eaesim.questions.fit.laboratory.result import LaboratoryFit, Predicted
from eaesim.solver import Effort
from eaesim.study.ensemble import Ensemble
from eaesim.workbench.answer import Plan
from eaesim.workbench.request import asks

if TYPE_CHECKING:
    from eaesim.evidence.scorerequest import ScoreTable

# Factor by which more sets are tried where few match the animals.
MORE = 4
# Laboratories that are simulated for the predicted courses, and the most rats in each.
PREDICTED, MOST_RATS = 400, 40
#: The model's scale of scores, of which the top is death.
MODEL_SCALE = 5.0


@dataclass(frozen=True)
class LaboratoryPlan(Plan):
    """A fit of scores that were read from `source`, in the units of their file."""

    request: LaboratoryRequest
    source: Mapping[str, str]
    result: LaboratoryEndpoints
    ensemble: Ensemble

    def settings(self) -> dict[str, Content]:
        """Return everything that decides the result."""
        asked = self.request
        rat = {"rat": asked.rat, "ensemble": self.ensemble.fingerprint}
        return {**self.source, **rat, "seed": asked.seed, **asked.changed()}

    def summary(self) -> str:
        """Return in a few words what would be done."""
        scores = self.result.scores
        control = f"{len(scores.animals(scores.control))} animals of {scores.control}"
        return f"{self.request.sets} sets of {self.request.rat} weighed by {control}"


def plan(table: ScoreTable, request: LaboratoryRequest) -> LaboratoryPlan:
    """Read the scores, and the ensemble of the strain."""
    scores, source = request.read(table)
    result = LaboratoryEndpoints(scores, lost=request.lost, signs=request.signs)
    ensemble = read_ensembles(rats=[request.rat])[load(request.rat).strain]
    return LaboratoryPlan(request, source, result, ensemble)


def answer(plan: LaboratoryPlan, effort: Effort) -> LaboratoryFit:
    """Weigh sets of the strain, each in its own laboratory.

    Each control animal counts as long as it was observed (`eaesim.estimation.group.log_likelihood`).

    Raises
    ------
    ProtocolError
        If the animals are too few, or none is ill.
    NothingComputedError
        If no rat of the strain does what they did.
    """
    request, (mapped, scaled) = plan.request, on_model_scale(plan.result)
    control = mapped.scores.control
    seen = mapped.watched(control)
    group = read_watched(seen, before=mapped.before_onset(control))
    for factor in (1, MORE):
        bank = build_bank(
            plan.ensemble,
            until=seen.until,
            signs=mapped.signs,
            sets=factor * request.sets,
            seed=request.seed,
            workers=effort.workers,
            progress=effort.progress,
        )
        # Many animals leave few matching sets: more sets may help.
        if bank.effective(group) >= LEAST_SETS:
            break
    weights = bank.weights(group)
    observed = scores_with_dead(seen.score, seen.death_day)
    predicted = predict(bank, weights, animals=len(observed), seed=request.seed, workers=effort.workers)
    assumed = tuple(note for note in (scaled, *_group_notes(control, group)) if note)
    return LaboratoryFit(request, bank, group, weights, observed, predicted, _read(plan), assumed)


def _read(plan: LaboratoryPlan) -> tuple[str, ...]:
    """Return what was left out or assumed in reading the scores, and what is unusual in them."""
    result, scores = plan.result, plan.result.scores
    notes = [*scores.notes, arm_note(result, scores.control)]
    notes += first_look(result, strain=plan.ensemble.rat.strain)
    if scores.mice:
        notes.append(f'the file speaks of mice ("{scores.mice}"); the rat model is fitted to them.')
    return tuple(filter(None, notes))


def on_model_scale(result: LaboratoryEndpoints) -> tuple[LaboratoryEndpoints, str]:
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
    """Simulate the courses of a laboratory's rat; so many animals are in each mean."""
    random = np.random.default_rng([seed, 13])
    drawn = random.choice(len(weights), PREDICTED, p=weights)
    animals = min(animals, MOST_RATS)
    seen = simulate_immunised(
        bank.ensemble.rat,
        bank.names,
        bank.values[drawn],
        until=bank.until,
        animals=animals,
        seed=seed + 1,
        are_apart=True,
        workers=workers,
    )
    days = bank.until + 1
    lives = np.arange(days) < seen.death_day[..., None]
    score = np.where(lives, seen.score[:, :, :days], np.nan)
    count = (~np.isnan(score)).sum(axis=1)
    means = np.nansum(score, axis=1) / np.where(count > 0, count, np.nan)
    low, _, high = _quantiles(score.reshape(-1, days))
    mean_low, mean, mean_high = _quantiles(means)
    return Predicted(animals, low, high, mean, mean_low, mean_high, lives.mean(axis=(0, 1)))


def _quantiles(values: Floats) -> Floats:
    """Return the ends and the middle of the central 95 % by day; NaN on days without a value."""
    found = np.full((3, values.shape[1]), np.nan)
    known = ~np.isnan(values).all(axis=0)
    found[:, known] = np.nanpercentile(values[:, known], (2.5, 50, 97.5), axis=0)
    return found


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


@asks(LaboratoryRequest)
def fit_scores(table: ScoreTable, request: LaboratoryRequest) -> LaboratoryFit:
    """Estimate a laboratory's rat from the daily scores of its control animals.

    Parameters
    ----------
    table
        A ``.csv``, ``.tsv``, ``.txt`` or ``.xlsx`` file, or a data frame with the same columns.

    Raises
    ------
    FileError
        If it cannot be read, or its layout is not clear.
    ProtocolError
        If the control animals are too few, or none is ill.
    NothingComputedError
        If no rat of the strain does what they did.

    Examples
    --------
    >>> import pandas as pd
    >>> onsets, course = [10, 11, 12, 10, 11], [1.0, 2.0, 3.0, 3.0, 2.0, 1.0]
    >>> rows = [[0.0] * onset + course + [0.0] * (16 - onset) for onset in onsets]
    >>> table = pd.DataFrame(rows).assign(rat=range(5), group="PBS")
    >>> fit_scores(table, sets=500).group.sick
    5
    """
    return answer(plan(table, request), request.effort)
