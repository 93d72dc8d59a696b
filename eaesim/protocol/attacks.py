"""Attacks: a patient's immune response is activated at random, each time like a small immunisation."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from numbers import Real

from eaesim.errors import ProtocolError, QuantityError, check_names
from eaesim.protocol.quantity import shown

#: Says that the rate of attacks is calibrated to the placebo arm.
CALIBRATE = "calibrate"
#: Most attacks a year, mean over patients.
MOST_ATTACKS = 365.0
_SHARES = ("microbial", "from_lesion")
_MAY_BE_ZERO = (*_SHARES, "rate", "spread")


@dataclass(frozen=True)
class Attacks:
    """A random process of attacks.

    Each patient keeps a rate for a while and then draws another; attacks follow one another at random at
    that rate. An attack adds antigen and adjuvant, or loads presenting cells in a lesion.

    Attributes
    ----------
    rate
        Attacks a year, mean over patients.
    dispersion
        Shape of the gamma distribution of rates; a small one means that patients differ much.
    lasting
        Mean time for which a patient keeps a rate, days.
    size
        Median size, relative to one immunisation of a rat.
    spread
        Standard deviation of the logarithm of the size.
    microbial
        Share of attacks whose adjuvant is of the kind that IgG binds.
    from_lesion
        Share of attacks that start in a lesion instead of the periphery.
    lesion_load
        Presenting cells that an attack of size 1 loads in a lesion.

    Raises
    ------
    ProtocolError
        If a value is not a finite number above 0 (rate, spread and shares: or 0; shares: at most 1).

    Examples
    --------
    >>> Attacks(rate=10, dispersion=1, lasting=548, size=0.25, spread=0.8).from_lesion
    0.0
    """

    rate: float
    dispersion: float
    lasting: float
    size: float
    spread: float
    microbial: float = 0.0
    from_lesion: float = 0.0
    lesion_load: float = 1.0

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
            if not number or value < 0 or (value == 0 and name not in _MAY_BE_ZERO):
                least = "0 or more" if name in _MAY_BE_ZERO else "above 0"
                raise ProtocolError(f"attacks: {name} = {shown(value)}; give a finite number, {least}.")
        for name in _SHARES:
            if getattr(self, name) > 1:
                raise ProtocolError(f"attacks: {name} = {getattr(self, name):g} is a share, at most 1.")
        if self.rate > MOST_ATTACKS:
            raise ProtocolError(f"attacks: rate = {self.rate:g} a year; at most {MOST_ATTACKS:g}.")


#: Names of the settings of `Attacks`.
ATTACK_SETTINGS = tuple(each.name for each in fields(Attacks))


def attacks_of(given: Mapping[str, float]) -> Attacks:
    """Return attacks from settings by name.

    Examples
    --------
    >>> attacks_of({"rte": 10.0})
    Traceback (most recent call last):
    ...
    eaesim.errors.UnknownNameError: "rte" is not a setting of attacks; did you mean "rate"? Settings of ...
    """
    check_names(given, "setting of attacks", ATTACK_SETTINGS)
    try:
        return Attacks(**given)
    except TypeError as error:
        missing = next(name for name in ATTACK_SETTINGS if name not in given)
        raise ProtocolError(f"attacks have no {missing}.") from error


@dataclass(frozen=True, kw_only=True)
class AttackSettings:
    """What a trial says of its patients' attacks; None is the patient's own.

    Attributes
    ----------
    rate
        Attacks a year, or ``"calibrate"``.
    dispersion
        Shape of the gamma distribution of rates between patients.
    size, spread
        Median size in immunisations, and the standard deviation of its logarithm.
    microbial
        Share of the attacks that microbes start.
    from_lesion
        Share of the attacks that start in a lesion.
    lasting
        Days that a patient's rate lasts on average before it is drawn again.

    Raises
    ------
    QuantityError
        If a number is negative or not finite, or a share above 1.

    Examples
    --------
    >>> AttackSettings(rate="calibrate").calibrated
    True
    """

    rate: float | str | None = None
    dispersion: float | None = None
    size: float | None = None
    spread: float | None = None
    microbial: float | None = None
    from_lesion: float | None = None
    lasting: float | None = None

    def __post_init__(self) -> None:
        for name, value in self.given().items():
            if name == "rate" and value == CALIBRATE:
                continue
            if isinstance(value, bool) or not isinstance(value, Real) or not abs(float(value)) < float("inf"):
                allowed = f', or "{CALIBRATE}"' if name == "rate" else ""
                raise QuantityError(f"attacks: {name} = {value!r} is not a number{allowed}.")
            if value < 0:
                raise QuantityError(f"attacks: {name} = {value} is negative; the least is 0.")
            if name in _SHARES and value > 1:
                raise QuantityError(f"attacks: {name} = {value} is a share; the most is 1.")

    @property
    def calibrated(self) -> bool:
        """Whether the rate is calibrated to the placebo arm."""
        return self.rate == CALIBRATE

    def given(self) -> dict[str, float | str]:
        """Return the settings that were given, by name."""
        every = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: value for name, value in every.items() if value is not None}
