"""Settings of a sweep: the values of each path, and how they are combined."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import KW_ONLY, dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Self

from eaesim.errors import ProtocolError
from eaesim.files import Content, Table, check_table, within
from eaesim.protocol import Arm
from eaesim.protocol.kinds import (
    Count,
    Flag,
    MaybeCount,
    MaybeTexts,
    Text,
    choice,
    count,
    flag,
    listed,
    optional,
    text,
)
from eaesim.protocol.path import SINGLE, check_path
from eaesim.protocol.settings import Kind, Setting
from eaesim.protocol.values import Range, Values, read_values
from eaesim.study import Study
from eaesim.study.cohort import MOST_ANIMALS
from eaesim.workbench.madestudy import ONSET, MadeStudy, MaybeDoses, MaybeMoments
from eaesim.workbench.request import ClusterRequest, RatRequest

GRID, SOBOL, LATIN_HYPERCUBE = METHODS = ("grid", "sobol", "latin hypercube")
MOST_POINTS = 1_000_000_000
#: Days that a sweep without a file is of.
USUAL_DAYS = tuple(map(float, range(-7, 15)))

_RATS, _MADE = RatRequest.settings(), MadeStudy.settings()
_DOSE = replace(_MADE["dose"], help="Dose of a study without a file; several are swept; default: 1 g/kg.")
_DAY = replace(
    _MADE["day"],
    help="Days of the dose that are swept without a study file, such as 0,7 or -7:14; or with several doses "
    "one day, or onset, for onset of signs; default: -7:14.",
)
#: Arm of the study that a sweep without a file changes.
TREATED = "treated"
_SEED = replace(_RATS["seed"], is_in_file=False)
_SETS = replace(
    _RATS["parameter_sets"],
    default=1,
    help="Parameter sets of the rat's ensemble; default: 1, the typical rat, without parameter uncertainty. "
    "A parameter that is swept is the same in every set.",
)
_EXAMPLE = """# Values by path (a range or a list); every combination is run.
"arm.at immunisation.day" = { low = -2, high = 4, points = 4, scale = "linear" }
"arm.at immunisation.dose" = ["0.4 g/kg", "1 g/kg", "2 g/kg"]
"""

ByPath = tuple[tuple[str, Values | Range], ...]


def _read_paths(value: Table | ByPath, place: str) -> ByPath:
    if isinstance(value, tuple):
        return value
    table = check_table(value, place, value if isinstance(value, Mapping) else ())
    with within(place):
        return tuple((check_path(path), read_values(path, given)) for path, given in table.items())


def _write_paths(values: ByPath) -> dict[str, Content]:
    return {path: each.table() for path, each in values}


def _folder() -> Kind[str | PathLike[str] | None, Path | None]:
    return Kind(read=lambda value, _: None if value is None else Path(value), metavar="", schema={})


@dataclass(frozen=True)
class SweepRequest(MadeStudy, ClusterRequest):
    """Run a study at every combination of the values in its [sweep] table, or at a sample of them.

    Writes settings.parquet, the folder sweep with means and effects of every arm at every point, and the
    figure. The same rats are used at every point. If interrupted, the same command resumes.
    Without a file, the days of --day and the doses of --dose are swept in one treated arm.

    Examples
    --------
    >>> SweepRequest({"until": range(20, 50, 10)}, animals=40).changed()
    {'animals': 40, 'until': [20, 30, 40]}
    """

    table = "sweep"
    title = "A study at many settings"
    input = "table"

    values: Setting[Table, ByPath] = Setting(
        Kind(read=_read_paths, metavar="", schema={}, write=_write_paths),
        (),
        'Values by path ("arm.at onset.dose", "parameter.spreading_rate", "mechanism", "rat", "until", '
        '"induction.0.day"): a list, or a table of low, high, scale (linear or log) and for a grid points.',
        is_in_file=False,
        option="",
    )
    _: KW_ONLY
    method: Text = Setting(
        choice("method", METHODS),
        GRID,
        "Combinations of the values: grid (all), or a sample, sobol or latin hypercube.",
    )
    samples: MaybeCount = Setting(optional(count(1, MOST_POINTS)), None, "Points of a sample.")
    sampling_seed: MaybeCount = Setting(
        optional(count(0, 2**63 - 1)),
        None,
        "Random seed of a sample; default: 1.",
        formerly_in_file=("seed",),
    )
    endpoints: MaybeTexts = Setting(
        optional(listed(text())),
        None,
        "Further endpoints with a window of days: cumulative_score[12:42], peak_score[:15].",
        is_in_file=False,
    )
    dose: MaybeDoses = _DOSE
    day: MaybeMoments = _DAY
    animals: Count = Setting(
        count(1, MOST_ANIMALS), 320, "Rats, the same at every point; default: those of the study file."
    )
    seed: Count = _SEED
    parameter_sets: MaybeCount = _SETS
    out: Setting[str | PathLike[str] | None, Path | None] = Setting(
        _folder(),
        None,
        "Folder to which parts are written as they finish, and where the same call resumes; without one "
        "everything stays in memory.",
        is_in_file=False,
        option="",
    )
    force: Flag = Setting(
        flag(), False, "Whether another run in that folder may be replaced.", is_in_file=False, option=""
    )

    @classmethod
    def from_table(cls, table: Content, **under: object) -> Self:
        """Read the table of a file, in which what is no setting is a path."""
        if not isinstance(table, Mapping):
            return super().from_table(table)
        # A path without quotes is a table in a table.
        paths = {
            key: value
            for key, value in table.items()
            if "." in key or key in SINGLE or isinstance(value, Mapping)
        }
        values = _read_paths(paths, f"[{cls.table}]")
        own = {key: value for key, value in table.items() if key not in paths}
        return super().from_table(own, values=values, **under)

    def made(self) -> tuple[Study | None, Self]:
        """Return the study of one treated arm, and the request with the doses and the days that are swept.

        Raises
        ------
        ProtocolError
            If nothing is swept, days and onset both are, or doses differ in more than their text.
        """
        if not self.making:
            return None, self
        moments = USUAL_DAYS if self.day is None else self.day
        days = [moment for moment in moments if isinstance(moment, float)]
        if 0 < len(days) < len(moments):
            raise ProtocolError(
                f"day {ONSET} is not swept with days; give days, or {ONSET} and several doses."
            )
        if len({(dose.drug, dose.route, dose.mechanism) for dose in self.doses}) > 1:
            raise ProtocolError(
                "doses that are swept are of one drug and by one route and mechanism; ask for others apart."
            )
        swept = dict[str, list[float | str]]()
        if len(days) > 1:
            swept["day"] = [self.origin + day for day in days]
        if len(self.doses) > 1:
            swept["dose"] = [dose.text() for dose in self.doses]
        values = (
            *_read_paths({f"arm.{TREATED}.{key}": each for key, each in swept.items()}, "values"),
            *self.values,
        )
        if not values:
            raise ProtocolError("nothing is swept: give several days, such as -7:14, or several doses.")
        study = self.study(Arm(TREATED, self.given(self.doses[0], moments[0])))
        return study, self.with_values(values=values)

    def changed(self) -> dict[str, Content]:
        """Return what differs from the defaults as a table that `from_table` reads as the same request."""
        return super().changed() | _write_paths(self.values)

    @classmethod
    def commented(cls, under: Collection[str] = ()) -> str:
        """Return its table with every key and what it is, and two paths, to start from."""
        return super().commented(under) + _EXAMPLE

    @classmethod
    def schema(cls) -> dict[str, Content]:
        """Return the JSON Schema of the table."""
        ends = {"type": "object", "required": ["low", "high"]}
        return super().schema() | {
            "additionalProperties": {"anyOf": [{"type": "array", "minItems": 1}, ends]}
        }
