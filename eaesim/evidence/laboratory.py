"""A laboratory's daily scores, as read from its table."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from os import PathLike
from pathlib import Path

import numpy as np
import numpy.typing as npt

from eaesim.endpoints import Floats
from eaesim.errors import FileError, unknown_name
from eaesim.evidence.scoremarks import End
from eaesim.evidence.scorewords import known, words_of

#: Default top of the scale and score of death.
SCALE_MAX = 5.0


@dataclass(frozen=True, eq=False, repr=False)
class BodyWeights:
    """Body weights recorded with the scores, one row per reading.

    Attributes
    ----------
    arm, animal
        Names, shape (readings,).
    day
        Whole days after induction, shape (readings,).
    weight
        Body weights in the unit of the file, shape (readings,).
    """

    arm: npt.NDArray[np.object_]
    animal: npt.NDArray[np.object_]
    day: npt.NDArray[np.int64]
    weight: Floats

    def __repr__(self) -> str:
        """Return the number of readings."""
        return f"BodyWeights({len(self.weight)} readings)"


@dataclass(frozen=True, eq=False, repr=False)
class LaboratoryScores:
    """Daily scores of animals in arms, on the days in the laboratory's table.

    The arrays have one row per animal and day: arms and animals in the order of the table, days ascending.

    Attributes
    ----------
    arms
        Names of the arms.
    control
        Arm that the others are compared with.
    arm, animal
        Names, shape (rows,).
    day
        Whole days after induction, shape (rows,).
    score
        Scores in the units of the file, shape (rows,); NaN without a reading; `dead_score` from death on.
    scale_max
        Top of the laboratory's scale.
    dead_score
        Score of death: a reading of that value is a death.
    ended
        Day and kind of each animal's end, by arm and animal; for other animals, follow-up ends at their last
        reading.
    weights
        Body weights from the same table, if any.
    mice
        Word in the file that identifies the animals as mice; empty without one.
    notes
        One line for each omission or decision made while reading.
    """

    arms: tuple[str, ...]
    control: str
    arm: npt.NDArray[np.object_]
    animal: npt.NDArray[np.object_]
    day: npt.NDArray[np.int64]
    score: Floats
    scale_max: float = SCALE_MAX
    dead_score: float = SCALE_MAX
    ended: Mapping[tuple[str, str], End] = field(default_factory=dict)
    weights: BodyWeights | None = None
    mice: str = ""
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Return a short description."""
        counts = ", ".join(f"{arm} ({len(self.animals(arm))})" for arm in self.arms)
        return f"LaboratoryScores({counts}; control: {self.control}; days {self.days[0]} to {self.days[-1]})"

    @cached_property
    def days(self) -> npt.NDArray[np.int64]:
        """The days in the table, ascending."""
        return np.unique(self.day)

    def animals(self, arm: str) -> tuple[str, ...]:
        """Return the names of the animals of an arm."""
        return tuple(dict.fromkeys(self.animal[self._rows(arm)].tolist()))

    def scores(self, arm: str) -> Floats:
        """Return the scores of an arm, shape (animals, days); NaN without a reading."""
        return np.reshape(self.score[self._rows(arm)], (-1, len(self.days)))

    def ends(self, arm: str) -> tuple[End | None, ...]:
        """Return how the animals of an arm ended, in the order of `animals`; None where not stated."""
        return tuple(self.ended.get((arm, animal)) for animal in self.animals(arm))

    @cached_property
    def _places(self) -> dict[str, npt.NDArray[np.int64]]:
        places: dict[str, list[int]] = {arm: [] for arm in self.arms}
        for place, arm in enumerate(self.arm.tolist()):
            places[arm].append(place)
        return {arm: np.array(found, dtype=np.int64) for arm, found in places.items()}

    def _rows(self, arm: str) -> npt.NDArray[np.int64]:
        if arm not in self._places:
            raise unknown_name(arm, "arm", self.arms)
        return self._places[arm]


