"""The disease model of the animal."""

from eaesim.model.action import Action, Mechanism
from eaesim.model.derived import DERIVED
from eaesim.model.drug import Drug
from eaesim.model.equations import initial_state
from eaesim.model.mechanism import MECHANISMS, parse_mechanism
from eaesim.model.parameter_file import Parameter
from eaesim.model.parameters import Parameters
from eaesim.model.patient import load_subject, patient_names
from eaesim.model.pharmacy import drug_names, load_drug
from eaesim.model.species import FULL, LEAN, Rat, default_rat, load, rat_names
from eaesim.model.state import STATES, State
from eaesim.model.treatment import Treated, derivative

__all__ = [
    "DERIVED",
    "FULL",
    "LEAN",
    "MECHANISMS",
    "STATES",
    "Action",
    "Drug",
    "Mechanism",
    "Parameter",
    "Parameters",
    "Rat",
    "State",
    "Treated",
    "default_rat",
    "derivative",
    "drug_names",
    "initial_state",
    "load",
    "load_drug",
    "load_subject",
    "parse_mechanism",
    "patient_names",
    "rat_names",
]
