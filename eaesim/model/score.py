"""Observations of the animal or patient: severity, disability, daily score, and hazard of death.

All functions accept numbers and, element-wise, arrays.
"""

from __future__ import annotations

from eaesim.model.kinetics import grading
from eaesim.model.parameters import Parameters
from eaesim.model.state import State, Term

THRESHOLDS = ("score_threshold_1", "score_threshold_2", "score_threshold_3", "score_threshold_4")


def severity(state: State, parameters: Parameters) -> float:
    """Return the latent severity, 0 to 5: a function of reversible deficit, demyelination and axon loss."""
    return 5.0 * _graded(state, parameters)


def edss(state: State, parameters: Parameters) -> float:
    """Return a patient's disability on the EDSS, 0 to 10: the burden that a rat shows as `severity`."""
    return 10.0 * _graded(state, parameters)


def axons_lost(disability: Term, parameters: Term) -> Term:
    """Return the lost share of the axons of a patient without inflammation at some EDSS.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> patient = SimpleNamespace(severity_half_effect=0.5, severity_linearity=0.0, axon_loss_weight=1.0)
    >>> axons_lost(5.0, patient)
    0.5
    """
    share = disability / 10.0
    # The positive root of share = (x^2 + l h x) / (h^2 + 2 l h x + x^2).
    half, linear = parameters.severity_half_effect, parameters.severity_linearity
    linearly = linear * half * (1.0 - 2.0 * share)
    root = (linearly * linearly + 4.0 * (1.0 - share) * share * half * half) ** 0.5
    return (root - linearly) / (2.0 * (1.0 - share) * parameters.axon_loss_weight)


def _graded(state: State, parameters: Parameters) -> float:
    burden = (
        state.deficit
        + parameters.demyelination_weight * state.demyelination
        + parameters.axon_loss_weight * state.axon_loss
    )
    return grading(burden, parameters.severity_half_effect, parameters.severity_linearity)


def death_hazard_change(parameters: Parameters, severe: float) -> float:
    """Return the hazard of death per day, which rises with the eighth power of severity."""
    ratio = severe / parameters.death_severity
    square = ratio * ratio
    fourth = square * square
    steep = fourth * fourth
    return parameters.death_rate * steep / (1.0 + steep)


def daily_score(severe: Term, error: Term, parameters: Parameters, *, one: Term = 1) -> Term:
    """Return the ordinal score 0 to 4: the number of thresholds exceeded by severity plus observer error.

    Parameters
    ----------
    severe
        Severity, a number or an array.
    error
        Standard normal deviates of the same shape, scaled by the observer noise.
    parameters
        Thresholds, noise, and the severity below which a rat shows no sign.
    one
        The number 1, of the type in which thresholds are counted: of arrays, a byte takes least time.
    """
    seen = severe + parameters.score_noise * error
    # Times 1, because the sum of two NumPy booleans is a boolean.
    count = sum((one * (seen > getattr(parameters, name)) for name in THRESHOLDS), start=0 * one)
    shows = severe >= parameters.score_floor
    return count * shows
