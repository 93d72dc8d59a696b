"""Quantities that follow from the states of the animal, in the units in which laboratories measure them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from eaesim.model.ivig import barrier_leak, igg_cns
from eaesim.model.state import Term

# Mononuclear cells per gram of cord at the state's greatest value of 1: B12 (Lyman1989) has above 15e6 at
# score 4, which is assumed to be the greatest; the 6.2e6 cells a cord of E30 are of the same size.
INFILTRATE_PER_GRAM = 15e6


@dataclass(frozen=True)
class Derived:
    """A quantity computed from states and parameters at any time.

    Attributes
    ----------
    name, unit, title
        As of a state.
    quantity
        Function from (state, parameters), of arithmetic only.
    """

    name: str
    unit: str
    title: str
    quantity: Callable[[Term, Term], Term]


def infiltrate(state: Term, _: Term) -> Term:
    """Return the infiltrating cells per gram of cord.

    Examples
    --------
    >>> from eaesim.model import initial_state, load
    >>> rat = load("lewis").parameters("none")
    >>> infiltrate(initial_state(rat)._replace(bystander_cns=0.5), rat)
    7500000.0
    """
    return INFILTRATE_PER_GRAM * state.bystander_cns


DERIVED: dict[str, Derived] = {
    each.name: each
    for each in (
        Derived(
            "barrier_leak",
            "dimensionless",
            "share of the IgG in plasma that reaches the CNS through the leak of the barrier",
            barrier_leak,
        ),
        Derived("igg_cns", "mg/mL", "effective given IgG in the CNS", igg_cns),
        Derived("infiltrate", "cell/g", "mononuclear cells per gram of cord (scale assumed)", infiltrate),
    )
}
