"""Which experiment would tell the mechanisms apart: expected information about the true one, per animal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from eaesim.endpoints import Floats
from eaesim.estimation.potency import Potencies
from eaesim.estimation.trial import effects, run_arms, together
from eaesim.evidence.judge import DISAGREES
from eaesim.model import Parameters
from eaesim.questions.discriminate.proposals import Proposal, proposals_of, read_proposals
from eaesim.questions.discriminate.request import DiscriminateRequest
from eaesim.questions.discriminate.result import RANKED, DiscriminationResult
from eaesim.questions.mechanisms.answer import bench_of, compete
from eaesim.questions.mechanisms.bench import Bench
from eaesim.questions.mechanisms.trials import simulate_trials
from eaesim.solver import Effort, Progress
from eaesim.study.ensemble import Ensemble
from eaesim.workbench.answer import Answer, Shown
from eaesim.workbench.ensembles import PopulationPlan
from eaesim.workbench.request import asks

if TYPE_CHECKING:
    import pandas as pd

SHOWN = ("title", "given", "animals_per_arm", "bits", "bits_rivals")
# A score has steps of 1, so rounding alone spreads it by this much in each of two arms.
LEAST_VARIANCE = 2 / 12


@dataclass(frozen=True)
class DiscriminatePlan(PopulationPlan):
    """The planned comparison of experiments, on some ensembles."""

    request: DiscriminateRequest

    def summary(self) -> str:
        """Return in a few words what would be done."""
        several = f"{len(self.request.asked())} mechanisms in {self.members} parameter sets"
        return f"{len(read_proposals())} experiments, {several}"


plan = DiscriminatePlan.of


@dataclass(frozen=True)
class Discrimination(DiscriminationResult, Answer):
    """What experiments are expected to tell, with its table and figure.

    Examples
    --------
    >>> found = discriminate(mechanism=["H1a", "H7"], parameter_sets=1, animals=4)
    >>> sorted(found.tables())
    ['discriminate']
    """

    figure_of: ClassVar[str] = "experiments draws the endpoint that each is read by"

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables by the names of their CSV files."""
        return {"discriminate": self.table()}

    def shown(self) -> list[Shown]:
        """Return what the terminal prints."""
        ranked, repeated = self.ranked()[list(SHOWN)], self.repeated()
        found = [Shown(f"not published yet, with {RANKED} animals per arm", table=ranked)]
        if len(repeated):
            title = "repeats of published findings, not ranked"
            found.append(Shown(title, table=repeated[["finding", *SHOWN]]))
        return found


def answer(plan: DiscriminatePlan, effort: Effort) -> Discrimination:
    """Simulate every experiment under each mechanism, at the strength that it has."""
    asked, bench = plan.request, bench_of(plan, effort)
    if asked.of_ivig:
        return _of_ivig(asked, bench, effort.progress)
    proposals = proposals_of(asked.drug, str(asked.dose))
    arms = simulate_trials(
        {name: each.trial for name, each in proposals.items()},
        asked.asked(),
        bench.seeded(asked.seed + 2),
        drug=asked.drug,
        seed=asked.seed,
        progress=effort.progress,
    )
    found = {name: _compared(*both) for name, both in arms.items()}
    return _discrimination(asked, proposals, found, np.ones(len(asked.asked())), asked.asked())


