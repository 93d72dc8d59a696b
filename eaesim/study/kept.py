"""Stored results of a run: every rat's course, or only its endpoints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from eaesim.endpoints import Courses, Floats, read_endpoints, read_windows
from eaesim.errors import NotKeptError

# Additional column of the endpoints: day of each rat's first relapse, NaN without one.
RELAPSE_DAY = "relapse_day"
Rats = npt.NDArray[np.int64]
HOW_TO_KEEP = "run the study with courses=True, which is the default"


@dataclass(frozen=True)
class _Courses:
    """Observations of rats, or of the rats of every arm with a leading axis of arms in each array.

    Attributes
    ----------
    score, severity
        Daily readings as if no rat died, shape (rats, days); NaN for a failed rat.
    death_day
        First day on which a rat is dead; infinity for a survivor, NaN for a failed rat.
    inflammation_peak, demyelination_end
        One number per rat.
    states
        States by name, of the same shape as the readings.
    """

    score: Floats
    severity: Floats
    death_day: Floats
    inflammation_peak: Floats
    demyelination_end: Floats
    states: Mapping[str, Floats]

    def at(self, place: Rats | int) -> ArmCourses:
        """Return the part of each array at these places of its first axis."""
        return ArmCourses(
            self.score[place],
            self.severity[place],
            self.death_day[place],
            self.inflammation_peak[place],
            self.demyelination_end[place],
            {name: values[place] for name, values in self.states.items()},
        )


class ArmCourses(_Courses):
    """Observations of some rats of one arm."""

    def read(self, since: int | None, *, dead: str, windows: Sequence[str] = ()) -> dict[str, Floats]:
        """Compute every endpoint and `RELAPSE_DAY`, for relapses since a day, or else spontaneous ones.

        `windows` are names of additional endpoints with a window.
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


class KeptCourses(_Courses):
    """The courses of every rat of every arm."""

    @classmethod
    def empty(cls, arms: int, rats: int, *, days: int, states: Iterable[str]) -> KeptCourses:
        """Allocate the courses of some rats."""
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
        """Store the observations of some rats of the arm with index `arm`."""
        self.score[arm, rats], self.severity[arm, rats] = courses.score, courses.severity
        self.death_day[arm, rats] = courses.death_day
        self.inflammation_peak[arm, rats] = courses.inflammation_peak
        self.demyelination_end[arm, rats] = courses.demyelination_end
        for name, values in self.states.items():
            values[arm, rats] = courses.states[name]

    def read(
        self, arm: int, since: int | None, *, dead: str, windows: Sequence[str] = ()
    ) -> dict[str, Floats]:
        """Compute every endpoint of the arm with index `arm`, as in `ArmCourses.read`."""
        return self.at(arm).read(since, dead=dead, windows=windows)


@dataclass(frozen=True)
class KeptEndpoints:
    """Only the endpoints of every rat.

    Attributes
    ----------
    since
        First days from which relapses are counted, for every arm; None for spontaneous ones.
    dead
        Rule for dead rats.
    windows
        Names of additional endpoints with a window.
    death_day
        As for `ArmCourses`, shape (arms, rats).
    values
        Result of `ArmCourses.read`, by index of the arm and first day of the relapse.
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
        """Allocate the endpoints of some rats."""
        return cls(since, dead, windows, np.empty((len(since), rats)), {})

    def keep(self, arm: int, rats: Rats, courses: ArmCourses) -> None:
        """Compute and store the endpoints of some rats of the arm with index `arm`."""
        self.death_day[arm, rats] = courses.death_day
        first, *others = self.since[arm]
        whole = self._keep((arm, first), rats, courses.read(first, dead=self.dead, windows=self.windows))
        for since in others:
            read = courses.read(since, dead=self.dead, windows=self.windows)
            relapse = {name: values for name, values in read.items() if name.startswith("relapse_")}
            # Endpoints other than of the relapse are the same, and already stored.
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
        """Return every endpoint of the arm with index `arm`, as in `ArmCourses.read`.

        Raises
        ------
        NotKeptError
            If relapses from that day on, the rule for dead rats, or a window was not
            computed.
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
