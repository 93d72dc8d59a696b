"""An animal with drugs: the base equations, in which each target is changed by the actions on it."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Sequence
from functools import cache

from eaesim.model.action import COMPETE, DEPLETE, Action
from eaesim.model.drug import Drug
from eaesim.model.equations import rates_of_change
from eaesim.model.ivig import igg_cns
from eaesim.model.parameters import Parameters
from eaesim.model.pharmacy import STUDIED_DRUG, load_drug
from eaesim.model.processes import PROCESSES, Effects
from eaesim.model.state import State, Term

_ADJUVANT = "adjuvant_complete"
Value = Callable[[str], Term]


def derivative(state: State, parameters: Parameters) -> State:
    """Return the rates of change per day of an animal that may be given IVIG.

    Time is not an argument: treatments and inductions only add amounts, so effects of timing emerge.

    Parameters
    ----------
    state
        One value per state: numbers, or symbols for tracing.
    parameters
        One value per parameter, likewise.
    """
    return rates_of_change(state, parameters, ivig_effects(state, parameters))


def ivig_effects(state: State, parameters: Parameters) -> Effects:
    """Return the effect of the IgG concentration on each process, by all mechanisms.

    Examples
    --------
    >>> from eaesim.model import initial_state, load
    >>> rat = load("lewis").parameters("H1a")
    >>> ivig_effects(initial_state(rat), rat).maturation
    1.0
    """
    return Effects(**_factors([load_drug(STUDIED_DRUG)], state, parameters)[0])


class Treated:
    """Rates of change of an animal that may be given IVIG and other drugs, with their compartments.

    Parameters
    ----------
    drugs
        Drugs other than IVIG.
    own_igg
        Whether the subject's own IgG acts as given IgG does. Processes then run at their usual rate under
        own IgG alone, and given IgG changes them by what it adds.
    """

    def __init__(self, drugs: Sequence[Drug], *, own_igg: bool = False) -> None:
        self.drugs, self.own_igg = tuple(drugs), own_igg
        self.state = named("State", (*State._fields, *(name for drug in drugs for name in drug.states)))
        own = (name for drug in drugs for name in drug.parameters)
        self.parameters = named("Parameters", (*Parameters._fields, *own))

    @property
    def scale(self) -> tuple[float, ...]:
        """Typical magnitudes of the compartments of the drugs."""
        return tuple(info.scale for drug in self.drugs for info in drug.states.values())

    def __call__(self, state: Term, parameters: Term) -> Term:
        """Return the rate of change of every state, those of the drugs last."""
        plain = State._make(state[: len(State._fields)])
        effects, base, lost = self.acting(state, parameters)
        rates = rates_of_change(plain, base, effects)
        rates = rates._replace(
            **{name: getattr(rates, name) - loss * getattr(plain, name) for name, loss in lost.items()}
        )
        value = _reader(parameters)
        return self.state(*rates, *(rate for drug in self.drugs for rate in drug.rates(state, value)))

    def acting(self, state: Term, parameters: Term) -> tuple[Effects, Parameters, dict[str, Term]]:
        """Return the effects on processes, the parameters of the animal under them, and losses of states."""
        effects, scaled, lost = _factors(
            [load_drug(STUDIED_DRUG), *self.drugs], state, parameters, own_igg=self.own_igg
        )
        base = Parameters._make(parameters[: len(Parameters._fields)])
        base = base._replace(**{name: getattr(base, name) * factor for name, factor in scaled.items()})
        return Effects(**effects), base, lost


@cache
def named(name: str, fields: tuple[str, ...]) -> Term:
    """Return a named tuple type, made once."""
    make: Term = namedtuple
    return make(name, fields)


def _reader(parameters: Term) -> Value:
    return lambda name: getattr(parameters, name)


def _factors(
    drugs: Sequence[Drug], state: Term, parameters: Term, *, own_igg: bool = False
) -> tuple[dict[str, Term], dict[str, Term], dict[str, Term]]:
    """Return factors of processes, of parameters, and the losses of states, each by name."""
    value = _reader(parameters)
    effects: dict[str, Term] = {}
    scaled: dict[str, Term] = {}
    lost: dict[str, Term] = {}
    for drug in drugs:
        if drug.is_igg:
            plasma, cns = state.igg_plasma, igg_cns(state, parameters)
        else:
            plasma, cns = drug.concentrations(state, value)
        for action in drug.all_actions:
            if own_igg and drug.is_igg:
                factor = _beyond_own(action, state, parameters)
            else:
                factor = action.factor(value, plasma=plasma, cns=cns)
            for table, name in _places(action, drug.is_igg, effects, scaled, lost):
                if name not in table:
                    table[name] = factor
                elif action.does in (DEPLETE, COMPETE):
                    table[name] = table[name] + factor
                else:
                    table[name] = table[name] * factor
    return effects, scaled, lost


def _beyond_own(action: Action, state: Term, parameters: Term) -> Term:
    """Return the effect of own and given IgG together, relative to that of own IgG alone."""
    value, own = _reader(parameters), parameters.igg_endogenous

    def effect(plasma: Term) -> Term:
        return action.factor(value, plasma=plasma, cns=igg_cns(state._replace(igg_plasma=plasma), parameters))

    both, alone = effect(state.igg_plasma + own), effect(own)
    return both - alone if action.does in (DEPLETE, COMPETE) else both / alone


def _places(
    action: Action, is_igg: bool, effects: dict[str, Term], scaled: dict[str, Term], lost: dict[str, Term]
) -> list[tuple[dict[str, Term], str]]:
    """Return where the effect of an action goes: a table, and the name in it."""
    if action.does == COMPETE:
        return [(effects, "competing")] if is_igg else [(effects, "competing"), (effects, "blocking")]
    found: list[tuple[dict[str, Term], str]] = []
    for name in action.on:
        if action.does == DEPLETE:
            found.append((effects, "adjuvant_loss") if name == _ADJUVANT else (lost, name))
        elif name in PROCESSES and not PROCESSES[name].rates:
            found.append((effects, name))
        else:
            rates = PROCESSES[name].rates if name in PROCESSES else (name,)
            found += [(scaled, rate) for rate in rates]
    return found
