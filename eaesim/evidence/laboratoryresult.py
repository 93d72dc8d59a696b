"""What a laboratory's scores say: endpoints of every animal, means of arms, tests against the control."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from eaesim.endpoints import DEAD_RULES, ENDPOINTS, Estimate, Floats, mean, scores_with_dead, share
from eaesim.endpoints.clinical import read_endpoints
from eaesim.endpoints.mixed import course_difference
from eaesim.endpoints.readings import daily_scores, laboratory_courses, onset_times
from eaesim.endpoints.tests import GroupTest, event_free, fisher, group_difference, log_rank, mann_whitney
from eaesim.errors import MissingLibraryError, unknown_name
from eaesim.evidence.laboratory import LaboratoryScores

if TYPE_CHECKING:
    import pandas as pd

# Of the resampling: the same table gives the same intervals.
SEED = 1
#: Endpoints that can be seen from outside.
SEEN = tuple(name for name in ENDPOINTS if name not in ("cns_inflammation_peak", "demyelination_end"))
RANKED = ("peak_score", "cumulative_score", "mean_score")
COUNTED = ("incidence", "mortality")
TESTED = (
    "arm",
    "control",
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
class LaboratoryResult:
    """Endpoints and statistics of a laboratory's scores.

    Endpoints are over days 0 to `until`. An animal that was not followed so far has none; in the curves of
    onset and in the mixed model it takes part with what was read.

    Attributes
    ----------
    scores
        What was read.
    dead
        The rule by which the dead are scored.

    Raises
    ------
    UnknownNameError
        If the rule is not known.
    """

    scores: LaboratoryScores
    dead: str = "five"

    def __post_init__(self) -> None:
        """Check the rule for the dead."""
        if self.dead not in DEAD_RULES:
            raise unknown_name(self.dead, "rule for the dead", DEAD_RULES)

    def __repr__(self) -> str:
        """Return what was read; `table` and `tests` have what it says."""
        return f"LaboratoryResult({self.scores!r}, {self.dead})"

    @property
    def arms(self) -> tuple[str, ...]:
        """Names of the arms."""
        return self.scores.arms

    @property
    def treated(self) -> tuple[str, ...]:
        """Names of the arms without the control."""
        return tuple(arm for arm in self.arms if arm != self.scores.control)

    @property
    def last_day(self) -> int:
        """The last day that any animal was read."""
        return int(self.scores.days[-1])

    @cached_property
    def until(self) -> int:
        """The last day to which at least one animal of every arm was followed; the dead count as followed."""
        return int(min(self.followed(arm).max() for arm in self.arms))

    @cached_property
    def _daily(self) -> dict[str, Floats]:
        scores = self.scores
        return {arm: daily_scores(scores.scores(arm), scores.days, until=self.last_day) for arm in self.arms}

    @cached_property
    def _endpoints(self) -> dict[str, dict[str, Floats]]:
        return {
            arm: read_endpoints(laboratory_courses(daily[:, : self.until + 1]), dead=self.dead)
            for arm, daily in self._daily.items()
        }

    def followed(self, arm: str) -> Floats:
        """Return the last day that each animal of an arm was followed to."""
        return np.asarray((~np.isnan(self._daily[arm])).sum(axis=1) - 1.0)

    def daily(self, arm: str) -> Floats:
        """Return the scores of an arm on every day, under the rule for the dead; NaN after its last reading.

        Days without a reading keep the last one, days before the first count as 0.
        """
        courses = laboratory_courses(self._daily[arm])
        return scores_with_dead(courses.score, courses.death_day, dead=self.dead)

    def endpoint(self, arm: str, name: str) -> Floats:
        """Return an endpoint of every animal of an arm; NaN where an animal has none.

        Raises
        ------
        UnknownNameError
            If the endpoint is none that a laboratory sees.
        """
        if name not in SEEN:
            raise unknown_name(name, "endpoint", SEEN)
        return self._endpoints[arm][name]

    def mean(self, arm: str, name: str) -> Estimate:
        """Return the mean of an endpoint with its 95 % interval; of a share, Wilson's."""
        values = self.endpoint(arm, name)
        return share(values) if ENDPOINTS[name].unit == "share" else mean(values, seed=SEED)

    def _difference(self, arm: str, name: str) -> Estimate:
        values, control = self.endpoint(arm, name), self.endpoint(self.scores.control, name)
        if arm != self.scores.control:
            return group_difference(values, control, seed=SEED)
        # Its own animals are no other group: no difference, where there is a mean.
        none = 0.0 * self.mean(arm, name).value
        return Estimate(none, none, none)

    def without_signs(self, arm: str) -> tuple[Floats, Estimate]:
        """Return days, and the share of an arm without signs from each on (`eaesim.endpoints.tests`)."""
        return event_free(*onset_times(self._daily[arm], dead=self.dead))

    def animals_table(self) -> pd.DataFrame:
        """Return a row for every animal: arm, animal, the last day it was followed to, and its endpoints."""
        import pandas as pd

        frames = [
            pd.DataFrame(
                {
                    "arm": arm,
                    "animal": self.scores.animals(arm),
                    "followed_to": self.followed(arm).astype(int),
                    **{name: self.endpoint(arm, name) for name in SEEN},
                }
            )
            for arm in self.arms
        ]
        return pd.concat(frames, ignore_index=True)

    def table(self) -> pd.DataFrame:
        """Return means with 95 % intervals, and differences from the control.

        Returns
        -------
        pandas.DataFrame
            Indexed by arm and endpoint; the head of the columns says how the dead were scored. `animals` is
            how many have a value, `failed` how many were not followed to the end.
        """
        import pandas as pd

        rows = []
        for arm in self.arms:
            failed = int((self.followed(arm) < self.until).sum())
            for name in SEEN:
                own, values = self.mean(arm, name), self.endpoint(arm, name)
                apart = self._difference(arm, name)
                rows.append(
                    {
                        "arm": arm,
                        "endpoint": name,
                        "mean": own.value,
                        "low": own.low,
                        "high": own.high,
                        "difference": apart.value,
                        "difference_low": apart.low,
                        "difference_high": apart.high,
                        "animals": int((~np.isnan(values)).sum()),
                        "failed": failed,
                    }
                )
        table = pd.DataFrame(rows).set_index(["arm", "endpoint"])
        table.columns.name = DEAD_RULES[self.dead]
        return table

    @cached_property
    def tests(self) -> dict[tuple[str, str, str], GroupTest]:
        """Every test by arm, name of the test, and endpoint.

        Mann-Whitney on scores, Fisher on shares, log-rank on the day of onset, and a linear mixed model of
        the whole course. The p values are not corrected for how many there are.
        """
        control, found = self.scores.control, {}
        for arm in self.treated:
            for name in RANKED:
                pair = self.endpoint(arm, name), self.endpoint(control, name)
                found[arm, "Mann-Whitney", name] = mann_whitney(*pair)
            for name in COUNTED:
                found[arm, "Fisher", name] = fisher(self.endpoint(arm, name), self.endpoint(control, name))
            times = (onset_times(self._daily[each], dead=self.dead) for each in (arm, control))
            found[arm, "log-rank", "onset_day"] = log_rank(*times)
            found[arm, "mixed model", "score"] = self._course_test(arm)
        return found

    def _course_test(self, arm: str) -> GroupTest:
        try:
            return course_difference(self._read(arm), self._read(self.scores.control))
        except MissingLibraryError as error:
            return GroupTest(np.nan, np.nan, 0, 0, str(error))

    def _read(self, arm: str) -> Floats:
        """Return what was read of an arm from day 0 on, under the rule for the dead; NaN without."""
        days = self.scores.days[self.scores.days >= 0]
        seen = ~np.isnan(self.scores.scores(arm)[:, -len(days) :])
        return np.where(seen, self.daily(arm)[:, days], np.nan)

    def tests_table(self) -> pd.DataFrame:
        """Return a row for every test: arm, control, test, endpoint, its numbers, and a note."""
        import pandas as pd

        rows = []
        for (arm, test, name), one in self.tests.items():
            rows.append(
                {
                    "arm": arm,
                    "control": self.scores.control,
                    "test": test,
                    "endpoint": name,
                    "statistic": one.statistic,
                    "p_value": one.p_value,
                    "difference": one.estimate.value,
                    "difference_low": one.estimate.low,
                    "difference_high": one.estimate.high,
                    "animals": one.animals,
                    "control_animals": one.control_animals,
                    "note": one.note,
                }
            )
        return pd.DataFrame(rows, columns=list(TESTED))
