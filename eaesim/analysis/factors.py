"""What a sensitivity analysis varies: parameters of the rat, and the day or the size of a dose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from eaesim.endpoints import Floats
from eaesim.errors import ProtocolError, QuantityError, unknown_name
from eaesim.model.parameter_file import KINDS
from eaesim.protocol import Arm, Design, load_drug
from eaesim.protocol.quantity import days, number_text, quantity
from eaesim.protocol.tables import arm_table, read_arm
from eaesim.study import Study

#: Bounds this far apart, and further, are varied on a logarithmic scale.
LOG_RATIO = 10.0
SCALES = ("linear", "log")
_PARAMETER, _ARM = "parameter.", "arm."
_UNITS = {"day": "day", "dose": "mg/kg"}


@dataclass(frozen=True)
class Factor:
    """One unknown, between its bounds.

    Attributes
    ----------
    path
        ``parameter.NAME``, ``arm.NAME.day`` or ``arm.NAME.dose``.
    unit
        Of the bounds.
    low, high
        The bounds.
    scale
        ``"log"``: every ratio is as likely, or ``"linear"``: every value is.
    """

    path: str
    unit: str
    low: float
    high: float
    scale: str

    @property
    def name(self) -> str:
        """What it is called in tables and figures: a parameter by its name alone."""
        return self.path.removeprefix(_PARAMETER)

    def at(self, share: Floats) -> Floats:
        """Return the values at shares of the way from `low` to `high`.

        Examples
        --------
        >>> Factor("parameter.igg_uptake", "1/day", 0.1, 10.0, "log").at(np.array([0.0, 0.5, 1.0]))
        array([ 0.1,  1. , 10. ])
        """
        if self.scale == "log":
            values = self.low * (self.high / self.low) ** share
        else:
            values = self.low + (self.high - self.low) * share
        return np.asarray(np.clip(values, self.low, self.high))


def choose_factors(
    study: Study,
    parameters: Iterable[str] | None = None,
    ranges: Mapping[str, Mapping[str, Any]] | None = None,
) -> tuple[Factor, ...]:
    """Return what is varied, each once.

    Parameters
    ----------
    study
        Its rat gives every parameter's bounds.
    parameters
        Names of parameters, or of kinds (``biology``, ``drug``, ``protocol``, ``reading``). By default every
        parameter whose bounds differ, but for those whose value the user, or the file of a drug given, set.
    ranges
        Bounds of one's own by path: ``low``, ``high``, and ``scale`` where the rule does not fit. The paths
        ``arm.NAME.day`` and ``arm.NAME.dose`` vary the dosing day and the dose of an arm with one dose line.

    Raises
    ------
    EaesimError
        If a name or a path is not known, or bounds cannot be used.

    Examples
    --------
    >>> study = Study("lewis", arms=[Arm("vehicle")])
    >>> [factor.scale for factor in choose_factors(study, ["divisions", "igg_cns_leak"])]
    ['linear', 'log']
    """
    entries, own = study.rat.entries, ranges or {}
    named = [name for name in _names(study, parameters) if _PARAMETER + name not in own]
    factors = []
    for name in named:
        entry = entries[name]
        if entry.low == entry.high:
            raise QuantityError(f'{name} has no range; give one in ranges, as "{_PARAMETER}{name}".')
        factors.append(_factor(_PARAMETER + name, entry.unit, entry.low, entry.high))
    for path, bounds in own.items():
        factors.append(_with_bounds(path, bounds, study))
    if not factors:
        raise ProtocolError("there is nothing to vary; name a parameter, a kind of parameters, or a range.")
    for end in (0.0, 1.0):  # a day past the end is said now, not after an hour
        vary(study, factors, [float(factor.at(np.array(end))) for factor in factors])
    return tuple(factors)


def _names(study: Study, parameters: Iterable[str] | None) -> list[str]:
    rat = study.rat
    if parameters is None:
        given = {line.dose.drug for arm in study.design.arms for line in arm.regimen.lines}
        settled = {name for drug in given for name in load_drug(drug).parameters}
        settled |= {entry.name for entry in rat.changes}
        return [name for name, entry in rat.entries.items() if entry.low < entry.high and name not in settled]
    if isinstance(parameters, str):
        raise ProtocolError(f'parameters = "{parameters}" is one text; give a list of names.')
    found: dict[str, None] = {}
    for word in parameters:
        kind = [name for name, entry in rat.entries.items() if entry.kind == word and entry.low < entry.high]
        if not kind and word not in rat.entries:
            raise unknown_name(word, "parameter or kind", [*KINDS, *rat.entries])
        found |= dict.fromkeys(kind or [word])
    return list(found)


def _factor(path: str, unit: str, low: float, high: float, scale: str | None = None) -> Factor:
    if scale is None:
        scale = "log" if low > 0 and high / low >= LOG_RATIO else "linear"
    if scale not in SCALES:
        raise unknown_name(scale, "scale", SCALES)
    if scale == "log" and low <= 0:
        raise QuantityError(f"{path}: a log scale needs low above 0; given: {number_text(low)}.")
    return Factor(path, unit, low, high, scale)


def _with_bounds(path: str, bounds: Mapping[str, Any], study: Study) -> Factor:
    for key in ("low", "high"):
        if key not in bounds:
            raise ProtocolError(f'the range of "{path}" has no {key}; write {{ low = 1, high = 2 }}.')
    if path.startswith(_PARAMETER):
        name = path.removeprefix(_PARAMETER)
        if name not in study.rat.entries:
            raise unknown_name(name, "parameter", study.rat.entries)
        entry = study.rat.entries[name]
        unit = entry.unit
        low, high = (entry.with_value(bounds[key], source="").value for key in ("low", "high"))
    else:
        arm, key = _arm_path(path, study.design)
        unit, what = _UNITS[key], f'{key} of arm "{arm.name}"'
        low, high = (
            days(bounds[end], what=what) if key == "day" else quantity(bounds[end], unit, what=what)
            for end in ("low", "high")
        )
    if not low < high:
        raise QuantityError(f"{path}: low ({number_text(low)}) must lie below high ({number_text(high)}).")
    return _factor(path, unit, low, high, bounds.get("scale"))


def _arm_path(path: str, design: Design) -> tuple[Arm, str]:
    """Return the arm and the key that a path leads to; an arm's name may hold dots."""
    name, _, key = path.removeprefix(_ARM).rpartition(".")
    if not path.startswith(_ARM) or key not in _UNITS:
        raise ProtocolError(
            f'"{path}" is not a path; write "parameter.NAME", "arm.NAME.day" or "arm.NAME.dose", in quotes.'
        )
    arms = {arm.name: arm for arm in design.arms}
    if name not in arms:
        raise unknown_name(name, "arm", arms)
    lines = arms[name].regimen.lines
    if len(lines) != 1 or lines[0].dose.mechanism or (key == "day" and lines[0].trigger is not None):
        raise ProtocolError(f'"{path}" cannot be varied; the arm must have one dose line, and for day a day.')
    return arms[name], key


