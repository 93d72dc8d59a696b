"""Analysis of a laboratory's scores: endpoints of every animal, means of arms, tests against the control."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from eaesim.endpoints.readings import MISSING_RULE
from eaesim.endpoints.tests import GroupTest
from eaesim.evidence.firstlook import first_look
from eaesim.evidence.laboratoryendpoints import SAY_LOST, LaboratoryEndpoints
from eaesim.evidence.laboratorytables import animals_table, means_table
from eaesim.evidence.laboratorytests import all_tests
from eaesim.evidence.laboratorywords import arm_note
from eaesim.files import Content
from eaesim.questions.scores.request import ScoresRequest
from eaesim.solver import Effort
from eaesim.workbench.answer import Answer, Plan, Shown
from eaesim.workbench.request import asks

if TYPE_CHECKING:
    import pandas as pd

    from eaesim.evidence.scorerequest import ScoreTable

SHOWN = {
    "incidence": "Fisher",
    "onset_day": "log-rank",
    "peak_score": "Mann-Whitney",
    "cumulative_score": "Mann-Whitney",
    "mean_score": "Mann-Whitney",
    "mortality": "Fisher",
    "lowest_weight": "Mann-Whitney",
}
TESTED = (
    "arm",
    "control",
    "until",
    "test",
    "endpoint",
    "statistic",
    "p_value",
    "difference",
    "difference_low",
    "difference_high",
    "animals",
    "control_animals",
    "note",
)


@dataclass(frozen=True, eq=False, repr=False)
class LaboratoryResult(LaboratoryEndpoints, Answer):
    """Endpoints and statistics of a laboratory's scores, in the units of its file.

    Its first fields are those of `eaesim.evidence.laboratoryendpoints.LaboratoryEndpoints`: the scores, the
    rules for the dead and the lost, and the lowest score that is a sign.

    Attributes
    ----------
    source
        Name of the file.

    Examples
    --------
    >>> import pandas as pd
    >>> days = {"10": [0, 0, 1, 0], "11": [1, 2, 3, 0], "12": [2, 3, 4, 0]}
    >>> table = pd.DataFrame({"rat": [1, 2, 3, 4], "group": ["PBS", "PBS", "PBS", "drug"], **days})
    >>> sorted(scores(table).tables())
    ['animals', 'summary', 'tests']
    """

    source: str = "scores"

    animals_table = animals_table
    table = means_table

    @cached_property
    def tests(self) -> Mapping[tuple[str, str, str], GroupTest]:
        """Every test by arm, name of the test, and endpoint (`eaesim.evidence.laboratorytests.all_tests`)."""
        return all_tests(self)

    def tests_table(self) -> pd.DataFrame:
        """Return a row for every test: its arm, control, last day, endpoint, its numbers, and a note."""
        import pandas as pd

        rows = [
            (
                *(arm, self.scores.control, self.common_day(arm), test, name, one.statistic, one.p_value),
                *(one.estimate.value, one.estimate.low, one.estimate.high),
                *(one.animals, one.control_animals, one.note),
            )
            for (arm, test, name), one in self.tests.items()
        ]
        return pd.DataFrame(rows, columns=list(TESTED))

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables by the names of their CSV files."""
        return {"animals": self.animals_table(), "summary": self.table(), "tests": self.tests_table()}

    def shown(self) -> list[Shown]:
        """Return what the terminal prints."""
        import pandas as pd

        animals = sum(len(self.scores.animals(arm)) for arm in self.arms)
        title = f"{self.source}: {animals} animals; {self.signs_words}; {self.dead_words}"
        table = pd.DataFrame(self._means())
        if table["to day"].nunique() == 1:
            title += f"; to day {table['to day'][0]}"
            table = table.drop(columns="to day")
        if not self.treated:
            return [Shown(title, table=table)]
        tests = ", ".join(
            f"{test} ({', '.join(names)})" for test, names in _by_test(table["endpoint"]).items()
        )
        note = f"p: two-sided, against {self.scores.control}, not corrected for their number; {tests}."
        return [Shown(title, table=table, note=note)]

    def _means(self) -> list[dict[str, Content]]:
        """Return the means of the main endpoints with their intervals and tests."""
        rows: list[dict[str, Content]] = [
            {
                "arm": arm,
                "endpoint": name,
                "to day": self.until(arm),
                "n": self.number(arm, name),
                "mean (95 %)": "withheld: --lost" if self.withheld(arm, name) else self._interval(arm, name),
            }
            for arm in self.arms
            for name in SHOWN
            if name in self.endpoints
        ]
        if self.treated:
            for row in rows:
                found = self.tests.get((str(row["arm"]), SHOWN[str(row["endpoint"])], str(row["endpoint"])))
                row["p"] = "" if found is None else _p_text(found.p_value)
        return rows

    def _interval(self, arm: str, name: str) -> str:
        """Return a mean with its interval, of which one animal has none."""
        mean = self.mean(arm, name)
        if math.isnan(mean.value):
            return ""
        value = f"{mean.value:.2f}"
        return value if math.isnan(mean.low) else f"{value} ({mean.low:.2f} to {mean.high:.2f})"

    def notes(self) -> list[str]:
        """Return what could not be read, was left out or was assumed, in one line for each arm and thing."""
        scores, control = self.scores, self.scores.control
        notes, first = list(scores.notes), int(scores.days[0])
        if first < 0:
            notes.append(f"endpoints start at day 0; what was read before, from day {first}, is not in them.")
        if first > 0 or np.isnan(scores.score).any() or len(scores.days) <= int(scores.days[-1]) - first:
            notes.append(f"{MISSING_RULE}.")
        notes += [note for arm in self.arms if (note := arm_note(self, arm))]
        if below := _below(self):
            notes.append(below)
        for arm in self.treated:
            common, longer = self.common_day(arm), max((arm, control), key=self.until)
            if common < self.until(longer):
                notes.append(
                    f"{arm} and {control} are compared up to day {common}, the last that they have in "
                    f"common; {longer} was read to day {self.until(longer)}."
                )
        untested: dict[str, list[str]] = {}
        for (arm, test, name), one in self.tests.items():
            if np.isnan(one.p_value) and SAY_LOST not in one.note:  # which the lines of the arms say
                untested.setdefault(f"no {test} on {name}: {one.note.rstrip('.')}.", []).append(arm)
        notes += [f"{', '.join(arms)}: {why}" for why, arms in untested.items()]
        return notes + first_look(self)

    def sentence(self) -> str:
        """Return the main result in plain words; every animal is counted."""
        control = self.scores.control
        if not self.treated:
            return f"{control}: {_course_words(self, control, self.until(control))}."
        sentences = []
        for until in dict.fromkeys(self.common_day(arm) for arm in self.treated):
            parts = []
            for arm in (arm for arm in self.treated if self.common_day(arm) == until):
                p_value = self.tests[arm, "Mann-Whitney", "cumulative_score"].p_value
                tested = "not tested" if np.isnan(p_value) else f"Mann-Whitney {p_words(p_value)}"
                parts.append(f"{arm}: {_course_words(self, arm, until)} ({tested})")
            against = f"Against {control} ({_course_words(self, control, until)})"
            sentences.append(f"{against}, {'; '.join(parts)}.")
        return " ".join(sentences)