def read_scores(
    path: str | PathLike[str],
    *,
    sheet: str | None = None,
    control: str | None = None,
    scale_max: float = SCALE_MAX,
    dead_score: float | None = None,
    animal: str | Sequence[str] | None = None,
    arm: str | None = None,
    day: str | None = None,
    score: str | None = None,
    day_zero: str | None = None,
    marks: Mapping[str, str] | None = None,
) -> LaboratoryScores:
    r"""Read a laboratory's daily scores, in the units of the file.

    The table is ``.csv``, ``.tsv``, ``.txt`` or ``.xlsx``. A row is one reading (animal, arm, day, score), or
    one animal with a column a day, or one day with a column an animal; a workbook may have a sheet for each
    arm. An empty cell is a day without a reading. Words for death, removal and sacrifice are read as such.

    Parameters
    ----------
    path
        The file.
    sheet
        The sheet of an ``.xlsx`` file.
    control
        Name of the control arm; by default the only arm, or the only one called vehicle, control, placebo,
        saline, PBS or untreated.
    scale_max
        Top of the laboratory's scale.
    dead_score
        Score of death, by default the top of the scale; a reading of that value is a death.
    animal, arm, day, score
        Headings of the columns, where they are not recognised; `animal` may be several, such as
        ``("cage", "animal")``, and `arm` may be ``"none"``: all animals are in one arm.
    day_zero
        Date of day 0, where the table has dates.
    marks
        Meaning of words in the cells of scores: ``"dead"``, ``"removed"``, ``"sacrificed"`` or ``"missing"``,
        such as ``{"x": "removed"}``.

    Raises
    ------
    FileError
        If the file cannot be read, its layout is not clear, an animal has a day twice, or a score is
        negative, above the scale, or after death. The message names the row and, where one helps, the
        option.
    UnknownNameError
        If the sheet, a column or the control does not exist.

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
    from eaesim.evidence.scorecolumns import Asked
    from eaesim.evidence.scorecourses import courses_of
    from eaesim.evidence.scorefile import read_file
    from eaesim.evidence.scoremarks import CellReader
    from eaesim.files import within

    top, death = _scale(scale_max, dead_score)
    animals = (animal,) if isinstance(animal, str) else tuple(animal or ())
    asked = Asked(animals, arm or "", day or "", score or "", day_zero)
    cells = CellReader(marks)
    with within(str(path)), _without_collection():
        readings, mice = read_file(Path(path), sheet, asked, cells)
        found = courses_of(readings, cells, scale_max=top, dead_score=death)
        if cells.unused:
            raise unknown_name(cells.unused[0], "word of this table", cells.words)
        days, courses = found.days, found.courses
        arms = tuple(dict.fromkeys(arm for arm, _ in courses))
        return LaboratoryScores(
            arms=arms,
            control=_control(control, arms, readings.guessed),
            arm=np.repeat(np.array([arm for arm, _ in courses], dtype=object), len(days)),
            animal=np.repeat(np.array([animal for _, animal in courses], dtype=object), len(days)),
            day=np.tile(np.array(days, dtype=np.int64), len(courses)),
            score=np.concatenate([np.array(course, dtype=np.float64) for course in courses.values()]),
            scale_max=top,
            dead_score=death,
            ended=found.ended,
            weights=_weights(found.weights),
            mice=mice,
            notes=(*readings.notes, *found.notes),
        )


@contextmanager
def _without_collection() -> Iterator[None]:
    """Disable garbage collection: a large table makes many objects, without reference cycles."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _scale(scale_max: float, dead_score: float | None) -> tuple[float, float]:
    """Return the top of the scale and the score of death, which must be above 0."""
    death = scale_max if dead_score is None else dead_score
    for option, value in (("--scale-max", scale_max), ("--dead-score", death)):
        if not (np.isfinite(value) and value > 0):
            raise FileError(f"{option} is {value:g}; it is a score above 0.")
    return float(scale_max), float(death)


def _weights(found: Sequence[tuple[str, str, int, float]]) -> BodyWeights | None:
    if not found:
        return None
    arm, animal, day, weight = zip(*found, strict=True)
    return BodyWeights(
        np.array(arm, dtype=object),
        np.array(animal, dtype=object),
        np.array(day, dtype=np.int64),
        np.array(weight, dtype=np.float64),
    )


def _control(given: str | None, arms: tuple[str, ...], guessed: str) -> str:
    """Return the control arm: the one given, the only one, or the only one with such a name."""
    if given is not None:
        same = [arm for arm in arms if arm.casefold() == given.strip().casefold()]
        if not same:
            raise unknown_name(given, "arm", arms)
        return same[0]
    if len(arms) == 1:
        return arms[0]
    exact = [arm for arm in arms if words_of(arm) and set(words_of(arm)) <= known("controls")]
    likely = exact or [arm for arm in arms if set(words_of(arm)) & known("controls")]
    if len(likely) != 1:
        taken = f' The arms are taken from "{guessed}"; --arm says otherwise.' if guessed else ""
        raise FileError(
            f"which arm is the control is not clear; say --control NAME. Arms: {', '.join(arms[:50])}.{taken}"
        )
    return likely[0]


def new_scores_text() -> str:
    """Return a template table: one row per animal, one column per day, with invented scores.

    Examples
    --------
    >>> print(new_scores_text().splitlines()[1][:30])
    1,vehicle,0,0,0,0,0,0,0,0,0,0,
    """
    return (Path(__file__).parent / "template.csv").read_text("utf-8")
