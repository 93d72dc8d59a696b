"""The rats of a run, as far as its settings name them, with every parameter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

from eaesim.errors import EaesimError
from eaesim.files import Content, Table
from eaesim.model import Rat
from eaesim.protocol.studyfile import parse_study_file
from eaesim.study import load
from eaesim.study.ensemble import Ensemble, ensemble_of

#: Members of an ensemble from which the range of a parameter is read.
_SHOWN_MEMBERS = 200

Values = Mapping[str, float | str]


@dataclass(frozen=True)
class RunRat:
    """A rat of a run.

    Attributes
    ----------
    name
        As the settings name it.
    members
        Parameter sets of its ensemble that the run drew from; 0 where the settings do not say.
    rat
        The rat, with what a user set; `None` where it cannot be read any more.
    ensemble
        Its ensemble, if it is still the one that the run drew from.
    note
        Differences between the rat of the run and the current one; mostly empty.
    """

    name: str
    members: int
    rat: Rat | None
    ensemble: Ensemble | None
    note: str = ""

    def ranges(self) -> dict[str, tuple[float, float, float]]:
        """Return the lowest, median and highest value of every parameter that differs between sets."""
        if self.ensemble is None or self.members < 2:
            return {}
        sets = self.ensemble.members(min(self.members, _SHOWN_MEMBERS))
        found = {}
        for name in self.ensemble.names:
            values = [one.entries[name].value for one in sets]
            if min(values) < max(values):
                found[name] = (min(values), median(values), max(values))
        return found


def run_rats(settings: Table) -> list[RunRat]:
    """Return the rats that the settings of a run name; none for a laboratory's own animals.

    Examples
    --------
    >>> [(one.name, one.members) for one in run_rats({"members": [{"rat": "da", "members": 20}]})]
    [('da', 20)]
    """
    given = _mapping(settings.get("parameters"))
    own = {name: value for name, value in given.items() if isinstance(value, int | float | str)}
    return [
        _rat(name, members, fingerprint, parameters or own)
        for name, (members, fingerprint, parameters) in _named(settings).items()
    ]


def _named(settings: Table) -> dict[str, tuple[int, str, Values]]:
    """Return number of sets, fingerprint and parameters of every rat by name."""
    members, fingerprint = settings.get("members"), str(settings.get("ensemble") or "")
    number = members if isinstance(members, int) else 0
    found = dict[str, tuple[int, str, Values]]()
    if isinstance(members, list):
        for one in map(_mapping, members):
            if isinstance(rat := one.get("rat"), str):
                count = one.get("members")
                found[rat] = (
                    count if isinstance(count, int) else 0,
                    str(one.get("ensemble") or ""),
                    {},
                )
    if isinstance(text := settings.get("study"), str):
        try:
            file = parse_study_file(text)
            found.setdefault(file.rat, (number, fingerprint, dict(file.parameters)))
        except EaesimError:  # a study file of another version; it is still shown unchanged
            pass
    for strain, each in _mapping(settings.get("ensembles")).items():
        found.setdefault(strain, (number, str(each), {}))
    names = settings.get("rats", settings.get("rat"))
    for name in names if isinstance(names, list) else [names]:
        if isinstance(name, str):
            found.setdefault(name, (number, fingerprint, {}))
    return found


def _rat(name: str, members: int, fingerprint: str, parameters: Values) -> RunRat:
    try:
        rat = load(name).replace(**parameters)
        ensemble = ensemble_of(rat)
    except EaesimError:
        return RunRat(name, members, None, None, f"The parameters of {name} cannot be read here any more.")
    if not fingerprint:
        return RunRat(name, members, rat, None)
    if ensemble is None or ensemble.fingerprint != fingerprint:
        note = (
            f"The ensemble of {name} is not the one that this run drew from, so ranges are left out, and "
            "values are those of the current rat."
        )
        return RunRat(name, members, rat, None, note)
    return RunRat(name, members, rat, ensemble)


def _mapping(value: Content) -> Table:
    return value if isinstance(value, dict) else {}
