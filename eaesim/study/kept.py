"""What is kept of a run: every rat's course, or its endpoints alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from eaesim.endpoints import Courses, Floats, read_endpoints, read_windows
from eaesim.errors import NotKeptError

# What else is read with the endpoints: the day of each rat's first relapse, NaN without one.
RELAPSE_DAY = "relapse_day"
Rats = npt.NDArray[np.int64]
HOW_TO_KEEP = "run the study with courses=True, which is the default"


@dataclass(frozen=True)
class ArmCourses:
    """What was seen of some rats of one arm.

    Attributes
    ----------
    score, severity
        Daily readings as if no rat died, shape (rats, days); NaN for a rat that failed.
    death_day
        First day on which a rat is dead; infinity for one that lives, NaN for one that failed.
    inflammation_peak, demyelination_end
        One number a rat.
    states
        By name, of the shape of the readings.
    """

    score: Floats
    severity: Floats
    death_day: Floats
    inflammation_peak: Floats
    demyelination_end: Floats
    states: Mapping[str, Floats]

    def rats(self, chosen: Rats) -> ArmCourses:
        """Return the courses of some of the rats."""
        return ArmCourses(
            self.score[chosen],
            self.severity[chosen],
            self.death_day[chosen],
            self.inflammation_peak[chosen],
            self.demyelination_end[chosen],
            {name: values[chosen] for name, values in self.states.items()},
        )

    def read(self, since: int | None, *, dead: str, windows: Sequence[str] = ()) -> dict[str, Floats]:
        """Read every endpoint and `RELAPSE_DAY`: of relapses since a day, without it of spontaneous ones.

        `windows` are names of endpoints with a window that are read too.
        """
        courses = Courses(
            np.asfortranarray(self.score),
            self.death_day,
            self.inflammation_peak[:, None],
            self.demyelination_end[:, None],
            since,
        )
        return {
            **read_endpoints(courses, dead=dead),
            RELAPSE_DAY: courses.relapse_day,
            **read_windows(courses, windows, dead=dead),
        }


@dataclass(frozen=True)
class KeptCourses:
    """The courses of every rat; see `ArmCourses`, of which each array has the arms before the rats."""

    score: Floats
    severity: Floats
    death_day: Floats
    inflammation_peak: Floats
    demyelination_end: Floats
    states: Mapping[str, Floats]

    @classmethod
    def empty(cls, arms: int, rats: int, *, days: int, states: Iterable[str]) -> KeptCourses:
        """Make room for the courses of some rats."""
        daily, single = (arms, rats, days), (arms, rats)
        return cls(
            np.empty(daily),
            np.empty(daily),
            np.empty(single),
            np.empty(single),
            np.empty(single),
            {name: np.empty(daily) for name in states},
        )

    def keep(self, arm: int, rats: Rats, courses: ArmCourses) -> None:
        """Keep what was seen of some rats of the arm at place `arm`."""
        self.score[arm, rats], self.severity[arm, rats] = courses.score, courses.severity
        self.death_day[arm, rats] = courses.death_day
        self.inflammation_peak[arm, rats] = courses.inflammation_peak
        self.demyelination_end[arm, rats] = courses.demyelination_end
        for name, values in self.states.items():
            values[arm, rats] = courses.states[name]

    def read(
        self, arm: int, since: int | None, *, dead: str, windows: Sequence[str] = ()
    ) -> dict[str, Floats]:
        """Read every endpoint of the arm at place `arm`, as `ArmCourses.read` does."""
        courses = ArmCourses(
            self.score[arm],
            self.severity[arm],
            self.death_day[arm],
            self.inflammation_peak[arm],
            self.demyelination_end[arm],
            {},
        )
        return courses.read(since, dead=dead, windows=windows)


@dataclass(frozen=True)
class KeptEndpoints:
    """The endpoints of every rat, and nothing else.

    Attributes
    ----------
    since
        For every arm, the first days from which relapses are read; None for spontaneous ones.
    dead
        The rule by which the dead are scored.
    windows
        Names of the endpoints with a window that are read too.
    death_day
        As for `ArmCourses`, shape (arms, rats).
    values
        By place of the arm and first day of the relapse: what `ArmCourses.read` gives.
    """

    since: Sequence[Sequence[int | None]]
    dead: str
    windows: Sequence[str]
    death_day: Floats
    values: dict[tuple[int, int | None], dict[str, Floats]]

    @classmethod
    def empty(
        cls, rats: int, *, since: Sequence[Sequence[int | None]], dead: str, windows: Sequence[str] = ()
    ) -> KeptEndpoints:
        """Make room for the endpoints of some rats."""
        return cls(since, dead, windows, np.empty((len(since), rats)), {})

    def keep(self, arm: int, rats: Rats, courses: ArmCourses) -> None:
        """Read the endpoints of some rats of the arm at place `arm`, and keep them."""
        self.death_day[arm, rats] = courses.death_day
        first, *others = self.since[arm]
        whole = self._keep((arm, first), rats, courses.read(first, dead=self.dead, windows=self.windows))
        for since in others:
            read = courses.read(since, dead=self.dead, windows=self.windows)
            relapse = {name: values for name, values in read.items() if name.startswith("relapse_")}
            # What is not about the relapse is the same, so it is there already.
            self.values[arm, since] = whole | self._keep((arm, since), rats, relapse)

    def _keep(self, key: tuple[int, int | None], rats: Rats, read: Mapping[str, Floats]) -> dict[str, Floats]:
        kept = self.values.setdefault(key, {})
        for name, values in read.items():
            if name not in kept:
                kept[name] = np.empty(self.death_day.shape[1])
            kept[name][rats] = values
        return kept

    def read(
        self, arm: int, since: int | None, *, dead: str, windows: Sequence[str] = ()
    ) -> dict[str, Floats]:
        """Return every endpoint of the arm at place `arm`, as `ArmCourses.read` does.

        Raises
        ------
        NotKeptError
            If relapses were not read from that day on, the dead were scored by another rule, or a window was
            not read.
        """
        if dead != self.dead:
            raise NotKeptError(f'the dead were scored by the rule "{self.dead}" alone; {HOW_TO_KEEP}.')
        for name in windows:
            if name not in self.windows:
                raise NotKeptError(
                    f'"{name}" was not read; name it in the endpoints of the study, or {HOW_TO_KEEP}.'
                )
        if (arm, since) not in self.values:
            days = ", ".join("any day" if day is None else f"day {day}" for day in self.since[arm])
            raise NotKeptError(f"relapses since day {since} were not kept, but since {days}; {HOW_TO_KEEP}.")
        return self.values[arm, since]
