"""The readings of a whole file: one sheet, or the sheets of a workbook together."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path

from eaesim.errors import EaesimError, FileError, unknown_name
from eaesim.evidence.scorecolumns import Asked, ScoreColumns, find_columns
from eaesim.evidence.scorelayout import lay_out, without_dittos
from eaesim.evidence.scorelimits import few
from eaesim.evidence.scoremarks import CellReader, number_of
from eaesim.evidence.scorereadings import Readings, read_sheet
from eaesim.evidence.scoretable import TEXTS, Sheet, read_sheets
from eaesim.evidence.scoreturned import stem_of
from eaesim.evidence.scorewords import LONGEST, known, role_of, words_of

#: Name of the arm of a table without arms.
ONLY_ARM = "all"
# Maximum number of texts searched for a word for mice.
_LOOKED_AT = 10_000


@dataclass(frozen=True)
class _Laid:
    """A sheet with its columns."""

    name: str
    sheet: Sheet
    columns: ScoreColumns

    @property
    def shape(self) -> Hashable:
        """Properties shared by sheets with one arm each."""
        columns = self.columns
        names = tuple(words_of(columns.headings[each]) for each in columns.animal)
        return columns.long, names, bool(columns.arms), self.sheet.transposed


def read_file(path: Path, sheet: str | None, asked: Asked, cells: CellReader) -> tuple[Readings, str]:
    """Read the animals of a file; also return the word that identifies them as mice, if any."""
    if sheet is not None and path.suffix.casefold() in TEXTS:
        raise FileError("only an .xlsx file has sheets; leave --sheet out.")
    sheets = read_sheets(path)
    if sheet is not None:
        folded = {each.name.casefold(): each for each in reversed(sheets)}
        if sheet.strip().casefold() not in folded:
            raise unknown_name(sheet, "sheet", [each.name for each in sheets])
        sheets = (folded[sheet.strip().casefold()],)
    laid, skipped = _lay_out_all(sheets, asked, cells)
    shape, count = Counter(one.shape for one in laid).most_common(1)[0]
    if count > 1 and 2 * count > len(laid):
        skipped += [one.name for one in laid if one.shape != shape]
        laid = [one for one in laid if one.shape == shape]
    found = [(one, read_sheet(one.sheet, one.columns, asked)) for one in laid]
    readings = found[0][1] if len(found) == 1 else _together(found)
    if skipped:
        readings.notes.insert(
            0, f"sheets without scores, or unlike the others, were not read: {few(skipped)}."
        )
    if not readings.arms_known:
        _without_arms(readings)
    readings.scores, readings.weights = (
        {(arm or ONLY_ARM, animal): course for (arm, animal), course in courses.items()}
        for courses in (readings.scores, readings.weights)
    )
    for one in laid:
        readings.notes[:0] = one.sheet.notes
    return readings, _mice(sheets)


def _lay_out_all(sheets: tuple[Sheet, ...], asked: Asked, cells: CellReader) -> tuple[list[_Laid], list[str]]:
    """Return the sheets with scores, and the names of the others."""
    if len(sheets) == 1:
        return [_Laid(sheets[0].name, *_laid(sheets[0], asked, cells))], []
    laid, skipped, errors = [], [], []
    for sheet in sheets:
        try:
            one = _Laid(sheet.name, *_laid(sheet, asked, cells))
        except EaesimError as error:
            skipped.append(sheet.name)
            errors.append(f'sheet "{sheet.name}": {error}')
            unread = sheet.formulas and find_columns(sheet.rows, asked) is None
            if not unread and not _without_columns(error):
                raise FileError(errors[-1]) from error
            continue
        if role_of(sheet.name) == "weight" or not (one.columns.days or one.columns.long):
            skipped.append(sheet.name)
        else:
            laid.append(one)
    if not laid:
        raise FileError(errors[0] if errors else "no sheet has scores.")
    return laid, skipped


def _without_columns(error: EaesimError) -> bool:
    """Return whether a sheet is not a table of scores, rather than a faulty one."""
    return any(
        text in str(error)
        for text in ("no columns of scores", "names the animals is not clear", "is not a column")
    )


def _laid(sheet: Sheet, asked: Asked, cells: CellReader) -> tuple[Sheet, ScoreColumns]:
    found, columns = lay_out(sheet, asked, cells)
    return without_dittos(found, columns), columns


def _together(found: list[tuple[_Laid, Readings]]) -> Readings:
    """Return the readings of several sheets: one arm each, or the same animals on different days."""
    shapes = {one.shape for one, _ in found}
    names = [one.name for one, _ in found]
    if len(shapes) == 1 and _goes_on(found):
        note = f"the sheets have different days of the same animals and were read together: {few(names)}."
        return _merged(found, [""] * len(found), note)
    arms = [list(dict.fromkeys(arm for arm, _ in readings.scores)) for _, readings in found]
    own = [each[0] for each in arms if len(each) == 1]
    if len(shapes) == 1 and len(own) == len(found):
        known_arms = [readings.arms_known for _, readings in found]
        if all(known_arms) and len(set(own)) == len(own):
            return _merged(found, own, f"each sheet is an arm: {few(own, 12)}.")
        if not any(known_arms):
            return _merged(found, names, f"each sheet is an arm: {few(names, 12)}.")
    raise FileError(
        f"the sheets {few([chr(34) + name + chr(34) for name in names])} have scores; say --sheet NAME."
    )


def _goes_on(found: list[tuple[_Laid, Readings]]) -> bool:
    animals = [set(readings.scores) for _, readings in found]
    days = [{day for course in readings.scores.values() for day in course} for _, readings in found]
    same = all(each == animals[0] for each in animals)
    return same and sum(map(len, days)) == len(set().union(*days))


def _merged(found: list[tuple[_Laid, Readings]], arms: list[str], note: str) -> Readings:
    merged = Readings(arms_known=any(arms) or found[0][1].arms_known, notes=[note])
    merged.candidates, merged.cage = found[0][1].candidates, found[0][1].cage
    for (_, readings), arm in zip(found, arms, strict=True):
        for kind, courses in (("score", readings.scores), ("weight", readings.weights)):
            for (own, animal), course in courses.items():
                key = merged.name(arm or own, "arm") if arm or own else "", animal
                for day, (place, text) in course.items():
                    merged.add(kind, key, day, place, text)
        merged.notes += [each for each in readings.notes if each not in merged.notes]
    return merged


def _without_arms(readings: Readings) -> None:
    every = ((animal, stem_of(animal)) for _, animal in readings.scores)
    stems = Counter(stem.casefold() for name, stem in every if stem != name and role_of(stem) != "animal")
    several = [stem for stem, count in stems.items() if count > 1]
    if not readings.candidates and len(several) > 1 and sum(stems.values()) == len(readings.scores):
        names = few([f'"{each}..."' for each in several])
        raise FileError(
            f"no arms were recognised, and the animals are called {names}; name the arms in a column, or in "
            "a row above the animals, or say --arm none if all animals are in one arm."
        )
    controls = [name for _, name in readings.scores if set(words_of(name)) & known("controls")]
    if controls and len(controls) < len(readings.scores):
        raise FileError(
            f'no arms were recognised, and an animal is called "{controls[0]}", others are not; name the '
            "arms in a column, or in a row above the animals (means of arms are not read), or say --arm none "
            "if all animals are in one arm."
        )
    if readings.candidates:
        names = few([f'"{each}"' for each in readings.candidates])
        one = len(readings.candidates) == 1
        raise FileError(
            f"no column of arms was recognised, and {names} may be {'it' if one else 'one'}; say --arm "
            f'"{readings.candidates[0]}", or --arm none if all animals are in one arm.'
        )
    readings.notes.append(f'there is no column of arms; all animals are in one, "{ONLY_ARM}".')


def _mice(sheets: tuple[Sheet, ...]) -> str:
    """Return the first searched text of a file that contains a word for mice."""
    seen: set[str] = set()
    likely = re.compile("|".join(map(re.escape, known("mice"))))
    looked_at = 0
    for sheet in sheets:
        for row in sheet.rows:
            for cell in (sheet.name, *row):
                if cell in seen:
                    continue
                seen.add(cell)
                if len(cell) < 3 or (cell.isascii() and not likely.search(cell[:LONGEST].casefold())):
                    continue
                looked_at += 1
                if looked_at > _LOOKED_AT:
                    return ""
                if number_of(cell) is None and set(words_of(cell)) & known("mice"):
                    return cell[:60]
    return ""
