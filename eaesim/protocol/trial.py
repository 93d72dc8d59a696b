"""A clinical trial as data: patients, arms, entry, and what was published of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from eaesim.errors import ProtocolError, QuantityError, check_names
from eaesim.protocol.arm import Arm
from eaesim.protocol.attacks import AttackSettings
from eaesim.protocol.design import check_different
from eaesim.protocol.dose import mechanism_text
from eaesim.protocol.entry import Entry
from eaesim.protocol.outcome import PlaceboRow, Published
from eaesim.protocol.parametertable import check_parameters
from eaesim.protocol.quantity import count, number_text, whole_days
from eaesim.protocol.regimen import Regimen

MOST_PATIENTS = 100_000


@dataclass(frozen=True)
class TrialArm:
    """An arm of a trial with the number of its patients.

    Examples
    --------
    >>> TrialArm(Arm("placebo"), patients=73).name
    'placebo'
    """

    arm: Arm
    patients: int

    def __post_init__(self) -> None:
        what = f'arm "{self.arm.name}": patients'
        vars(self).update(patients=count(self.patients, what=what, least=1, most=MOST_PATIENTS))

    @property
    def name(self) -> str:
        """Name of the arm."""
        return self.arm.name

    @property
    def is_placebo(self) -> bool:
        """Whether nothing is given in it."""
        return not any(self.arm.regimen.total().values())


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A clinical trial.

    Attributes
    ----------
    name, title, claim
        Short name, description, and the claim of the review that it tests, such as ``"S2"``.
    subject
        Name of the patient, such as ``"patient"``; not checked here.
    until
        Last day, day 0 being randomisation.
    edss
        EDSS of its patients before the first attack of the run-in; None is the subject's own.
    later_attacks
        Whether attacks go on after randomisation; without them only what has begun is followed.
    run_in
        Days before randomisation that are simulated without treatment.
    mechanism
        Mechanism of IVIG.
    attacks
        Settings of the attacks that differ from the patient's own.
    arms
        Arms, one of them without doses.
    entry
        Which patients are taken; None takes all.
    dropout
        Share of the patients who leave per year.
    sequence
        Arms of a crossover in their order; empty without one. The last day is that of the last period.
    background
        Doses given in every arm.
    placebo
        Number that the rate of attacks is calibrated to.
    published
        What was published.
    parameters
        Values that override those of the patient.
    file
        Where it was read from; None for a trial of the package, or one made in Python.

    Raises
    ------
    ProtocolError
        If no arm is without doses, two share a name, the rate of attacks is to be calibrated to nothing, a
        dose lies past the end, or the entry looks back further than the run-in.
    QuantityError
        If a number is out of range.
    UnknownNameError
        If a published row or the sequence names no arm.

    Examples
    --------
    >>> from eaesim.protocol.dose import Bolus
    >>> arms = [TrialArm(Arm("placebo"), 73), TrialArm(Arm("IVIG", Bolus("0.2 g/kg").at(day=0)), 75)]
    >>> Trial(name="own", until=730, arms=tuple(arms)).control
    'placebo'
    """

    name: str
    until: int
    arms: tuple[TrialArm, ...]
    title: str = ""
    claim: str = ""
    subject: str = "patient"
    edss: float | None = None
    later_attacks: bool = True
    run_in: int = 0
    mechanism: str = "H1a"
    attacks: AttackSettings = field(default_factory=AttackSettings)
    entry: Entry | None = None
    dropout: float = 0.0
    sequence: tuple[str, ...] = ()
    background: Regimen = field(default_factory=Regimen)
    placebo: PlaceboRow | None = None
    published: tuple[Published, ...] = ()
    parameters: Mapping[str, float | str] = field(default_factory=dict)
    file: str | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        if not isinstance(self.subject, str) or not self.subject.strip():
            raise ProtocolError(f'subject = {self.subject!r} is not a name; write subject = "patient".')
        vars(self).update(until=whole_days(self.until, what="until", least=1))
        if self.edss is not None and (
            isinstance(self.edss, bool) or not isinstance(self.edss, int | float) or not 0 <= self.edss < 10
        ):
            raise QuantityError(f"edss = {self.edss!r} is not a number from 0 to below 10.")
        if not isinstance(self.later_attacks, bool):
            raise ProtocolError(f"later_attacks = {self.later_attacks!r} is neither true nor false.")
        vars(self).update(
            run_in=whole_days(self.run_in, what="run_in", least=0),
            mechanism=mechanism_text(self.mechanism),
            parameters=check_parameters(self.parameters),
        )
        if not 0 <= self.dropout <= 1:
            raise QuantityError(f"dropout of {100 * self.dropout:g} % a year is not from 0 to 100 %.")
        self._check_arms()
        self._check_sequence()
        self._check_doses()
        self._check_published()
        if self.attacks.calibrated and self.placebo is None:
            raise ProtocolError(
                'rate = "calibrate" needs the number of the placebo arm; write '
                'placebo = { endpoint = "relapse_rate", value = 1.2 }.'
            )
        if self.entry is not None and self.entry.looks_back > self.run_in:
            raise ProtocolError(
                f"nobody meets the entry: it looks back {self.entry.looks_back} days, and the run-in has "
                f"{self.run_in}."
            )

    def _check_arms(self) -> None:
        names = [arm.name for arm in self.arms]
        check_different(names)
        if not any(arm.is_placebo for arm in self.arms):
            raise ProtocolError(
                f"a trial needs an arm without doses, the placebo; all have doses: {_listed(names)}."
            )

    def _check_doses(self) -> None:
        for name, row in ((arm.name, row) for arm in self.arms for row in arm.arm.regimen.table()):
            if row.day is not None and row.day > self.period:
                end = "its period" if self.sequence else "the trial"
                raise ProtocolError(
                    f'arm "{name}": the dose on day {number_text(row.day)} lies past the end of {end}, '
                    f"day {self.period}."
                )
        for arm in self.arms:
            self.given(arm.name).mechanism_or(self.mechanism)

    def _check_sequence(self) -> None:
        for name in self.sequence:
            self.arm(name)
        if len(self.sequence) == 1 or len(set(self.sequence)) < len(self.sequence):
            raise ProtocolError(
                f"a sequence is two arms or more, each once; given: {_listed(self.sequence)}."
            )
        if len({self.arm(name).patients for name in self.sequence}) > 1:
            raise ProtocolError("the arms of a sequence have the same patients, so patients must be equal.")

    def _check_published(self) -> None:
        for row in self.published:
            arm = self.arm(row.arm)
            if row.measure != "value" and arm.name == self.control:
                raise ProtocolError(
                    f'{row.endpoint}: a {row.measure} compares another arm with "{self.control}".'
                )
            if row.since < -self.run_in or (row.until or 0) > self.until:
                raise ProtocolError(
                    f"{row.endpoint}: days {row.since} to {row.until} are not all between -{self.run_in} and "
                    f"{self.until}."
                )

    @property
    def fingerprint(self) -> str:
        """A hash of all that decides its result, with the values of its drugs."""
        drugs = [drug.fingerprint for arm in self.arms for drug in self.given(arm.name).drugs()]
        return sha256(repr((self, drugs)).encode()).hexdigest()

    @property
    def control(self) -> str:
        """Name of the arm that the others are compared with: the first one without doses."""
        return next(arm.name for arm in self.arms if arm.is_placebo)

    @property
    def period(self) -> int:
        """Days of one period of a crossover; all days without one."""
        return self.until // max(len(self.sequence), 1)

    def arm(self, name: str) -> TrialArm:
        """Return an arm by name."""
        found = {arm.name: arm for arm in self.arms}
        check_names([name], "arm", found)
        return found[name]

    def given(self, name: str) -> Arm:
        """Return an arm with everything that is given in it, the background too."""
        arm = self.arm(name).arm
        return Arm(
            arm.name, arm.regimen, self.background, mechanism=arm.mechanism, parameters=dict(arm.parameters)
        )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"
