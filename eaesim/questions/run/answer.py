"""Running a study: its tables, every rat's readings, and its figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from eaesim.endpoints import DEAD_RULES
from eaesim.endpoints import endpoint as find_endpoint
from eaesim.estimation.comparison import compare, comparison_summary
from eaesim.evidence.setting import given_doses, untreated_arm
from eaesim.files import Content
from eaesim.questions.run.request import RunRequest
from eaesim.solver import Effort
from eaesim.study import Result, Study, study_text
from eaesim.study.membership import member_settings
from eaesim.workbench.answer import Answer, Shown, StudyPlan
from eaesim.workbench.figure.study import study_figure
from eaesim.workbench.question import questions
from eaesim.workbench.request import asks

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

RELAPSE = "relapse_peak_score"
SHOWN = ("incidence", "onset_day", "peak_score", "cumulative_score", "mortality", RELAPSE)


@dataclass(frozen=True)
class RunPlan(StudyPlan):
    """A study, and its settings."""

    study: Study
    request: RunRequest

    def settings(self) -> dict[str, Content]:
        """Return everything that decides the result, as plain values."""
        asked = self.request
        return {
            "study": study_text(self.study, animals=asked.animals, seed=asked.seed),
            "seed": asked.seed,
            "dead": asked.dead,
            **member_settings(self.study.rat, asked.parameter_sets),
            "record": list(asked.record),
            **({"drawn": list(asked.drawn)} if asked.drawn else {}),
            **({} if asked.group is None else {"group": asked.group}),
            **({} if asked.keep == "auto" else {"keep": asked.keep}),
        }

    def summary(self) -> str:
        """Return in a few words what would be done."""
        return f"{len(self.study.design.arms)} arms of {self.request.animals} rats"

    def left_out(self, tables: Sequence[str]) -> list[str]:
        """Return a line for each table of another question."""
        known = questions()
        verbs = {name: known[name].verb if name in known else name for name in tables}
        return [f"the [{name}] table is not run here; see eaesim {verb}." for name, verb in verbs.items()]


def plan(study: Study, request: RunRequest) -> RunPlan:
    """Return what is to be run.

    Raises
    ------
    UnknownNameError, QuantityError
        If an endpoint is unknown, or cannot have its window.
    """
    for name in request.drawn:
        find_endpoint(name, until=study.design.until)
    # What is not read while rats are run cannot be drawn when they are gone.
    drawn = request.drawn if request.is_summary else ()
    return RunPlan(study.reading(*request.endpoints, *drawn), request)


@dataclass(frozen=True, repr=False)
class StudyRun(Result, Answer):
    """The outcome of a study, with its files and its figure.

    Attributes
    ----------
    drawn
        Endpoints in the figure; empty for the default.
    group
        Animals in the groups whose range is drawn around a mean; None for the default.
    is_summary
        Whether nothing of single rats is written.

    Examples
    --------
    >>> from eaesim import Arm, Bolus, Study, run
    >>> arms = [Arm("vehicle"), Arm("early", Bolus("1 g/kg").at(day=0))]
    >>> study = Study("lewis", until=20, arms=arms)
    >>> sorted(run(study, animals=2, parameter_sets=1).tables())
    ['comparison', 'summary']
    """

    drawn: tuple[str, ...] = ()
    group: int | None = None
    is_summary: bool = False

    @cached_property
    def _comparison(self) -> pd.DataFrame:
        """The comparison with published findings, which both the tables and the terminal take."""
        return compare(self)

    @cached_property
    def summary(self) -> pd.DataFrame:
        """Means and paired differences: ``summary.csv``."""
        return self.table().reset_index()

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables by the names of their CSV files."""
        return {"summary": self.summary, "comparison": self._comparison.copy()}

    def write(self, folder: Path) -> None:
        """Write every rat's endpoints, scores and courses, where rats are kept."""
        if self.is_summary:
            return
        self.animals_table().to_parquet(folder / "animals.parquet", index=False)
        self.scores_table().to_parquet(folder / "scores.parquet", index=False)
        self.courses_table().to_parquet(folder / "courses.parquet", index=False)

    def figure(self, *, endpoint: str | None = None, group: int | None = None) -> Figure:
        """Draw the courses of the arms, and endpoints by arm; both are those asked for by default."""
        drawn = self.drawn if endpoint is None else (endpoint,)
        return study_figure(self, endpoints=drawn, group=group or self.group)

    def notes(self) -> list[str]:
        """Return a line on runs that failed, and for each thing to know of the rats."""
        failures = self.failures()
        empty = [arm for arm in self.arms if self.failed(arm) == self.number]
        none_left = f" No rat is left in: {', '.join(empty)}." if empty else ""
        runs = self.simulation.status.size
        lost = [
            f"{len(failures)} of {runs} runs failed; the first: {one}.{none_left}" for one in failures[:1]
        ]
        unwritten = ['no file of single rats is written; keep = "rats" writes them.'] * self.is_summary
        return [*lost, *unwritten, *super().notes()]

    def shown(self) -> list[Shown]:
        """Return what the terminal prints."""
        import pandas as pd

        rows = self.summary[self.summary["endpoint"].isin((*SHOWN, *self.design.endpoints))]
        relapse = rows["endpoint"] == RELAPSE
        if not rows.loc[relapse, "mean"].any():  # no relapse in any arm: a row of zeros for each would say it
            rows = rows[~relapse]
        short = pd.DataFrame(
            {
                "arm": rows["arm"],
                "endpoint": rows["endpoint"],
                "mean (95 %)": _intervals(rows, "mean", "low", "high"),
                "difference (95 %)": _intervals(rows, "difference", "difference_low", "difference_high"),
            }
        )
        sets = f" of {self.members} parameter sets" if self.members > 1 else ""
        title = f"{self.rat.name}, {self.number} rats{sets} per arm; {DEAD_RULES[self.dead]}"
        beside = f"Against published findings: {comparison_summary(self._comparison)}"
        return [Shown(f"main endpoints, rounded to 4 digits; {title}", table=short, note=beside)]

    def sentence(self) -> str:
        """Return which arm differs most from the control in its peak score."""
        names = ["arm", "difference", "difference_low", "difference_high", "mean"]
        rows = self.summary.query("endpoint == 'peak_score'")[names].dropna()
        found = [(arm, *numbers) for arm, *numbers in rows.itertuples(index=False) if any(numbers[:3])]
        if not found:
            return f'No arm has a peak score other than that of the control, "{self.design.control}".'
        arm, difference, low, high, mean = max(found, key=lambda one: abs(one[1]))
        return (
            f'Of the treated arms, "{arm}" differs most from the control: its mean peak score is {mean:.2f}, '
            f"a difference of {difference:.2f} (95 % interval {low:.2f} to {high:.2f})."
        )


