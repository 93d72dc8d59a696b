"""Drugs: routes, compartments and actions, from a file or from Python."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from os import PathLike
from pathlib import Path

from eaesim.errors import unknown_name
from eaesim.files import Content, Unchecked, parse_toml, read_text, within
from eaesim.model.action import COMPETE, IV, Action, Mechanism, Route
from eaesim.model.bibliography import cite
from eaesim.model.drugfile import drug_fields
from eaesim.model.kinetics import saturation
from eaesim.model.parameter_file import Parameter
from eaesim.model.state import StateInfo, Term

#: Drugs of the user in this process, by name.
OWN_DRUGS: dict[str, Drug] = {}


@dataclass(frozen=True)
class Drug:
    """A drug: where a dose goes, how it leaves, and what it does.

    Attributes
    ----------
    name, title
        Id, which begins the names of its states and parameters, and name in words.
    source, key
        Source of its data, and bibliography keys.
    note
        Remarks.
    concentration
        Concentration of the product in mg/mL; None if unknown (a dose then has no volume).
    target
        Target, in words.
    routes
        Routes by name: ``"iv"``, ``"ip"``, ``"sc"``.
    infusion
        State for its input rate in mg/kg/day.
    parameters
        Parameters of the drug, by name.
    actions
        Actions that do not belong to a mechanism.
    mechanisms
        Mechanisms by name; without a choice all act together.
    chosen
        Mechanism chosen for a dose; empty without one.
    is_switch
        Whether it acts while it is infused and not a moment longer: no compartment; the rate of infusion in
        mg/kg/day stands for the concentration.

    Examples
    --------
    >>> from eaesim.model.pharmacy import load_drug
    >>> load_drug("ivig").routes["iv"]
    Route(state='igg_plasma', factor=None, divisor='igg_volume_plasma')
    """

    name: str
    title: str
    source: str
    note: str
    concentration: float | None
    target: str
    routes: Mapping[str, Route]
    infusion: str
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    key: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()
    mechanisms: Mapping[str, Mechanism] = field(default_factory=dict)
    chosen: str = ""
    is_switch: bool = False

    @classmethod
    def from_table(cls, name: str, **table: Content) -> Drug:
        """Make a drug from what its file would say.

        Parameters
        ----------
        name
            Id of the drug.
        **table
            Tables and keys of a drug file: title, source, disposition, route, action, mechanism ...

        Raises
        ------
        EaesimError
            If a key or a value is invalid.

        Examples
        --------
        >>> drug = Drug.from_table(
        ...     "blocker",
        ...     title="blocker of entry",
        ...     source="assumed",
        ...     disposition={"volume": "40 mL/kg", "elimination": "0.1 1/day"},
        ...     action=[{"on": "cns_entry", "does": "inhibit", "half_effect": "0.2 mg/mL"}],
        ... )
        >>> drug.parameters["blocker_half_effect"].value
        0.2
        """
        return cls(**drug_fields(name, table))

    @classmethod
    def from_file(cls, path: str | PathLike[str]) -> Drug:
        """Read a drug from its file, whose name is that of the drug.

        Raises
        ------
        EaesimError
            If the file cannot be read, or is not a valid drug; the message names the file.
        """
        with within(str(path)):
            return cls(**drug_fields(Path(path).stem, parse_toml(read_text(path))))

    def with_mechanism(self, mechanism: Mechanism) -> Drug:
        """Return the drug with one mechanism more, or another of that name.

        Examples
        --------
        >>> from eaesim.model.pharmacy import load_drug
        >>> act = Action(("effector_cns",), "deplete", half=1e-3)
        >>> kill = Mechanism("kill", "kills effectors", actions=(act,))
        >>> list(load_drug("methylprednisolone").with_mechanism(kill).acting_by("kill").mechanisms)
        ['kill']
        """
        return replace(self, mechanisms={**self.mechanisms, mechanism.name: mechanism})

    def __hash__(self) -> int:
        return hash((self.name, self.chosen, self.actions, tuple(self.parameters)))

    def __setstate__(self, state: Mapping[str, object]) -> None:
        """Make a drug known by its name in the process that unpickles it."""
        vars(self).update(state)
        if not self.is_igg and not self.chosen:
            OWN_DRUGS.setdefault(self.name, self)

    @property
    def basis(self) -> str:
        """The source, with citations."""
        return "; ".join(part for part in (self.source, cite(self.key)) if part)

    @property
    def fingerprint(self) -> str:
        """A hash of its values, without titles and notes."""
        values = [(one.name, one.value, one.low, one.high, one.spread) for one in self.parameters.values()]
        acting = [(name, one.actions) for name, one in self.mechanisms.items()]
        text = repr((self.routes, self.concentration, values, self.actions, acting))
        return sha256(text.encode()).hexdigest()

    @property
    def is_igg(self) -> bool:
        """Whether its compartments are those of IgG in the animal."""
        return not self.parameters and self.infusion == "igg_infusion"

    @property
    def acts_on_igg(self) -> bool:
        """Whether it changes how much IgG there is: it competes for FcRn, or removes IgG."""
        return any(
            one.does == COMPETE or any("igg" in target for target in one.on) for one in self.all_actions
        )

    def acting_by(self, mechanism: str) -> Drug:
        """Return the drug with only these of its mechanisms: ids combined with ``+``, or ``"none"``.

        Raises
        ------
        UnknownNameError
            If the drug has no such mechanism.
        """
        names = [] if mechanism == "none" else [part.strip() for part in mechanism.split("+")]
        for name in names:
            if name not in self.mechanisms:
                raise unknown_name(name, f"mechanism of {self.name}", [*self.mechanisms, "none"])
        kept = {name: one for name, one in self.mechanisms.items() if name in names}
        return replace(self, mechanisms=kept, chosen="+".join(kept) or "none")

    @property
    def all_actions(self) -> tuple[Action, ...]:
        """Every action, those of mechanisms last."""
        return (*self.actions, *(each for one in self.mechanisms.values() for each in one.actions))

    @property
    def states(self) -> Mapping[str, StateInfo]:
        """The compartments that it adds to the animal; none for IgG, whose compartments are there."""
        if self.is_igg:
            return {}
        infusion = f"rate of infusion of {self.title}"
        if self.is_switch:
            return {self.infusion: StateInfo("mg/kg/day", 1.0, infusion)}
        scale, volume = self._scale, self._value("volume")
        found = {self.own("plasma"): StateInfo("mg/mL", scale, f"{self.title} in plasma")}
        if self.own("exchange") in self.parameters:
            found[self.own("tissue")] = StateInfo("mg/mL", scale, f"{self.title} in tissue")
        for route in self.depots:
            title = f"{self.title} at its site of injection, {route}"
            found[self.own(f"depot_{route}")] = StateInfo("mg/kg", scale * volume, title)
        found[self.infusion] = StateInfo("mg/kg/day", scale * volume, infusion)
        return found

    @property
    def depots(self) -> tuple[str, ...]:
        """Routes that lead through a depot."""
        return tuple(name for name in self.routes if name != IV)

    def own(self, name: str) -> str:
        """Return the full name of one of its states or parameters."""
        return f"{self.name}_{name}"

    def _value(self, name: str) -> float:
        return self.parameters[self.own(name)].value

    @property
    def _scale(self) -> float:
        """Typical concentration: the smallest of half an effect, else 1 mg/kg in its volume."""
        known = {name: entry.value for name, entry in self.parameters.items() if entry.value > 0}
        halves = [known[str(one.half)] for one in self.all_actions if one.half in known]
        halves += [1.0 / known[str(one.potency)] for one in self.all_actions if one.potency in known]
        return min(halves, default=1.0 / self._value("volume"))

    def concentrations(self, state: Term, value: Term) -> tuple[Term, Term]:
        """Return the concentrations in plasma and in the CNS, mg/mL."""
        if self.is_switch:
            return getattr(state, self.infusion), 0.0
        plasma = getattr(state, self.own("plasma"))
        if self.own("cns_intact") not in self.parameters:
            return plasma, 0.0
        leak = value(self.own("cns_leak")) * saturation(state.inflammation, value("igg_cns_leak_half_effect"))
        return plasma, plasma * (value(self.own("cns_intact")) + leak)

    def rates(self, state: Term, value: Term) -> list[Term]:
        """Return the rate of change of each of `states`, in its order; parameters as in `concentrations`."""
        if self.is_switch:
            return [0.0]
        own = {name: getattr(state, name) for name in self.states}
        plasma = own[self.own("plasma")]
        depots = [(route, own[self.own(f"depot_{route}")]) for route in self.depots]
        entering = own[self.infusion]
        for route, depot in depots:
            entering = entering + value(self.own(f"absorption_{route}")) * depot
        found = []
        if self.own("tissue") in own:
            moved = value(self.own("exchange")) * (plasma - own[self.own("tissue")])
            entering = entering - moved
            found.append(moved / value(self.own("volume_tissue")))
        cleared = value(self.own("elimination")) * plasma
        found.insert(0, entering / value(self.own("volume")) - cleared)
        found += [-value(self.own(f"absorption_{route}")) * depot for route, depot in depots]
        return [*found, 0.0]


def read_drug(name: str, table: Unchecked) -> Drug:
    """Read a drug from the tables of its file; see `eaesim.model.drugfile.drug_fields` for the errors."""
    return Drug(**drug_fields(name, table))
