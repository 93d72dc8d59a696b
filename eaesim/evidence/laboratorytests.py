"""The tests of a laboratory's arms against its control."""

from __future__ import annotations

import numpy as np

from eaesim.endpoints import Floats
from eaesim.endpoints.dead import scores_with_dead
from eaesim.endpoints.mixed import course_difference
from eaesim.endpoints.tests import GroupTest, fisher, log_rank, mann_whitney
from eaesim.errors import MissingLibraryError
from eaesim.evidence.laboratoryendpoints import SAY_LOST, SEEN, LaboratoryEndpoints

RANKED = ("peak_score", "cumulative_score", "mean_score")
COUNTED = ("incidence", "mortality")


def all_tests(result: LaboratoryEndpoints) -> dict[tuple[str, str, str], GroupTest]:
    """Return every test by arm, its name, and endpoint, up to the last day in common with the control.

    Mann-Whitney on scores, Fisher on proportions, log-rank on the day of onset, and a linear mixed model of
    the whole course. The p values are not corrected for multiple testing.
    """
    control, found = result.scores.control, {}
    ranked = (*RANKED, *result.endpoints[len(SEEN) :])
    for arm in result.treated:
        until = result.common_day(arm)
        for name in ranked:
            found[arm, "Mann-Whitney", name] = _rank_test(result, arm, name, until)
        for name in COUNTED:
            found[arm, "Fisher", name] = _share_test(result, arm, name, until)
        found[arm, "log-rank", "onset_day"] = _onset_test(result, arm, until)
        try:
            course = course_difference(readings(result, arm, until), readings(result, control, until))
        except MissingLibraryError as error:
            course = GroupTest(np.nan, np.nan, 0, 0, str(error))
        found[arm, "mixed model", "score"] = course
    return found


def _rank_test(result: LaboratoryEndpoints, arm: str, name: str, until: int) -> GroupTest:
    one, two = (result.endpoint(each, name, until=until) for each in (arm, result.scores.control))
    if count := sum(result.withheld(each, name, until=until) for each in (arm, result.scores.control)):
        return _untested(one, two, f"withheld: {count} lost with signs; {SAY_LOST}")
    return mann_whitney(one, two)


def _share_test(result: LaboratoryEndpoints, arm: str, name: str, until: int) -> GroupTest:
    one, two = result.shares(name, arm, result.scores.control, until=until)
    if count := one.between + two.between:
        why = f"{count} lost between the first and the last event; shares are not compared"
        return _untested(one.value, two.value, f"{why}, onsets are" if name == "incidence" else why)
    return fisher(one.value, two.value)


def _untested(one: Floats, two: Floats, why: str) -> GroupTest:
    return GroupTest(np.nan, np.nan, int((~np.isnan(one)).sum()), int((~np.isnan(two)).sum()), why)


def _onset_test(result: LaboratoryEndpoints, arm: str, until: int) -> GroupTest:
    """Compare onsets; animals lost before the first onset are uninformative and excluded."""
    pair = [result.watched(each, until).times for each in (arm, result.scores.control)]
    first = min((float(day[seen].min()) for day, seen in pair if seen.any()), default=0.0)
    one, two = ((np.where(~seen & (day < first), np.nan, day), seen) for day, seen in pair)
    return log_rank(one, two)


def readings(result: LaboratoryEndpoints, arm: str, until: int) -> Floats:
    """Return the readings of an arm from day 0 on, under the rule for dead animals; NaN if missing."""
    seen, days = result.watched(arm, until), result.scores.days
    within = (days >= 0) & (days <= until)
    daily = scores_with_dead(seen.score, seen.death_day, dead=result.dead, dead_score=seen.dead_score)
    read = ~np.isnan(result.scores.scores(arm)[:, within]) & (seen.last > 0)[:, None]
    return np.where(read, daily[:, days[within]], np.nan)
