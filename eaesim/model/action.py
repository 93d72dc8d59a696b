"""What a drug does at a concentration: inhibit, stimulate or deplete. No action contains time."""

from __future__ import annotations

from dataclasses import dataclass

from eaesim.model.kinetics import inhibition, saturation
from eaesim.model.state import Term

INHIBIT, STIMULATE, DEPLETE, COMPETE = "inhibit", "stimulate", "deplete", "competes_for_fcrn"
KINDS = (INHIBIT, STIMULATE, DEPLETE, COMPETE)
SHAPES = ("hill", "mixed", "linear")
SITES = ("plasma", "cns")
IV = "iv"

#: A number of an action: the name of a parameter, or a number that no parameter replaces.
Value = float | str


@dataclass(frozen=True)
class Action:
    """One action of a drug.

    Attributes
    ----------
    on
        Names of processes, parameters or states; empty for competition for FcRn.
    does
        One of `KINDS`.
    shape
        One of `SHAPES`.
    half
        Concentration of half the effect in mg/mL, or None.
    potency
        1 over it in mL/mg, or None; for the shape ``linear`` the effect per mg/mL.
    most
        Largest share taken away, largest fold added, or largest loss per day.
    steepness
        Exponent of the shape ``hill``.
    linearity
        Of the shape ``mixed``: 0 for the square of the concentration, 1 for the first power.
    reach
        Share of the effect that arrives.
    plasma_share
        Share of the effect by the concentration in plasma; the rest is by that in the CNS.

    Examples
    --------
    >>> action = Action(("priming",), "inhibit", half="ic50")
    >>> action.factor(lambda name: 2.0, plasma=6.0, cns=0.0)
    0.25
    """

    on: tuple[str, ...]
    does: str
    shape: str = "hill"
    half: Value | None = None
    potency: Value | None = None
    most: Value = 1.0
    steepness: int = 1
    linearity: Value = 0.0
    reach: Value = 1.0
    plasma_share: Value = 1.0

    @property
    def sees_cns(self) -> bool:
        """Whether the concentration in the CNS matters."""
        return self.plasma_share != 1.0

    def text(self) -> str:
        """Return its shape and parameters in words.

        Examples
        --------
        >>> Action(("priming",), "inhibit", half="ic50").text()
        'hill, steepness 1, half effect at ic50, sees plasma'
        """
        parts = [self.shape]
        if self.shape == "hill":
            parts.append(f"steepness {self.steepness}")
        parts.append(f"half effect at {self.half}" if self.potency is None else f"by {self.potency}")
        optional = (("most", self.most, 1.0), ("linearity", self.linearity, 0.0), ("reach", self.reach, 1.0))
        parts += [f"{name} {value}" for name, value, usual in optional if value != usual]
        if isinstance(self.plasma_share, str):
            site = f"plasma for {self.plasma_share}, else CNS"
        else:
            site = "plasma" if self.plasma_share else "CNS"
        return ", ".join((*parts, f"sees {site}"))

    def factor(self, value: Term, *, plasma: Term, cns: Term) -> Term:
        """Return the effect of a concentration: a factor, a loss per day, or competing IgG in mg/mL.

        Parameters
        ----------
        value
            Function from the name of a parameter to its value.
        plasma, cns
            Concentrations in mg/mL.
        """
        if self.plasma_share in (1.0, 0.0):
            return self._at(value, plasma if self.plasma_share else cns)
        share = _read(value, self.plasma_share)
        return share * self._at(value, plasma) + (1.0 - share) * self._at(value, cns)

    def _at(self, value: Term, concentration: Term) -> Term:
        if self.shape == "linear":
            effect = _product(_read(value, self.reach), _read(value, self.potency) * concentration)
            return 1.0 + effect if self.does == STIMULATE else effect
        most = _read(value, self.most)
        if self.shape == "mixed":
            left = inhibition(
                concentration, self._potency(value), _read(value, self.reach), _read(value, self.linearity)
            )
            if self.does == INHIBIT and self.most == 1.0:
                return left
            effect = _product(most, 1.0 - left)
        else:
            effect = _product(_product(most, _read(value, self.reach)), self._share(value, concentration))
        return {INHIBIT: lambda: 1.0 - effect, STIMULATE: lambda: 1.0 + effect, DEPLETE: lambda: effect}[
            self.does
        ]()

    def _potency(self, value: Term) -> Term:
        return 1.0 / _read(value, self.half) if self.potency is None else _read(value, self.potency)

    def _share(self, value: Term, concentration: Term) -> Term:
        """Return the Hill function, with its power by products, which every engine takes.

        A steep one is written so that neither a tiny nor a huge ratio leaves the range of single precision.
        """
        if self.steepness == 1 and self.potency is None:
            return saturation(concentration, _read(value, self.half))
        ratio = concentration * self._potency(value)
        return 1.0 - 1.0 / (1.0 + _power(ratio, self.steepness))


@dataclass(frozen=True)
class Route:
    """Target of a bolus by this route.

    A bolus of `amount` mg/kg adds ``amount * parameters[factor] / parameters[divisor]`` to `state`.

    Attributes
    ----------
    state
        State that the bolus is added to.
    factor
        Parameter for the bioavailability; None is 1.
    divisor
        Parameter for the volume in mL/kg; None is 1.
    """

    state: str
    factor: str | None = None
    divisor: str | None = None


@dataclass(frozen=True)
class Mechanism:
    """A named set of actions of a drug.

    Attributes
    ----------
    name
        Id, such as ``"H1a"``.
    title
        Short description.
    potency
        Parameter for its strength in the animal; 0 disables the mechanism. Empty if only the drug has it.
    site
        Site and target of the drug.
    actions
        Its actions.

    Examples
    --------
    >>> Mechanism("kill", "kills effectors", actions=(Action(("effector_cns",), "deplete", half=0.1),)).name
    'kill'
    """

    name: str
    title: str
    potency: str = ""
    site: str = ""
    actions: tuple[Action, ...] = ()


def _read(value: Term, given: Value | None) -> Term:
    return value(given) if isinstance(given, str) else given


def _product(left: Term, right: Term) -> Term:
    """Return a product; a factor of exactly 1 is left out, so that it leaves no operation behind."""
    if isinstance(left, float) and left == 1.0:
        return right
    return left if isinstance(right, float) and right == 1.0 else left * right


def _power(base: Term, exponent: int) -> Term:
    result = base
    for _ in range(exponent - 1):
        result = result * base
    return result
