"""Events: inductions and doses of a rat, as amounts added to states at points in time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from eaesim.protocol.induction import Harvest, Induction, Transfer
from eaesim.protocol.regimen import DoseLine, Regimen

#: Times this close together, in days (0.9 s), are merged. Otherwise the end of an infusion and the start of
#: the next may differ by a rounding error, and a simulator that reads an exported file loses one: COPASI has
#: lost events 1.1e-6 day apart, none further.
MOMENT = 1e-5


@dataclass(frozen=True, slots=True)
class Event:
    """An amount that is added to a state at one time.

    It adds ``amount * parameters[factor] / parameters[divisor]`` to `state` on `day`; for harvested cells
    `amount` is the fraction given.

    Attributes
    ----------
    day
        Day; day 0 is the first induction.
    state
        Name of the state.
    amount
        Amount, in the unit that factor and divisor convert to that of the state.
    factor, divisor
        Names of parameters; None is 1.
    harvest
        Source of cells from another run.

    Examples
    --------
    >>> Event(0.0, "igg_plasma", 1000.0, divisor="igg_volume_plasma").factor is None
    True
    """

    day: float
    state: str
    amount: float
    factor: str | None = None
    divisor: str | None = None
    harvest: Harvest | None = None


def induction_events(inductions: Iterable[Induction]) -> tuple[Event, ...]:
    """Return the events of inductions; an amount of 0 gives none.

    Examples
    --------
    >>> from eaesim.protocol.induction import Immunisation
    >>> [event.state for event in induction_events([Immunisation()])]
    ['antigen', 'adjuvant_complete']
    """
    events = (event for induction in inductions for event in _induce(induction))
    return tuple(event for event in events if event.amount)


def _induce(induction: Induction) -> tuple[Event, ...]:
    day = induction.day
    if isinstance(induction, Transfer):
        if induction.harvested is not None:
            return (Event(day, "licensing_early", induction.amount, harvest=induction.harvested),)
        if induction.cells is None:
            return (Event(day, "licensing_early", induction.amount, factor="transferred_cells"),)
        return (Event(day, "licensing_early", induction.cells),)
    antigen = Event(day, "antigen", induction.amount, factor="antigen_dose")
    if induction.adjuvant == "none":
        return (antigen,)
    return antigen, Event(day, f"adjuvant_{induction.adjuvant}", induction.amount, factor="adjuvant_dose")


def dose_events(
    line: DoseLine, *, start: float, moments: Mapping[float, float] | None = None
) -> tuple[Event, ...]:
    """Return the events of all doses of a line, the first on day `start`.

    A bolus is one event; an infusion adds its rate at its start and subtracts it at its end. An infusion
    that starts and ends at one time is a bolus.

    Parameters
    ----------
    line
        Dose with its repeats; its own day or trigger is ignored.
    start
        Day of the first dose; for a triggered line, `after` is included.
    moments
        Days to replace by others, from `one_time`. The amount of a dose is unchanged: where
        its length changes, so does its rate.

    Examples
    --------
    >>> from eaesim.protocol.dose import parse_dose
    >>> line = parse_dose("1 g/kg over 12 h").at(day=3).lines[0]
    >>> [(event.day, event.amount) for event in dose_events(line, start=3)]
    [(3.0, 2000.0), (3.5, -2000.0)]
    """
    dose = line.dose
    if dose.amount == 0:
        return ()
    drug, route = dose.substance, dose.substance.routes[dose.route]
    moved = moments or {}
    events: list[Event] = []
    for repeat in range(dose.doses):
        day = float(start + repeat * (dose.every or 0.0))
        first, last = moved.get(day, day), moved.get(day + dose.over, day + dose.over)
        if dose.over and last > first:
            length = dose.over if (first, last) == (day, day + dose.over) else last - first
            rate = dose.amount / length
            events += [Event(first, drug.infusion, rate), Event(last, drug.infusion, -rate)]
        else:
            events.append(Event(first, route.state, dose.amount, route.factor, route.divisor))
    return tuple(events)


def arm_events(
    inductions: Iterable[Induction], regimen: Regimen, *, triggered: Mapping[int, float]
) -> tuple[Event, ...]:
    """Return every event of one rat in one arm, by day; inductions precede simultaneous doses.

    Times within `MOMENT` of each other, or of a whole day, are merged.

    Parameters
    ----------
    inductions
        Inductions of this arm.
    regimen
        Regimen of this arm.
    triggered
        Day of the first dose of triggered lines, `after` included, by index in ``regimen.lines``. A missing
        line is not given.

    Examples
    --------
    >>> from eaesim.protocol.dose import Bolus, Infusion
    >>> regimen = Bolus("1 g/kg").at(onset="score >= 1")
    >>> arm_events([], regimen, triggered={})
    ()
    >>> [event.day for event in arm_events([], regimen, triggered={0: 11})]
    [11.0]

    Infusions that follow each other without a gap meet at one time:

    >>> regimen = Infusion("0.4 g/kg", over="4 h", every="4 h", doses=6).at(day=2)
    >>> len({event.day for event in arm_events([], regimen, triggered={})})
    7
    """
    starts = [
        triggered.get(place) if line.day is None else line.day for place, line in enumerate(regimen.lines)
    ]
    given = [(line, start) for line, start in zip(regimen.lines, starts, strict=True) if start is not None]
    induced = induction_events(inductions)
    doses = [event for line, start in given for event in dose_events(line, start=start)]
    moments = one_time(event.day for event in (*induced, *doses))
    if moments:
        induced = tuple(replace(event, day=moments.get(event.day, event.day)) for event in induced)
        doses = [event for line, start in given for event in dose_events(line, start=start, moments=moments)]
    return tuple(sorted((*induced, *doses), key=lambda event: event.day))


def one_time(days: Iterable[float]) -> dict[float, float]:
    """Return the common day for each day within `MOMENT` of another, or of a whole day.

    Unchanged days are omitted. A whole day replaces those around it, because scores are read there;
    otherwise the earliest of close days is used.

    Examples
    --------
    >>> one_time([0.3, 0.1 + 0.2, 5.000001, 9.0])
    {0.30000000000000004: 0.3, 5.000001: 5.0}
    """
    moments: dict[float, float] = {}
    common = -float("inf")
    for day in sorted(set(days)):
        whole = float(round(day))
        if abs(day - whole) <= MOMENT:
            common = whole
        elif day - common > MOMENT:
            common = day
        if common != day:
            moments[day] = common
    return moments
