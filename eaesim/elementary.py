"""Functions made of sums and products alone: their bits are the same on every processor.

NumPy's own `exp`, `log` and `power` differ in the last bit between processors with AVX-512 and those without,
and its matrix products between processors and numbers of threads.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
# ln 2 in two parts; a whole number below 2048 times the first is exact.
_LN2, _LN2_REST = 6.93147180369123816490e-01, 1.90821492927058770002e-10
# Beyond, a result is 0 or infinite; and the coefficients of r^2, r^3, ... in exp(r).
_MOST = 800.0
_COEFFICIENTS = tuple(1.0 / math.factorial(power) for power in range(2, 15))


def exp(values: Floats) -> Floats:
    """Return e to the power of each value, to the last bit or the one before it.

    Examples
    --------
    >>> exp(np.array([0.0, 1.0, -np.inf])).round(12).tolist()
    [1.0, 2.718281828459, 0.0]
    """
    bounded = np.clip(values, -_MOST, _MOST)
    whole = np.rint(bounded / (_LN2 + _LN2_REST))
    return _scaled(bounded - whole * _LN2 - whole * _LN2_REST, whole)


def exp2(values: Floats) -> Floats:
    """Return 2 to the power of each value, to the last bits.

    Examples
    --------
    >>> exp2(np.array([0.5, 3.0])).round(12).tolist()
    [1.414213562373, 8.0]
    """
    bounded = np.clip(values, -2.0 * _MOST, 2.0 * _MOST)
    whole = np.rint(bounded)
    rest = bounded - whole
    return _scaled(rest * _LN2 + rest * _LN2_REST, whole)


def _scaled(rest: Floats, whole: Floats) -> Floats:
    """Return exp(rest) 2^whole."""
    series = np.full_like(rest, _COEFFICIENTS[-1])
    for coefficient in reversed(_COEFFICIENTS[:-1]):
        series = np.multiply(series, rest, out=series)
        series = np.add(series, coefficient, out=series)
    # Whatever whole number NaN becomes, its sum is NaN.
    with np.errstate(over="ignore", invalid="ignore"):
        return np.asarray(np.ldexp(1.0 + (rest + rest * rest * series), whole.astype(np.int32)))


def log1p(value: float) -> float:
    """Return ln(1 + value) of a number that is not below 0, to the last bits.

    Examples
    --------
    >>> log1p(0.0), round(log1p(1.0), 12)
    (0.0, 0.69314718056)
    """
    ratio = value / (2.0 + value)
    square, power, odd, total = ratio * ratio, ratio, 1, 0.0
    while total + power / odd != total:
        total += power / odd
        power, odd = power * square, odd + 2
    return 2.0 * total


def products(values: Floats, weights: Floats) -> Floats:
    """Return the sum of values under each row of weights.

    Parameters
    ----------
    values
        Shape (values,) or (values, columns).
    weights
        Shape (rows, values).

    Returns
    -------
    array
        Shape (rows,) or (rows, columns); a column comes out as it does alone.

    Examples
    --------
    >>> products(np.array([1.0, 2.0]), np.array([[1.0, 1.0], [0.0, 3.0]])).tolist()
    [3.0, 6.0]
    """
    if values.ndim == 1:
        return np.asarray(np.einsum("ij,j->i", weights, np.ascontiguousarray(values)))
    sums = np.empty((len(weights), values.shape[1]))
    for place, column in enumerate(np.ascontiguousarray(values.T)):
        sums[:, place] = np.einsum("ij,j->i", weights, column)
    return sums
