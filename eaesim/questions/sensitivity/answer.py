"""Global sensitivity: which unknowns decide an endpoint, the effect of a dose, or that it must be early."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from eaesim.endpoints import DEAD_RULES, Floats
from eaesim.questions.sensitivity.plan import Output, SensitivityPlan
from eaesim.questions.sensitivity.plan import plan_sensitivity as plan
from eaesim.questions.sensitivity.request import SensitivityRequest
from eaesim.questions.sensitivity.sample import Rats, Readings, columns_of, evaluate
from eaesim.questions.sensitivity.tables import LEAST_AGREEMENT, agreement, index_tables, settled
from eaesim.solver import Effort, choose_engine
from eaesim.study import Study, Subjects
from eaesim.workbench.answer import Answer, Shown
from eaesim.workbench.request import asks

if TYPE_CHECKING:
    import pandas as pd

SHOWN = 10
# Below this total of rats, starting processes costs more than it saves.
SERIAL_RUNS = {"lanes": 2_000, "reference": 50}


@dataclass(frozen=True, repr=False)
class Sensitivity(Answer):
    """Which unknowns the outputs of a study depend on.

    Attributes
    ----------
    table
        The columns of ``sensitivity.csv``: a row for every output and factor, the largest index first; `rank`
        is missing where the ranking has not settled. `samples` is how many
        sets of values the indices are based on, `left_out` how many belong to a trajectory or sample with
        one at which the output has no value, `zero` at how many there was nothing to compare with, and
        `failed` how many rats could not be solved.
    convergence
        The columns of ``convergence.csv``: the leading index from growing parts of the sample.
    plan
        What was asked.
    reason
        Why the first rat that could not be solved was not.

    Examples
    --------
    >>> from eaesim import Arm, Bolus, Study
    >>> arms = [Arm("vehicle"), Arm("early", Bolus("1 g/kg").at(day=0))]
    >>> study = Study("lewis", until=20, arms=arms)
    >>> varied = ["spreading_rate", "memory_loss"]
    >>> result = sensitivity(study, parameters=varied, trajectories=4, animals=2, workers=1)
    >>> sorted(result.tables())
    ['convergence', 'sensitivity']
    """

    table: pd.DataFrame
    convergence: pd.DataFrame
    plan: SensitivityPlan
    reason: str = ""

    def __repr__(self) -> str:
        """Return the result in a few words; `table` has the rest."""
        return (
            f"Sensitivity({self.plan.request.method}, {len(self.plan.factors)} factors, "
            f"{self.plan.samples} sets of {self.plan.request.animals} rats): {self.sentence()}"
        )

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables by the names of their CSV files."""
        return {"sensitivity": self.table, "convergence": self.convergence}

    def rows(self, output: Output) -> pd.DataFrame:
        """Return the rows of one output, by rank."""
        return self.table[self.table["output"] == output.text()]

    def first(self, output: Output, number: int) -> pd.DataFrame:
        """Return at most so many rows of one output, of the factors with any influence."""
        rows = self.rows(output)
        return rows[rows[self.plan.way.leading] > 0].head(number)

    def agreement(self, output: Output) -> float:
        """Return how well the first and the second half of the sample rank alike what ranks first."""
        return agreement(self.rows(output), self.plan.way.leading)

    def shown(self) -> list[Shown]:
        """Return what the terminal prints."""
        asked, way = self.plan.request, self.plan.way
        columns = ["parameter", way.leading, f"{way.leading}_low", f"{way.leading}_high", way.beside]
        parts = []
        for output in self.plan.outputs:
            rows = self.first(output, SHOWN)
            short = rows[["rank", *columns] if rows["rank"].notna().any() else columns]
            parts.append(Shown(f"the first {SHOWN} for {output.text()}", table=short))
        note = (
            f"{way.title}; {len(self.plan.factors)} factors, {self.plan.samples} sets of values, the same "
            f"{asked.animals} rats at each; all else is that of the typical rat; "
            f"{DEAD_RULES[asked.dead]}."
        )
        return [*parts, Shown(note=note)]

    def notes(self) -> list[str]:
        """Return a line for all that a reader must know: what failed, was left out, or has not converged."""
        notes, size = [], self.plan.way.size
        for output in self.plan.outputs:
            first = self.rows(output).iloc[0]
            sets = f"of {self.plan.samples} sets of values"
            parts = []
            if first["failed"]:
                whole = "trajectory" if size == "trajectories" else "base sample"
                parts.append(
                    f"{first['failed']} runs failed{f' (the first: {self.reason})' if self.reason else ''}; "
                    f"each such rat is left out of its whole {whole}"
                )
            if first["left_out"]:
                why = f"each of these {size} contains a set without a value"
                parts.append(f"{first['left_out']} {sets} are left out: {why}")
            if first["zero"]:
                parts.append(f"at {first['zero']} {sets} the mean of {output.reference} is 0")
            if np.isnan(first[self.plan.way.leading]):
                parts.append("it has no indices, being undefined or the same everywhere")
            elif not settled(self.agreement(output)):
                parts.append(
                    "no ranking is given, since it has not converged (rank correlation of the halves of the "
                    f"sample {self.agreement(output):.2f}); take more {size}"
                )
            notes += [f"{output.text()}: {part}." for part in parts]
        return notes

    def sentence(self) -> str:
        """Return what ranks first for each output whose ranking has converged, in plain sentences."""
        return " ".join(self._words(output) for output in self.plan.outputs)

    def _words(self, output: Output) -> str:
        leading = self.plan.way.leading
        rows = self.first(output, 3)
        if not len(rows):
            return f"{output.text()}: no varied parameter has an influence."
        if not settled(self.agreement(output)):
            return (
                f"{output.text()}: no ranking yet; the halves of the sample agree by "
                f"{self.agreement(output):.2f}, and {LEAST_AGREEMENT:g} is needed; take more "
                f"{self.plan.way.size}."
            )
        found = [
            f"{row['parameter']} ({leading} {row[leading]:.2f}, {row[f'{leading}_low']:.2f} to "
            f"{row[f'{leading}_high']:.2f})"
            for _, row in rows.iterrows()
        ]
        return f"{output.text()} depends most on {', then '.join(found)}."


