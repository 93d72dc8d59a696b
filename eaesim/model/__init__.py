"""The disease model of the animal."""

from eaesim.model.equations import derivative, initial_state
from eaesim.model.mechanism import MECHANISMS, parse_mechanism
from eaesim.model.parameter_file import Parameter
from eaesim.model.parameters import Parameters
from eaesim.model.species import FULL, LEAN, Rat, default_rat, load, rat_names
from eaesim.model.state import STATES, State

__all__ = [
    "FULL",
    "LEAN",
    "MECHANISMS",
    "STATES",
    "Parameter",
    "Parameters",
    "Rat",
    "State",
    "default_rat",
    "derivative",
    "initial_state",
    "load",
    "parse_mechanism",
    "rat_names",
]