def _below(result: LaboratoryEndpoints) -> str:
    known = result.scores.score[~np.isnan(result.scores.score)]
    below = known[(known > 0) & (known < result.signs)]
    if not len(below):
        return ""
    counted = "reading counts" if len(below) == 1 else "readings count"
    return (
        f"{len(below)} {counted} as no sign, being above 0 and below {result.signs:g}; --signs sets what "
        f"counts, such as --signs {below.min():g}."
    )


def _course_words(result: LaboratoryEndpoints, arm: str, until: int) -> str:
    seen = result.watched(arm, until)
    text = f"{int(seen.had_signs.sum())} of {len(seen.last)} with signs by day {until}"
    if lost := int((seen.is_lost & ~seen.had_signs).sum()):
        text += f", {lost} lost before"
    if seen.dead == "exclude" and (died := int(np.isfinite(seen.death_day).sum())):
        text += f", {died} that died left out"
    if count := result.withheld(arm, "cumulative_score", until=until):
        return f"{text}, mean cumulative score withheld for {count} lost with signs: {SAY_LOST}"
    total = result.mean(arm, "cumulative_score", until=until).value
    return f"{text}, " + ("no cumulative score" if np.isnan(total) else f"mean cumulative score {total:.1f}")


def _by_test(endpoints: Iterable[str]) -> dict[str, list[str]]:
    """Return the endpoints of each test."""
    found: dict[str, list[str]] = {}
    for name in dict.fromkeys(endpoints):
        found.setdefault(SHOWN[name], []).append(name)
    return found


def _p_text(p_value: float) -> str:
    return "none" if math.isnan(p_value) else p_words(p_value).removeprefix("p = ").removeprefix("p ")


def p_words(p_value: float) -> str:
    """Return a p value as it is written.

    Examples
    --------
    >>> p_words(0.0421), p_words(0.00002)
    ('p = 0.042', 'p < 0.001')
    """
    return f"p = {p_value:.2g}" if p_value >= 0.001 else "p < 0.001"


@dataclass(frozen=True)
class ScoresPlan(Plan):
    """Scores that were read from `source`."""

    request: ScoresRequest
    source: Mapping[str, str]
    result: LaboratoryResult

    def settings(self) -> dict[str, Content]:
        """Return everything that decides the result."""
        decided = {"control": self.result.scores.control, "dead": self.request.dead}
        return {**self.source, **self.request.changed(), **decided}

    def summary(self) -> str:
        """Return in a few words what would be done."""
        return f"scores of {len(self.result.scores.arms)} arms in {self.source['file']}"


def plan(table: ScoreTable, request: ScoresRequest) -> ScoresPlan:
    """Read the scores."""
    scores, source = request.read(table)
    result = LaboratoryResult(scores, request.dead, request.lost, request.signs, source["file"])
    return ScoresPlan(request, source, result)


def answer(plan: ScoresPlan, _effort: Effort) -> LaboratoryResult:
    """Return the scores' results, which are computed when they are needed."""
    return plan.result


@asks(ScoresRequest)
def scores(table: ScoreTable, request: ScoresRequest) -> LaboratoryResult:
    r"""Read daily scores, and say what they show.

    Parameters
    ----------
    table
        A ``.csv``, ``.tsv``, ``.txt`` or ``.xlsx`` file, or a data frame with the same columns.

    Raises
    ------
    FileError
        If it cannot be read, or its layout is not clear.
    UnknownNameError
        If a sheet, a column, an arm or a rule is unknown.
    QuantityError
        If `signs` is not on the scale.

    Examples
    --------
    >>> import pandas as pd
    >>> days = {"10": [0, 0, 1, 0], "11": [1, 2, 3, 0], "12": [2, 3, 4, 0]}
    >>> found = scores(pd.DataFrame({"rat": [1, 2, 3, 4], "group": ["PBS", "PBS", "PBS", "drug"], **days}))
    >>> found.mean("PBS", "peak_score").value
    3.0
    """
    return answer(plan(table, request), Effort())