def answer(plan: RunPlan, effort: Effort) -> StudyRun:
    """Run every arm.

    Raises
    ------
    NothingComputedError
        If every rat failed.
    """
    asked = plan.request
    found = plan.study.run(
        animals=asked.animals,
        seed=asked.seed,
        members=asked.parameter_sets,
        dead=asked.dead,
        record=() if asked.is_summary else asked.record,
        compared=_compared(plan.study) if asked.is_summary else None,
        engine=effort.engine,
        accuracy=effort.accuracy,
        workers=effort.workers,
        progress=effort.progress,
    )
    given = {one.name: getattr(found, one.name) for one in fields(found)}
    return StudyRun(**given, drawn=asked.drawn, group=asked.group, is_summary=asked.is_summary)


def _compared(study: Study) -> list[tuple[str, str]]:
    """Return each dosed arm with the same rats without the dose, which the figure shows."""
    design = study.design
    untreated = {arm.name: untreated_arm(arm, design=design) for arm in design.arms if given_doses(arm)}
    return [(name, arm.name) for name, arm in untreated.items() if arm is not None]


@asks(RunRequest, of=Study)
def run(study: Study, request: RunRequest) -> StudyRun:
    """Run every arm of a study with the same rats: `Study.run`, with the tables and the figure of its verb.

    Parameters
    ----------
    study
        The rat and the arms.

    Raises
    ------
    UnknownNameError, QuantityError
        If a state or an endpoint is unknown.
    NothingComputedError
        If every rat failed.

    Examples
    --------
    >>> from eaesim.protocol import Arm, Bolus
    >>> study = Study("lewis", until=20, arms=[Arm("vehicle"), Arm("day 0", Bolus("1 g/kg").at(day=0))])
    >>> print(run(study, animals=4, parameter_sets=1).sentence()[:60])
    Of the treated arms, "day 0" differs most from the control:
    """
    return answer(plan(study, request), request.effort)


def _intervals(table: pd.DataFrame, value: str, low: str, high: str) -> list[str]:
    """Return means with their intervals, which too few rats do not have."""
    return [
        (
            ""
            if mean != mean
            else f"{mean:.4g}"
            if first != first
            else f"{mean:.4g} ({first:.4g} to {last:.4g})"
        )
        for mean, first, last in table[[value, low, high]].itertuples(index=False)
    ]
