"""Not knowing when: doses too early and too late, and doses repeated to cover it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from eaesim.errors import NothingComputedError
from eaesim.model import Rat
from eaesim.protocol.dose import parse_dose
from eaesim.questions.schedule.mistiming.maintenance import run_maintenance
from eaesim.questions.schedule.mistiming.plan import MistimingPlan, plan_mistiming
from eaesim.questions.schedule.mistiming.request import MistimingRequest
from eaesim.questions.schedule.mistiming.result import MistimingResult
from eaesim.questions.schedule.plan import ANTIBODIES
from eaesim.questions.timing import answer as timing
from eaesim.solver import Effort, Progress
from eaesim.workbench.answer import Answer, Shown
from eaesim.workbench.request import asks

if TYPE_CHECKING:
    import pandas as pd

plan = plan_mistiming


@dataclass(frozen=True)
class Mistiming(MistimingResult, Answer):
    """The answer, with its tables and figure.

    Examples
    --------
    >>> result = mistiming("da", days=[0], intervals=[7], animals=24, parameter_sets=1)
    >>> sorted(result.tables())
    ['maintenance', 'mistiming', 'uncertainty']
    """

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables by the names of their CSV files."""
        return {
            "mistiming": self.table(),
            "uncertainty": self.uncertainty_table(),
            "maintenance": self.maintenance_table(),
        }

    def shown(self) -> list[Shown]:
        """Return what the terminal prints."""
        first = Shown("share of the best effect that remains", table=self.uncertainty_table())
        worst = self.maintenance_table()
        if not len(worst):
            return [first]
        worst = worst.loc[worst.groupby(["antibodies", "interval"])["effect"].idxmin()]
        short = worst.drop(columns=["animal_low", "animal_high"])
        return [first, Shown("maintenance, in its worst phase", table=short)]


def answer(plan: MistimingPlan, effort: Effort) -> Mistiming:
    """Run the curve, and the maintenance with antibodies off and on.

    Raises
    ------
    NothingComputedError
        If the relapse is too mild to speak of an effect.
    """
    asked, progress = plan.request, effort.progress
    total = (1 + 2 * bool(asked.intervals)) * 100

    def part(before: int) -> Progress | None:
        return progress and (lambda done, whole: progress(before * 100 + 100 * done // whole, total))

    doses = timing.TimingRequest(
        induction="relapse",
        dose=asked.dose,
        days=asked.days,
        animals=asked.animals,
        parameter_sets=asked.parameter_sets,
        seed=asked.seed,
        mechanism=asked.mechanism,
    )
    curve = timing.answer(timing.plan(plan.rat, doses), replace(effort, progress=part(0)))
    panel = next(each for each in curve.panels if each.adjuvant == asked.adjuvant)
    if panel.empty:
        raise NothingComputedError(panel.reason)
    runs = {}
    for place, (name, clearance) in enumerate((("off", None), ("on", asked.antibodies)), start=1):
        made = plan.rat if clearance is None else plan.rat.replace(**{ANTIBODIES: clearance})
        runs[name] = tuple(
            run_maintenance(
                made,
                parse_dose(asked.dose),
                intervals=asked.intervals,
                adjuvant=asked.adjuvant,
                members=asked.parameter_sets,
                effort=replace(effort, progress=part(place)),
                animals=asked.animals,
                seed=asked.seed,
                mechanism=asked.mechanism,
            )
            if asked.intervals
            else ()
        )
    return Mistiming(
        timing=curve,
        panel=panel,
        dose=asked.dose,
        distribution=asked.distribution,
        loss=asked.loss,
        antibodies=asked.antibodies,
        maintenance=runs,
    )


@asks(MistimingRequest)
def mistiming(rat: Rat | str | None, request: MistimingRequest) -> Mistiming:
    """Compute how much of the effect on a relapse remains when its day is unknown.

    The effect is that of `eaesim.timing` around a relapse: on the excess of its peak score over the same rats
    not induced.

    Parameters
    ----------
    rat
        The rat; None is the DA rat.

    Raises
    ------
    UnknownNameError
        If the rat, the mechanism or the adjuvant is unknown.
    NothingComputedError
        If the relapse is too mild to speak of an effect.

    Examples
    --------
    >>> found = mistiming("da", days=[-7, 0, 7], intervals=[14], animals=40, parameter_sets=4)
    >>> found.best[0]
    0.0
    """
    return answer(plan(rat, request), request.effort)
