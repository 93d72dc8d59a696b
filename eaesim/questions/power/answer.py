"""Answering a power analysis: how many animals show the effect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eaesim.questions.power.course import course_table
from eaesim.questions.power.plan import PowerPlan
from eaesim.questions.power.plan import plan_power as plan
from eaesim.questions.power.pool import make_pool
from eaesim.questions.power.request import PowerRequest
from eaesim.questions.power.result import PowerResult
from eaesim.questions.power.trials import Trials
from eaesim.questions.power.words import power_paragraph
from eaesim.solver import Effort
from eaesim.study import Study
from eaesim.workbench.answer import Answer, Shown
from eaesim.workbench.request import asks

if TYPE_CHECKING:
    import pandas as pd

SHOWN = ("arm", "endpoint", "animals", "power", "low", "high", "member_low", "member_high")


@dataclass(frozen=True, repr=False)
class Power(PowerResult, Answer):
    """The answer of a power analysis: a prediction of the model, with its tables, texts and figure.

    Examples
    --------
    >>> from eaesim import Arm, Bolus, Study
    >>> arms = [Arm("vehicle"), Arm("early", Bolus("1 g/kg").at(day=0))]
    >>> study = Study("lewis", until=20, arms=arms)
    >>> result = power(study, sizes=[5], studies=100, pool=100, parameter_sets=1)
    >>> sorted(result.tables())
    ['expected', 'needed', 'power']
    """

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables by the names of their CSV files."""
        found = {"power": self.table(), "needed": self.needed_table(), "expected": self.expected_table()}
        return found | ({"course": course_table(self)} if self.plan.request.course else {})

    def texts(self) -> dict[str, str]:
        """Return the paragraph for an ethics form."""
        return {"paragraph.txt": power_paragraph(self)}

    def shown(self) -> list[Shown]:
        """Return what the terminal prints."""
        ends = "power (low, high: Monte Carlo; member_low, member_high: 90 % of parameter sets)"
        needed = f"animals in each arm for a power of {self.plan.request.wanted:g}"
        first = self.table()
        first = first[first["endpoint"] == self.plan.endpoints[0]]
        return [
            Shown(ends, table=first[list(SHOWN)]),
            Shown(needed, table=self.needed_words()),
        ]


def answer(plan: PowerPlan, effort: Effort) -> Power:
    """Simulate the pool, from which studies are drawn when they are needed.

    Raises
    ------
    NothingComputedError
        If every rat failed.
    """
    return Power(plan, Trials(make_pool(plan, effort)))


@asks(PowerRequest, of=Study)
def power(study: Study, request: PowerRequest) -> Power:
    """Compute how many animals an arm needs to show its effect against the control.

    A pool of virtual rats is simulated once; studies are drawn from it, every arm with its own rats. Each
    study takes place in one parameter set, for one of them is the truth; power is the mean over sets. Lost
    animals are treated as ``eaesim scores --lost exclude`` treats them; the dead are not lost.

    Parameters
    ----------
    study
        Its control is what every other arm is compared with.

    Raises
    ------
    UnknownNameError
        If an endpoint, an arm, a correction or a rule for the dead is unknown.
    ProtocolError, QuantityError
        If a value is not of its kind, out of range, or there is nothing to compare.
    NothingComputedError
        If every rat failed.

    Examples
    --------
    >>> from eaesim.protocol import Arm, Bolus
    >>> study = Study("lewis", until=20, arms=[Arm("vehicle"), Arm("day 0", Bolus("1 g/kg").at(day=0))])
    >>> found = power(study, sizes=[5, 10], studies=640, pool=640, endpoints=["peak_score"])
    >>> found.table()["animals"].tolist()
    [5, 10]
    """
    return answer(plan(study, request), request.effort)
