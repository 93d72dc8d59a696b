"""What may be recorded: states of the animal and of its drugs, what follows from them, and exposures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from eaesim.errors import check_names
from eaesim.model import DERIVED, STATES, Drug, drug_names, load_drug
from eaesim.model.pharmacy import STUDIED_DRUG
from eaesim.model.state import Term
from eaesim.solver import Quantity, System

#: Given IgG in plasma.
PLASMA = "igg_plasma"
#: One number for each animal instead of a course: the highest concentration, and the area under the curve.
PEAK, AREA = "_peak", "_area"


def plasma_of(drug: Drug) -> str:
    """Return the state that is the concentration of a drug in plasma; empty if it has none.

    Examples
    --------
    >>> plasma_of(load_drug("ivig")), plasma_of(load_drug("late_acting"))
    ('igg_plasma', 'late_acting_plasma')
    """
    if drug.is_igg:
        return PLASMA
    return "" if drug.is_switch else drug.own("plasma")


def recordable(drugs: Iterable[Drug] | None = None) -> dict[str, tuple[str, str]]:
    """Return everything that may be recorded, with its title and unit.

    Parameters
    ----------
    drugs
        Drugs other than IVIG whose compartments may be named; by default all that are known.

    Examples
    --------
    >>> recordable()["infiltrate"][1], recordable(())["igg_plasma_area"][1]
    ('cell/g', 'mg/mL*day')
    """
    given = [load_drug(name) for name in drug_names()] if drugs is None else list(drugs)
    others = [drug for drug in given if not drug.is_igg]
    found = {name: (info.title, info.unit) for name, info in STATES.items()}
    found |= {name: (info.title, info.unit) for drug in others for name, info in drug.states.items()}
    found |= {name: (each.title, each.unit) for name, each in DERIVED.items()}
    for drug in (load_drug(STUDIED_DRUG), *others):
        if plasma := plasma_of(drug):
            title = found[plasma][0]
            found[plasma + PEAK] = f"{title}: highest of each animal", "mg/mL"
            found[plasma + AREA] = f"{title}: area under the curve of each animal", "mg/mL*day"
    return found


def check_recorded(names: Sequence[str], drugs: Iterable[Drug] | None = None) -> tuple[str, ...]:
    """Return names that can be recorded, each once.

    Examples
    --------
    >>> check_recorded(["igg_cns", "igg_cns"])
    ('igg_cns',)
    """
    known = recordable(drugs)
    check_names(names, "recordable quantity", known)
    return tuple(dict.fromkeys(names))


def daily(names: Iterable[str]) -> tuple[str, ...]:
    """Return those names that stand for a course, and not for one number.

    Examples
    --------
    >>> daily(["igg_plasma", "igg_plasma_peak"])
    ('igg_plasma',)
    """
    return tuple(dict.fromkeys(name for name in names if not name.endswith((PEAK, AREA))))


def quantities(names: Iterable[str], system: System) -> tuple[Quantity, ...]:
    """Return what the solver reads for each name; compartments of a drug that is not given are 0."""
    own = system.state._fields
    return tuple(
        name if name in own else DERIVED[name].quantity if name in DERIVED else _nothing for name in names
    )


def _nothing(state: Term, _: Term) -> Term:
    return 0.0 * state.antigen


def exposures(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return what is read of the concentration in plasma of each drug: `PEAK`, `AREA`, or both with a course.

    Examples
    --------
    >>> exposures(["igg_plasma", "late_acting_plasma_area", "inflammation"])
    {'igg_plasma': ('_peak', '_area'), 'late_acting_plasma': ('_area',)}
    """
    asked = tuple(names)
    plasmas = dict.fromkeys(name.removesuffix(PEAK).removesuffix(AREA) for name in asked)
    return {
        plasma: tuple(end for end in (PEAK, AREA) if plasma in asked or plasma + end in asked)
        for plasma in plasmas
        if plasma.endswith("_plasma")
    }
