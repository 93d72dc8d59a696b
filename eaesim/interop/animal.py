"""Content of an exchange file: the typical rat of one arm with its inductions and doses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from eaesim.errors import ProtocolError, check_names
from eaesim.model import STATES, Drug, Parameter, Parameters, Rat
from eaesim.model.species import HUMAN
from eaesim.model.state import StateInfo
from eaesim.protocol import Arm, Design, Immunisation
from eaesim.protocol.dose import mechanism_text
from eaesim.protocol.induction import Induction
from eaesim.protocol.timeline import Event, arm_events
from eaesim.study import Study, load
from eaesim.study.assembly import typical_parameters

#: Days of a patient's course in a file.
PATIENT_DAYS = 90


@dataclass(frozen=True)
class Animal:
    """The typical rat, or patient, of one arm.

    Attributes
    ----------
    rat
        The rat.
    arm
        Its arm.
    mechanism
        Mechanism of IVIG.
    entries
        All parameters in this arm, by name.
    inductions
        Inductions of disease.
    events
        All events, by day.
    """

    rat: Rat
    arm: Arm
    mechanism: str
    entries: Mapping[str, Parameter]
    inductions: tuple[Induction, ...]
    events: tuple[Event, ...]

    @property
    def parameters(self) -> Parameters:
        """The parameter values of the rat."""
        return Parameters(**{name: self.entries[name].value for name in Parameters._fields})

    @property
    def drugs(self) -> tuple[Drug, ...]:
        """The drugs other than IVIG."""
        return self.arm.drugs()

    @property
    def states(self) -> dict[str, StateInfo]:
        """Every state, those of drugs last."""
        return dict(STATES) | {name: info for drug in self.drugs for name, info in drug.states.items()}

    @property
    def start(self) -> float:
        """The day on which its run starts: 0, or that of an earlier event."""
        return min((0.0, *(event.day for event in self.events)))


def typical_animal(
    subject: Study | Rat | str, *, arm: str | None = None, mechanism: str | None = None
) -> Animal:
    """Return the typical rat of one arm of a study.

    Examples
    --------
    >>> [event.state for event in typical_animal("lewis").events]
    ['antigen', 'adjuvant_complete']
    """
    study = subject if isinstance(subject, Study) else untreated(subject)
    design = study.design
    arms = {one.name: one for one in design.arms}
    chosen = design.control if arm is None else arm
    check_names([chosen], "arm", arms)
    given = arms[chosen]
    if waits := _waits(given):
        others = ", ".join(name for name, one in arms.items() if not _waits(one)) or "none"
        raise ProtocolError(
            f'arm "{chosen}": a dose that waits for "{waits}" needs daily scores, which an exchange file '
            f"cannot read; give it a day, or choose an arm without such a dose: {others}."
        )
    acting = given.mechanism_or(mechanism or design.mechanism)
    if mechanism is not None and acting != mechanism_text(mechanism):
        raise ProtocolError(f'arm "{chosen}" has a mechanism of its own, {acting}; given: {mechanism}.')
    inductions = design.inductions_of(given)
    events = arm_events(inductions, given.regimen, triggered={})
    if taken := next((event.harvest for event in events if event.harvest is not None), None):
        raise ProtocolError(
            f'arm "{chosen}" is given cells of arm "{taken.donor}", which only a run of that arm can count; '
            "in an exchange file a transfer has cells = NUMBER, or an amount of the standard number."
        )
    values, entries = typical_parameters(study.rat, given, mechanism=acting)
    return Animal(
        rat=study.rat,
        arm=given,
        mechanism=acting,
        entries={name: replace(entries[name], value=value) for name, value in values._asdict().items()},
        inductions=inductions,
        events=events,
    )


def untreated(subject: Rat | str) -> Study:
    """Return a rat that is immunised on day 0, or a patient with an attack of the median size on day 0.

    Examples
    --------
    >>> untreated("patient").design.inductions[0].adjuvant
    'incomplete'
    """
    rat = subject if isinstance(subject, Rat) else load(subject)
    if rat.species != HUMAN:
        return Study(rat, arms=[Arm("vehicle")])
    # An attack is a small immunisation without mycobacteria.
    attack = Immunisation(adjuvant="incomplete", amount=rat.attacks["size"].value)
    return Study.from_design(rat, Design(PATIENT_DAYS, [attack], [Arm("vehicle")]))


def _waits(arm: Arm) -> str:
    """Return the first trigger of a dose, in words."""
    return next((line.trigger.text() for line in arm.regimen.lines if line.trigger is not None), "")
