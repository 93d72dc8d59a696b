"""The smallest number of animals that gives the target power."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from eaesim.questions.power.plan import MOST
from eaesim.questions.power.trials import Rate

FEWEST = 2
# Found hardly more often than by chance with the most animals, in 19 of 20 sets too: the model has no
# effect there to show.
CHANCE = 2.0
NO_EFFECT = "no effect to show"
# Lost animals leave more than this share of studies without a test: nothing is said of the effect.
MOSTLY, UNTESTED = 0.5, "not tested: animals are lost"
ALL_BUT_ONE_IN = 20


@dataclass(frozen=True)
class Needed:
    """Animals needed in an arm and in the control, each.

    Attributes
    ----------
    animals
        For the wanted power on average over parameter sets; NaN where the most that are tried do not suffice.
    low, high
        What the number of studies leaves open: a 95 % interval; NaN likewise.
    cautious
        So that only the 5 % of parameter sets where the effect is hardest to see have less; NaN
        likewise.
    most
        How often the difference is found with the most animals.
    absent
        Whether that is hardly more often than by chance, in 19 of 20 members too: there is nothing to be
        shown.
    members
        How many parameter sets these numbers are of.
    """

    animals: float
    low: float
    high: float
    cautious: float
    most: Rate
    absent: bool
    members: int = 1

    @property
    def untested(self) -> bool:
        """Whether lost animals leave most studies of the most animals without a test."""
        return self.most.untested > MOSTLY

    def average(self) -> str:
        """Return the number that suffices on average over parameter sets, in words.

        Examples
        --------
        >>> Needed(7.0, 6.0, 8.0, 27.0, Rate(1.0, 0.9, 1.0, 0.9, 1.0), absent=False).average()
        '7 (6 to 8)'
        """
        if self.absent:
            return NO_EFFECT
        if math.isnan(self.animals):
            return UNTESTED if self.untested else f"more than {MOST}"
        high = f"{self.high:.0f}" if self.high == self.high else f"over {MOST}"
        return f"{self.animals:.0f} ({self.low:.0f} to {high})"

    def in_most(self) -> str:
        """Return the number that suffices in 19 of 20 parameter sets, in words; empty of one alone.

        Examples
        --------
        >>> Needed(7.0, 6.0, 8.0, 27.0, Rate(1.0, 0.9, 1.0, 0.9, 1.0), absent=False, members=20).in_most()
        '27'
        """
        if self.members == 1 or self.absent or (self.untested and math.isnan(self.animals)):
            return ""
        return f"more than {MOST}" if math.isnan(self.cautious) else f"{self.cautious:.0f}"

    def text(self, *, short: bool = False) -> str:
        """Return both numbers in words.

        Parameters
        ----------
        short
            Without what the number of studies leaves open.

        Examples
        --------
        >>> nan, weak = float("nan"), Rate(0.3, 0.2, 0.4, 0.1, 0.9)
        >>> Needed(nan, nan, nan, nan, weak, absent=False).text()
        'no number up to 100 suffices (found in 30 % with 100)'
        >>> Needed(7.0, 6.0, 8.0, nan, weak, absent=False, members=20).text(short=True)
        '7 on average over 20 parameter sets, more than 100 in 19 of 20'
        """
        if self.untested and math.isnan(self.animals):
            return f"{UNTESTED} in {100 * self.most.untested:.0f} % of studies with {MOST}"
        if self.absent or math.isnan(self.animals):
            none = NO_EFFECT if self.absent else f"no number up to {MOST} suffices"
            return f"{none} (found in {100 * self.most.value:.0f} % with {MOST})"
        average = f"{self.animals:.0f}" if short else self.average()
        if self.members == 1:
            return average
        # With fewer than 20, the least favourable one or two represent the rest.
        share = "in 19 of 20" if self.members >= ALL_BUT_ONE_IN else "in 19 of 20 as far as these tell"
        return f"{average} on average over {self.members} parameter sets, {self.in_most()} {share}"


def needed_animals(found: Callable[[int], Rate], *, wanted: float, alpha: float, members: int = 1) -> Needed:
    """Find the smallest number of animals with the target power.

    Power rises with the number of animals, so the number is found by halving; Fisher's rises in steps that
    now and then go back a little, and any number where it passes may be found.

    Parameters
    ----------
    found
        Gives how often studies of so many animals in each arm find the difference.
    wanted, alpha
        The power, and the level of the test.
    members
        How many parameter sets the studies are of.

    Examples
    --------
    >>> needed = needed_animals(
    ...     lambda animals: Rate(*(min(animals / 20, 1.0),) * 5), wanted=0.8, alpha=0.05
    ... )
    >>> needed.animals, needed.cautious
    (16.0, 16.0)
    """
    at = cache(found)

    def least(read: Callable[[Rate], float]) -> float:
        if read(at(MOST)) < wanted:
            return math.nan
        low, high = FEWEST - 1, MOST
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if read(at(middle)) >= wanted else (middle, high)
        return float(high)

    most = at(MOST)
    return Needed(
        animals=least(lambda each: each.value),
        low=least(lambda each: each.high),
        high=least(lambda each: each.low),
        cautious=least(lambda each: each.member_low),
        most=most,
        absent=most.member_high <= CHANCE * alpha and most.untested <= MOSTLY,
        members=members,
    )
