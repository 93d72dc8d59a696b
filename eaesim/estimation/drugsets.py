"""A drug in every parameter set: its own parameters, spread over the bounds that its file gives."""

from __future__ import annotations

import numpy as np

from eaesim.endpoints import Floats
from eaesim.model import Drug, Parameter


def drug_values(drug: Drug, *, members: int, seed: int) -> Floats:
    """Draw the parameters of a drug for every parameter set, shape (members, parameters).

    Each parameter is stratified between its bounds, on the scale of its logarithm where these are above 0
    (assumed: a file says no more than its bounds). One parameter set has the values of the file.

    Parameters
    ----------
    drug
        The drug; what its file leaves without bounds is the same in every set.
    members, seed
        Number of parameter sets, and random seed.

    Examples
    --------
    >>> from eaesim.model.pharmacy import load_drug
    >>> drug_values(load_drug("late_acting"), members=1, seed=1).shape[0]
    1
    """
    entries = tuple(drug.parameters.values())
    if members == 1:
        return np.array([[entry.value for entry in entries]])
    random = np.random.default_rng([seed, *drug.name.encode()])
    columns = [_spread(entry, members, random) for entry in entries]
    return np.array(columns).reshape(len(entries), members).T


def _spread(entry: Parameter, members: int, random: np.random.Generator) -> Floats:
    share = (random.permutation(members) + random.random(members)) / members
    if entry.low == entry.high:
        return np.full(members, entry.value)
    if entry.low > 0:
        return np.asarray(entry.low * (entry.high / entry.low) ** share)
    return np.asarray(entry.low + (entry.high - entry.low) * share)
