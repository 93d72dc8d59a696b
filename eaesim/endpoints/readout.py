"""Endpoints of rats, computed from their courses by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from eaesim.endpoints.clinical import ENDPOINTS, Courses, Endpoint, Seen, endpoint
from eaesim.endpoints.dead import Floats
from eaesim.endpoints.window import Window


def read_endpoints(courses: Courses, *, dead: str = "score", window: Window | None = None) -> EndpointsRead:
    """Return every endpoint of every rat, each computed when it is first asked for.

    Parameters
    ----------
    courses
        Observations of the rats.
    dead
        The rule for the dead.
    window
        Days that count, as in `endpoint`; by default all. Endpoints that cannot have a window are computed
        from the whole run.

    Returns
    -------
    EndpointsRead
        One value per rat by name; NaN where the simulation failed, or the rat is excluded or has no such
        value (no onset without signs). Relapse endpoints start at the induction, and are NaN for rats that
        died before it; without an induction they start at the first spontaneous relapse, and are 0 where none
        occurs.

    Raises
    ------
    UnknownNameError
        If the rule is not known.
    QuantityError
        If the window extends beyond the last day.

    Examples
    --------
    >>> course = Courses(np.array([[0, 1.0, 3, 2]]), np.array([np.inf]), np.zeros((1, 1)), np.zeros((1, 1)))
    >>> read_endpoints(course)["peak_score"].tolist()
    [3.0]
    """
    return EndpointsRead(Seen(courses, dead, window))


@dataclass(frozen=True)
class EndpointsRead(Mapping[str, Floats]):
    """Endpoints of some rats by name.

    Attributes
    ----------
    seen
        Courses of the rats.
    """

    seen: Seen
    _found: dict[str, Floats] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Floats:
        """Return an endpoint of every rat."""
        if name not in self._found:
            self._found[name] = _values(ENDPOINTS[name], self.seen)
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        """Return the names."""
        return iter(ENDPOINTS)

    def __len__(self) -> int:
        """Return the number of endpoints."""
        return len(ENDPOINTS)


def read_windows(courses: Courses, names: Iterable[str], *, dead: str = "score") -> dict[str, Floats]:
    """Compute endpoints with a window, or of the user, by name.

    Raises
    ------
    UnknownNameError, QuantityError
        As for `endpoint` and `read_endpoints`.

    Examples
    --------
    >>> course = Courses(np.array([[0, 1.0, 3, 2]]), np.array([np.inf]), np.zeros((1, 1)), np.zeros((1, 1)))
    >>> read_windows(course, ["cumulative_score[1:2]"])
    {'cumulative_score[1:2]': array([4.])}
    """
    asked = {name: endpoint(name) for name in names}
    seen = {one.window: Seen(courses, dead, one.window) for one in asked.values()}
    return {name: _values(one, seen[one.window]) for name, one in asked.items()}


def _values(one: Endpoint, seen: Seen) -> Floats:
    return np.where(one.missing(seen), np.nan, one.read(seen))
