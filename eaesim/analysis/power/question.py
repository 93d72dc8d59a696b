"""The question of a power analysis: how many animals show the effect."""

from __future__ import annotations

from collections.abc import Sequence

from eaesim.analysis.power.plan import (
    ALPHA,
    ANIMALS,
    ENDPOINTS,
    POOL,
    STUDIES,
    WANTED,
    PowerPlan,
    plan_power,
)
from eaesim.analysis.power.pool import make_pool
from eaesim.analysis.power.result import Power
from eaesim.analysis.power.trials import Trials
from eaesim.solver import Progress
from eaesim.study import Study


def power(
    study: Study,
    *,
    endpoints: Sequence[str] = ENDPOINTS,
    arms: Sequence[str] | None = None,
    animals: Sequence[int] = ANIMALS,
    studies: int = STUDIES,
    pool: int = POOL,
    members: int | None = None,
    wanted: float = WANTED,
    alpha: float = ALPHA,
    dropout: float | str = 0.0,
    correction: str = "none",
    dead: str = "score",
    seed: int = 1,
    progress: Progress | None = None,
) -> Power:
    """Ask how many animals an arm needs to show its effect against the control.

    A pool of virtual rats is simulated once; studies are drawn from it, every arm with rats of its own. Each
    study takes place in one member of the ensemble, for one of them is the truth; power is the mean over
    members.

    Parameters
    ----------
    study
        Its control is what every other arm is compared with.
    endpoints
        Any of ``peak_score`` and ``cumulative_score`` (Mann-Whitney), ``incidence`` and ``mortality``
        (Fisher), ``onset_day`` (log-rank, rats without signs censored); the first decides.
    arms
        Which arms are compared; by default all.
    animals
        The numbers of animals in each arm that are tried.
    studies, pool
        How many studies are drawn for each number, and from how many rats; both are raised to a multiple of
        the members.
    members
        Parameter sets of the ensemble, by default 20 where the rat has one.
    wanted, alpha
        The power, and the level of each two-sided test.
    dropout
        Share of the animals lost by the last day, or a text such as ``"1 % per day"``. The rest of an
        animal's readings is missing then, and is treated as ``eaesim scores --lost exclude`` treats it: the
        peak is of what was read, there is no cumulative score, onset is censored. The dead are not lost.
    correction
        For several arms: ``none``, ``holm`` or ``bonferroni``; endpoints are not corrected for.
    dead
        The rule for the dead.
    seed
        Of the rats and of the drawing.
    progress
        Called with the number of runs done and their total.

    Raises
    ------
    UnknownNameError
        If an endpoint, an arm, a correction or a rule for the dead is not known.
    ProtocolError, QuantityError
        If a value is not of its kind, out of range, or there is nothing to compare.
    NothingComputedError
        If every rat failed.

    Examples
    --------
    >>> from eaesim.protocol import Arm, Bolus
    >>> study = Study("lewis", until=20, arms=[Arm("vehicle"), Arm("day 0", Bolus("1 g/kg").at(day=0))])
    >>> found = power(study, animals=[5, 10], studies=640, pool=640, endpoints=["peak_score"])
    >>> found.table()["animals"].tolist()
    [5, 10]
    """
    plan = plan_power(
        study,
        endpoints=endpoints,
        arms=arms,
        animals=animals,
        studies=studies,
        pool=pool,
        members=members,
        wanted=wanted,
        alpha=alpha,
        dropout=dropout,
        correction=correction,
        dead=dead,
    )
    return run_power(plan, seed=seed, progress=progress)


def run_power(plan: PowerPlan, *, seed: int = 1, progress: Progress | None = None) -> Power:
    """Answer a plan from `plan_power`.

    Raises
    ------
    NothingComputedError
        If every rat failed.
    """
    return Power(plan, Trials(make_pool(plan, seed=seed, progress=progress)), seed)
