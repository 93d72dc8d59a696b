"""Patients of a trial that has not been done: relapsing-remitting, with a given relapse rate on placebo."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from eaesim.errors import ProtocolError
from eaesim.files import Content, Unchecked
from eaesim.model import MECHANISMS, Rat
from eaesim.model.patient import with_kinetics
from eaesim.protocol import Arm
from eaesim.protocol.attacks import CALIBRATE, AttackSettings
from eaesim.protocol.dose import Infusion, mechanism_text
from eaesim.protocol.kinds import (
    Count,
    MaybeCount,
    MaybeText,
    Number,
    Text,
    between,
    count,
    listed,
    optional,
    share,
    text,
)
from eaesim.protocol.outcome import PlaceboRow
from eaesim.protocol.quantity import number_text, shown
from eaesim.protocol.settings import Setting
from eaesim.protocol.trial import Trial, TrialArm
from eaesim.questions.trial.request import KINETICS
from eaesim.solver import Effort
from eaesim.study.cohort import MOST_ANIMALS
from eaesim.study.patients import Patients, Recruiting
from eaesim.study.patientsets import patient_sets
from eaesim.study.placebo import Placebo, placebo_attacks
from eaesim.study.recruitment import recruit
from eaesim.study.relapses import RelapseCounts, count_relapses
from eaesim.workbench.answer import Answer, Plan
from eaesim.workbench.request import EACH_SET, ONE_SET, PATIENT_SETS, WorkRequest

if TYPE_CHECKING:
    import pandas as pd

PATIENT, PLACEBO = "patient", "placebo"
#: Share of attacks that start in a lesion, fitted to the placebo-controlled trials of IVIG over all parameter
#: sets: `eaesim fit --subject patient --shipped --plateau` finds 0.2, 0.1 to 0.5.
PLATEAU = 0.2
#: Relapses a year on placebo: that of AFFIRM, 0.67, rounded.
PLACEBO_RATE = 0.65
#: How the patients are simulated, for a supplement.
METHODS_OF_PATIENTS = (
    "Patients are the rat's equations with human values. They have attacks at random, run in untreated for a "
    "year, and the rate of attacks is calibrated to the relapse rate on placebo."
)
_RUN_IN, _INFUSION = 365, "4 h"
Shares = Setting[Sequence[float], tuple[float, ...]]


@dataclass(frozen=True, kw_only=True)
class RelapsingRequest(WorkRequest):
    """Base of requests about relapsing patients in trials that have not been done.

    Examples
    --------
    >>> RelapsingRequest(placebo_rate=0.4).changed()
    {'placebo_rate': 0.4}
    """

    placebo_rate: Number = Setting(
        between(0, 5, example=PLACEBO_RATE),
        PLACEBO_RATE,
        "Relapses a year on placebo, to which the rate of attacks is calibrated.",
    )
    until: Count = Setting(count(90, 3650), 730, "Days of follow-up.")
    mechanism: Text = Setting(
        text(mechanism_text, metavar="MECHANISM", names=lambda: (*MECHANISMS, "none")),
        "H1a",
        "Mechanism of IVIG.",
    )
    from_lesion: Shares = Setting(
        listed(share()),
        (0.0, PLATEAU),
        "Shares of attacks that start in a lesion, which H1 does not reach; 0: the strict transfer.",
    )
    patients: MaybeCount = Setting(
        optional(count(20, MOST_ANIMALS)),
        None,
        "Patients simulated for each parameter set; default: 2000, or 400 with several sets.",
    )
    parameter_sets: MaybeCount = PATIENT_SETS
    kinetics: MaybeText = KINETICS


@dataclass(frozen=True)
class Followed:
    """Relapsing patients in every arm.

    Attributes
    ----------
    from_lesion
        Share of their attacks that starts in a lesion.
    placebo
        Attacks of each parameter set, calibrated.
    patients
        The patients on the day of randomisation.
    counts
        Their relapses.
    """

    from_lesion: float
    placebo: Placebo
    patients: Patients
    counts: RelapseCounts


class RelapsingPlan(Plan):
    """Base of plans about relapsing patients."""

    request: RelapsingRequest

    def check(self, given: None, what: str) -> None:
        """Make sure that nothing but settings is given, and that there are so many parameter sets."""
        if given is not None:
            raise ProtocolError(f"{what} takes settings alone; given: {shown(given)}.")
        self.subjects()

    def settings(self) -> dict[str, Content]:
        """Return everything that decides the result, as plain values."""
        return {self.request.table: self.request.written(), "patient_sets": len(self.subjects())}

    def subjects(self) -> tuple[Rat, ...]:
        """Return the parameter sets of the patient."""
        asked = self.request
        sets = patient_sets(PATIENT, asked.parameter_sets, mechanism=asked.mechanism)
        return sets if asked.kinetics is None else tuple(with_kinetics(one, asked.kinetics) for one in sets)

    def followed(self, arms: Sequence[Arm], effort: Effort, step: Callable[[], None]) -> Iterator[Followed]:
        """Follow patients in every arm, for each share of attacks from lesions; `step` is called an arm.

        Raises
        ------
        NothingComputedError
            If every patient fails.
        """
        asked, subjects = self.request, self.subjects()
        quiet = effort.quiet
        each = asked.patients or (ONE_SET if len(subjects) == 1 else EACH_SET)
        how = Recruiting(each * len(subjects), asked.seed)
        for from_lesion in asked.from_lesion:
            trial = Trial(
                name="relapsing",
                until=asked.until,
                run_in=_RUN_IN,
                arms=(TrialArm(Arm(PLACEBO), patients=1),),
                attacks=AttackSettings(rate=CALIBRATE, from_lesion=from_lesion),
                placebo=PlaceboRow(endpoint="relapse_rate", value=asked.placebo_rate),
            )
            placebo = placebo_attacks(trial, subjects, how, effort=quiet)
            patients = recruit(trial, subjects, placebo.attacks, how, effort=quiet)
            counts = count_relapses(
                patients,
                arms,
                until=asked.until,
                mechanism=asked.mechanism,
                effort=replace(effort, progress=lambda *_: step()),
            )
            yield Followed(from_lesion, placebo, patients, counts)


@dataclass(frozen=True, kw_only=True)
class RelapsingAnswer(Answer):
    """Base of answers about relapsing patients, with the table of its main CSV file.

    Attributes
    ----------
    sets
        Number of parameter sets.
    said
        Lines that a reader must know.
    of_one
        Line on a single parameter set.
    """

    of_one: ClassVar[str]
    table: pd.DataFrame
    sets: int
    said: tuple[str, ...] = ()

    def notes(self) -> list[str]:
        """Return a line for each thing that a reader must know."""
        return [*([self.of_one] if self.sets == 1 else []), *self.said]


def regimen(amount: float, interval: float, until: int) -> Infusion:
    """Return repeated infusions of IVIG from day 0 to before the last day.

    Parameters
    ----------
    amount
        Of one infusion, g/kg.
    interval
        Days between two.
    until
        Last day.

    Examples
    --------
    >>> regimen(0.2, 28, 730).text()
    '0.2 g/kg over 4 h every 28 day x 27'
    """
    doses = max(math.ceil(until / interval), 1)
    return Infusion(f"{number_text(amount)} g/kg", over=_INFUSION, every=f"{interval:g} day", doses=doses)


def arm_name(amount: float, interval: float) -> str:
    """Return the name of an arm.

    Examples
    --------
    >>> arm_name(0.2, 28)
    '0.2 g/kg every 28 days'
    """
    return f"{amount:g} g/kg every {interval:g} days"


def transfer_words(from_lesion: float) -> str:
    """Return how the rat's effect is transferred to patients, in words.

    Examples
    --------
    >>> transfer_words(0.0), transfer_words(0.35)
    ('strict transfer', '35 % of attacks from lesions')
    """
    return f"{100 * from_lesion:g} % of attacks from lesions" if from_lesion else "strict transfer"


def said_of(followed: Sequence[Followed], rate: float) -> tuple[str, ...]:
    """Return a line for each share of attacks at which the placebo rate is not reached, and on failures."""
    unreached = [
        f"{transfer_words(one.from_lesion)}: in {int((~reached).sum())} of {len(reached)} sets "
        f"no rate of attacks brings about {rate:g} relapses a year within a tenth; the nearest is taken."
        for one in followed
        if not (reached := one.placebo.reached).all()
    ]
    failed = sum(one.counts.failed for one in followed)
    lost = [f"{failed} patients failed in some arm and were left out of all."] if failed else []
    return (*unreached, *lost)


def stepping(effort: Effort, total: int) -> Callable[[], None]:
    """Return a function that tells the progress of one more step of a total.

    Examples
    --------
    >>> step = stepping(Effort(progress=lambda done, total: print(done, total)), 2)
    >>> step()
    1 2
    """
    done = 0

    def step() -> None:
        nonlocal done
        done += 1
        if effort.progress is not None:
            effort.progress(done, total)

    return step


def given_terms(asked: Unchecked, titles: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return settings as terms of a report, lists with commas.

    Examples
    --------
    >>> given_terms({"amounts": ["0.2 g/kg", "0.4 g/kg"]}, {"amounts": "Amounts of IVIG", "limit": "Limit"})
    [('Amounts of IVIG', '0.2 g/kg, 0.4 g/kg')]
    """
    given = {title: asked[name] for name, title in titles.items() if name in asked}
    return [
        (title, ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value))
        for title, value in given.items()
    ]
