"""What a schedule gave its rats: doses, grams, volumes, and the IgG in their plasma."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from eaesim.endpoints import Floats
from eaesim.protocol import Arm
from eaesim.protocol.dose import STUDIED_DRUG
from eaesim.protocol.regimen import DoseLine
from eaesim.study import Result

_NINE_IN_TEN, _NONE = (0.05, 0.95), (np.nan, np.nan)


@dataclass(frozen=True)
class Given:
    """What the rats of an arm were given, in the mean.

    Attributes
    ----------
    doses, grams
        Of IVIG: their number, and g/kg in all.
    volume
        The largest volume at once, of any drug whose concentration is known, in mL/kg.
    igg_peak, igg_area, days_above
        Given IgG in the plasma of the typical rat: its peak in mg/mL, the area under its curve in mg/mL
        times days, and the days with more than the level. Doses that wait are those of each rat.
    igg_peak_low, igg_peak_high
        Between these lie the peaks of nine in ten rats.
    dosed
        Share of rats that were given anything.
    """

    doses: float
    grams: float
    volume: float
    igg_peak: float
    igg_peak_low: float
    igg_peak_high: float
    igg_area: float
    days_above: float
    dosed: float

    def row(self) -> dict[str, float]:
        """Return it as columns of a table."""
        return asdict(self)


def given(result: Result, arm: Arm, *, level: float) -> Given:
    """Return what an arm gave, doses that waited for a sign counted rat by rat.

    Parameters
    ----------
    result
        Result of the study.
    arm
        One of its arms.
    level
        In mg/mL.

    Examples
    --------
    >>> from eaesim.protocol import Bolus
    >>> from eaesim.study import Study
    >>> arm = Arm("weekly", Bolus("0.4 g/kg", every="7 days", doses=3).at(day=0))
    >>> result = Study("lewis", until=16, arms=[Arm("vehicle"), arm]).run(animals=4)
    >>> found = given(result, arm, level=3.0)
    >>> found.doses, round(found.grams, 6), found.volume
    (3.0, 1.2, 4.0)
    """
    place = result.place(arm.name)
    solved = ~result.has_failed(arm.name)
    doses = np.zeros(result.number)
    grams = np.zeros(result.number)
    for number, line in enumerate(arm.regimen.lines):
        if line.dose.drug == STUDIED_DRUG and line.dose.amount > 0:
            own = _number(result, arm, number, line)
            doses += own
            grams += own * line.dose.amount / 1000.0
    typical = result.plasma.exposure(arm.name, level=level, typical=True)
    low, high = (
        np.quantile(result.plasma.exposure(arm.name).peak[solved], _NINE_IN_TEN) if solved.any() else _NONE
    )

    def mean(values: Floats) -> float:
        return float(values[solved].mean()) if solved.any() else np.nan

    return Given(
        doses=mean(doses),
        grams=mean(grams),
        volume=max((row.volume for row in arm.regimen.table() if row.volume is not None), default=0.0),
        igg_peak=mean(typical.peak),
        igg_peak_low=float(low),
        igg_peak_high=float(high),
        igg_area=mean(typical.area),
        days_above=mean(typical.days_above),
        dosed=mean(result.simulation.dosed[place].astype(np.float64)),
    )


def _number(result: Result, arm: Arm, number: int, line: DoseLine) -> Floats:
    """Return how many doses of a line each rat was given by the last day."""
    if line.day is None:
        start = result.simulation.triggered[arm.name, number]
    else:
        start = np.full(result.number, line.day)
    left = (result.design.until - start) / (line.dose.every or np.inf)
    return np.where(np.isnan(start), 0.0, np.clip(np.floor(left + 1e-9) + 1, 0, line.dose.doses))