def answer(plan: SensitivityPlan, effort: Effort) -> Sensitivity:
    """Run what was planned.

    Raises
    ------
    NothingComputedError
        If no output has a value.
    """
    asked, design = plan.request, plan.study.design
    wanted = [columns_of(output, design) for output in plan.outputs]
    columns = tuple(dict.fromkeys(column for output in wanted for column in output))
    solver = choose_engine(effort.engine).name  # once, so that every worker takes the same
    if effort.workers is None and effort.cluster is None and plan.runs <= SERIAL_RUNS[solver]:
        effort = replace(effort, workers=1)
    subjects = Subjects(asked.animals, asked.seed, dead=asked.dead)
    rats = Rats(plan.study, plan.factors, columns, subjects, solver, asked.solved)
    places = [[columns.index(column) for column in output] for output in wanted]
    return analyse(plan, rats, places, effort=effort, runs=len(design.arms) * asked.animals)


def analyse(
    plan: SensitivityPlan,
    read: Callable[[Floats], Readings],
    places: Sequence[Sequence[int]],
    *,
    effort: Effort,
    runs: int = 1,
) -> Sensitivity:
    """Return what comes of a plan with anything that reads sets of values; the arguments are `evaluate`'s."""
    points, samples = evaluate(plan, read, places, effort=effort, runs=runs)
    reason = next((sample.reason for sample in samples if sample.reason), "")
    return Sensitivity(*index_tables(plan, points, samples), plan, reason)


@asks(SensitivityRequest, of=Study)
def sensitivity(study: Study, request: SensitivityRequest) -> Sensitivity:
    """Rank the unknowns by their influence on an output of a study, all of them varied together.

    An output is the mean of an endpoint over the rats of an arm; or, with `against`, its reduction by the arm
    from the mean of that one: with the control the effect, with another treated arm the difference of two
    effects, such as day 0 against day 7.

    Parameters
    ----------
    study
        Its rat and arms. Every set of values uses the same rats, so that the output is a function of the
        values and nothing else.

    Raises
    ------
    EaesimError
        If a name is unknown, a setting is not allowed, or nothing could be computed.

    Examples
    --------
    >>> from eaesim.protocol import Arm
    >>> study, few = Study("lewis", arms=[Arm("vehicle")], until=16), ["expansion_rate", "igg_uptake"]
    >>> found = sensitivity(study, endpoint="onset_day", parameters=few, trajectories=4, animals=2)
    >>> found.table[["parameter", "rank"]].values.tolist()
    [['expansion_rate', 1], ['igg_uptake', 2]]
    """
    return answer(plan(study, request), request.effort)
