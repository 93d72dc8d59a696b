"""A study: a rat, inductions, and arms with different treatments of the same rats."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from html import escape
from os import PathLike

from eaesim.endpoints import ENDPOINTS, Endpoint, dead_rule, endpoint
from eaesim.endpoints.statistics import MOST_RESAMPLED
from eaesim.errors import NothingComputedError
from eaesim.files import within
from eaesim.model import Drug, Parameters, Rat
from eaesim.protocol import Arm, Design, Immunisation, StudyFile, read_study_file
from eaesim.protocol.arm import replaced_drug
from eaesim.protocol.dose import STUDIED_DRUG
from eaesim.protocol.induction import Induction
from eaesim.protocol.studyfile import study_file_text
from eaesim.solver import FAILED, Progress
from eaesim.study.assembly import arm_rat
from eaesim.study.cohort import MOST_ANIMALS, MOST_SUMMED, check_animals
from eaesim.study.membership import chosen_members
from eaesim.study.rats import beside, load, rat_of
from eaesim.study.recorded import check_recorded
from eaesim.study.result import Result
from eaesim.study.simulation import Simulation, simulate
from eaesim.study.summing import kept_sums

RECORD = ("igg_plasma", "effector_cns", "inflammation", "demyelination")


@dataclass(frozen=True, init=False, repr=False)
class Study:
    """A rat and a design.

    Parameters
    ----------
    rat
        A `Rat`, the name of one, or the folder of a fit.
    arms
        Arms with their treatments.
    until
        Last day; scores are read on days 0 to `until`, both included.
    inductions
        Inductions of disease; by default one immunisation with complete adjuvant on day 0.
    mechanism
        Mechanism of IVIG: ids, combined with ``+``, or ``"none"``.
    control
        Name of the arm that the others are compared with; by default ``"vehicle"``, else the first.
    endpoints
        Additional endpoints with a window: ``"cumulative_score[12:42]"`` counts days
        12 to 42 from the first induction, both included (see `eaesim.endpoints.endpoint`). An `Endpoint` of
        your own is given as it is.

    Attributes
    ----------
    rat
        The `Rat`.
    design
        Design of the study.

    Raises
    ------
    EaesimError
        If the rat, a mechanism, the control or an endpoint is not known, or arms and days are invalid.

    Examples
    --------
    >>> from eaesim.protocol import Bolus
    >>> study = Study("lewis", until=20, arms=[Arm("vehicle"), Arm("day 0", Bolus("1 g/kg").at(day=0))])
    >>> result = study.run(animals=4, seed=7)
    >>> bool(result.table().loc[("day 0", "peak_score"), "difference"] < 0)
    True
    """

    rat: Rat
    design: Design

    def __init__(
        self,
        rat: Rat | str,
        *,
        arms: Iterable[Arm],
        until: float = 40,
        inductions: Iterable[Induction] = (Immunisation(),),
        mechanism: str = "H1a",
        control: str | None = None,
        endpoints: Iterable[str | Endpoint] = (),
    ) -> None:
        rat = rat_of(rat)
        design = Design(until, inductions, arms, mechanism, control, _named(endpoints))
        vars(self).update(rat=rat, design=_checked(design, rat))

    @classmethod
    def from_design(cls, rat: Rat | str, design: Design) -> Study:
        """Return the study of a rat and an existing design; that of a patient can be exported, not run."""
        study = cls.__new__(cls)
        rat = rat if isinstance(rat, Rat) else load(rat)
        vars(study).update(rat=rat, design=_checked(design, rat))
        return study

    def giving(self, drug: str | Drug) -> Study:
        """Return the same study with another drug in every dose of IVIG; amounts and days stay.

        Raises
        ------
        EaesimError
            If the drug is not known, or not given by a route of the study.

        Examples
        --------
        >>> from eaesim.protocol import Bolus
        >>> study = Study("lewis", until=20, arms=[Arm("early", Bolus("1 mg/kg").at(day=0))])
        >>> study.giving("late_acting").design.arms[0].regimen.total()
        {'late_acting': 1.0}
        """
        arms = [
            replaced_drug(arm, drug) if arm.regimen.total().get(STUDIED_DRUG) else arm
            for arm in self.design.arms
        ]
        return Study.from_design(self.rat, replace(self.design, arms=tuple(arms)))

    def reading(self, *endpoints: str) -> Study:
        """Return the same study with additional endpoints with a window.

        Raises
        ------
        UnknownNameError, QuantityError
            If there is no such endpoint, or it cannot have that window.
        """
        return Study.from_design(
            self.rat, replace(self.design, endpoints=(*self.design.endpoints, *endpoints))
        )

    def __repr__(self) -> str:
        """Return the rat, the arms and the last day."""
        arms = ", ".join(arm.name for arm in self.design.arms)
        return f"Study({self.rat!r}, until={self.design.until}, arms: {arms})"

    def __str__(self) -> str:
        """Return the study as a text: rat, inductions, and the treatment of each arm."""
        return f"{self.rat.title}\n{self.design}"

    def _repr_html_(self) -> str:
        """Return HTML for notebooks: the text with aligned columns."""
        return f"<pre>{escape(str(self))}</pre>"

    def warnings(self) -> list[str]:
        """Return a text for each large volume, and for each parameter set outside its bounds."""
        volumes = [f"{arm.name}: {text}" for arm in self.design.arms for text in arm.regimen.warnings()]
        rats = [f"{arm.name}: {text}" for arm in self.design.arms for text in _own_warnings(self.rat, arm)]
        given = {name for arm in self.design.arms for drug in arm.drugs() for name in drug.parameters}
        idle = [
            f"{entry.name} belongs to a drug that no arm is given; it changes nothing."
            for entry in self.rat.changes
            if entry.name not in Parameters._fields and entry.name not in given
        ]
        return self.rat.warnings() + rats + idle + list(dict.fromkeys(volumes))

    def run(
        self,
        *,
        animals: int = 320,
        seed: int = 1,
        members: int | None = None,
        dead: str = "score",
        record: Sequence[str] = RECORD,
        courses: bool = True,
        compared: Iterable[tuple[str, str]] | None = None,
        engine: str = "auto",
        accuracy: str = "auto",
        workers: int | None = None,
        progress: Progress | None = None,
    ) -> Result:
        """Run every arm with the same rats.

        Parameters
        ----------
        animals
            Rats in every arm.
        seed
            Random seed of the rats; rat number i is the same for any number of rats and any arms.
        members
            Number of parameter sets of the rat's ensemble, assigned to rats in turn: by default 64,
            whatever the number of rats; without an ensemble 1, the rat itself. With fewer than five rats
            per set the interval is somewhat too narrow.
        dead
            Rule for dead rats: ``score``, ``carry`` or ``exclude``.
        record
            States and derived quantities to record daily, and exposures, as `eaesim list` names them.
        courses
            Whether every rat's daily scores and states are stored. Without them a result has all endpoints
            and tables, and a million rats fit into memory; relapses are then counted only from the induced
            days of the study's arms, and anything that needs daily scores raises a `NotKeptError`.
        compared
            Pairs of arms to be compared besides each arm and the control. If given, and rats are more than
            4,000, only sums over rats are stored: ten million fit into memory, for the table, these effects
            and the mean courses; anything that needs single rats raises a `NotKeptError`.
        engine
            ``"lanes"``, ``"reference"``, or ``"auto"``: lanes where they work on this machine.
        accuracy
            ``"courses"`` solves states to about 1e-5, ``"scores"`` as exactly as daily scores need and
            several times as fast; ``"auto"`` takes courses where states are recorded.
        workers
            Threads of the lanes, processes of the reference; by default all cores where worthwhile.
        progress
            Called with the number of runs done and their total.

        Raises
        ------
        UnknownNameError
            If a quantity to record or the rule for the dead is not known.
        ProtocolError
            If several parameter sets are requested for a rat without an ensemble.
        NothingComputedError
            If every rat failed.
        """
        rat_of(self.rat)
        dead = dead_rule(dead)
        record = check_recorded(record, {drug for arm in self.design.arms for drug in arm.drugs()})
        check_animals(animals, seed=seed, most=MOST_ANIMALS if compared is None else MOST_SUMMED)
        sets = chosen_members(self.rat, members, mechanism=self.design.mechanism)
        sums = None
        if compared is not None and animals > MOST_RESAMPLED:
            sums = kept_sums(self.rat, self.design, compared=tuple(compared), dead=dead, sets=sets)
        simulation = simulate(
            self.rat,
            self.design,
            members=sets,
            animals=animals,
            seed=seed,
            record=record,
            courses=courses,
            dead=dead,
            sums=sums,
            engine=engine,
            accuracy=accuracy,
            workers=workers,
            progress=progress,
        )
        return self.result(simulation, seed=seed, dead=dead, record=record, sets=sets, engine=engine)

    def result(
        self,
        simulation: Simulation,
        *,
        seed: int,
        dead: str,
        record: Sequence[str],
        sets: tuple[Rat, ...],
        engine: str,
    ) -> Result:
        """Return the result of a simulation of this study; settings as in `Result`.

        Raises
        ------
        NothingComputedError
            If every rat failed.
        """
        if (simulation.status == FAILED).all():
            raise NothingComputedError(f"every rat failed; the first: {simulation.failures[0]}.")
        return Result(
            self.rat,
            self.design,
            simulation,
            seed=seed,
            dead=dead,
            record=tuple(record),
            members=len(sets),
            sets=sets,
            engine=engine,
        )


def _named(endpoints: Iterable[str | Endpoint]) -> Iterable[str]:
    """Return the names of endpoints, with those of the user made known by theirs."""
    if isinstance(endpoints, str) or not isinstance(endpoints, Iterable):
        return endpoints  # refused by the design
    return [one.known() if isinstance(one, Endpoint) else one for one in endpoints]


def _own_warnings(rat: Rat, arm: Arm) -> list[str]:
    return [text for text in arm_rat(rat, arm).warnings() if text not in rat.warnings()]


def _checked(design: Design, rat: Rat) -> Design:
    """Return a design with normalised window names, without endpoints that are always computed."""
    for arm in design.arms:
        arm_rat(rat, arm)
    found = [endpoint(name, until=design.until) for name in design.endpoints]
    names = tuple(dict.fromkeys(one.name for one in found if one.name not in ENDPOINTS))
    return design if names == design.endpoints else replace(design, endpoints=names)


def read_plain_study(path: str | PathLike[str]) -> tuple[Study, StudyFile]:
    """Read a study file, without the tables of questions.

    Raises
    ------
    EaesimError
        If the file cannot be read, or is not a valid study.
    """
    file = read_study_file(path)
    with within(str(path)):
        rat = rat_of(beside(file.rat, path)).replace(**file.parameters)
        return Study.from_design(rat, file.design), file


def study_text(study: Study, *, animals: int = 320, seed: int = 1) -> str:
    """Return the study file of a study.

    Parameters
    ----------
    study
        Study; values set on the rat are included.
    animals, seed
        Number and random seed of the rats in the file.

    Examples
    --------
    >>> study = Study("lewis", until=20, arms=[Arm("vehicle")])
    >>> study_text(study).splitlines()[:3]
    ['[study]', 'rat = "lewis"', 'until = 20']
    """
    name = study.rat.loaded_as
    own = load(name).entries
    changed = {
        name: entry.value
        for name, entry in study.rat.entries.items()
        if name not in own or entry.value != own[name].value
    }
    file = StudyFile(name, study.design, animals=animals, seed=seed, parameters=changed)
    return study_file_text(file)
