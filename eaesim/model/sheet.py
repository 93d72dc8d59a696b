"""The remaining equations of a rat with disabled components, on one sheet."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING

from eaesim.model.equations import initial_state
from eaesim.model.kinetics import inhibition
from eaesim.model.mechanism import MECHANISMS
from eaesim.model.parameter_file import Subject
from eaesim.model.parameters import Parameters
from eaesim.model.state import State
from eaesim.model.symbols import exact, gains_first, latex_equations, shared_quantities, shorten, symbol
from eaesim.model.treatment import derivative

if TYPE_CHECKING:
    from sympy import Expr

#: States with input in a study with complete adjuvant and intravenous IgG.
ADDED = ("antigen", "adjuvant_complete", "igg_plasma")
_INDENT = "    "
_CALLED = {"inhibition": "inhibition(concentration, potency)"}


@dataclass(frozen=True)
class Sheet:
    """The remaining equations.

    Attributes
    ----------
    shared
        Intermediate quantities by name, each an expression of states, parameters and earlier ones.
        `inhibition` is a function of a concentration and a potency.
    rates
        Rate of change of every state that changes, by name.
    """

    shared: Mapping[str, Expr]
    rates: Mapping[str, Expr]

    def lines(self, width: int) -> list[str]:
        """Return the equations as text: shared quantities, then rates of change per day."""
        named = {_CALLED.get(name, name): _text(value) for name, value in self.shared.items()}
        named |= {f"d {name}": _text(value) for name, value in self.rates.items()}
        return [
            textwrap.fill(
                f"{name} = {text}",
                width,
                subsequent_indent=_INDENT,
                break_long_words=False,
                break_on_hyphens=False,
            )
            for name, text in named.items()
        ]

    def latex(self) -> str:
        """Return the same equations as LaTeX."""
        return latex_equations(self.shared, self.rates)


def sheet(rat: Subject, *, added: tuple[str, ...] = ADDED) -> Sheet:
    """Return the remaining equations of a rat, without parameters held at 0 and constant states.

    Parameters
    ----------
    rat
        The rat. A parameter that is 0 but not held there may differ from 0 in an ensemble, so it is kept.
    added
        States with input in the study; all others change only through the equations.

    Examples
    --------
    >>> from eaesim.model.species import load
    >>> left = sheet(load("lewis_lean"))
    >>> len(left.rates), "memory" in left.rates
    (26, False)
    """
    return _sheet(_gone(rat), added)


def _gone(rat: Subject) -> frozenset[str]:
    return frozenset(name for name in rat.differences if rat.entries[name].value == 0.0)


@cache
def _moving(gone: frozenset[str], added: tuple[str, ...]) -> tuple[dict[str, Expr], State, Parameters]:
    """Return the rate of change of every state that changes, and its symbols."""
    import sympy

    parameters = Parameters(
        *(sympy.Integer(0) if name in gone else symbol(name) for name in Parameters._fields)
    )
    rest = State(*map(exact, initial_state(parameters)))
    moving = frozenset(added)
    while True:
        state = rest._replace(**{name: symbol(name) for name in moving})
        rates = derivative(state, parameters)._asdict()
        moved = moving | {name for name, rate in rates.items() if rate != 0}
        if moved == moving:
            return {name: exact(rates[name]) for name in State._fields if name in moving}, state, parameters
        moving = moved


@cache
def _sheet(gone: frozenset[str], added: tuple[str, ...]) -> Sheet:
    rates, state, parameters = _moving(gone, added)
    quantities = {name: exact(value) for name, value in shared_quantities(state, parameters).items()}
    found = {name: value for name, value in quantities.items() if not value.is_Atom}
    short = [(symbol(name), value) for name, value in found.items()]
    left = {name: shorten(rate, short) for name, rate in rates.items()}
    shared = {
        name: _inhibitions(shorten(value, short[:place]), parameters)
        for place, (name, value) in enumerate(found.items())
    }
    amount, potency = symbol("concentration"), symbol("potency")
    inhibited = exact(inhibition(amount, potency, 1.0, parameters.inhibition_linearity))
    return Sheet({"inhibition": inhibited} | _used(shared, left), left)


def _inhibitions(value: Expr, parameters: Parameters) -> Expr:
    """Return an expression with inhibition by IgG as a function of concentration and potency."""
    import sympy

    function = sympy.Function("inhibition")
    for mechanism in MECHANISMS.values():
        potency = getattr(parameters, mechanism.potency)
        for seen in map(symbol, ("igg_plasma", "igg_in_cns")):
            written = exact(inhibition(seen, potency, 1.0, parameters.inhibition_linearity))
            if not written.is_Atom:
                value = shorten(value, [(function(seen, potency), written)])
    return value


def _used(shared: Mapping[str, Expr], rates: Mapping[str, Expr]) -> dict[str, Expr]:
    """Return the shared quantities in an equation."""
    used: set[str] = set()
    for value in (*rates.values(), *reversed([*shared.values()])):
        used |= {each.name for each in value.free_symbols}
    return {name: value for name, value in shared.items() if name in used}


def _text(value: Expr) -> str:
    """Return an expression on one line, gains before losses."""
    import sympy

    first, *others = gains_first(value, partial(sympy.sstr, order="none"))
    return " ".join([first, *(f"- {text[1:]}" if text.startswith("-") else text for text in others)])
