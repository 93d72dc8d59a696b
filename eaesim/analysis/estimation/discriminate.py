"""Which experiment would tell the mechanisms apart: expected information about the true one, per animal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from eaesim.analysis.estimation.budget import check_budget
from eaesim.analysis.estimation.discrimination import Discrimination
from eaesim.analysis.estimation.ensembles import member_count
from eaesim.analysis.estimation.findingtrials import with_potencies
from eaesim.analysis.estimation.mechanisms import ANIMALS, MEMBERS
from eaesim.analysis.estimation.mechanisms import mechanisms as compete
from eaesim.analysis.estimation.potency import Potencies
from eaesim.analysis.estimation.proposals import Proposal, read_proposals
from eaesim.analysis.estimation.trial import effects, run_arms
from eaesim.endpoints import Floats
from eaesim.errors import QuantityError, unknown_name
from eaesim.evidence.judge import DISAGREES
from eaesim.model import MECHANISMS, Parameters
from eaesim.solver import Progress
from eaesim.study.ensemble import Ensemble

PRIORS = ("equal", "score")
# A score has steps of 1, so rounding alone spreads it by this much in each of two arms.
LEAST_VARIANCE = 2 / 12


def discriminate(
    ensembles: Mapping[str, Ensemble],
    *,
    members: int | None = None,
    animals: int = ANIMALS,
    seed: int = 1,
    mechanisms: Sequence[str] = tuple(MECHANISMS),
    prior: str = "equal",
    workers: int | None = None,
    progress: Progress | None = None,
) -> Discrimination:
    """Ask of every experiment that could be run how much it is expected to tell about the mechanism.

    Each mechanism gets its strength from the calibrating rows. What a laboratory sees is the difference
    between the means of a treated and an untreated arm: it has the mean and the variance between animals of
    a member of the ensemble, which nobody knows.

    Parameters
    ----------
    ensembles
        Of ``"lewis"`` and ``"da"``, made together.
    members, animals
        How many members, and rats in each population.
    seed
        Of the rats.
    mechanisms
        At least two, by default each single one.
    prior
        ``"equal"``, or ``"score"``: as probable as calibrating and validating rows make each mechanism.
    workers
        Threads; they change no result.
    progress
        Called with the part that is done and the whole.

    Raises
    ------
    UnknownNameError
        If a mechanism, the prior, or the ensemble of a strain is not there.
    QuantityError
        If there are fewer than two mechanisms, or a number is too small.
    """
    names = tuple(dict.fromkeys(mechanisms))
    if prior not in PRIORS:
        raise unknown_name(prior, "prior", PRIORS)
    if len(names) < 2:
        raise QuantityError("fewer than two mechanisms are given; there is nothing to tell apart.")
    members = member_count(ensembles.values(), members, default=MEMBERS)
    check_budget(animals=animals, seed=seed)
    proposals = read_proposals()
    groups = _together(proposals)
    total = len(names) + len(groups)
    competed = compete(
        ensembles,
        names=names,
        members=members,
        animals=animals,
        seed=seed,
        workers=workers,
        progress=None if progress is None else lambda done, _: progress(done, total),
    )
    count = competed.members
    typical = {
        strain: [rat.parameters("none") for rat in ensemble.members(count)]
        for strain, ensemble in ensembles.items()
    }
    treated = {strain: _treated(rats, competed.potencies, names) for strain, rats in typical.items()}
    # Under each mechanism, members count as the calibrating rows make them likely.
    counted = np.array([competed.potencies[name].chosen() for name in names])
    found: dict[str, tuple[Floats, ...]] = {}
    for done, group in enumerate(groups):
        strain = group[0].trial.experiment.strain
        arms = run_arms(
            [each.trial for each in group],
            typical[strain],
            treated[strain],
            entries=ensembles[strain].rat.entries,
            animals=animals,
            seed=seed + 2,
            workers=workers,
        )
        for each, (dosed, control) in zip(group, arms, strict=True):
            compared = _compared(dosed.reshape(count, len(names), -1), control)
            found[each.name] = tuple(np.take_along_axis(part, counted, axis=1) for part in compared)
        if progress is not None:
            progress(len(names) + done + 1, total)
    differences, variances, shares = (
        np.array([found[name][part] for name in proposals]) for part in range(3)
    )
    ranking = competed.ranking().set_index("mechanism").loc[list(names)]
    score = ranking["score"].to_numpy(dtype=float)
    return Discrimination(
        proposals=proposals,
        mechanisms=names,
        differences=differences,
        variances=variances,
        effects=shares,
        weight=np.exp(score - score.max()) if prior == "score" else np.ones(len(names)),
        rivals=tuple(ranking.index[ranking[DISAGREES] == 0]),
        prior=prior,
        animals=animals,
        seed=seed,
    )


def _treated(
    rats: Sequence[Parameters], potencies: Mapping[str, Potencies], names: Sequence[str]
) -> list[Parameters]:
    """Return every rat with each mechanism switched on, the mechanisms of one rat side by side."""
    columns = [with_potencies(rats, potencies[name], range(len(rats))) for name in names]
    return [rat for row in zip(*columns, strict=True) for rat in row]


def _compared(treated: Floats, control: Floats) -> tuple[Floats, Floats, Floats]:
    """Return difference of means, variance between animals in both arms, and effect.

    Parameters
    ----------
    treated
        Shape (members, mechanisms, rats).
    control
        Shape (members, rats).

    Returns
    -------
    tuple of arrays
        Each of shape (mechanisms, members); NaN where fewer than two rats have a value.
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


def _together(proposals: Mapping[str, Proposal]) -> list[list[Proposal]]:
    """Return proposals that differ in what is read alone, which one simulation serves."""
    groups: dict[tuple[object, ...], list[Proposal]] = {}
    for each in proposals.values():
        trial = each.trial
        donors = trial.donors and (trial.donors.name, trial.donors.design.until)
        key = (trial.experiment.name, trial.experiment.design.until, repr(trial.dose), trial.day, donors)
        groups.setdefault(key, []).append(each)
    return list(groups.values())
