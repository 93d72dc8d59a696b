"""What the effect against the day of the dose is asked with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from eaesim.errors import ProtocolError
from eaesim.files import within
from eaesim.model import MECHANISMS, rat_names
from eaesim.model.pharmacy import drug_names, load_drug
from eaesim.protocol import Bolus
from eaesim.protocol.dose import STUDIED_DRUG, any_mechanism, mechanism_text, parse_dose
from eaesim.protocol.kinds import (
    Count,
    MaybeCount,
    MaybeText,
    Parameters,
    Text,
    choice,
    count,
    optional,
    several,
    text,
)
from eaesim.protocol.settings import Kind, Setting, Settings
from eaesim.protocol.tablekinds import parameters
from eaesim.study.cohort import MOST_ANIMALS
from eaesim.study.ensemble import MOST_MEMBERS
from eaesim.workbench.dosing import Dose, DosingDays, dosing_days, read_dose
from eaesim.workbench.request import StudyRequest

Doses = Setting[str | Dose | Sequence[str | Dose], tuple[Dose, ...]]
Names = Setting[str | Sequence[str], tuple[str, ...]]
MaybeNames = Setting[str | Sequence[str] | None, tuple[str, ...] | None]

#: What IVIG does unless asked otherwise.
USUAL = "H1a"


def _doses() -> Kind[str | Dose | Sequence[str | Dose], tuple[Dose, ...]]:
    def read_one(value: str | Dose, place: str) -> Dose:
        dose = read_dose(value, place)
        if dose.drug != STUDIED_DRUG or dose.mechanism:
            raise ProtocolError(
                f"{place}: the drug and its mechanisms are given beside the dose; "
                f'"{dose.text()}" names its own drug or mechanism.'
            )
        return dose

    def read(value: str | Dose | Sequence[str | Dose], place: str) -> tuple[Dose, ...]:
        doses = dict[str, Dose]()
        for dose in every.read(value, place):
            if doses.setdefault(dose.text(), dose) != dose:
                raise ProtocolError(
                    f'{place}: two doses read "{dose.text()}"; ask for their routes one at a time.'
                )
        return tuple(doses.values())

    schema = {"type": "string", "examples": ["1 g/kg over 4 h"]}
    every = several(Kind(read=read_one, metavar="DOSE", schema=schema, write=lambda dose: dose.text()))
    return replace(every, read=read)


def _mechanisms() -> Kind[str | Sequence[str], tuple[str, ...]]:
    named = text(names=lambda: ("all", *MECHANISMS))
    every = several(replace(named, schema={**named.schema, "examples": [USUAL]}))

    def read(value: str | Sequence[str], place: str) -> tuple[str, ...]:
        given = tuple(dict.fromkeys(every.read(value, place)))
        with within(place):
            return tuple(item if item == "all" else any_mechanism(item) for item in given)

    return replace(every, read=read)


@dataclass(frozen=True, kw_only=True)
class TimedDose(Settings):
    """Doses whose effect is asked by day, and how they act.

    Examples
    --------
    >>> TimedDose(drug="fingolimod", dose="1 mg/kg").given("fingolimod")[0].drug
    'fingolimod'
    """

    dose: Doses = Setting(_doses(), (Bolus("1 g/kg"),), "One dose, or several to compare.")
    drug: Text = Setting(
        text(names=drug_names),
        STUDIED_DRUG,
        "Drug that is given: one of eaesim list, or of a file of your own.",
    )
    mechanism: MaybeNames = Setting(
        optional(_mechanisms()),
        None,
        'Mechanism, or several to compare; "all" is every one, "H1a+H2" both at once. Default: H1a of IVIG; '
        "another drug acts by all that its file says.",
    )

    def acting(self) -> tuple[str, ...]:
        """Return each mechanism that is asked; for another drug as a whole, its name.

        Raises
        ------
        UnknownNameError
            If the drug is not known, or has no such mechanism.
        ProtocolError
            If all of none are asked.

        Examples
        --------
        >>> TimedDose(mechanism="all").acting()[:3], TimedDose(drug="fingolimod").acting()
        (('H1a', 'H1b', 'H2'), ('fingolimod',))
        """
        drug, of_ivig = load_drug(self.drug), self.drug == STUDIED_DRUG
        if self.mechanism is None:
            return (USUAL if of_ivig else drug.name,)
        if "all" in self.mechanism and not drug.mechanisms:
            raise ProtocolError(f'{drug.name} has no named mechanisms; leave mechanism "all" out.')
        named = [name for item in self.mechanism for name in (drug.mechanisms if item == "all" else (item,))]
        acting = (mechanism_text(name) if of_ivig else drug.acting_by(name).chosen for name in named)
        return tuple(dict.fromkeys(acting))

    def given(self, acting: str) -> tuple[Dose, ...]:
        """Return the doses, of a drug that acts by one of `acting`."""
        if self.drug == STUDIED_DRUG:
            return self.dose
        mechanism = None if acting == self.drug else acting
        return tuple(parse_dose(dose.text(), drug=self.drug, mechanism=mechanism) for dose in self.dose)


@dataclass(frozen=True, kw_only=True)
class TimingRequest(TimedDose, StudyRequest):
    """Simulate one dose of IVIG, or of another drug, at different days around immunisation and relapse.

    Writes timing.csv, the comparison with published findings, what the low end of the effect rests on, and
    the figure. What it shows around a relapse is a prediction: no experiment found has tested it. A file with
    a [timing] table may give the settings; options override it.

    Examples
    --------
    >>> TimingRequest(days="0:7:7", dose=["0.4 g/kg", "1000 mg/kg"]).changed()
    {'days': [0.0, 7.0], 'dose': ['0.4 g/kg', '1 g/kg']}
    """

    table = "timing"
    title = "Effect of IVIG against the day it is given"
    input = "nothing"
    own_tables = ("parameters",)

    rat: MaybeText = Setting(
        optional(text(names=rat_names)),
        None,
        "Rat, or the folder of a fit; default: lewis around immunisation, da around relapse.",
    )
    induction: Text = Setting(
        choice("induction that doses are timed by", ("immunisation", "relapse", "both")),
        "both",
        "Induction that doses are timed by: immunisation, relapse or both.",
        formerly=("around",),
    )
    days: DosingDays = Setting(
        dosing_days(),
        tuple(map(float, range(-7, 15))),
        "Dosing days relative to the induction, both ends included; default: -7:14.",
    )
    parameters: Parameters = Setting(
        parameters(), (), "Parameter of your own instead of the rat's; default: none.", option="set"
    )
    endpoints: Names = Setting(
        several(text(), least=0),
        (),
        "Endpoints with a window of days, in addition to the usual ones, such as "
        "cumulative_score[12:42]; days count from the first induction; default: none.",
    )
    # Five for each of the 128 parameter sets: fewer make the interval too narrow.
    animals: Count = Setting(count(1, MOST_ANIMALS), 640, "Rats, the same for every dosing day.")
    parameter_sets: MaybeCount = Setting(
        optional(count(1, MOST_MEMBERS)),
        None,
        "Parameter sets of the rat's ensemble; default: 128, of fewer than 640 rats 64, or 1 without one. 1: "
        "the typical rat only.",
        formerly=("members", "member_count"),
    )
