"""Mechanisms compete: each gets its strength from the calibration data, and is held to every finding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from itertools import combinations
from typing import TYPE_CHECKING, ClassVar

from eaesim.endpoints import Floats
from eaesim.estimation.potency import Potencies, estimate_potencies
from eaesim.estimation.trial import effects, run_arms, together
from eaesim.questions.mechanisms.bench import Bench
from eaesim.questions.mechanisms.judged import Rows, judge_rows
from eaesim.questions.mechanisms.predicted import DrugMechanisms, predict
from eaesim.questions.mechanisms.request import MechanismsRequest
from eaesim.questions.mechanisms.result import MechanismsResult
from eaesim.questions.mechanisms.rows import of_runs, read_rows
from eaesim.questions.mechanisms.trials import finding_trials
from eaesim.solver import Effort, Progress
from eaesim.study.ensemble import Ensemble
from eaesim.workbench.answer import Answer, Shown
from eaesim.workbench.ensembles import PopulationPlan
from eaesim.workbench.request import asks

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class MechanismsPlan(PopulationPlan):
    """Mechanisms to be held to the findings on some ensembles."""

    request: MechanismsRequest

    def __post_init__(self) -> None:
        """Make sure that doses are given for findings that there are."""
        super().__post_init__()
        finding_trials(self.request.given)

    @property
    def mechanisms(self) -> tuple[str, ...]:
        """The mechanisms that are asked: by default each, and every pair."""
        single = self.request.asked()
        return self.request.mechanism or (*single, *map("+".join, combinations(single, 2)))

    def summary(self) -> str:
        """Return in a few words what would be done."""
        count = len(self.mechanisms)
        return f"{count} mechanism{'s' * (count > 1)} in {self.members} parameter sets of the ensembles"


plan = MechanismsPlan.of


@dataclass(frozen=True)
class Mechanisms(MechanismsResult, Answer):
    """How mechanisms compare with the findings; `rows` are those of tables A, B and E, with verdicts.

    Examples
    --------
    >>> found = mechanisms(mechanism=["H1a"], parameter_sets=1, animals=4)
    >>> sorted(found.tables())
    ['mechanisms', 'ranking', 'rows', 'validation']
    """

    rows: Rows = field(kw_only=True)
    figure_of: ClassVar[str] = "mechanisms draws verdicts on each finding"

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables by the names of their CSV files."""
        table = self.table()
        validation = table[table["use"] == "validate"]
        return {
            "rows": self.rows.table(),
            "mechanisms": table,
            "validation": validation,
            "ranking": self.ranking(),
        }

    def shown(self) -> list[Shown]:
        """Return what the terminal prints."""
        title = "mechanisms, the likeliest first: how many findings agree with each"
        first = ["mechanism", "agrees", "disagrees", "inconclusive", "score"]
        return [Shown(title, table=self.ranking()[first])]

    def more_figures(self) -> dict[str, Figure]:
        """Draw every row with its verdict: those that no fit has seen, and those that were fitted."""
        from eaesim.questions.mechanisms.figurerows import rows_figures

        return rows_figures(self.rows)

    def sentence(self) -> str:
        """Return the verdicts on mechanisms and rows, a line for each sentence."""
        return "\n".join([*self.words(), *self.rows.words()])


def answer(plan: MechanismsPlan, effort: Effort) -> Mechanisms | DrugMechanisms:
    """Hold the mechanisms to the findings on treated rats, then judge all other rows.

    Mechanisms of another drug than IVIG predict the same trials, and are held to nothing.
    """
    bench = bench_of(plan, effort, doses=plan.request.given)
    if not plan.request.of_ivig:
        return predict(plan.request, plan.mechanisms, bench, effort.progress)
    done, rows, progress = len(plan.mechanisms), len(read_rows()), effort.progress
    first = progress and (lambda part, _: progress(part, done + rows))
    then = progress and (lambda part, whole: progress(done + part * rows // whole, done + rows))
    found = compete(plan.mechanisms, bench, seed=plan.request.seed, progress=first)
    own = {one.name: getattr(found, one.name) for one in fields(found)}
    return Mechanisms(**own, rows=judge_rows(found, bench, then))


def bench_of(plan: PopulationPlan, effort: Effort, doses: Mapping[str, str] | None = None) -> Bench:
    """Return the untreated rats of the requested parameter sets, with the values held in all of them."""
    asked, ensembles = plan.request, plan.ensembles
    held = asked.parameters or {}
    rats = {strain: each.rat.with_values(held, source="held") for strain, each in ensembles.items()}
    typical = {
        strain: [rat.parameters("none")._replace(**held) for rat in each.members(plan.members)]
        for strain, each in ensembles.items()
    }
    return Bench(typical, rats, asked.animals, asked.seed + 1, doses or {}, effort.workers)


def compete(
    mechanisms: Sequence[str], bench: Bench, *, seed: int, progress: Progress | None = None
) -> MechanismsResult:
    """Estimate the strength of each mechanism from the calibration data, and compare it with every finding.

    The seed is that of the strengths that are tried, and of the rats that they are tried on.
    """
    trials, of_ivig = finding_trials(bench.doses), of_runs(read_rows(), ivig=True)
    potencies = dict[str, Potencies]()
    found, further = dict[tuple[str, str], Floats](), dict[tuple[str, str, str], Floats]()
    # Untreated rats are the same for every mechanism: those that strengths are tried on, and the others.
    tried_on, others = (
        {strain: each.controls(strain) for strain in bench.typical} for each in (bench.seeded(seed), bench)
    )
    for done, name in enumerate(mechanisms):
        own = estimate_potencies(name, tried_on, rats=bench.rats, doses=bench.doses)
        potencies[name], members = own, own.chosen()
        untreated = {strain: each.chosen(members) for strain, each in others.items()}
        treated = {strain: own.switched_on(each.typical, members) for strain, each in untreated.items()}
        for group in together(trials):
            strain = trials[group[0]].experiment.strain
            arms = run_arms(
                [trials[identity] for identity in group],
                untreated[strain],
                treated[strain],
            )
            found |= {(name, identity): effects(*pair) for identity, pair in zip(group, arms, strict=True)}
        # Rats that are protected and induced again, and what else needs more than scores.
        read = bench.draws(of_ivig, treated=treated, members=members)
        found |= {(name, row.finding): read[row.key] for row in of_ivig if row.counts}
        further |= {(name, *row.key): read[row.key] for row in of_ivig if not row.counts}
        if progress is not None:
            progress(done + 1, len(mechanisms))
    return MechanismsResult(potencies, found, bench.members, bench.animals, further)


@asks(MechanismsRequest)
def mechanisms(
    ensembles: Mapping[str, Ensemble] | None, request: MechanismsRequest
) -> Mechanisms | DrugMechanisms:
    """Let mechanisms compete: each gets its strength from the calibration data, and is held to all of them.

    Those of another drug than IVIG have the strength of its file, and predict the same trials.

    Parameters
    ----------
    ensembles
        Ensembles of ``"lewis"`` and ``"da"``, made together; None: those that the settings name.

    Raises
    ------
    UnknownNameError
        If a mechanism, the ensemble of a strain, a parameter or a finding is not there.
    QuantityError
        If a value is no number or out of range, there are fewer parameter sets, or a dose cannot be read.

    Examples
    --------
    >>> found = mechanisms(mechanism=["H1a"], parameter_sets=1, animals=4)
    >>> found.ranking()["mechanism"].tolist()
    ['H1a']
    """
    return answer(plan(ensembles, request), request.effort)
