"""What a sensitivity analysis varies: parameters of the rat, doses and their days, sizes of inductions.

A parameter that was estimated is drawn from its posterior; the others lie between the bounds of their card.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from eaesim.errors import ProtocolError, QuantityError, unknown_name
from eaesim.files import Content
from eaesim.model import Parameter
from eaesim.model.parameter_file import KINDS
from eaesim.protocol.path import StudyPath, read_path
from eaesim.protocol.values import Range
from eaesim.questions.sensitivity.request import SensitivityRequest
from eaesim.study import Study
from eaesim.study.change import change_study
from eaesim.study.ensemble import Ensemble, ensemble_of

#: The card's bounds are varied on a logarithmic scale if they lie above 0 and at least this ratio apart.
#: Exponents are structure in this model; `divisions`, the only number used as an exponent, has bounds close
#: together and stays linear.
LOG_RATIO = 10.0
#: What of a design may take any number between two; the day of an induction is what others are counted from.
_OF_DOSE, _OF_INDUCTION = ("day", "dose"), ("amount", "cells")
#: The part of a posterior that is drawn from, and the scale that says so.
CENTRAL, POSTERIOR = 0.95, "posterior"
# The kind of parameter that an experimenter sets: it is known, so it is varied only where it is named.
_SET = "protocol"
_QUANTILES = 201


@dataclass(frozen=True)
class Posterior:
    """The values of a parameter that was estimated: the middle 95 % of its marginal posterior.

    Attributes
    ----------
    quantiles
        Quantiles of the posterior, at equal steps of its probability, rising.
    """

    quantiles: tuple[float, ...]
    words: str = ""
    scale: str = POSTERIOR

    @property
    def low(self) -> float:
        """The lower end."""
        return self.quantiles[0]

    @property
    def high(self) -> float:
        """The upper end."""
        return self.quantiles[-1]

    def at(self, share: float) -> float:
        """Return the value with this share of the middle of the posterior below it.

        Examples
        --------
        >>> Posterior((1.0, 2.0, 5.0)).at(0.75)
        3.5
        """
        places = np.linspace(0.0, 1.0, len(self.quantiles))
        return float(np.interp(share, places, self.quantiles))

    def table(self) -> dict[str, Content]:
        """Return its ends, as plain values."""
        return {"low": self.low, "high": self.high, "scale": self.scale}


@dataclass(frozen=True)
class Factor:
    """One unknown, between its bounds.

    Attributes
    ----------
    path
        Its place in a study.
    unit
        Unit of the bounds.
    values
        The bounds and the scale between them, or a posterior.
    """

    path: StudyPath
    unit: str
    values: Range | Posterior

    @property
    def name(self) -> str:
        """What it is called in tables and figures: a parameter by its name alone."""
        return self.path.parameter or self.path.text


def choose_factors(study: Study, request: SensitivityRequest) -> tuple[Factor, ...]:
    """Return what is varied, each once.

    By default every parameter whose bounds differ, but for protocol settings, which the experimenter
    chooses, and those whose value the user, or the file of a drug given, set. Estimated parameters of the
    rat's ensemble are drawn from the middle 95 % of their posterior, each on its own: correlations are not
    kept.

    Raises
    ------
    EaesimError
        If a name or a path is unknown, or bounds cannot be used.

    Examples
    --------
    >>> from eaesim.protocol import Arm
    >>> study = Study("lewis", arms=[Arm("vehicle")])
    >>> asked = SensitivityRequest(parameters=["divisions", "treg_capacity"])
    >>> [factor.values.scale for factor in choose_factors(study, asked)]
    ['posterior', 'log']
    """
    own = [_with_bounds(path, bounds, study) for path, bounds in (request.ranges or {}).items()]
    given = {factor.name for factor in own}
    ensemble = ensemble_of(study.rat)
    if ensemble is not None:
        ensemble = ensemble.given(study.design.mechanism)
    names = [name for name in _names(study, request.parameters) if name not in given]
    factors = (*(_with_card(name, study, ensemble) for name in names), *own)
    if not factors:
        raise ProtocolError("there is nothing to vary; name a parameter, a kind of parameters, or a range.")
    for end in (0.0, 1.0):  # a day past the end is said now, not after an hour
        vary(study, factors, [end] * len(factors))
    return factors


def _names(study: Study, parameters: Iterable[str] | None) -> list[str]:
    rat, entries = study.rat, _entries(study)
    if parameters is None:
        settled = {entry.name for entry in rat.changes}
        return [
            name
            for name, entry in rat.entries.items()
            if entry.low < entry.high and name not in settled and entry.kind != _SET
        ]
    found: dict[str, None] = {}
    for word in parameters:
        kind = [name for name, entry in entries.items() if entry.kind == word and entry.low < entry.high]
        if not kind and word not in entries:
            raise unknown_name(word, "parameter or kind", [*KINDS, *entries])
        found |= dict.fromkeys(kind or [word])
    return list(found)


def _entries(study: Study) -> dict[str, Parameter]:
    """Return the parameters of the rat and of the drugs that are given."""
    drugs = [drug for arm in study.design.arms for drug in arm.drugs()]
    return {name: entry for drug in drugs for name, entry in drug.parameters.items()} | dict(
        study.rat.entries
    )


def _with_card(name: str, study: Study, ensemble: Ensemble | None) -> Factor:
    """Return a parameter over its posterior, or without one between the bounds of its model card."""
    entry, path = _entries(study)[name], f"parameter.{name}"
    if ensemble is not None and name in ensemble.names and entry not in study.rat.changes:
        values = _posterior(ensemble, name)
        if values.low < values.high:
            return Factor(read_path(path, study.design), entry.unit, values)
    if entry.low == entry.high:
        raise QuantityError(f'{name} has no range; give one in ranges, as "{path}".')
    scale = "log" if entry.low > 0 and entry.high / entry.low >= LOG_RATIO else "linear"
    return Factor(read_path(path, study.design), entry.unit, Range(entry.low, entry.high, scale=scale))


def _posterior(ensemble: Ensemble, name: str) -> Posterior:
    values = ensemble.values[:, ensemble.names.index(name)]
    order = np.argsort(values)
    reached = np.cumsum(ensemble.weight[order]) - 0.5 * ensemble.weight[order]
    shares = np.linspace(0.5 - CENTRAL / 2, 0.5 + CENTRAL / 2, _QUANTILES)
    return Posterior(tuple(np.interp(shares, reached / ensemble.weight.sum(), values[order]).tolist()))


def _with_bounds(text: str, values: Range, study: Study) -> Factor:
    path = read_path(text, study.design)
    if path.parameter and path.parameter not in study.rat.entries:
        raise unknown_name(path.parameter, "parameter", study.rat.entries)
    if not path.parameter and path.keys[-1] not in _OF_INDUCTION + (_OF_DOSE if "doses" in path.keys else ()):
        raise ProtocolError(
            f'"{text}" cannot be varied here; a path leads to a parameter, to the day or the dose of a line '
            "of doses, or to the amount or the cells of an induction."
        )
    unit = study.rat.entry(path.parameter).unit if path.parameter else "day" if path.keys[-1] == "day" else ""
    return Factor(path, values.words or unit, values)


def vary(study: Study, factors: Iterable[Factor], shares: Sequence[float]) -> Study:
    """Return the study with every factor at a share, from 0 to 1, of its range.

    Raises
    ------
    EaesimError
        If a value makes no study, such as a day past its end.

    Examples
    --------
    >>> from eaesim.protocol import Arm
    >>> study = Study("lewis", arms=[Arm("vehicle")])
    >>> factors = choose_factors(study, SensitivityRequest(parameters=["treg_number"]))
    >>> vary(study, factors, [1.0]).rat.changes[0].value
    900.0
    """
    values = {factor.path: factor.values.at(share) for factor, share in zip(factors, shares, strict=True)}
    return change_study(study, values)
