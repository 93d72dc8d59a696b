"""Outcomes of a trial: what is read of it, and what was published."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from eaesim.errors import ProtocolError, QuantityError, check_names
from eaesim.model.bibliography import source as known_source

#: What is read of a trial, and the unit of its value.
TRIAL_ENDPOINTS: dict[str, str] = {
    "relapse_rate": "1/year",
    "relapse_free": "share",
    "first_relapse_day": "day",
    "edss_change": "EDSS",
    "confirmed_progression": "share",
    "mri_activity": "dimensionless",
    "edss_gain_share": "share",
}
#: How a published number compares the arms; ``value`` is that of one arm.
MEASURES = ("ratio", "difference", "hazard_ratio", "value")
#: ``calibrate``: placebo arms and comparators. ``validate``: IVIG in relapsing-remitting disease, which a
#: plateau may be fitted to. ``hold out``: never fitted.
USES = ("calibrate", "validate", "hold out")


#: The result of what nobody has published yet.
PLANNED = "not published"


@dataclass(frozen=True, kw_only=True)
class Published:
    """One number that was published of a trial.

    Attributes
    ----------
    endpoint
        One of `TRIAL_ENDPOINTS`; shares are from 0 to 1.
    measure
        One of `MEASURES`; a ratio, difference or hazard ratio is `arm` against placebo.
    arm
        Name of the arm.
    source
        Keys of the bibliography.
    use
        One of `USES`.
    value, low, high
        The number, and its 95 % interval; None where nothing was published.
    sd
        Standard deviation between patients.
    p
        Published p of the comparison.
    result
        Result in words, where no number was published.
    derived
        How value or interval were derived from what was published; empty where they were published.
    stand_in
        Whether another endpoint, such as vision, is read as this one.
    since, until
        First and last day that is read, day 0 being randomisation; None is the end of the trial.

    Raises
    ------
    UnknownNameError
        If endpoint, measure, use or a source is not known.
    QuantityError
        If low lies above high, the value outside of them, or a share or p outside 0 to 1.
    ProtocolError
        If it has neither a value, nor p, nor a result.

    Examples
    --------
    >>> row = Published(endpoint="relapse_rate", measure="ratio", arm="IVIG", value=0.41, low=0.24,
    ...                 high=0.71, source=("Fazekas1997",))
    >>> row.use
    'validate'
    """

    endpoint: str
    measure: str
    arm: str
    source: tuple[str, ...]
    use: str = "validate"
    value: float | None = None
    low: float | None = None
    high: float | None = None
    sd: float | None = None
    p: float | None = None
    result: str = ""
    derived: str = ""
    stand_in: bool = False
    since: int = 0
    until: int | None = None

    def __post_init__(self) -> None:
        for given, noun, allowed in (
            (self.endpoint, "endpoint of a trial", TRIAL_ENDPOINTS),
            (self.measure, "measure", MEASURES),
            (self.use, "use", USES),
        ):
            check_names([given], noun, allowed)
        for key in self.source:
            known_source(key)
        if not self.source and self.result != PLANNED:
            raise ProtocolError(f"{self.endpoint} has no source; give a key of the bibliography.")
        if self.value is None and self.p is None and not self.result:
            raise ProtocolError(f"{self.endpoint} has neither a value, nor p, nor a result in words.")
        self._check_interval()
        self._check_sizes()

    def _check_interval(self) -> None:
        low, high, value = self.low, self.high, self.value
        if (low is None) != (high is None):
            raise QuantityError(f"{self.endpoint}: low and high stand together.")
        if low is None or high is None:
            return
        if low > high:
            raise QuantityError(f"{self.endpoint}: low = {low:g} lies above high = {high:g}.")
        if value is None or not low <= value <= high:
            given = "no value" if value is None else f"value = {value:g}"
            raise QuantityError(f"{self.endpoint}: {given} between low = {low:g} and high = {high:g}.")

    def _check_sizes(self) -> None:
        if self.p is not None and not 0 <= self.p <= 1:
            raise QuantityError(f"{self.endpoint}: p = {self.p:g} is not from 0 to 1.")
        if self.sd is not None and not 0 <= self.sd < math.inf:
            raise QuantityError(f"{self.endpoint}: sd = {self.sd:g} is not a number from 0 on.")
        for value in (self.value, self.low, self.high):
            if value is not None:
                _check_value(self.endpoint, self.measure, value)
        if self.until is not None and self.until <= self.since:
            raise QuantityError(f"{self.endpoint}: since day {self.since} lies past until day {self.until}.")


@dataclass(frozen=True, kw_only=True)
class PlaceboRow:
    """The number of the placebo arm that the rate of attacks is calibrated to.

    Examples
    --------
    >>> PlaceboRow(endpoint="relapse_rate", value=1.26).value
    1.26
    """

    endpoint: str
    value: float

    def __post_init__(self) -> None:
        check_names([self.endpoint], "endpoint of a trial", TRIAL_ENDPOINTS)
        _check_value(self.endpoint, "value", self.value)


def _check_value(endpoint: str, measure: str, value: float) -> None:
    """Check that a number is possible: shares lie from 0 to 1, and only differences may be negative."""
    if TRIAL_ENDPOINTS[endpoint] == "share" and measure == "value" and not 0 <= value <= 1:
        raise QuantityError(f"{endpoint} = {value:g} is not a share from 0 to 1.")
    if not math.isfinite(value) or (value < 0 and measure != "difference" and endpoint != "edss_change"):
        raise QuantityError(f"{endpoint}: a {measure} of {value:g} is not possible.")


def planned_outcomes(arms: Iterable[str]) -> tuple[Published, ...]:
    """Return what is read of a trial of which nothing is published, for each arm that is treated.

    Examples
    --------
    >>> [row.endpoint for row in planned_outcomes(["IVIG"])]
    ['relapse_rate', 'relapse_free', 'first_relapse_day', 'edss_change']
    """
    read = (
        ("relapse_rate", "ratio"),
        ("relapse_free", "difference"),
        ("first_relapse_day", "hazard_ratio"),
        ("edss_change", "difference"),
    )
    return tuple(
        Published(endpoint=endpoint, measure=measure, arm=arm, source=(), result=PLANNED)
        for arm in arms
        for endpoint, measure in read
    )
