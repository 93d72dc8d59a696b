"""A first look at a laboratory's scores: whether the disease course resembles that of simulated rats.

The numbers of simulated rats of each strain, 20 in each of 1,000 laboratories, are kept in
``firstlook.toml``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from eaesim.endpoints import Floats
from eaesim.errors import unknown_name

if TYPE_CHECKING:
    from eaesim.evidence.laboratoryendpoints import LaboratoryEndpoints

DATA = Path(__file__).with_name("firstlook.toml")
# Fewer animals are uninformative about a group.
FEWEST = 3
MODEL_SCALE = 5.0
WEEK = 7


@dataclass(frozen=True)
class Usual:
    """Disease of untreated rats of a strain in simulations.

    Attributes
    ----------
    rats
        Number of simulated rats.
    onset_low, onset_high
        Days that contain 98 % of onsets.
    incidence
        Proportion with signs.
    groups
        Group sizes for which mean peak scores were computed.
    peak_low, peak_high
        For each size, limits that contain the mean peak score of rats with signs in 99.9 % of groups.
    """

    rats: int
    onset_low: float
    onset_high: float
    incidence: float
    groups: Sequence[int]
    peak_low: Sequence[float]
    peak_high: Sequence[float]

    def peaks(self, animals: int) -> tuple[float, float]:
        """Return the 99.9 % limits of the mean peak for this group size, or the next smaller one."""
        place = max(0, sum(number <= animals for number in self.groups) - 1)
        return self.peak_low[place], self.peak_high[place]


@cache
def usual() -> dict[str, Usual]:
    """Return the reference values of each strain.

    Examples
    --------
    >>> usual()["lewis"].rats
    20000
    """
    content = tomllib.loads(DATA.read_text(encoding="utf-8"))
    return {strain: Usual(**numbers) for strain, numbers in content.items()}


def first_look(result: LaboratoryEndpoints, *, strain: str | None = None) -> list[str]:
    """Return a line for everything in the control arm that is implausible for this disease."""
    known = usual()
    if strain is not None and strain not in known:
        raise unknown_name(strain, "strain", known)
    strains = list(known.values()) if strain is None else [known[strain]]
    arm = result.scores.control
    seen = result.watched(arm)
    ill = seen.had_signs
    rats = f"{sum(one.rats for one in strains):,} simulated rats"
    earliest = min(one.onset_low for one in strains)
    latest = max(one.onset_high for one in strains)
    between = f"in {rats} ({earliest:g} to {latest:g})"
    if not ill.any():
        if len(ill) >= FEWEST and seen.last.max() > latest:
            share = min(one.incidence for one in strains)
            return [
                f"{arm}: no animal has signs by day {seen.until}; of {rats} at least {share:.0%} have: is "
                "this the untreated arm?"
            ]
        return []
    notes = []
    onset = float(np.median(seen.times[0][ill]))
    if not earliest <= onset <= latest:
        side = "earlier" if onset < earliest else "later"
        hint = ", or are these weeks" if onset < earliest <= WEEK * onset <= latest else ""
        notes.append(
            f"{arm}: onset on day {onset:g} (median) is {side} than {between}: are days counted from "
            f"immunisation{hint}?"
        )
    if ill.sum() >= FEWEST:
        notes += _peaks(arm, result, strains, rats)
        read = result.scores.scores(arm)
        if len(read) >= FEWEST and all(np.array_equal(one, read[0], equal_nan=True) for one in read):
            notes.append(
                f"{arm}: all {len(read)} animals have the same scores on every day, which no simulated group "
                "has: was a row copied?"
            )
    return notes


def _peaks(arm: str, result: LaboratoryEndpoints, strains: list[Usual], rats: str) -> list[str]:
    """Return whether the mean peak of the animals with signs is outside the 99.9 % limits."""
    seen = result.watched(arm)
    peaks: Floats = seen.endpoints["peak_score"][seen.had_signs]
    # The peak of a lost animal is a lower bound: it cannot be too low.
    complete, peaks = not seen.is_lost[seen.had_signs].any(), peaks[~np.isnan(peaks)]
    if len(peaks) < FEWEST:
        return []
    scale = MODEL_SCALE / result.scores.scale_max
    mean = float(peaks.mean())
    ends = [one.peaks(len(peaks)) for one in strains]
    low, high = min(each[0] for each in ends) / scale, max(each[1] for each in ends) / scale
    if not (mean > high or (complete and mean < low)):
        return []
    return [
        f"{arm}: a mean peak of {mean:.2f} in animals with signs is outside 99.9 % of simulated groups "
        f"({low:.2f} to {high:.2f}, {rats}): is {result.scores.scale_max:g} the top of the scale "
        "(--scale-max)?"
    ]
