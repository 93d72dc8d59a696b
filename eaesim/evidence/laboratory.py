"""A laboratory's own daily scores, as read from its table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from eaesim.endpoints import Floats
from eaesim.errors import FileError, unknown_name

DEAD = 5.0
CONTROLS = ("vehicle", "control", "placebo", "saline", "pbs", "untreated")


@dataclass(frozen=True, eq=False, repr=False)
class LaboratoryScores:
    """Daily scores of animals in arms, on the days that the laboratory's table has.

    The arrays have a row for every animal and day: arms and animals in the order of the table, days rising.

    Attributes
    ----------
    arms
        Names of the arms.
    control
        The arm that the others are held against.
    arm, animal
        Names, shape (rows,).
    day
        Whole days after induction, shape (rows,).
    score
        On this package's scale, 0 to 5, shape (rows,); NaN where there is no reading; 5 from death on.
    notes
        A line for everything that could not be read, or was decided in reading.
    """

    arms: tuple[str, ...]
    control: str
    arm: npt.NDArray[np.object_]
    animal: npt.NDArray[np.object_]
    day: npt.NDArray[np.int64]
    score: Floats
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Return what was read."""
        counts = ", ".join(f"{arm} ({len(self.animals(arm))})" for arm in self.arms)
        return f"LaboratoryScores({counts}; control: {self.control}; days {self.days[0]} to {self.days[-1]})"

    @property
    def days(self) -> npt.NDArray[np.int64]:
        """The days that the table has, rising."""
        return np.unique(self.day)

    def animals(self, arm: str) -> tuple[str, ...]:
        """Return the names of the animals of an arm.

        Raises
        ------
        UnknownNameError
            If there is no such arm.
        """
        return tuple(dict.fromkeys(self.animal[self._rows(arm)].tolist()))

    def scores(self, arm: str) -> Floats:
        """Return the scores of an arm, shape (animals, days); NaN where there is no reading.

        Raises
        ------
        UnknownNameError
            If there is no such arm.
        """
        return np.reshape(self.score[self._rows(arm)], (-1, len(self.days)))

    def _rows(self, arm: str) -> Any:
        if arm not in self.arms:
            raise unknown_name(arm, "arm", self.arms)
        return self.arm == arm


def read_scores(
    path: str | PathLike[str],
    *,
    sheet: str | None = None,
    control: str | None = None,
    scale_max: float = 5.0,
) -> LaboratoryScores:
    r"""Read a laboratory's daily scores.

    The table is ``.csv``, ``.tsv``, ``.txt`` or ``.xlsx``; a row is one reading (animal, arm, day, score), or
    one animal with a column a day. An empty cell is a day without a reading; ``dead``, ``died``, ``†``, ``x``
    and the top of the scale are death, and the dead stay dead.

    Parameters
    ----------
    path
        The file.
    sheet
        Of an ``.xlsx`` file; the first by default.
    control
        Name of the control arm; by default the only arm, or the only one called vehicle, control, placebo,
        saline, PBS or untreated.
    scale_max
        The laboratory's score of a dead animal, which becomes 5.

    Raises
    ------
    FileError
        If the file cannot be read; has no columns or animals that are recognised; a day is no whole number;
        an animal has a day twice; or a score is negative, above the scale, or falls after death. The message
        names the row.
    UnknownNameError
        If the sheet or the control is not there, or which arm is the control is not clear.
    MissingLibraryError
        If it is an ``.xlsx`` file and openpyxl is not installed.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder) / "scores.csv"
    ...     _ = file.write_text("rat;group;d10;d11;d12\n1;PBS;0;1,5;dead\n2;PBS;0;;1\n", encoding="utf-8")
    ...     read_scores(file).scores("PBS")
    array([[0. , 1.5, 5. ],
           [0. , nan, 1. ]])
    """
    from eaesim.evidence.scorecolumns import find_columns
    from eaesim.evidence.scorereadings import collect
    from eaesim.evidence.scoretable import read_table
    from eaesim.protocol.tables import within

    if not (np.isfinite(scale_max) and scale_max > 0):
        raise FileError(f"--scale-max is {scale_max:g}; it is the laboratory's score of death, above 0.")
    with within(str(path)):
        table = read_table(Path(path), sheet=sheet)
        found = collect(table.rows, find_columns(table.rows), scale_max=float(scale_max))
        courses, days = found.courses, found.days
        arms = tuple(dict.fromkeys(arm for arm, _ in courses))
        return LaboratoryScores(
            arms=arms,
            control=_control(control, arms),
            arm=np.repeat(np.array([arm for arm, _ in courses], dtype=object), len(days)),
            animal=np.repeat(np.array([animal for _, animal in courses], dtype=object), len(days)),
            day=np.tile(np.array(days, dtype=np.int64), len(courses)),
            score=np.concatenate([_rescaled(course, float(scale_max)) for course in courses.values()]),
            notes=(*table.notes, *found.notes),
        )


def _rescaled(course: Iterable[float], scale_max: float) -> Floats:
    """Return the scores of an animal on a scale of 0 to 5, and 5 from death on."""
    given = np.array(list(course), dtype=np.float64)
    dead = np.logical_or.accumulate(given == scale_max)
    return np.where(dead, DEAD, given if scale_max == DEAD else given / scale_max * DEAD)


def _control(given: str | None, arms: tuple[str, ...]) -> str:
    if given is not None:
        same = [arm for arm in arms if arm.casefold() == given.strip().casefold()]
        if not same:
            raise unknown_name(given, "arm", arms)
        return same[0]
    likely = list(arms) if len(arms) == 1 else [arm for arm in arms if arm.casefold() in CONTROLS]
    if len(likely) != 1:
        raise FileError(
            f"which arm is the control is not clear; say --control NAME. Arms: {', '.join(arms)}."
        )
    return likely[0]


def new_scores_text() -> str:
    """Return a table to start from: one row an animal, a column a day, with made-up scores.

    Examples
    --------
    >>> print(new_scores_text().splitlines()[1][:30])
    1,vehicle,0,0,0,0,0,0,0,0,0,0,
    """
    days = 21
    # By animal: its arm, the day of its first sign, and its scores from then on; one day was not scored.
    courses = (
        ("vehicle", 11, "1 2.5 3 3 2 1.5 1 0.5"),
        ("vehicle", 10, "1 2 3 3.5 dead"),
        ("vehicle", 12, "0.5 1.5 2.5 2 1 0.5"),
        ("treated", 13, "0.5 1 - 1 0.5"),
        ("treated", 12, "1 1 2 1 0.5"),
        ("treated", 0, ""),
    )
    lines = [",".join(("animal", "arm", *(f"day {day}" for day in range(days + 1))))]
    for number, (arm, onset, course) in enumerate(courses, start=1):
        cells = [*["0"] * onset, *("" if cell == "-" else cell for cell in course.split())]
        after = "" if "dead" in course else "0"
        lines.append(",".join((str(number), arm, *cells, *[after] * (days + 1 - len(cells)))))
    return "\n".join(lines) + "\n"
