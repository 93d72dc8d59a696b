"""Settings of the attacks of patients, as a trial or a study gives them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from numbers import Real

from eaesim.errors import QuantityError

#: Says that the rate of attacks is calibrated to the placebo arm.
CALIBRATE = "calibrate"
SHARES = ("microbial", "from_lesion")


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
            if name in SHARES and value > 1:
                raise QuantityError(f"attacks: {name} = {value} is a share; the most is 1.")

    @property
    def calibrated(self) -> bool:
        """Whether the rate is calibrated to the placebo arm."""
        return self.rate == CALIBRATE

    def given(self) -> dict[str, float | str]:
        """Return the settings that were given, by name."""
        every = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: value for name, value in every.items() if value is not None}