def vary(study: Study, factors: Iterable[Factor], values: Iterable[float]) -> Study:
    """Return the study with another value of every factor.

    Raises
    ------
    EaesimError
        If a value makes no study, such as a day past its end.

    Examples
    --------
    >>> study = Study("lewis", arms=[Arm("vehicle")])
    >>> vary(study, choose_factors(study, ["igg_uptake"]), [2.0]).rat.entries["igg_uptake"].value
    2.0
    """
    parameters: dict[str, float] = {}
    design = study.design
    for factor, value in zip(factors, values, strict=True):
        if factor.path.startswith(_PARAMETER):
            parameters[factor.name] = value
        else:
            design = _vary_arm(design, factor.path, value)
    return Study.from_design(study.rat.replace(**parameters), design)


def _vary_arm(design: Design, path: str, value: float) -> Design:
    arm, key = _arm_path(path, design)
    table = arm_table(arm)
    if key == "day":
        table["day"] = value
    else:  # what follows the amount, its length and repeats, stays
        dose = arm.regimen.lines[0].dose
        rest = dose.text().removeprefix(getattr(dose, "dose", ""))
        table["dose"] = f"{number_text(value)} mg/kg{rest}"
    arms = [read_arm(table) if other is arm else other for other in design.arms]
    return Design(design.until, design.inductions, arms, design.mechanism, design.control)
