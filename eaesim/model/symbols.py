"""The equations as symbolic expressions, for the model card and derived code."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from eaesim.model import antigen, effectors, ivig, lesion, priming, regulation, score
from eaesim.model.equations import derivative
from eaesim.model.parameters import Parameters
from eaesim.model.state import State

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

    state: State
    parameters: Parameters
    rates: State


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
    rates: State


def trace() -> Trace:
    """Run `derivative` on symbols, with exact integers and decimals.

    Examples
    --------
    >>> trace().rates.antigen
    -antigen*antigen_clearance
    """
    state = State(*map(symbol, State._fields))
    parameters = Parameters(*map(symbol, Parameters._fields))
    return Trace(state, parameters, State(*map(exact, derivative(state, parameters))))


@cache
def steps() -> Steps:
    """Run `derivative` on symbols, with its intermediate quantities by name.

    Examples
    --------
    >>> steps().shared["openness_of_barrier"]
    barrier_opening*effector_cytokine + 1
    """
    traced = trace()
    on_the_way = shared_quantities(traced.state, traced.parameters)
    shared = [(symbol(name), exact(value)) for name, value in on_the_way.items()]
    return Steps(
        {symbol.name: shorten(value, shared[:before]) for before, (symbol, value) in enumerate(shared)},
        State(*(shorten(rate, shared) for rate in traced.rates)),
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
    names = {symbol(name): _words(font, name) for name, font in fonts.items()}
    lines = [_equation(names[symbol(name)], value, names) for name, value in shared.items()] + [
        _equation(rf"\frac{{d}}{{dt}} {names[symbol(name)]}", rate, names) for name, rate in rates.items()
    ]
    return "\n".join((r"\begin{align*}", " \\\\\n".join(lines), r"\end{align*}"))


@cache
def _all_latex() -> str:
    shared, rates = steps()
    return latex_equations(shared, rates._asdict())


def shared_quantities(state: State, parameters: Parameters) -> dict[str, Expr]:
    """Return the intermediate quantities of `derivative`, each in terms of earlier ones.

    Examples
    --------
    >>> "effector_cytokine" in shared_quantities(*trace()[:2])
    True
    """
    acting = ivig.action(state, parameters)
    tolerated = priming.tolerance(state, parameters)
    cytokine = lesion.effector_cytokine(state, parameters, acting)
    return {
        "igg_in_cns": ivig.igg_cns(state, parameters),
        "igg_loss": ivig.igg_loss(parameters, state.igg_plasma),
        **{f"action_on_{process}": effect for process, effect in acting._asdict().items()},
        "danger": antigen.danger(state, parameters),
        "maturation": priming.maturation(state, parameters, acting),
        "tolerance": tolerated,
        "priming": priming.priming(state, parameters, acting, tolerated),
        "priming_by_lesion": priming.priming_spreading(state, parameters, acting, tolerated),
        "recall": priming.recall(state, parameters, acting, tolerated),
        "stage_gain": priming.stage_gain(parameters),
        "effector_cytokine": cytokine,
        "openness_of_barrier": effectors.barrier_opening(parameters, cytokine),
        "suppression": regulation.suppression(state, parameters),
        "damage": lesion.demyelination_rate(state, parameters, acting, cytokine),
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


def _words(font: str, name: str) -> str:
    words = "\\ ".join(name.split("_"))
    return rf"{font}{{{words}}}"


def _equation(left: str, right: Expr, names: dict[Symbol, str]) -> str:
    """Return one equation, one term per line, gains before losses."""
    import sympy

    terms = sympy.Add.make_args(sympy.factor_terms(right, sign=False))
    texts = [sympy.latex(term, symbol_names=names, mul_symbol="dot", order="none") for term in terms]
    first, *others = sorted(texts, key=lambda text: text.startswith("-"))
    signed = [text if text.startswith("-") else f"+ {text}" for text in others]
    return f"{left} &= " + " \\\\\n  &\\quad ".join([first, *signed])
