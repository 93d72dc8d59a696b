"""Settings of questions about the ensembles of both strains, and the bases of their plans."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from eaesim.errors import ProtocolError, unknown_name
from eaesim.estimation.ensembles import fingerprints, member_count, read_ensembles
from eaesim.files import Content
from eaesim.model import FULL, rat_names
from eaesim.model.pharmacy import drug_names, load_drug
from eaesim.protocol.dose import STUDIED_DRUG, any_mechanism, parse_dose
from eaesim.protocol.kinds import (
    Count,
    MaybeCount,
    MaybeText,
    MaybeTexts,
    MaybeValues,
    Text,
    count,
    listed,
    number,
    optional,
    text,
)
from eaesim.protocol.quantity import shown
from eaesim.protocol.settings import Kind, Setting
from eaesim.protocol.tablekinds import assignments
from eaesim.study.ensemble import MOST_MEMBERS, Ensemble
from eaesim.workbench.answer import Plan
from eaesim.workbench.request import WorkRequest

# Default number of parameter sets, and the most rats of a population.
MEMBERS, _MOST_ANIMALS = 64, 10_000


def mechanism_kind() -> Kind[str, str]:
    """Return the kind of a mechanism of any drug: ids combined with ``+``.

    Examples
    --------
    >>> mechanism_kind().read("H1a+h7", "mechanism")
    Traceback (most recent call last):
    ...
    eaesim.errors.UnknownNameError: mechanism: "h7" is not a mechanism; did you mean "H7"? ...
    """

    def check(name: str) -> str:
        any_mechanism(name)
        return name

    return replace(text(check, metavar="ID"), schema={"type": "string", "examples": ["H1a"]})


def _dose(value: str) -> str:
    parse_dose(value)
    return value


@dataclass(frozen=True, kw_only=True)
class EnsembleRequest(WorkRequest):
    """Base of requests about ensembles of Lewis and DA rats that were made together.

    Examples
    --------
    >>> EnsembleRequest(parameters={"memory_fraction": 0}).own()
    {'parameters': {'memory_fraction': 0.0}}
    """

    input = "nothing"
    own_tables = ("parameters",)

    seed: Count = Setting(count(0, 2**63 - 1), 1, "Random seed of the rats.")
    rat: MaybeTexts = Setting(
        optional(listed(text(names=rat_names))),
        None,
        "Rats whose ensembles are used: lewis,da or lewis_lean,da_lean; one of them is enough. Default: "
        "those in the folder, or lewis,da.",
    )
    ensemble: MaybeText = Setting(
        optional(text(metavar="DIR")),
        None,
        "Folder that eaesim fit wrote for both strains; default: the shipped ensembles.",
    )
    parameters: MaybeValues = Setting(
        optional(assignments(number(), example={"memory_fraction": 0})),
        None,
        "Fixed values of parameters, the same in every rat; 0 disables a component; default: none.",
        formerly=("fix",),
        option="set",
    )

    def own(self) -> dict[str, Content]:
        """Return what differs from the defaults, without the ensembles, which manifests state apart."""
        return {name: value for name, value in super().own().items() if name not in ("rat", "ensemble")}


@dataclass(frozen=True, kw_only=True)
class PopulationRequest(EnsembleRequest):
    """Base of requests that simulate a population for each parameter set.

    Examples
    --------
    >>> PopulationRequest(parameter_sets=2).animals
    48
    """

    parameter_sets: MaybeCount = Setting(
        optional(count(1, MOST_MEMBERS)),
        None,
        "Parameter sets of the ensembles; default: 64, or all of smaller ones.",
        formerly=("members", "member_count"),
    )
    animals: Count = Setting(count(4, _MOST_ANIMALS), 48, "Rats in each simulated population.")
    mechanism: MaybeTexts = Setting(optional(listed(mechanism_kind())), None, "Mechanisms; default: each.")
    drug: Text = Setting(
        text(names=drug_names), STUDIED_DRUG, "Drug whose mechanisms are asked; its file must name them."
    )
    dose: MaybeText = Setting(
        optional(replace(text(_dose, metavar="DOSE"), schema={"type": "string", "examples": ["10 mg/kg"]})),
        None,
        "Dose of another drug than IVIG in place of 1 g/kg of IVIG; in place of less IVIG, that share of it.",
    )

    @property
    def of_ivig(self) -> bool:
        """Whether the mechanisms are those of IVIG, which published findings are about."""
        return self.drug == STUDIED_DRUG

    def check_drug(self) -> None:
        """Make sure that the drug has mechanisms, those that are asked among them, and a dose.

        Raises
        ------
        EaesimError
            If it does not, or a dose is given for IVIG.
        """
        drug = load_drug(self.drug)
        if self.of_ivig:
            if self.dose is not None:
                raise ProtocolError(
                    f"dose {shown(self.dose)} is for another drug; IVIG is dosed as in published findings."
                )
        elif not drug.mechanisms:
            named = ", ".join(name for name in drug_names() if load_drug(name).mechanisms)
            raise ProtocolError(f"{self.drug} has no named mechanisms to compare; drugs with some: {named}.")
        elif self.dose is None:
            raise ProtocolError(f'{self.drug} needs a dose; give for example dose = "10 mg/kg".')
        for name in self.asked():
            drug.acting_by(name)

    def asked(self) -> tuple[str, ...]:
        """Return the mechanisms that are asked; without a choice every single one of the drug.

        Examples
        --------
        >>> PopulationRequest(drug="methylprednisolone", dose="10 mg/kg").asked()
        ('cytokine', 't_cells')
        """
        return self.mechanism or tuple(load_drug(self.drug).mechanisms)


@dataclass(frozen=True)
class EnsemblePlan(Plan):
    """A question about ensembles.

    Attributes
    ----------
    ensembles
        By strain, made together.
    request
        The settings.
    """

    ensembles: Mapping[str, Ensemble]
    request: EnsembleRequest

    @classmethod
    def of(cls, given: Mapping[str, Ensemble] | None, request: EnsembleRequest) -> Self:
        """Return a plan for the ensembles that are given, or else for those that the settings name.

        Raises
        ------
        ProtocolError
            If what is given is something else.
        FileError
            If the folder holds none.
        UnknownNameError, QuantityError
            If a rat, parameter or strain is unknown, a value is out of range, or there are fewer sets.
        """
        if given is None:
            folder = None if request.ensemble is None else Path(request.ensemble)
            return cls(read_ensembles(folder, rats=request.rat), request)
        if isinstance(given, Mapping) and given and all(isinstance(one, Ensemble) for one in given.values()):
            return cls(given, request)
        raise ProtocolError(f"{request.table} takes ensembles by strain; given: {shown(given)}.")

    def __post_init__(self) -> None:
        """Make sure that there are such parameters, in their limits."""
        for ensemble in self.ensembles.values():
            ensemble.rat.with_values(self.request.parameters or {}, source="held")

    def settings(self) -> dict[str, Content]:
        """Return everything that decides the result; ensembles by their fingerprints."""
        asked = self.request
        return {"ensembles": fingerprints(self.ensembles), "seed": asked.seed, **asked.own()}


@dataclass(frozen=True)
class PopulationPlan(EnsemblePlan):
    """A question about the rats of both strains."""

    request: PopulationRequest

    def __post_init__(self) -> None:
        """Make sure that both strains and so many parameter sets are there."""
        super().__post_init__()
        self.request.check_drug()
        for strain in FULL:
            if strain not in self.ensembles:
                raise unknown_name(strain, "ensemble", self.ensembles)
        _ = self.members

    @property
    def members(self) -> int:
        """Number of parameter sets that are used."""
        return member_count(self.ensembles.values(), self.request.parameter_sets, default=MEMBERS)

    def settings(self) -> dict[str, Content]:
        """Return everything that decides the result; ensembles by their fingerprints."""
        return {**super().settings(), "members": self.members, "animals": self.request.animals}
