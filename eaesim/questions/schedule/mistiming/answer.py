"""Not knowing when: doses too early and too late, and doses repeated to cover it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from eaesim.endpoints import Floats
from eaesim.errors import NothingComputedError
from eaesim.model import Rat
from eaesim.questions.schedule.mistiming.distribution import Distribution, normal
from eaesim.questions.schedule.mistiming.maintenance import Maintenance, run_maintenance
from eaesim.questions.schedule.mistiming.plan import MistimingPlan
from eaesim.questions.schedule.mistiming.plan import plan_mistiming as plan
from eaesim.questions.schedule.mistiming.request import MistimingRequest
from eaesim.questions.schedule.plan import ANTIBODIES
from eaesim.questions.timing import answer as timing
from eaesim.questions.timing.answer import Panel, Timing
from eaesim.solver import Effort, Progress
from eaesim.workbench.answer import Answer, Shown
from eaesim.workbench.request import asks

if TYPE_CHECKING:
    import pandas as pd


#: Standard deviations for which the share that survives is told.
DEVIATIONS = (1.0, 3.0, 7.0, 14.0)
OFF, ON = "off", "on"


@dataclass(frozen=True)
class Mistiming(Answer):
    """The effect of a dose that comes too early or too late, and of a dose that is repeated.

    Attributes
    ----------
    timing, panel
        The effect against the day of the dose.
    dose
        What is given.
    distribution
        When the relapse comes, around the day that is expected.
    loss
        Share of the best-timed effect that a maintenance may lose.
    antibodies
        Clearance by antibodies against IgG, per day, where they are on.
    maintenance
        With antibodies off and on: every interval and phase.

    Examples
    --------
    >>> result = mistiming("da", days=[0], intervals=[7], animals=24, parameter_sets=1)
    >>> sorted(result.tables())
    ['maintenance', 'mistiming', 'uncertainty']
    """

    timing: Timing
    panel: Panel
    dose: str
    distribution: Distribution
    loss: float
    antibodies: float
    maintenance: Mapping[str, tuple[Maintenance, ...]]

    @cached_property
    def curve(self) -> pd.DataFrame:
        """The effect on the relapse's peak by the day of the dose: rows of ``timing.csv``."""
        return self.timing.rows(self.panel).sort_values("day", ignore_index=True)

    @property
    def best(self) -> tuple[float, float]:
        """The best day, and the effect on it."""
        place = int(self.curve["effect"].to_numpy().argmax())
        return float(self.curve["day"][place]), float(self.curve["effect"][place])

    def at(self, days: Floats, column: str = "effect") -> Floats:
        """Return the effect of a dose on days between those that were run; beyond them, that of the end."""
        return np.asarray(np.interp(days, self.curve["day"], self.curve[column]))

    def expected(self, planned: float, distribution: Distribution | None = None) -> float:
        """Return the mean effect of a dose that is planned for a day, when the relapse comes on another."""
        given = distribution or self.distribution
        return float(given.mean(lambda day: self.at(planned - day)))

    def best_plan(self, distribution: Distribution | None = None) -> tuple[float, float]:
        """Return the day to plan the dose for, and the effect that is to be expected."""
        days = np.arange(self.curve["day"].min(), self.curve["day"].max() + 0.25, 0.25)
        effects = [self.expected(float(day), distribution) for day in days]
        place = int(np.argmax(effects))
        return float(days[place]), effects[place]

    def window(self, share: float = 0.5) -> tuple[float, float]:
        """Return the first and the last day, around the best, with that share of the best effect."""
        fine = np.arange(self.curve["day"].min(), self.curve["day"].max() + 0.05, 0.1)
        good = self.at(fine) >= share * self.best[1]
        place = int(np.abs(fine - self.best[0]).argmin())
        first = last = place
        while first > 0 and good[first - 1]:
            first -= 1
        while last < len(fine) - 1 and good[last + 1]:
            last += 1
        return float(fine[first].round(1)), float(fine[last].round(1))

    def phases(self, interval: float, antibodies: str = OFF) -> list[Maintenance]:
        """Return what a maintenance does in each of its phases."""
        return [each for each in self.maintenance[antibodies] if each.interval == interval]

    def worst(self, interval: float, antibodies: str = OFF) -> Maintenance:
        """Return the phase in which a maintenance does least."""
        return min(self.phases(interval, antibodies), key=lambda each: each.effect.value)

    @property
    def intervals(self) -> list[float]:
        """The intervals of maintenance, the shortest first."""
        return sorted({each.interval for each in self.maintenance[OFF]})

    def longest(self, antibodies: str = OFF) -> float | None:
        """Return the longest interval up to which no phase loses more than is allowed; None if all do."""
        kept = None
        for interval in self.intervals:
            if self.worst(interval, antibodies).effect.value < (1 - self.loss) * self.best[1]:
                break
            kept = interval
        return kept

    def table(self) -> pd.DataFrame:
        """Return the curve, and what is to be expected of a dose planned for each day: ``mistiming.csv``."""
        columns = [
            "day",
            "effect",
            "effect_low",
            "effect_high",
            "animal_low",
            "animal_high",
            "animals",
            "failed",
        ]
        curve = self.curve[columns].copy()
        curve["expected"] = [self.expected(float(day)) for day in curve["day"]]
        return curve

    def uncertainty_table(self) -> pd.DataFrame:
        """Return the remaining share of the best effect by uncertainty of the day: ``uncertainty.csv``."""
        import pandas as pd

        rows = []
        for given in (self.distribution, *map(normal, DEVIATIONS)):
            day, effect = self.best_plan(given)
            rows.append(
                {"relapse": given.title, "plan": day, "effect": effect, "survives": effect / self.best[1]}
            )
        return pd.DataFrame(rows)

    def maintenance_table(self) -> pd.DataFrame:
        """Return a row for every interval and phase, antibodies off and on: ``maintenance.csv``."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "antibodies": antibodies,
                    "interval": each.interval,
                    "phase": each.phase,
                    "doses_in_28_days": each.doses,
                    "effect": each.effect.value,
                    "effect_low": each.effect.low,
                    "effect_high": each.effect.high,
                    "animal_low": each.effect.animal_low,
                    "animal_high": each.effect.animal_high,
                }
                for antibodies, runs in self.maintenance.items()
                for each in runs
            ]
        )

    def sentence(self) -> str:
        """Say in plain words what uncertain timing costs."""
        day, effect = self.best
        first, last = self.window()
        plan, expected = self.best_plan()
        text = (
            f"A dose of {self.dose} does most on day {day:g} of the relapse's induction ({effect:.0%}) and "
            f"at least half of it from day {first:g} to day {last:g}; with the day known as "
            f"{self.distribution.title}, {expected / effect:.0%} of it survives when planned for day {plan:g}"
        )
        if not self.intervals:
            return f"{text}."
        off, on = self.longest(OFF), self.longest(ON)
        kept = f"{1 - self.loss:.0%}"
        said = (
            f"to keep {kept} in every phase it has to be repeated every {off:g} days"
            if off
            else (f"no interval keeps {kept} in every phase")
        )
        with_them = (
            "as often" if on == off else f"every {on:g} days" if on else "insufficient at any interval"
        )
        return f"{text}; {said} ({with_them} with antibodies against IgG)."

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
            run_maintenance(made, asked, replace(effort, progress=part(place))) if asked.intervals else ()
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
