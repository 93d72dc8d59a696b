"""Given IgG and drugs in the plasma of the rats of a study, solved for doses only.

They do not depend on the disease.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from eaesim.endpoints import Floats
from eaesim.model import Drug, Rat
from eaesim.model.pharmacy import load_drug
from eaesim.protocol import Arm, Design
from eaesim.protocol.dose import STUDIED_DRUG
from eaesim.protocol.timeline import Event
from eaesim.solver import Events, Problem
from eaesim.study.assembly import build_problem, system_with
from eaesim.study.chunk import individuals
from eaesim.study.cohort import draw_chunks
from eaesim.study.plan import plan_arm
from eaesim.study.plasma import Exposure, Moments, Plasma, joined, joined_exposure
from eaesim.study.plasmavalues import plasma_values
from eaesim.study.recorded import PLASMA, plasma_of
from eaesim.study.sampled import Sampled
from eaesim.study.schedule import NEVER, arm_schedules, waiting_lines

# Values in memory at once.
AT_ONCE = 1_000_000


@dataclass(frozen=True)
class Dosing:
    """Doses in one arm of all that decides a concentration in plasma.

    Attributes
    ----------
    schedules
        Distinct schedules.
    follows
        Index of the schedule of each rat.
    moments
        Times for plasma under any of them.
    until
        Last day.
    of
        State that is the concentration.
    drugs
        Drugs other than IVIG that decide it.
    """

    schedules: tuple[tuple[Event, ...], ...]
    follows: npt.NDArray[np.int64]
    moments: Moments
    until: float
    of: str = PLASMA
    drugs: tuple[Drug, ...] = ()

    def problem(self, parameters: Floats, follows: npt.NDArray[np.int64]) -> Problem:
        """Return the problem of rats, one row each, with the index of its schedule."""
        system = system_with(self.drugs)
        own = parameters[:, : len(system.parameters._fields)]
        problem = build_problem(
            own, self.schedules, follows=follows, until=0, record=(self.of,), system=system
        )
        return replace(problem, days=self.moments.days)

    def solve(self, parameters: Floats, follows: npt.NDArray[np.int64], *, engine: str) -> Plasma:
        """Return the plasma of rats; parameters as for `problem`."""
        gives = {event.state for events in self.schedules for event in events}
        if not gives or (self.of != PLASMA and not self.drugs):
            nothing = np.zeros((len(follows), len(self.moments.days)))
            return Plasma(self.moments, nothing, nothing)
        problem = self.problem(parameters, follows)
        # Equations of other drugs may differ although all numbers are the same.
        before = plasma_values(problem, engine=engine, is_kept=not self.drugs)
        place = problem.system.state._fields.index(self.of)
        return Plasma(self.moments, before, before + _injected(problem.events, self.moments, place))

    def alone(self, place: int) -> Dosing:
        """Return one schedule alone, so that doses of other rats do not affect its times."""
        own = (self.schedules[place],)
        return replace(
            self,
            schedules=own,
            follows=np.zeros(1, dtype=np.int64),
            moments=Moments.of(own, until=self.until),
        )

    def exposure(
        self, parameters: Floats, follows: npt.NDArray[np.int64], *, level: float, engine: str
    ) -> Exposure:
        """Return the exposure of rats, each at the times of its own schedule."""
        found = np.full((3, len(follows)), np.nan)
        for place in np.unique(follows):
            rats = np.flatnonzero(follows == place)
            plasma = self.alone(place).solve(parameters[rats], np.zeros(len(rats), np.int64), engine=engine)
            found[:, rats] = plasma.peak, plasma.area, plasma.days_above(level)
        return Exposure(*found)


def dosing(
    design: Design, arm: Arm, *, animals: int, triggered: Mapping[int, Floats], of: str = PLASMA
) -> Dosing:
    """Return the doses in an arm that decide a concentration in plasma, up to the last day.

    Those of the drug itself; and of IgG, those of the drugs that act on it.

    Parameters
    ----------
    design, arm
        Design and arm.
    animals
        Number of rats.
    triggered
        Day of each rat's first dose by index of a triggered line, NaN without one.
    of
        State that is the concentration.
    """
    waited = [triggered[place] for place in waiting_lines(arm)]
    starts = np.array(waited).reshape(len(waited), animals).T
    given, follows = arm_schedules(design, arm, np.where(np.isnan(starts), NEVER, starts))
    igg = load_drug(STUDIED_DRUG)
    others = arm.drugs() if any(drug.acts_on_igg for drug in arm.drugs()) and of == PLASMA else ()
    others = others or tuple(drug for drug in arm.drugs() if plasma_of(drug) == of)
    deciding = (*((igg,) if of == PLASMA else ()), *others)
    states = {state for drug in deciding for state in (drug.infusion, *_entries(drug))}
    schedules = tuple(
        tuple(event for event in events if event.state in states and event.day <= design.until)
        for events in given
    )
    moments = Moments.of(schedules, until=design.until)
    return Dosing(schedules, follows, moments, design.until, of, others)


def _entries(drug: Drug) -> tuple[str, ...]:
    """Return the states that doses of a drug are added to."""
    return tuple(route.state for route in drug.routes.values())


@dataclass(frozen=True)
class PlasmaRuns:
    """Given IgG and drugs in the plasma of the rats of a study, solved for doses only on each request.

    Attributes
    ----------
    rats
        The rats of the study.

    Examples
    --------
    >>> from eaesim.protocol import Bolus
    >>> from eaesim.study import Study
    >>> study = Study("lewis", until=20, arms=[Arm("vehicle"), Arm("day 0", Bolus("1 g/kg").at(day=0))])
    >>> study.run(animals=1).plasma.exposure("day 0", typical=True).peak.tolist()
    [25.0]
    """

    rats: Sampled

    def course(self, arm: str) -> Plasma:
        """Return the IgG given in plasma of every rat of an arm.

        Raises
        ------
        UnknownNameError
            If there is no such arm.
        """
        given = self._given(arm, PLASMA)
        return joined(
            [
                given.solve(parameters, given.follows[rows], engine=self.rats.engine)
                for parameters, rows in self._parameters(arm, given)
            ]
        )

    def exposure(self, arm: str, *, level: float = 0.0, typical: bool = False, of: str = PLASMA) -> Exposure:
        """Return each rat's peak, area under the curve, and days above a level.

        Parameters
        ----------
        arm
            Name of the arm.
        level
            Level in mg/mL.
        typical
            Whether to use the typical rat for every rat, with the doses of that rat.
        of
            State that is the concentration; 0 in an arm that is not given its drug.

        Raises
        ------
        UnknownNameError
            If there is no such arm.
        """
        given = self._given(arm, of)
        if not typical:
            return joined_exposure(
                given.exposure(parameters, given.follows[rows], level=level, engine=self.rats.engine)
                for parameters, rows in self._parameters(arm, given)
            )
        own = plan_arm(self.rats.rat, self.rats.design, self._arm(arm), ())
        every = np.arange(len(given.schedules))
        parameters = np.tile(np.array(own.typical[0]), (len(every), 1))
        found = given.exposure(parameters, every, level=level, engine=self.rats.engine)
        follows = given.follows
        return Exposure(found.peak[follows], found.area[follows], found.days_above[follows])

    def _arm(self, name: str) -> Arm:
        return self.rats.design.arms[self.rats.place(name)]

    def _given(self, arm: str, of: str) -> Dosing:
        own = {line: days for (name, line), days in self.rats.simulation.triggered.items() if name == arm}
        return dosing(self.rats.design, self._arm(arm), animals=self.rats.number, triggered=own, of=of)

    def _parameters(self, arm: str, given: Dosing) -> Iterator[tuple[Floats, slice]]:
        """Yield the parameters of blocks of rats of an arm, and their indices."""
        own = plan_arm(self.rats.rat, self.rats.design, self._arm(arm), self.rats.sets)
        varied = [name for name in own.typical[0]._fields if own.entries[name].spread]
        size = max(1, AT_ONCE // len(given.moments.days))
        for cohort in draw_chunks(self.rats.number, seed=self.rats.seed, days=1, size=size, varied=varied):
            yield individuals(own, cohort), slice(cohort.first, cohort.first + len(cohort.death))


def typical_peaks(rat: Rat, design: Design) -> Floats:
    """Return the highest plasma IgG of the typical rat in every arm, mg/mL; without triggered doses.

    Arms that are given drugs which act on IgG are given the same ones.
    """
    dosed = [dosing(design, arm, animals=1, triggered={}) for arm in design.arms]
    arm, drugs = max(
        ((arm, own.drugs) for arm, own in zip(design.arms, dosed, strict=True)), key=lambda one: len(one[1])
    )
    given = [own.schedules[0] for own in dosed]
    first = min([0.0, *(event.day for events in given for event in events)])
    # The times are the same, so all runs start on the same day.
    given = [(Event(first, PLASMA, 0.0), *events) for events in given]
    every = np.arange(len(given))
    moments = Moments.of(given, until=design.until)
    together = Dosing(tuple(given), every, moments, design.until, drugs=drugs)
    typical = np.array(plan_arm(rat, design, arm if drugs else design.arms[0], ()).typical[0])
    return together.solve(np.tile(typical, (len(every), 1)), every, engine="auto").peak


def _injected(events: Events, moments: Moments, place: int) -> Floats:
    """Return what boluses add to a state at each time, shape (rats, times)."""
    added = np.zeros((len(events.day), len(moments.days)))
    for day, state, amount in zip(events.day.T, events.state.T, events.amount.T, strict=True):
        hit = np.flatnonzero(np.isfinite(day) & (state == place))
        added[hit, np.searchsorted(moments.days, day[hit])] += amount[hit]
    return added
