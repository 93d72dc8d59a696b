"""Strength of a mechanism: a potency for every parameter set, from the calibration data on treated rats.

Every mechanism starts from the same rats. The likelihood of those rows under this mechanism is the weight of
each parameter set: a rat that no strength protects has next to no weight.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from eaesim.endpoints import Floats
from eaesim.estimation.experiment import read_experiments
from eaesim.estimation.population import Dose
from eaesim.estimation.trial import Controls, Trial, effects, run_arms, shortened
from eaesim.evidence import Finding, finding
from eaesim.model import MECHANISMS, Parameters, Rat, parse_mechanism
from eaesim.protocol.dose import parse_dose

# Each finding in its own window. A1: the mean score of days 0 to 30 (mean or peak is not stated, so the
# window is assumed); A4: the peak score of the only attack.
UNTIL = {"da": 30, "lewis": 24}
READ_AS = {"da": "mean_score", "lewis": "peak_score"}
# Potencies tried for each parameter set, and the part of the range that counts as hardly any effect.
TRIED = 9
_LEAST = 200.0
# "Suppressed" is an effect of at least this much, as the judge of findings reads it, within so much; assumed.
SUPPRESSED, SOFTNESS = 0.3, 0.1
CALIBRATING = {"da": "A1", "lewis": "A4"}
DOSE = "1 g/kg"


@dataclass(frozen=True)
class Potencies:
    """The strength of one mechanism, or of several together, for every parameter set.

    Attributes
    ----------
    mechanism
        Ids combined with ``+``.
    names
        The parameters that are its strengths.
    values
        Shape (members, names).
    log_evidence
        Log of the mean likelihood of the calibration data on treated rats, over parameter sets and prior.
    likelihood
        Likelihood of the same rows in each parameter set, the mean over its prior, shape (members,).
    effect
        By strain, the effect of the dose on its calibrating reading (`READ_AS`) in each parameter set
        at its strength; 0 where untreated rats do not fall ill.
    """

    mechanism: str
    names: tuple[str, ...]
    values: Floats
    log_evidence: float
    likelihood: Floats
    effect: Mapping[str, Floats] = field(default_factory=dict)

    def chosen(self) -> npt.NDArray[np.int64]:
        """Resample the parameter sets in proportion to their likelihood.

        Examples
        --------
        >>> rows = np.array([0.1, 0.1, 0.4, 0.2])
        >>> Potencies("H1a", ("potency_maturation",), np.ones((4, 1)), -1.6, rows).chosen().tolist()
        [0, 2, 2, 3]
        """
        count = len(self.likelihood)
        reached = np.cumsum(self.likelihood) / self.likelihood.sum()
        return np.minimum(np.searchsorted(reached, (np.arange(count) + 0.5) / count), count - 1)

    def switched_on(
        self, typical: Sequence[Parameters], members: Sequence[int] | npt.NDArray[np.int64]
    ) -> list[Parameters]:
        """Return typical rats with the mechanism switched on, each at the strength of its parameter set."""
        return [
            rat._replace(**dict(zip(self.names, map(float, row), strict=True)))
            for rat, row in zip(typical, self.values[members], strict=True)
        ]


def estimate_potencies(
    mechanism: str,
    controls: Mapping[str, Controls],
    *,
    rats: Mapping[str, Rat],
    doses: Mapping[str, str] | None = None,
) -> Potencies:
    """Draw a potency for every parameter set from the posterior given the calibration data.

    Parameters
    ----------
    mechanism
        Ids combined with ``+``.
    controls
        By strain, the untreated rats, which are the same for every mechanism; parameter set i is the same in
        every strain. Their seed is also that of the draws.
    rats
        By strain, the rat with its entries.
    doses
        What is given on day 0, by calibrating row; by default 1 g/kg at once.
    """
    names = tuple(MECHANISMS[each].potency for each in parse_mechanism(mechanism))
    first = next(iter(controls.values()))
    count = len(first.typical)
    random = np.random.default_rng([first.seed, *mechanism.encode()])
    tried = _tried(names, next(iter(rats.values())), count, random)
    total, seen = np.zeros((count, TRIED)), {}
    for strain, untreated in controls.items():
        dose = parse_dose((doses or {}).get(CALIBRATING[strain], DOSE))
        found = _effects(names, tried, strain, dose, untreated)
        total += _log_likelihood(strain, found)
        seen[strain] = np.nan_to_num(found)
    weights = np.exp(total - total.max())
    chosen = (
        np.cumsum(weights, axis=1) < random.random((count, 1)) * weights.sum(axis=1, keepdims=True)
    ).sum(axis=1)
    chosen = np.minimum(chosen, TRIED - 1)
    likelihood = np.exp(total).mean(axis=1)
    strength = tried[np.arange(count), chosen]
    effect = {strain: found[np.arange(count), chosen] for strain, found in seen.items()}
    return Potencies(mechanism, names, strength, float(np.log(likelihood.mean())), likelihood, effect)


def _tried(names: Sequence[str], rat: Rat, members: int, random: np.random.Generator) -> Floats:
    """Return potencies to try, stratified over their range, shape (members, tried, names)."""
    tried = np.empty((members, TRIED, len(names)))
    for column, name in enumerate(names):
        entry = rat.entries[name]
        low = max(entry.low, entry.high / _LEAST)
        strata = random.permuted(np.tile(np.arange(TRIED), (members, 1)), axis=1)
        tried[:, :, column] = low * (entry.high / low) ** ((strata + random.random((members, TRIED))) / TRIED)
    return tried


def _effects(
    names: Sequence[str],
    tried: Floats,
    strain: str,
    dose: Dose,
    controls: Controls,
) -> Floats:
    """Return the effect of a dose at immunisation, shape (members, tried)."""
    experiment = shortened(read_experiments()[f"{strain}_immunised"], UNTIL[strain])
    untreated = controls.typical
    treated = [
        member._replace(**dict(zip(names, map(float, row), strict=True)))
        for member, rows in zip(untreated, tried, strict=True)
        for row in rows
    ]
    trial = Trial(experiment, dose, 0.0, READ_AS[strain])
    ((dosed, control),) = run_arms([trial], controls, treated)
    dosed = dosed.reshape(len(untreated), TRIED, -1)
    return effects(dosed, np.broadcast_to(control[:, None], dosed.shape))


def _log_likelihood(strain: str, effect: Floats) -> Floats:
    """Return how likely the strain's calibrating row is for each effect."""
    off, spread = ratio_misses(finding(CALIBRATING[strain]), effect)
    if spread:
        found = -0.5 * off**2 - 0.5 * np.log(2 * np.pi * spread**2)
    else:
        from scipy.special import log_ndtr

        found = log_ndtr((effect - SUPPRESSED) / SOFTNESS)
    return np.where(np.isnan(found), -30.0, found)


def ratio_misses(row: Finding, effect: Floats) -> tuple[Floats, float]:
    """Return by how many errors effects miss a ratio of two groups, and its error; 0 without two groups.

    Both are of the logarithm of the ratio.
    """
    if row.ratio is None or not (row.treated and row.control and row.treated_error and row.control_error):
        return np.zeros_like(effect), 0.0
    spread = float(np.hypot(row.treated_error / row.treated, row.control_error / row.control))
    return (np.log(np.maximum(1 - effect, 0.01)) - np.log(row.ratio)) / spread, spread