def _of_ivig(asked: DiscriminateRequest, bench: Bench, progress: Progress | None) -> Discrimination:
    """Give each mechanism of IVIG its strength, and simulate every experiment under each of them."""
    names, proposals = asked.asked(), read_proposals()
    trials = {name: each.trial for name, each in proposals.items()}
    groups = together(trials)
    total = len(names) + len(groups)
    first = progress and (lambda done, _: progress(done, total))
    competed = compete(names, bench, seed=asked.seed, progress=first)
    treated = {strain: _treated(rats, competed.potencies, names) for strain, rats in bench.typical.items()}
    # Under each mechanism, parameter sets are weighted by the likelihood of the calibration data.
    counted = np.array([competed.potencies[name].chosen() for name in names])
    found: dict[str, tuple[Floats, ...]] = {}
    others = bench.seeded(asked.seed + 2)
    for done, group in enumerate(groups):
        strain = trials[group[0]].experiment.strain
        arms = run_arms(
            [trials[name] for name in group],
            others.controls(strain),
            treated[strain],
        )
        for name, (dosed, control) in zip(group, arms, strict=True):
            compared = _compared(dosed.reshape(len(control), len(names), -1), control)
            found[name] = tuple(np.take_along_axis(part, counted, axis=1) for part in compared)
        if progress is not None:
            progress(len(names) + done + 1, total)
    ranking = competed.ranking().set_index("mechanism").loc[list(names)]
    score = ranking["score"].to_numpy(dtype=float)
    weight = np.exp(score - score.max()) if asked.prior == "score" else np.ones(len(names))
    rivals = tuple(ranking.index[ranking[DISAGREES] == 0])
    return _discrimination(asked, proposals, found, weight, rivals)


def _discrimination(
    asked: DiscriminateRequest,
    proposals: Mapping[str, Proposal],
    found: Mapping[str, tuple[Floats, ...]],
    weight: Floats,
    rivals: tuple[str, ...],
) -> Discrimination:
    differences, variances, shares = (
        np.array([found[name][part] for name in proposals]) for part in range(3)
    )
    return Discrimination(
        asked,
        proposals=proposals,
        differences=differences,
        variances=variances,
        effects=shares,
        weight=weight,
        rivals=rivals,
    )


@asks(DiscriminateRequest)
def discriminate(ensembles: Mapping[str, Ensemble] | None, request: DiscriminateRequest) -> Discrimination:
    """Ask of every experiment that could be run how much it is expected to tell about the mechanism.

    Each mechanism of IVIG gets its strength from the calibration data; those of another drug have that of its
    file. What a laboratory sees is the difference
    between the means of a treated and an untreated arm: it has the mean and the variance between animals of
    a parameter set of the ensemble, which nobody knows.

    Parameters
    ----------
    ensembles
        Ensembles of ``"lewis"`` and ``"da"``, made together; None: those that the settings name.

    Raises
    ------
    UnknownNameError
        If a mechanism, the prior, a parameter, or the ensemble of a strain is not there.
    QuantityError
        If there are fewer parameter sets, or a number is out of range.

    Examples
    --------
    >>> found = discriminate(mechanism=["H1a", "H7"], parameter_sets=1, animals=4)
    >>> found.mechanisms
    ('H1a', 'H7')
    """
    return answer(plan(ensembles, request), request.effort)


def _treated(
    rats: Sequence[Parameters], potencies: Mapping[str, Potencies], names: Sequence[str]
) -> list[Parameters]:
    """Return every rat with each mechanism switched on, the mechanisms of one rat side by side."""
    columns = [potencies[name].switched_on(rats, range(len(rats))) for name in names]
    return [rat for row in zip(*columns, strict=True) for rat in row]


def _compared(treated: Floats, control: Floats) -> tuple[Floats, Floats, Floats]:
    """Return difference of means, variance between animals in both arms, and effect.

    `treated` is of shape (members, mechanisms, rats), `control` (members, rats), and each result (mechanisms,
    members); NaN where fewer than two rats have a value.
    """
    control = np.broadcast_to(control[:, None], treated.shape)
    known = ~np.isnan(treated + control)
    count = known.sum(axis=-1)
    enough = np.where(count > 1, count, np.nan)
    means, variances = [], []
    for arm in (treated, control):
        mean = np.where(known, arm, 0.0).sum(axis=-1) / enough
        off = np.where(known, arm - mean[..., None], 0.0)
        means.append(mean)
        variances.append((off**2).sum(axis=-1) / (enough - 1))
    spread = np.maximum(variances[0] + variances[1], LEAST_VARIANCE)
    return (means[0] - means[1]).T, spread.T, effects(treated, control).T
