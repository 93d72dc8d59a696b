"""Result of a study: endpoints of every rat, and the table of means and paired differences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from eaesim.endpoints import Floats, scores_with_dead
from eaesim.endpoints.daycounts import DayCounts
from eaesim.solver import STATUS
from eaesim.study.estimates import Estimates
from eaesim.study.kept import RELAPSE_DAY, KeptCourses
from eaesim.study.keptsums import KeptSums
from eaesim.study.membership import few_rats_notes
from eaesim.study.plasmaruns import PlasmaRuns
from eaesim.study.recorded import AREA, PEAK, daily, exposures

if TYPE_CHECKING:
    import pandas as pd


class Result(Estimates):
    """The outcome of a study.

    Attributes
    ----------
    rat, design
        Rat and design of the study.
    simulation
        Course of every rat in every arm.
    seed
        Random seed of the rats.
    dead
        Rule for dead rats.
    record
        States recorded daily.
    members
        Number of parameter sets, assigned to rats in turn; 1 without an ensemble.
    sets
        Parameter sets.
    engine
        Solver.

    Examples
    --------
    >>> from eaesim.protocol import Arm
    >>> from eaesim.study import Study
    >>> result = Study("lewis", until=20, arms=[Arm("vehicle")]).run(animals=2, members=1)
    >>> result.scores("vehicle").shape
    (2, 21)
    """

    def __repr__(self) -> str:
        """Return a short description; `table` has the results."""
        return f"Result({self.rat!r}, {self.number} rats, seed {self.seed}, arms: {', '.join(self.arms)})"

    @property
    def days(self) -> Floats:
        """The days on which rats were scored."""
        return np.arange(self.design.until + 1.0)

    def scores(self, arm: str) -> Floats:
        """Return the daily scores of an arm under the rule for dead rats, shape (rats, days)."""
        simulation, place = self.simulation, self.place(arm)
        return scores_with_dead(simulation.score[place], simulation.death_day[place], dead=self.dead)

    def counts(self, arm: str) -> DayCounts:
        """Return the numbers of rats of an arm by day and score, and the scores of the first rats."""
        simulation, place = self.simulation, self.place(arm)
        if isinstance(simulation.kept, KeptSums):
            return simulation.kept.counts(place)
        score, death_day = simulation.score[place], simulation.death_day[place]
        return DayCounts.of(score, death_day, member=self.member, sets=self.members)

    def notes(self) -> list[str]:
        """Return one line for each caveat on the intervals."""
        return few_rats_notes(self.number, self.members)

    def failures(self) -> list[str]:
        """Return the reasons of failed runs."""
        return self.simulation.failures

    def relapse_days(self, arm: str) -> Floats:
        """Return the day of each rat's first relapse; NaN without one."""
        return self._read(arm, self._induced(arm), RELAPSE_DAY)

    @property
    def plasma(self) -> PlasmaRuns:
        """Concentrations in plasma of every rat, also between daily readings."""
        return PlasmaRuns(self)

    def animals_table(self) -> pd.DataFrame:
        """Return one row per rat and arm: status, whether it was dosed, and endpoints.

        Where the concentration of a drug in plasma is recorded, also its peak in mg/mL and area under the
        curve in mg/mL times days, both from the whole course, not from daily readings.
        """
        import pandas as pd

        simulation = self.simulation
        frames = [
            pd.DataFrame(
                {
                    "arm": arm,
                    "animal": np.arange(self.number),
                    "member": self.member,
                    "status": np.array(STATUS, dtype=object)[simulation.status[place]],
                    "reason": self._reasons(place),
                    "dosed": simulation.dosed[place],
                    **{name: self.endpoint(arm, name) for name in self.endpoints},
                    **self._exposure_columns(arm),
                }
            )
            for place, arm in enumerate(self.arms)
        ]
        return pd.concat(frames, ignore_index=True)

    def _exposure_columns(self, arm: str) -> dict[str, Floats]:
        if not isinstance(self.simulation.kept, KeptCourses):
            return {}
        columns: dict[str, Floats] = {}
        for plasma, ends in exposures(self.record).items():
            found = self.plasma.exposure(arm, of=plasma)
            own = {PEAK: found.peak, AREA: found.area}
            columns |= {plasma + end: own[end] for end in ends}
        return columns

    def _reasons(self, place: int) -> npt.NDArray[np.object_]:
        reasons = np.full(self.number, "", dtype=object)
        for (arm, rat), text in self.simulation.reason.items():
            if arm == place:
                reasons[rat] = text
        return reasons

    def scores_table(self) -> pd.DataFrame:
        """Return one row per rat, arm and day: score and latent severity."""
        score = np.array([self.scores(arm) for arm in self.arms])
        return self._daily({"score": score, "severity": self.simulation.severity})

    def courses_table(self) -> pd.DataFrame:
        """Return one row per rat, arm and day: recorded states, before that day's doses."""
        return self._daily({name: self.simulation.states[name] for name in daily(self.record)})

    def _daily(self, columns: dict[str, Floats]) -> pd.DataFrame:
        import pandas as pd

        arms, rats, days = self.simulation.score.shape
        return pd.DataFrame(
            {
                "arm": np.repeat(np.array(self.arms, dtype=object), rats * days),
                "animal": np.tile(np.repeat(np.arange(rats), days), arms),
                "member": np.tile(np.repeat(self.member, days), arms),
                "day": np.tile(np.arange(days), arms * rats),
                **{name: values.reshape(-1) for name, values in columns.items()},
            }
        )
