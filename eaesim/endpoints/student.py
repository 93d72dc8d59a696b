"""Student's t intervals for small samples, for which the bootstrap is too narrow.

The interval of a mean, and of a paired difference as the mean of the differences, is Student's; that of a
ratio of two means of pairs is Fieller's with Student's quantile; that of a difference of two groups of
different animals is Welch's. There is no interval below 3 animals, or where all readings are equal: zero
width would suggest certainty.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from eaesim.endpoints.dead import Floats
from eaesim.endpoints.normal import fieller

CONFIDENCE = 0.95
#: From this number of animals, intervals are a bootstrap; below, Student's.
ENOUGH = 20
#: With fewer animals there is no interval.
FEWEST = 3
# A relative difference below this is rounding.
ROUNDING = 1e-12


def interval_note(*groups: Floats) -> str:
    """Return why a mean, or a difference of two groups' means, has no interval.

    Parameters
    ----------
    *groups
        One value per animal, for one group or two; NaN is ignored.

    Returns
    -------
    str
        Empty where there is an interval.

    Examples
    --------
    >>> interval_note(np.array([1.0, 2.0, np.nan]))
    'no interval: fewer than 3 animals'
    >>> interval_note(np.array([1.0, 1.0, 1.0]))
    'no interval: all readings are equal'
    >>> interval_note(np.array([1.0, 1.0, 2.0]))
    ''
    """
    known = [values[~np.isnan(values)] for values in groups]
    if min(len(values) for values in known) < FEWEST:
        return f"no interval: fewer than {FEWEST} animals"
    if all(values.min() == values.max() for values in known):
        return "no interval: all readings are equal"
    return ""


def student_mean(values: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the mean of each column and the bounds of Student's interval, ignoring NaN.

    Parameters
    ----------
    values
        Shape (animals,) or (animals, columns).

    Examples
    --------
    >>> value, low, high = student_mean(np.array([1.0, 2.0, 3.0, np.nan]))
    >>> [round(float(each), 3) for each in (value, low, high)]
    [2.0, -0.484, 4.484]
    """
    number, value, moves = _moves(values)
    square = (moves**2).sum(axis=0) * _sampled(number)
    half = np.where(_varies(values), _quantile(number - 1) * np.sqrt(square), np.nan)
    return value, value - half, value + half


def student_effect(treated: Floats, control: Floats) -> tuple[Floats, Floats, Floats]:
    """Return 1 - treated / control of the means of pairs, and the bounds of Fieller's interval.

    There is no value where the mean of `control` is 0, and no interval where that of `control` contains 0 or
    where every pair has the same ratio.

    Parameters
    ----------
    treated, control
        The same animals in both, shape (animals,) or (animals, columns), NaN in both or in neither.

    Examples
    --------
    >>> value, low, high = student_effect(np.array([1.0, 1.0, 2.0]), np.array([4.0, 5.0, 6.0]))
    >>> [round(float(each), 3) for each in (value, low, high)]
    [0.733, 0.584, 1.036]
    """
    number, own, own_moves = _moves(treated)
    _, other, other_moves = _moves(control)
    ratio = own / np.where(other == 0, np.nan, other)
    rest = own_moves - ratio * other_moves
    sampled = _sampled(number)
    variance, of_other, joint = (
        sampled * each.sum(axis=0) for each in (rest**2, other_moves**2, rest * other_moves)
    )
    certain = variance <= (ROUNDING * np.maximum(np.abs(own), np.abs(ratio * other))) ** 2
    quantile = np.where(certain, np.nan, _quantile(number - 1))
    return fieller(ratio, other, own=variance, other=of_other, joint=joint, quantile=quantile)


