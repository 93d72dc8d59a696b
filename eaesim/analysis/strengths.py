"""One rule for the strength of every mechanism, so that rivals start fair.

Alone, each is set, within its bounds, as near as it can to the one calibrating ratio: mean peak score of
treated over control rats, 1 g/kg at immunisation, `da` (finding A1). What it reaches stands on the
model card.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from eaesim.model import MECHANISMS, Rat, load, parse_mechanism
from eaesim.model.card import CALIBRATING_RATIO
from eaesim.protocol import Arm, Bolus
from eaesim.study import Study

DOSE = "1 g/kg"
# The first attack of a DA rat is over by then, and a second one has not begun.
UNTIL = 15
TOLERANCE = 0.005
GRID = 9
REFINEMENTS = 12


@dataclass(frozen=True)
class Strength:
    """The strength of one mechanism under the rule.

    Attributes
    ----------
    mechanism
        Its id.
    potency
        The value of its parameter, in that parameter's unit.
    reached
        Mean peak score, treated over control.
    """

    mechanism: str
    potency: float
    reached: float


def reached_ratio(rat: Rat, mechanism: str, *, animals: int = 200, seed: int = 1) -> float:
    """Return mean peak score, treated over control, for the calibrating experiment.

    Parameters
    ----------
    rat
        The rat, with the strength it has.
    mechanism
        What IVIG does.
    animals, seed
        The cohort.
    """
    arms = [Arm("vehicle"), Arm("at immunisation", Bolus(DOSE).at(day=0))]
    study = Study(rat, until=UNTIL, arms=arms, mechanism=mechanism)
    result = study.run(animals=animals, seed=seed, members=1, record=())
    treated, control = result.pair("at immunisation", "vehicle", "peak_score")
    return float(treated.mean() / control.mean())


def strength(mechanism: str, *, rat: Rat | None = None, animals: int = 200, seed: int = 1) -> Strength:
    """Find the strength of one mechanism under the rule; some seconds to minutes.

    A grid over the bounds first, because the effect need not rise with the potency; then the best
    neighbourhood is halved.

    Parameters
    ----------
    mechanism
        One id.
    rat
        By default `da`.
    animals, seed
        The cohort.

    Raises
    ------
    UnknownNameError
        If it is not a mechanism.
    """
    (name,) = parse_mechanism(mechanism)
    chosen, potency = rat or load("da"), MECHANISMS[name].potency
    low, high = chosen.entries[potency].low, chosen.entries[potency].high

    def ratio(value: float) -> float:
        return reached_ratio(chosen.replace(**{potency: value}), name, animals=animals, seed=seed)

    values = [float(value) for value in np.geomspace(max(low, high / 200.0), high, GRID)]
    tried = {value: ratio(value) for value in values}
    for _ in range(REFINEMENTS):
        best = _nearest(tried)
        if abs(tried[best] - CALIBRATING_RATIO) <= TOLERANCE:
            break
        ordered = sorted(tried)
        place = ordered.index(best)
        sides = [ordered[side] for side in (place - 1, place + 1) if 0 <= side < len(ordered)]
        # Towards the neighbour on the other side of the target; with none, the nearest stands.
        across = [
            side
            for side in sides
            if (tried[side] - CALIBRATING_RATIO) * (tried[best] - CALIBRATING_RATIO) < 0
        ]
        if not across:
            break
        middle = float(f"{np.sqrt(best * across[0]):.3g}")
        if middle in tried:
            break
        tried[middle] = ratio(middle)
    best = _nearest(tried)
    return Strength(name, best, tried[best])


def _nearest(tried: Mapping[float, float]) -> float:
    """Return the potency nearest to the target; the strongest, where several come equally near."""
    return min(tried, key=lambda value: (abs(tried[value] - CALIBRATING_RATIO), -value))
