"""Values of a reader's own: the parameters of a rat and a drug that a page can replace."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from eaesim.endpoints import Floats
from eaesim.files import Content
from eaesim.livepage.cohort import Animals, packed_table
from eaesim.model import MECHANISMS, Parameter
from eaesim.study.assembly import healthy
from eaesim.study.cohort import is_fraction


def replaceable(animals: Animals) -> dict[str, Content]:
    """Return the parameters that a reader can replace, by name.

    A page replaces a value as a study file does, without drawing the animals anew. It offers what leaves
    them healthy before day 0, is no reading and has bounds; each animal then differs from the new value by
    the same factor as from the old one. For that factor it needs ``typical``, the old one of each parameter
    set, packed as by `packed_table`, or None where animals do not differ. ``sets`` has the least, median and
    greatest of the parameter sets.

    Parameters
    ----------
    animals
        Animals under one treatment.

    Examples
    --------
    >>> from eaesim.livepage.cohort import animals_of
    >>> from eaesim.protocol import Arm
    >>> from eaesim.study import Study
    >>> study = Study("lewis", until=5, arms=[Arm("vehicle")], mechanism="H1a")
    >>> found = replaceable(animals_of(study, arm="vehicle", animals=2, seed=1, sets=1))
    >>> found["potency_maturation"], "potency_priming" in found
    ({'typical': 0.853, 'sets': [0.853, 0.853, 0.853]}, False)
    """
    typical, entries = np.array(animals.own.typical, dtype=np.float64), animals.own.entries
    strengths = {one.potency for one in MECHANISMS.values()}
    at_rest, system = healthy(typical, animals.system), animals.system
    found: dict[str, Content] = {}
    names = system.parameters._fields
    # What a reader looks for first: the strength of the drug, then the rest of the drug.
    ranks = [(name not in strengths, entries[name].kind != "drug") for name in names]
    for place in sorted(range(len(names)), key=ranks.__getitem__):
        name = names[place]
        entry, values = entries[name], typical[:, place]
        if entry.kind not in ("biology", "drug") or entry.low >= entry.high:
            continue
        if name in strengths and not values.any():  # a mechanism that does not act
            continue
        if entry.spread and (is_fraction(entry) or not (values > 0).all()):
            continue
        changed = typical.copy()
        changed[:, place] = entry.high if (values != entry.high).all() else entry.low
        if np.array_equal(healthy(changed, system), at_rest):
            old = packed_table(values[:, None], sets=len(values))[0] if entry.spread else None
            found[name] = {"typical": old, "sets": [float(f"{one:.3g}") for one in _spread(values)]}
    return found


def _spread(values: Floats) -> tuple[float, float, float]:
    return float(values.min()), float(np.median(values)), float(values.max())


def value_table(entries: Mapping[str, Parameter], names: Mapping[str, Content]) -> dict[str, Content]:
    """Return what a page says of parameters: their words, unit and bounds."""
    return {
        name: {
            "title": entries[name].title or name.replace("_", " "),
            "unit": "" if entries[name].unit == "dimensionless" else entries[name].unit,
            "low": entries[name].low,
            "high": entries[name].high,
            "isOfDrug": entries[name].kind == "drug",
        }
        for name in names
    }