def welch_difference(treated: Floats, control: Floats) -> tuple[float, float, float]:
    """Return the difference of the means of two groups and the bounds of Welch's interval.

    Parameters
    ----------
    treated, control
        One value per animal, without NaN, at least one in each group.

    Examples
    --------
    >>> [round(each, 3) for each in welch_difference(np.array([1.0, 2, 3]), np.array([4.0, 6, 8]))]
    [-4.0, -8.155, 0.155]
    """
    from scipy import special

    value = float(treated.mean() - control.mean())
    if interval_note(treated, control):
        return value, math.nan, math.nan
    groups = (treated, control)
    parts = [0.0 if group.min() == group.max() else float(group.var(ddof=1)) / len(group) for group in groups]
    freedom = sum(parts) ** 2 / sum(
        part**2 / (len(group) - 1) for part, group in zip(parts, groups, strict=True)
    )
    half = float(special.stdtrit(freedom, (1 + CONFIDENCE) / 2)) * math.sqrt(sum(parts))
    return value, value - half, value + half


def welch_test(treated: Floats, control: Floats) -> tuple[Floats, Floats]:
    """Test whether the means of two groups of different animals differ, by Welch's t test, in each study.

    Parameters
    ----------
    treated, control
        One row per study, shape (studies, animals); NaN is an excluded animal.

    Returns
    -------
    tuple of arrays
        Shape (studies,): the difference of the means, NaN where a group is empty; and the two-sided p value,
        NaN where a group has fewer than 2 animals. Where no reading varies within a group, it is 1 if the
        means are equal, else NaN.

    Examples
    --------
    >>> apart, p_value = welch_test(np.array([[1.0, 2, 3]]), np.array([[4.0, 6, 8]]))
    >>> apart.tolist(), p_value.round(4).tolist()
    ([-4.0], [0.0548])
    """
    from scipy import special

    groups = [_group(values) for values in (treated, control)]
    apart = groups[0].mean - groups[1].mean
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = [group.square / (group.number - 1) / group.number for group in groups]
        freedom = (parts[0] + parts[1]) ** 2 / sum(
            part**2 / (group.number - 1) for part, group in zip(parts, groups, strict=True)
        )
        p_value = 2.0 * special.stdtr(freedom, -np.abs(apart) / np.sqrt(parts[0] + parts[1]))
    alike = (parts[0] + parts[1] == 0) & (apart == 0)
    return apart, np.where(alike, 1.0, p_value)


@dataclass(frozen=True)
class _Group:
    """Number of known values of each study, their mean, and the sum of squares about it."""

    number: Floats
    mean: Floats
    square: Floats


def _group(values: Floats) -> _Group:
    known = ~np.isnan(values)
    number = known.sum(axis=1).astype(np.float64)
    mean = np.where(known, values, 0.0).sum(axis=1) / np.where(number == 0, np.nan, number)
    least, most = np.where(known, values, np.inf).min(axis=1), np.where(known, values, -np.inf).max(axis=1)
    # Equal readings have exactly their own mean and no spread, whatever the rounding of their sum.
    mean = np.where(least == most, least, mean)
    return _Group(number, mean, (np.where(known, values - mean[:, None], 0.0) ** 2).sum(axis=1))


def _moves(values: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the number of values in each column, their mean, and each animal's contribution to it."""
    known = ~np.isnan(values)
    number = np.asarray(known.sum(axis=0), dtype=np.float64)
    value = np.where(known, values, 0.0).sum(axis=0) / np.where(number == 0, np.nan, number)
    return number, value, np.where(known, values - value, 0.0) / np.maximum(number, 1.0)


def _varies(values: Floats) -> npt.NDArray[np.bool_]:
    known = ~np.isnan(values)
    least, most = np.where(known, values, np.inf).min(axis=0), np.where(known, values, -np.inf).max(axis=0)
    return np.asarray(least < most)


def _sampled(number: Floats) -> Floats:
    """Return the small-sample correction of the variance, n / (n - 1)."""
    return number / np.maximum(number - 1.0, 1.0)


def _quantile(freedom: Floats) -> Floats:
    """Return Student's quantile; NaN with too few animals."""
    from scipy import special

    enough = freedom >= FEWEST - 1
    return np.where(enough, special.stdtrit(np.where(enough, freedom, 1.0), (1 + CONFIDENCE) / 2), np.nan)
