"""Endpoints of a laboratory's animals, and the means of its arms, in the units of its file."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from eaesim.endpoints import ENDPOINTS, Estimate, Floats, dead_rule, dead_words, share
from eaesim.endpoints.dead import Bools, scores_with_dead
from eaesim.endpoints.followup import SUMMED, Shares, Watched, lost_rule, settled_shares, watch
from eaesim.endpoints.statistics import NO_ESTIMATE
from eaesim.endpoints.tests import group_difference, group_mean
from eaesim.endpoints.times import event_free
from eaesim.errors import QuantityError, check_names
from eaesim.evidence.laboratory import LaboratoryScores
from eaesim.proportion import wilson_interval

# Random seed of the resampling: the same table gives the same intervals.
SEED = 1
#: Endpoints that are observable in a laboratory.
SEEN = tuple(name for name, one in ENDPOINTS.items() if one.is_daily)
#: Endpoints that are proportions of animals.
SHARES = ("incidence", "mortality", "relapse_incidence")
#: Message where a number needs a rule for lost animals.
SAY_LOST = "say --lost score, carry or exclude"
#: The endpoint of a table with body weights: the lowest, in % of the first.
WEIGHT = "lowest_weight"


@dataclass(frozen=True, eq=False, repr=False)
class LaboratoryEndpoints:
    """Endpoints of a laboratory's animals, in the units of its file, and the means of its arms.

    The observations of an animal lost before the last day of its arm are kept
    (`eaesim.endpoints.followup`). Endpoints of an arm run to the last day on which one of its living animals
    was read; comparisons run to the last day that the arm and the control have in common.

    Attributes
    ----------
    scores
        Scores of the laboratory.
    dead
        Rule for dead animals.
    lost
        Rule for cumulative and mean scores of lost animals; with None they are withheld where the last
        reading was a sign, and otherwise the last score is carried forward.
    signs
        Lowest score that counts as a sign of disease.
    """

    scores: LaboratoryScores
    dead: str = "score"
    lost: str | None = None
    signs: float = 1.0

    def __post_init__(self) -> None:
        """Check the rules and the threshold."""
        vars(self).update(dead=dead_rule(self.dead))
        lost_rule(self.lost)
        if not 0 < self.signs <= self.scores.scale_max:  # NaN too
            raise QuantityError(
                f"--signs is {self.signs:g}; it is the lowest score that is a sign: above 0, and at most the "
                f"top of the scale, {self.scores.scale_max:g}."
            )

    def __repr__(self) -> str:
        """Return a short description; `table` and `tests` have the results."""
        return f"{type(self).__name__}({self.scores!r}, {self.dead}, signs from {self.signs:g})"

    @property
    def arms(self) -> tuple[str, ...]:
        """Names of the arms."""
        return self.scores.arms

    @property
    def treated(self) -> tuple[str, ...]:
        """Names of the arms without the control."""
        return tuple(arm for arm in self.arms if arm != self.scores.control)

    @property
    def endpoints(self) -> tuple[str, ...]:
        """Names of the endpoints, including body weight where the table has it."""
        return SEEN if self.scores.weights is None else (*SEEN, WEIGHT)

    @property
    def dead_words(self) -> str:
        """Rule for dead animals, in words."""
        return dead_words(self.dead, dead_score=self.scores.dead_score)

    @property
    def signs_words(self) -> str:
        """Definition of a sign, in words."""
        return f"signs: score >= {self.signs:g}"

    @cached_property
    def last_day(self) -> int:
        """The last day on which any animal was read."""
        return max(self.until(arm) for arm in self.arms)

    def until(self, arm: str) -> int:
        """Return the last day on which a living animal of an arm was read: its endpoints run to it.

        If all its animals died, it is the last day of the table.
        """
        living = np.isinf(self._death_day(arm))
        days, read = self.scores.days, ~np.isnan(self.scores.scores(arm)[living])
        return max(0, int(days[read.any(axis=0)].max() if read.any() else days[-1]))

    def common_day(self, arm: str) -> int:
        """Return the last day that an arm and the control have in common."""
        return min(self.until(arm), self.until(self.scores.control))

    def _death_day(self, arm: str) -> Floats:
        ends = self.scores.ends(arm)
        return np.array([end.day if end is not None and end.how == "dead" else np.inf for end in ends])

    @cached_property
    def _last_onset(self) -> float:
        """The last day of onset in the table; 0 without one."""
        times = [self._watch(arm, self.until(arm), 0.0).times for arm in self.arms]
        return max((float(day[seen].max()) for day, seen in times if seen.any()), default=0.0)

    @cached_property
    def _watched(self) -> dict[tuple[str, int], Watched]:
        return {}

    def watched(self, arm: str, until: int | None = None) -> Watched:
        """Return the animals of an arm with their follow-up to a day; by default the last of the arm."""
        day = self.until(arm) if until is None else until
        if (arm, day) not in self._watched:
            self._watched[arm, day] = self._watch(arm, day, self._last_onset)
        return self._watched[arm, day]

    def _watch(self, arm: str, until: int, last_onset: float) -> Watched:
        scores = self.scores
        return watch(
            scores.scores(arm),
            scores.days,
            self._death_day(arm),
            until=until,
            signs=self.signs,
            dead_score=scores.dead_score,
            last_onset=last_onset,
            dead=self.dead,
            lost=self.lost,
        )

    def daily(self, arm: str) -> Floats:
        """Return the scores of an arm on every day of the table, under the rules for the dead and the lost.

        The last observation is carried forward, and days before the first count as 0; after the last reading
        of a lost animal, and after the last day of the arm, the score is NaN.
        """
        seen = self.watched(arm)
        score = scores_with_dead(seen.score, seen.death_day, dead=self.dead, dead_score=seen.dead_score)
        if self.lost in ("score", "carry"):
            after = np.full(len(score), seen.dead_score) if self.lost == "score" else seen.last_score
            score = np.where(np.isnan(score) & seen.is_lost[:, None], after[:, None], score)
        return np.pad(score, ((0, 0), (0, self.last_day - seen.until)), constant_values=np.nan)

    def endpoint(self, arm: str, name: str, *, until: int | None = None) -> Floats:
        """Return an endpoint of every animal of an arm; NaN where it is unknown or undefined."""
        check_names([name], "endpoint", self.endpoints)
        if name == WEIGHT:
            return self._lowest_weight(arm, self.until(arm) if until is None else until)
        return self.watched(arm, until).endpoints[name]

    def _lowest_weight(self, arm: str, until: int) -> Floats:
        weights, lowest = self.scores.weights, []
        for animal in self.scores.animals(arm):
            found = math.nan
            if weights is not None:
                own = (weights.arm == arm) & (weights.animal == animal) & (weights.day <= until)
                known = weights.weight[own][np.argsort(weights.day[own], kind="stable")]
                known = known[~np.isnan(known)]
                found = float(100 * known.min() / known[0]) if len(known) and known[0] > 0 else math.nan
            lowest.append(found)
        return np.array(lowest)

    def withheld(self, arm: str, name: str, *, until: int | None = None) -> int:
        """Return the number of animals of an arm with a withheld endpoint; then the mean is withheld too."""
        return int(self.watched(arm, until).is_withheld.sum()) if name in SUMMED else 0

    def shares(self, name: str, *arms: str, until: int) -> tuple[Shares, ...]:
        """Return which animals had an event by a day; lost animals are resolved for all arms together."""
        seen = [self.watched(arm, until) for arm in arms]
        return settled_shares(*((each.endpoints[name], *each.events(name)) for each in seen))

    def mean(self, arm: str, name: str, *, until: int | None = None) -> Estimate:
        """Return the mean of an endpoint with its 95 % interval (Wilson's for a proportion).

        Where animals were lost between the first event and the last, a proportion is the Kaplan-Meier
        estimate. The result is NaN where it is withheld.
        """
        day = self.until(arm) if until is None else until
        if self.withheld(arm, name, until=day):
            return NO_ESTIMATE
        if name not in SHARES:
            return group_mean(self.endpoint(arm, name, until=day), seed=SEED)
        (found,) = self.shares(name, arm, until=day)
        return _after_all(found) if found.between else share(found.value)

    def number(self, arm: str, name: str) -> int:
        """Return the number of animals in the mean of an arm."""
        values = self.endpoint(arm, name)
        if name in SHARES:
            (found,) = self.shares(name, arm, until=self.until(arm))
            return int((~np.isnan(found.value)).sum()) + found.between
        return int((~np.isnan(values)).sum())

    def difference(self, arm: str, name: str) -> Estimate:
        """Return the difference of an arm's mean from the control's, up to their last common day."""
        control, until = self.scores.control, self.common_day(arm)
        if arm == control:
            # An arm does not differ from itself, where it has a mean.
            none = 0.0 * self.mean(arm, name).value
            return Estimate(none, none, none)
        if any(self.withheld(each, name, until=until) for each in (arm, control)):
            return NO_ESTIMATE
        if name not in SHARES:
            pair = (self.endpoint(each, name, until=until) for each in (arm, control))
            return group_difference(*pair, seed=SEED)
        both = self.shares(name, arm, control, until=until)
        return _apart(*(_after_all(each) if each.between else share(each.value) for each in both))

    def without_signs(self, arm: str) -> tuple[Floats, Estimate]:
        """Return days and the proportion of an arm without signs from each on (`eaesim.endpoints.tests`)."""
        return event_free(*self.watched(arm).times)

    def before_onset(self, arm: str) -> Floats:
        """Return the day of each animal's last reading before its first sign; minus infinity without one."""
        seen, days = self.watched(arm), self.scores.days
        onset = np.where(seen.had_signs, seen.times[0], np.inf)
        read = ~np.isnan(self.scores.scores(arm)) & (days < onset[:, None])
        return np.asarray(np.where(read, days, -np.inf).max(axis=1))

    def open_onset(self, arm: str) -> Bools:
        """Return which animals were not read on the day before their first sign: onset may be earlier."""
        seen = self.watched(arm)
        return np.asarray(seen.had_signs & (seen.times[0] - self.before_onset(arm) > 1))


def _apart(one: Estimate, two: Estimate) -> Estimate:
    """Return the difference of two proportions with its interval (Newcombe 1998, method 10)."""
    value = one.value - two.value
    down = math.hypot(one.value - one.low, two.high - two.value)
    return Estimate(value, value - down, value + math.hypot(one.high - one.value, two.value - two.low))


def _after_all(found: Shares) -> Estimate:
    """Return the final Kaplan-Meier proportion with the event.

    Where it is 0 or 1, the interval is Wilson's for the animals still at risk at the last event, or without
    one on the last day.
    """
    _, free = event_free(found.day, found.seen)
    value, low, high = (1 - float(each[-1]) for each in (free.value, free.high, free.low))
    if math.isnan(low):
        last = found.day[found.seen] if found.seen.any() else found.day
        watched = int((found.day >= last.max()).sum())
        low, high = wilson_interval(value, watched)
    return Estimate(value, low, high)
