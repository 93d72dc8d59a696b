"""The equations as symbolic expressions, for the model card and derived code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import TYPE_CHECKING, NamedTuple

from eaesim.model import antigen, effectors, ivig, lesion, priming, regulation, score
from eaesim.model.drug import Drug
from eaesim.model.parameters import Parameters
from eaesim.model.processes import PROCESSES, Effects
from eaesim.model.state import State, Term
from eaesim.model.treatment import Treated

if TYPE_CHECKING:
    from sympy import Expr, Symbol


class Trace(NamedTuple):
    """The symbolic model.

    Attributes
    ----------
    state
        A SymPy symbol for every state, with its name.
    parameters
        A SymPy symbol for every parameter, with its name.
    rates
        The rate of change of every state, a SymPy expression of those symbols.
    """

    state: Term
    parameters: Term
    rates: Term


class Steps(NamedTuple):
    """The symbolic model in the steps of `derivative`.

    Attributes
    ----------
    shared
        Intermediate quantities by name, each an expression of states, parameters and earlier ones.
    rates
        The rate of change of every state, an expression of states, parameters and shared quantities.
    """

    shared: dict[str, Expr]
    rates: Term


def trace(drugs: tuple[Drug, ...] = ()) -> Trace:
    """Run the derivative on symbols, with exact integers and decimals.

    Examples
    --------
    >>> trace().rates.antigen
    -antigen*antigen_clearance
    """
    treated = Treated(drugs)
    state = treated.state(*map(symbol, treated.state._fields))
    parameters = treated.parameters(*map(symbol, treated.parameters._fields))
    return Trace(state, parameters, treated.state(*map(exact, treated(state, parameters))))


@cache
def steps(drugs: tuple[Drug, ...] = ()) -> Steps:
    """Run the derivative on symbols, with its intermediate quantities by name.

    Examples
    --------
    >>> steps().shared["openness_of_barrier"]
    barrier_opening*effector_cytokine + 1
    """
    traced = trace(drugs)
    on_the_way = shared_quantities(traced.state, traced.parameters, drugs)
    shared = [(symbol(name), exact(value)) for name, value in on_the_way.items()]
    return Steps(
        {symbol.name: shorten(value, shared[:before]) for before, (symbol, value) in enumerate(shared)},
        type(traced.rates)(*(shorten(rate, shared) for rate in traced.rates)),
    )


def latex_equations(shared: Mapping[str, Expr] | None = None, rates: Mapping[str, Expr] | None = None) -> str:
    r"""Return LaTeX of equations: one ``align*`` block, which needs the package ``amsmath``.

    Intermediate quantities come first, in sans serif; states are upright, parameters slanted. Time in days.

    Parameters
    ----------
    shared, rates
        Intermediate quantities and rates of change, by name; by default all of `steps`.

    Examples
    --------
    >>> print(latex_equations().splitlines()[0])
    \begin{align*}
    """
    if shared is None or rates is None:
        return _all_latex()
    own = {each.name for value in (*shared.values(), *rates.values()) for each in value.free_symbols}
    fonts = dict.fromkeys(sorted(own), r"\mathit") | dict.fromkeys(shared, r"\mathsf")
    fonts |= dict.fromkeys(State._fields, r"\mathrm") | dict.fromkeys(Parameters._fields, r"\mathit")
    words = {name: "\\ ".join(name.split("_")) for name in fonts}
    names = {symbol(name): f"{font}{{{words[name]}}}" for name, font in fonts.items()}
    lines = [_equation(names[symbol(name)], value, names) for name, value in shared.items()] + [
        _equation(rf"\frac{{d}}{{dt}} {names[symbol(name)]}", rate, names) for name, rate in rates.items()
    ]
    return "\n".join((r"\begin{align*}", " \\\\\n".join(lines), r"\end{align*}"))


@cache
def _all_latex() -> str:
    shared, rates = steps()
    return latex_equations(shared, rates._asdict())


def shared_quantities(state: Term, parameters: Term, drugs: tuple[Drug, ...] = ()) -> dict[str, Expr]:
    """Return the intermediate quantities of the derivative, each in terms of earlier ones.

    Examples
    --------
    >>> "effector_cytokine" in shared_quantities(*trace()[:2])
    True
    """
    acting, own, _ = Treated(drugs).acting(state, parameters)
    untouched = Effects()
    tolerated = priming.tolerance(state, own)
    cytokine = lesion.effector_cytokine(state, acting)
    return {
        "igg_in_cns": ivig.igg_cns(state, parameters),
        "igg_loss": ivig.igg_loss(own, state.igg_plasma + acting.blocking),
        **{
            f"action_on_{process}": getattr(acting, process)
            for process in PROCESSES
            if process in Effects._fields and getattr(acting, process) is not getattr(untouched, process)
        },
        **{
            f"{name}_under_drugs": getattr(own, name)
            for name in Parameters._fields
            if getattr(own, name) is not getattr(parameters, name)
        },
        "danger": antigen.danger(state, own),
        "maturation": priming.maturation(state, own, acting),
        "tolerance": tolerated,
        "priming": priming.priming(state, own, acting, tolerated),
        "priming_by_lesion": priming.priming_spreading(state, own, acting, tolerated),
        "recall": priming.recall(state, own, acting, tolerated),
        "stage_gain": priming.stage_gain(own),
        "effector_cytokine": cytokine,
        "openness_of_barrier": effectors.barrier_opening(own, cytokine),
        "suppression": regulation.suppression(state, own),
        "damage": lesion.demyelination_rate(state, own, acting, cytokine),
        "severity": score.severity(state, parameters),
    }


def symbol(name: str) -> Symbol:
    """Return the SymPy symbol of a name.

    Examples
    --------
    >>> symbol("antigen")
    antigen
    """
    import sympy

    return sympy.Symbol(name, real=True)


def exact(expression: Expr) -> Expr:
    """Return an expression whose decimals are exact fractions.

    Examples
    --------
    >>> exact(0.2 * symbol("antigen"))
    antigen/5
    """
    import sympy

    expression = sympy.sympify(expression)
    # A factor of 1.0 would remain in every product, and 0.2 would be shown as 0.200000000000000.
    return expression.xreplace(
        {number: sympy.Rational(str(number)) for number in expression.atoms(sympy.Float)}
    )


def shorten(expression: Expr, shared: list[tuple[Symbol, Expr]]) -> Expr:
    """Return an expression with values replaced by the symbols paired with them.

    Examples
    --------
    >>> shorten(symbol("antigen") ** 2, [(symbol("square"), symbol("antigen") ** 2)])
    square
    """
    # Later ones contain earlier ones, so they are replaced first.
    for short, value in reversed(shared):
        if value.free_symbols <= expression.free_symbols:  # a search is slow
            expression = expression.subs(value, short)
    return expression


def _equation(left: str, right: Expr, names: dict[Symbol, str]) -> str:
    """Return one equation, one term per line."""
    import sympy

    texts = gains_first(right, partial(sympy.latex, symbol_names=names, mul_symbol="dot", order="none"))
    return f"{left} &= " + " \\\\\n  &\\quad ".join(texts)


def gains_first(expression: Expr, write: Callable[[Expr], str]) -> list[str]:
    """Return the terms of an expression as texts with their signs, gains before losses."""
    import sympy

    terms = sympy.Add.make_args(sympy.factor_terms(expression, sign=False))
    first, *others = sorted(map(write, terms), key=lambda text: text.startswith("-"))
    return [first, *(text if text.startswith("-") else f"+ {text}" for text in others)]
