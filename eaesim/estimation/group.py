"""What a group of control animals showed, as far as each was watched, and how likely it is for a rat."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from eaesim.endpoints import Floats
from eaesim.endpoints.followup import Watched
from eaesim.errors import ProtocolError

# Read in animals with signs; together with the share of animals that have any.
MEASURED = ("onset_day", "peak_score", "cumulative_score", "duration")
ONSET, PEAK = MEASURED.index("onset_day"), MEASURED.index("peak_score")
# Fewer animals than this are not informative.
LEAST_ANIMALS = 3
# After more days without a reading an onset is only known to lie between two.
LONGEST_GAP = 3
# The model's scores are whole: at least 3 is more than 2.5.
HALF_SCORE = 0.5


def _none() -> Floats:
    return np.empty(0)


@dataclass(frozen=True)
class Group:
    """What a group of animals showed.

    Attributes
    ----------
    sick, animals
        How many had signs, of how many.
    mean
        Means of `MEASURED` over animals with signs for which all four are known; NaN without such animals.
    without
        For animals that were lost without signs, the last day on which each was seen.
    onset, peak
        For animals with signs that were lost: the day of the first sign, and the highest score read.
    after, by, least
        For animals whose first sign fell between two readings far apart, or before the first: the day of the
        reading before (minus infinity without), that of the reading with signs, and the highest score read.
    """

    sick: int
    animals: int
    mean: Floats
    without: Floats = field(default_factory=_none)
    onset: Floats = field(default_factory=_none)
    peak: Floats = field(default_factory=_none)
    after: Floats = field(default_factory=_none)
    by: Floats = field(default_factory=_none)
    least: Floats = field(default_factory=_none)

    @property
    def complete(self) -> int:
        """How many animals with signs are known in all that is measured."""
        return self.sick - len(self.onset) - len(self.by)

    @property
    def well(self) -> int:
        """How many animals were watched to the last day without signs."""
        return self.animals - self.sick - len(self.without)


def read_watched(seen: Watched, *, before: Floats) -> Group:
    """Return what a group showed, from animals that were watched to different days.

    Parameters
    ----------
    seen
        The animals, on the model's scale of scores.
    before
        Day of the last reading before the first sign of each; minus infinity without one.

    Raises
    ------
    ProtocolError
        If there are too few animals, or none has signs.
    """
    found = seen.endpoints
    sick = (found["incidence"] > 0) & seen.had_signs
    without = seen.is_lost & ~seen.had_signs & (seen.last > 0)
    well = found["incidence"] == 0
    _check(int((sick | without | well).sum()), int(sick.sum()))
    between = sick & (found["onset_day"] - before > LONGEST_GAP)
    measured = np.stack([found[name] for name in MEASURED], axis=1)
    # Without a rule, only who was watched to the end: of the lost, those that recovered soon were mild.
    whole = ~seen.is_lost if seen.lost is None else ~np.isnan(measured).any(axis=1)
    complete = sick & ~between & whole
    partly = sick & ~between & ~complete
    mean = measured[complete].mean(axis=0) if complete.any() else np.full(len(MEASURED), np.nan)
    return Group(
        int(sick.sum()),
        int((sick | without | well).sum()),
        mean,
        without=seen.last[without],
        onset=found["onset_day"][partly],
        peak=found["peak_score"][partly],
        after=before[between],
        by=found["onset_day"][between],
        least=found["peak_score"][between],
    )


def _check(animals: int, sick: int) -> None:
    if animals < LEAST_ANIMALS:
        raise ProtocolError(
            f"control animals with scores: {animals}; a rat is estimated from {LEAST_ANIMALS} or more."
        )
    if not sick:
        raise ProtocolError("no control animal shows a sign; without disease a rat cannot be estimated.")


def log_likelihood(
    group: Group,
    *,
    incidence: Floats,
    onset: npt.NDArray[np.float32],
    mean: Floats,
    covariance: Floats,
    sick: Floats,
    animals: int,
) -> Floats:
    """Return how likely a group is for each parameter set: how many fall ill and when, then how those do.

    An animal that was lost without signs counts by the chance of none until then; one that was lost with
    signs by its onset, and a peak of at least what was read; one whose first sign fell between two readings
    far apart by the chance of that.

    Parameters
    ----------
    group
        The animals.
    incidence
        Share of each set's rats with signs, shape (sets,).
    onset
        Share with signs by each day, shape (sets, days).
    mean, covariance
        Of `MEASURED` in rats with signs, shape (sets, 4) and (sets, 4, 4).
    sick
        How many rats of each set had signs.
    animals
        How many rats each set has.
    """

    def smooth(share: npt.NDArray[np.floating]) -> Floats:
        return np.asarray((share * animals + 0.5) / (animals + 1.0))

    share = smooth(incidence)
    found = (group.sick - len(group.by)) * np.log(share) + group.well * np.log1p(-share)
    for day in group.without:
        found = found + np.log1p(-smooth(onset[:, int(day)]))
    for after, by in zip(group.after, group.by, strict=True):
        until = onset[:, int(after)] if after >= 0 else 0.0
        found = found + np.log(smooth(onset[:, int(by)] - until))
    if group.sick < 1:
        return np.asarray(found)
    found = found + _means(group, mean, covariance, sick) + _peaks(group, mean, covariance)
    # A population in which next to no rat falls ill cannot say how those do that do.
    return np.where(sick >= 3, found, -np.inf)


def _means(group: Group, mean: Floats, covariance: Floats, sick: Floats) -> Floats:
    """Return the density of means: of all that is measured, and of the onsets of animals that were lost."""
    places: list[int] = []
    numbers: list[int] = []
    values: list[float] = []
    if group.complete:
        places += range(len(MEASURED))
        numbers += [group.complete] * len(MEASURED)
        values += group.mean.tolist()
    if len(group.onset):
        places.append(ONSET)
        numbers.append(len(group.onset))
        values.append(float(group.onset.mean()))
    if not places:
        return np.zeros(len(mean))
    number = np.array(numbers)
    # Two groups share the chance that made the set's own rats, and nothing else.
    size = len(MEASURED) if group.complete else 0
    first = np.arange(len(places)) < size
    own = (first[:, None] == first[None, :]) / number[:, None]
    chance = own + 1.0 / np.maximum(sick, 1.0)[:, None, None]
    spread = covariance[:, places][:, :, places] * chance
    off = np.array(values) - mean[:, places]
    solved = np.linalg.solve(spread, off[:, :, None])[:, :, 0]
    return np.asarray(-0.5 * (np.sum(off * solved, axis=1) + np.linalg.slogdet(spread)[1]))


def _peaks(group: Group, mean: Floats, covariance: Floats) -> Floats:
    """Return the chance of peaks of at least what was read, where an animal is only partly known."""
    from scipy.special import log_ndtr

    found = np.zeros(len(mean))
    slope = covariance[:, ONSET, PEAK] / covariance[:, ONSET, ONSET]
    left = np.maximum(covariance[:, PEAK, PEAK] - slope * covariance[:, ONSET, PEAK], 1e-3)
    for day, least in zip(group.onset, group.peak, strict=True):
        middle = mean[:, PEAK] + slope * (day - mean[:, ONSET])
        found += log_ndtr(-(np.ceil(least) - HALF_SCORE - middle) / np.sqrt(left))
    for least in group.least:
        off = np.ceil(least) - HALF_SCORE - mean[:, PEAK]
        found += log_ndtr(-off / np.sqrt(covariance[:, PEAK, PEAK]))
    return found
