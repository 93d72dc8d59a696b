"""One set of readings in many layouts: whatever the habit, the numbers are the same."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest

from eaesim.errors import EaesimError
from eaesim.evidence import read_scores

DAYS = (0, 10, 11, 12, 13, 14)
ANIMALS = {
    "vehicle": {"1": "0 0 1 3 3 2", "2": "0 1 2 3 2 1", "3": "0 0 0 1 2 2"},
    "drug": {"4": "0 0 0 1 1 0", "5": "0 0 0 0 0 0", "6": "0 0 1 1 0.5 0"},
}
COURSES = {arm: [[float(x) for x in course.split()] for course in of.values()] for arm, of in ANIMALS.items()}
Rows = list[list[str]]


def wide(
    day: str | Callable[[int], str] = "day {}",
    *,
    animal: str = "animal",
    arm: str | None = "arm",
    arms: tuple[str, str] = ("vehicle", "drug"),
    name: str = "{}",
    carry: bool = False,
) -> Rows:
    """Return a row for every animal."""
    spelt = day if callable(day) else day.format
    head = [animal] + ([] if arm is None else [arm]) + [spelt(each) for each in DAYS]
    rows = [head]
    for own, animals in zip(arms, ANIMALS.values(), strict=True):
        for place, (number, course) in enumerate(animals.items()):
            shown = [] if arm is None else [own if not (carry and place) else ""]
            rows.append([name.format(number), *shown, *course.split()])
    return rows


def long(
    day: str = "day",
    score: str = "score",
    *,
    animal: str = "animal",
    arm: str = "arm",
    spell: Callable[[int], str] = str,
) -> Rows:
    """Return a row for every reading."""
    rows = [[animal, arm, day, score]]
    for own, animals in ANIMALS.items():
        for number, course in animals.items():
            rows += [
                [number, own, spell(each), text] for each, text in zip(DAYS, course.split(), strict=True)
            ]
    return rows


def prism(heads: list[list[str]], label: str = "Day", spell: Callable[[int], str] = str) -> Rows:
    """Return a row for every day, below rows of headings."""
    courses = [course.split() for animals in ANIMALS.values() for course in animals.values()]
    rows = [["" if place < len(heads) - 1 else label, *head] for place, head in enumerate(heads)]
    return rows + [[spell(each), *(course[place] for course in courses)] for place, each in enumerate(DAYS)]


def added(rows: Rows, column: int, cells: list[str]) -> Rows:
    """Return rows with another column."""
    return [[*row[:column], cell, *row[column:]] for row, cell in zip(rows, cells, strict=True)]


def after(rows: Rows, where: int, *more: list[str]) -> Rows:
    """Return rows with others after some number of them."""
    return [*rows[:where], *more, *rows[where:]]


def text(rows: Rows, separator: str = ",") -> bytes:
    return "".join(separator.join(row) + "\n" for row in rows).encode()


def comma(rows: Rows, separator: str = ";") -> bytes:
    return text([[cell.replace(".", ",") for cell in row] for row in rows], separator)


def value(cell: str) -> Any:
    try:
        return float(cell)
    except ValueError:
        return cell or None


def book(sheets: dict[str, Rows], merged: tuple[str, ...] = (), raw: bool = False) -> bytes:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for title, rows in sheets.items():
        sheet = made.create_sheet(title)
        for row in rows:
            sheet.append([cell if raw else value(cell) for cell in row])
        for area in merged:
            sheet.merge_cells(area)
    content = io.BytesIO()
    made.save(content)
    return content.getvalue()


def half(arm: str) -> Rows:
    """Return the animals of one arm, without a column of arms."""
    rows = wide(arm=None)
    return [rows[0], *(rows[1:4] if arm == "vehicle" else rows[4:7])]


def dated(spell: str = "%Y-%m-%d") -> Callable[[int], str]:
    return lambda day: (date(2031, 3, 1) + timedelta(days=day)).strftime(spell)


def datetimes(rows: Rows) -> list[list[Any]]:
    return [
        [date.fromisoformat(cell) if cell.startswith("2031-") else value(cell) for cell in row]
        for row in rows
    ]


def weights(rows: Rows) -> Rows:
    """Return a wide table with a weight before every score."""
    head = [cell for each in DAYS for cell in (f"d{each}_weight", f"d{each}_score")]
    return [["animal", "arm", *head]] + [
        [*row[:2], *(cell for score in row[2:] for cell in ("231.5", score))] for row in rows[1:]
    ]


def means(rows: Rows, label: str = "Mean") -> Rows:
    """Return a wide table with the mean of each arm below it."""

    def line(block: Rows, name: str) -> list[str]:
        columns = zip(*(row[2:] for row in block), strict=True)
        return [name, "", *(f"{np.mean([float(cell) for cell in column]):.2f}" for column in columns)]

    return [rows[0], *rows[1:4], line(rows[1:4], label), *rows[4:7], line(rows[4:7], label)]


def below_days() -> Rows:
    """Return a wide table with a score and a weight below every day."""
    days = ["", "", *(cell for each in DAYS for cell in (f"day {each}", ""))]
    pairs = [[*row[:2], *(cell for score in row[2:] for cell in (score, "231.5"))] for row in wide()[1:]]
    return [days, ["animal", "arm", *["score", "weight (g)"] * 6], *pairs]


ARMS_ABOVE = ["vehicle"] * 3 + ["drug"] * 3
NAMES = [f"m{number}" for number in range(1, 7)]
CSV = "a.csv"
Layout = tuple[str, bytes, dict[str, Any], tuple[str, ...]]


def csv(content: Rows | bytes, *parts: str, file: str = CSV, **options: Any) -> Layout:
    """Return a file, a part of each note that there must be, and the options that it is read with."""
    return file, content if isinstance(content, bytes) else text(content), options, parts


def excel(content: bytes, *parts: str, **options: Any) -> Layout:
    return csv(content, *parts, file="a.xlsx", **options)


LAYOUTS: dict[str, Layout] = {
    # A row is a reading.
    "long": csv(long()),
    "long, camel case": csv(long("studyDay", "ClinicalScore", animal="MouseID", arm="treatmentGroup")),
    "long, days with a word": csv(long(spell="day {}".format)),
    "long, days as D-10": csv(long(spell="D-{}".format), "no minus"),
    "long, animal in the first row of its block": csv(
        [row if place % 6 == 1 or not place else ["", *row[1:]] for place, row in enumerate(long())],
        "carried down",
    ),
    "long, arm in the first row of its block": csv(
        [row if place in (0, 1, 19) else [row[0], "", *row[2:]] for place, row in enumerate(long())],
        "carried down",
    ),
    "long, a weight beside": csv(added(long(), 4, ["weight (g)"] + ["231"] * 36), "stored separately"),
    "long, options": csv(
        long("when", "points of ten", animal="who", arm="what"),
        animal="who",
        arm="what",
        day="when",
        score="points of ten",
    ),
    # Hyphens, minus signs and numbers that are no days.
    "hyphen: Day-10": csv(wide("Day-{}"), "no minus"),
    "hyphen: Tag-10": csv(wide("Tag-{}"), "no minus"),
    "hyphen: d–10, a dash": csv(wide("d–{}"), "no minus"),
    "hyphen: Day-7 beside Day10 is a minus": csv(
        added([[*row[:2], *row[3:]] for row in wide("Day{}")], 2, ["Day-7"] + ["0"] * 6),
        "is a minus",
        days=(-7, *DAYS[1:]),
    ),
    "hyphen: D-1 beside D0 is a minus": csv(
        added(wide("D{}"), 2, ["D-1"] + ["0"] * 6), "is a minus", days=(-1, *DAYS)
    ),
    "day -1 is a minus": csv(added(wide(), 2, ["day -1"] + ["0"] * 6), days=(-1, *DAYS)),
    "jump: a cage number before the days": csv(
        added(wide("{}"), 2, ["117"] + ["3"] * 6), "not read as a day"
    ),
    "jump: a year after the days": csv(added(wide("{}"), 8, ["2024"] + ["3"] * 6), "not read as a day"),
    "jump: a year before days with a word": csv(
        added(wide("d{}"), 2, ["2031"] + ["2"] * 6), "not read as a day"
    ),
    "jump: a cage number between the days": csv(
        added(wide("{}"), 5, ["117"] + ["3"] * 6), "not read as a day"
    ),
    "days in a second row of headings": csv(
        [["animal", "arm", "day"], ["", "", *map(str, DAYS)], *wide()[1:]], "above the names"
    ),
    # Statistics.
    "statistics: means by name": csv(means(wide()), "statistics"),
    "statistics: Mittelwert": csv(means(wide(), "Mittelwert"), "statistics"),
    "statistics: vehicle mean": csv(
        [
            *wide(),
            ["vehicle mean", "", *["0", "0.3", "1", "2.3", "2.3", "1.7"]],
            ["drug mean", "", *["0", "0", "0.3", "0.7", "0.5", "0"]],
        ],
        "statistics",
    ),
    "statistics: means without a name": csv(means(wide(), ""), "statistics"),
    "statistics: means under another name": csv(means(wide(), "grp"), "statistics"),
    "statistics: means called G1 below m1, m2, m3": csv(
        [[f"m{row[0]}" if row[0].isdigit() else row[0], *row[1:]] for row in means(wide(), "G1")],
        "statistics",
    ),
    "statistics: mean, SEM and n": csv(
        [
            *wide(),
            ["Mean", "", *["0", ".17", ".67", "1.5", "1.4", ".8"]],
            ["SEM", "", *["0", ".2", ".3", ".5", ".5", ".4"]],
            ["n", "", *"666666"],
        ],
        "statistics",
    ),
    "statistics: columns of peak and sum": csv(
        added(added(wide(), 8, ["Peak", *"333113"]), 9, ["cumulative score", "9", "9", "5", "2", "0", "2.5"]),
        "columns of statistics",
    ),
    "statistics: a column of means and of maxima": csv(
        added(added(wide("{}"), 8, ["mean", *"333113"]), 9, ["max day score", *"333113"]),
        "columns of statistics",
    ),
    "statistics: Prism's columns of mean and SEM": csv(
        [
            [*row, extra, extra]
            for row, extra in zip(prism([ARMS_ABOVE, NAMES]), ["", "Mean", *"012231"], strict=True)
        ],
        "statistics",
    ),
    # Headings that are missing.
    "row numbers that pandas wrote": csv(
        [[*([""] if not place else [str(place - 1)]), *row] for place, row in enumerate(wide())],
        "names of rows",
    ),
    "R's write.csv": csv(
        [[*(['""'] if not place else [f'"{place}"']), *row] for place, row in enumerate(long())],
        "names of rows",
    ),
    "R's write.table, wide": csv(
        text([([f'"{place}"'] if place else []) + row for place, row in enumerate(wide("X{}"))], "\t"),
        "as R writes",
        file="a.txt",
    ),
    "R's write.table, spaces": csv(
        text([([f'"{place}"'] if place else []) + row for place, row in enumerate(long())], " "),
        "as R writes",
        file="a.txt",
    ),
    "animals without a heading": csv(wide(animal="")),
    # Arms.
    "arm in the first row of its block": csv(wide(carry=True), "carried down"),
    "arm in the first row, blank lines between": csv(after(wide(carry=True), 4, []), "carried down"),
    "arm merged over its rows": excel(book({"s": wide(carry=True)}, ("B2:B4", "B5:B7"))),
    "animal merged over its rows": excel(
        book(
            {
                "s": [
                    row if place % 6 == 1 or not place else ["", *row[1:]] for place, row in enumerate(long())
                ]
            },
            tuple(f"A{first}:A{first + 5}" for first in range(2, 38, 6)),
        )
    ),
    "arms as heading rows": csv(
        after(after(wide(arm=None), 4, ["drug"]), 1, ["vehicle"]), "rows above their animals"
    ),
    "arms as heading rows, Group:": csv(
        after(after(wide(arm=None), 4, [], ["Group 2: drug"]), 1, ["Group 1: vehicle"]),
        "rows above their animals",
    ),
    "arms as merged heading rows": excel(
        book(
            {"s": after(after(wide(arm=None), 4, ["drug", *[""] * 6]), 1, ["vehicle", *[""] * 6])},
            ("A2:G2", "A6:G6"),
        ),
        "rows above their animals",
    ),
    "arms above tables that stand below each other": csv(
        [["vehicle"], *half("vehicle"), [], ["drug"], *half("drug")], "rows above their animals"
    ),
    "headings again above the second block": csv(after(wide(), 4, wide()[0])),
    "genotype": csv(wide(arm="Genotype"), "Genotype is taken for the arm"),
    "strain": csv(wide(arm="Strain"), "Strain is taken for the arm"),
    "genotype beside a sex that is the same": csv(
        added(wide(arm="Genotyp"), 1, ["Sex"] + ["F"] * 6), "Genotyp is taken"
    ),
    "an arm of an unknown name, named": csv(wide(arm="Diet 7"), arm="Diet 7"),
    "an arm named by its letter": csv(wide(arm=""), arm="B"),
    "group and treatment that say the same": csv(
        added(wide(arm="treatment"), 1, ["group", *"111222"]), "not read"
    ),
    "arm repeated by a mark": csv([[row[0], row[1] or '""""', *row[2:]] for row in wide(carry=True)]),
    "arm repeated by idem": csv([[row[0], row[1] or "idem", *row[2:]] for row in wide(carry=True)]),
    "a table of groups to the right": csv(
        [
            [*row, "", *more]
            for row, more in zip(
                wide(),
                [["Group", "Incidence"], ["vehicle", "3/3"], ["drug", "2/3"], *[["", ""]] * 4],
                strict=True,
            )
        ],
        "not read",
    ),
    "the arm beyond an empty column": csv([[row[0], *row[2:], "", row[1]] for row in wide()]),
    "a remark on the means below": csv([*wide(), ["", "", "means are in file 2"]], "statistics"),
    "animals M to R": csv(
        [["MNOPQR"[int(row[0]) - 1], *row[1:]] if place else row for place, row in enumerate(wide())]
    ),
    # A sheet for each arm.
    "sheet per arm": excel(book({"vehicle": half("vehicle"), "drug": half("drug")}), "each sheet is an arm"),
    "sheet per arm, and one of notes": excel(
        book({"notes": [["scored by AB"]], "vehicle": half("vehicle"), "drug": half("drug")}),
        "each sheet is an arm",
        "notes",
    ),
    "sheet per arm, rows are days": excel(
        book(
            {
                "vehicle": [row[:4] for row in prism([["1", "2", "3", "4", "5", "6"]])],
                "drug": [[row[0], *row[4:]] for row in prism([["1", "2", "3", "4", "5", "6"]])],
            }
        ),
        "each sheet is an arm",
    ),
    "sheet per arm, and one of means": excel(
        book(
            {
                "vehicle": half("vehicle"),
                "drug": half("drug"),
                "means": [["day", "vehicle", "drug"], ["0", "0", "0"], ["10", "1", "0"]],
            }
        ),
        "each sheet is an arm",
        "means",
    ),
    "sheet of weights": excel(book({"scores": wide(), "weights": wide()}), "weights"),
    "sheet chosen": excel(book({"one": wide(), "two": [*wide()[:2]]}), sheet="one"),
    "sheets of other days": excel(
        book({"first": [row[:4] for row in wide()], "second": [[*row[:2], *row[4:]] for row in wide()]}),
        "different days",
    ),
    # Rows are days.
    "Prism: arms above the animals": csv(prism([ARMS_ABOVE, NAMES]), "rows are days"),
    "Prism: arm above the first animal only": csv(
        prism([["vehicle", "", "", "drug", "", ""], NAMES]), "to the right"
    ),
    "Prism: the group above, animals are numbers": csv(
        [["Group", *ARMS_ABOVE], ["Animal", *"123456"], *prism([list("123456")])[1:]], "rows are days"
    ),
    "Prism: arms merged above the animals": excel(
        book({"s": prism([["vehicle", "", "", "drug", "", ""], NAMES])}, ("B1:D1", "E1:G1")), "rows are days"
    ),
    "Prism: the arm's name above each column": csv(prism([ARMS_ABOVE]), "numbered"),
    "Prism: arm and number": csv(
        prism([["vehicle 1", "vehicle 2", "vehicle 3", "drug 1", "drug 2", "drug 3"]]), "taken from the names"
    ),
    "Prism: the arm's name above its first column": csv(
        prism([["vehicle", "", "", "drug", "", ""]]), "numbered"
    ),
    "Prism: Tag, decimal commas": csv(
        comma(prism([ARMS_ABOVE, [f"Ratte {n}" for n in range(1, 7)]], "Tag")), "rows are days"
    ),
    "Prism: animals are numbers": csv(prism([ARMS_ABOVE, list("123456")]), "rows are days"),
    "turned round: animal, arm, then days": csv([list(row) for row in zip(*wide(), strict=True)]),
    "Prism: a row of cages above the arms": csv(prism([list("112233"), ARMS_ABOVE, NAMES]), "rows are days"),
    "Prism: the names again above later days": csv(
        after(prism([ARMS_ABOVE, NAMES]), 5, [], ["Day", *NAMES]), "rows are days"
    ),
    "Prism: Day 10, without a heading": csv(prism([ARMS_ABOVE, NAMES], "", "Day {}".format), "rows are days"),
    # What R makes of headings.
    "R: X0": csv(wide("X{}")),
    "R: X.0": csv(wide("X.{}"), "no minus"),
    "R: day.10": csv(wide("day.{}")),
    "R: Day.10 and Rat.ID": csv(wide("Day.{}", animal="Rat.ID")),
    # Camel case.
    "camel: animalId": csv(wide("Day{}", animal="animalId", arm="treatmentGroup")),
    "camel: expGroup": csv(wide("day{}Score", animal="ratNumber", arm="expGroup")),
    "camel: RatNo": csv(wide("dayPostImmunization{}", animal="RatNo", arm="GroupName")),
    # Dates.
    "dates, ISO": csv(wide(dated()), "counted from 2031-03-01", day_zero="2031-03-01"),
    "dates, German": csv(wide(dated("%d.%m.%Y")), "counted from 2031-03-01", day_zero="01.03.2031"),
    "dates, American": csv(wide(dated("%m/%d/%Y")), "month first", day_zero="2031-03-01"),
    "dates, with the month's name": csv(wide(dated("%d-%b-%Y")), "counted from", day_zero="2031-03-01"),
    "dates, with an accent": csv(
        wide(lambda day: f"{day + 1}. März 2031"), "counted from 2031-03-01", day_zero="1. März 2031"
    ),
    "dates in the column of days": csv(long("Date", spell=dated()), "counted from", day_zero="2031-03-01"),
    "dates of Excel": excel(
        book({"s": datetimes(wide(dated()))}, raw=True), "counted from", day_zero="2031-03-01"
    ),
    "dates of Excel, rows are days": excel(
        book({"s": datetimes(prism([ARMS_ABOVE, NAMES], "Date", dated()))}, raw=True),
        "counted from",
        day_zero="2031-03-01",
    ),
    # Words around the day.
    "day3_score": csv(wide("day{}_score")),
    "score_d3": csv(wide("score_d{}")),
    "Score day 3": csv(wide("Score day {}")),
    "Day 3 (score)": csv(wide("Day {} (score)")),
    "d10 Mon": csv(wide(lambda day: f"d{day} {dated('%a')(day)}")),
    "10 d.p.i.": csv(wide("{} d.p.i.")),
    "day 10 post immunisation": csv(wide("day {} post-immunisation")),
    # Body weight.
    "weight and score side by side": csv(weights(wide()), "body weights"),
    "weight in a second block of columns": csv(
        [
            row + [cell if not place else "231" for cell in wide("BW day {}")[0][2:]]
            for place, row in enumerate(wide("score day {}"))
        ],
        "body weights",
    ),
    "weight under a heading of its own": csv(
        [["", "", "Score", *[""] * 5, "Weight", *[""] * 5]]
        + [row + (row[2:] if not place else ["231"] * 6) for place, row in enumerate(wide())],
        "body weights",
    ),
    "score and weight below each day": csv(below_days(), "body weights"),
    "score and weight below each day, merged": excel(
        book(
            {
                "s": [
                    ["animal", "arm", *below_days()[0][2:]],
                    ["", "", *below_days()[1][2:]],
                    *below_days()[2:],
                ]
            },
            ("A1:A2", "B1:B2", "C1:D1", "E1:F1", "G1:H1", "I1:J1", "K1:L1", "M1:N1"),
        ),
        "body weights",
    ),
    # Hours and parts of days.
    "hours in the headings": csv(wide(lambda day: f"{24 * day} h"), "hours are read as whole days"),
    "hours in a column": csv(
        long("hpi", spell=lambda day: str(24 * day + 7)), "hours are read as whole days"
    ),
    "half days in the headings": csv(wide(lambda day: f"day {day}.5"), "parts of a day"),
    "half days in rows": csv(prism([ARMS_ABOVE, NAMES], spell=lambda day: f"{day}.5"), "parts of a day"),
    # Languages.
    "German": csv(comma(wide("Tag {}", animal="Ratte", arm="Behandlung"))),
    "German, long": csv(
        comma(long("Tag nach Immunisierung", "Klinischer Score", animal="Tiernummer", arm="Gruppe"))
    ),
    "German, abbreviated": csv(
        comma(long("Tage nach Immunisierung", "klin. Bewertung", animal="Ratten-Nr.", arm="Gruppe"))
    ),
    "French": csv(comma(wide("J{}", animal="Rat", arm="Traitement"))),
    "French, long": csv(comma(long("jour", "score clinique", animal="animal n°", arm="groupe"))),
    "Spanish": csv(comma(wide("Día {}", animal="Ratón", arm="Tratamiento"))),
    "Spanish, long": csv(comma(long("día", "puntuación clínica", animal="rata", arm="grupo"))),
    "Chinese": csv(wide("第{}天", animal="动物编号", arm="组别")),
    "Chinese, long": csv(long("天数", "临床评分", animal="大鼠", arm="组")),
    "Chinese of an old Excel": csv(
        text(wide("第{}天", animal="大鼠编号", arm="组别")).decode().encode("gb18030")
    ),
    # Files.
    "Excel's sep line": csv(b"sep=;\n" + comma(wide())),
    "a title above": csv([["EAE study 12, scored by AB"], [], *wide()], "above the names"),
    "a title merged above": excel(
        book({"s": [["EAE study 12", *[""] * 7], *wide()]}, ("A1:H1",)), "above the names"
    ),
    "old Macintosh line ends": csv(text(wide()).replace(b"\n", b"\r")),
    "a remark behind a row": csv(
        [[*row, "limped"] if place == 2 else row for place, row in enumerate(wide())], "beyond the headings"
    ),
    "a footnote": csv([*wide(), [], ["* scored blind"]], "no animal"),
}


def written(name: str, folder: Path) -> tuple[Path, dict[str, Any]]:
    file, content, options, _ = LAYOUTS[name]
    (folder / file).write_bytes(content)
    return folder / file, dict(options)


@pytest.mark.parametrize("name", LAYOUTS)
def test_the_numbers_are_the_same_in_every_layout(name: str, tmp_path: Path) -> None:
    path, options = written(name, tmp_path)
    days = options.pop("days", DAYS)
    scores = read_scores(path, **options)
    assert scores.arms == ("vehicle", "drug")
    assert scores.days.tolist() == list(days)
    for arm, courses in COURSES.items():
        assert scores.scores(arm)[:, -6:].tolist() == courses
    assert not scores.ended
    for part in LAYOUTS[name][3]:
        assert any(part in note for note in scores.notes), (part, scores.notes)
    if not LAYOUTS[name][3]:
        assert scores.notes == ()


@pytest.mark.parametrize("name", ["4", "late", "4b", "Max", "Sum 1"])
def test_an_animal_as_its_neighbours_is_no_statistic(name: str, tmp_path: Path) -> None:
    rows = [["animal", "arm", "day 0", "day 1", "day 2"], ["1", "vehicle", "0", "1", "3"]]
    rows += [
        ["2", "vehicle", "0", "2", "3"],
        [name, "vehicle", "0", "2", "3"],
        ["5", "vehicle", "0", "0", "0"],
    ]
    (tmp_path / CSV).write_bytes(text(rows))
    scores = read_scores(tmp_path / CSV)
    kept = "Sum 1" not in name
    assert len(scores.animals("vehicle")) == 3 + kept
    assert len(scores.notes) == (not kept)


def test_there_are_sixty_layouts_and_more() -> None:
    assert len(LAYOUTS) >= 60


NUMBERED = ("IVIG day 7", "d7", "IVIG 0.4", "IVIG.0.4.g", "1 g/kg", "KO 7")
# By name: what stands above six animals, of which the last three are in the arm.
ABOVE: dict[str, Callable[[str], list[list[str]]]] = {
    "above each": lambda arm: [["vehicle"] * 3 + [arm] * 3],
    "above the first": lambda arm: [["vehicle", "", "", arm, "", ""]],
    "above the names": lambda arm: [["vehicle"] * 3 + [arm] * 3, NAMES],
    "above the first name": lambda arm: [["vehicle", "", "", arm, "", ""], NAMES],
    "made different by pandas": lambda arm: [
        ["vehicle", "vehicle.1", "vehicle.2", arm, f"{arm}.1", f"{arm}.2"]
    ],
    "numbered": lambda arm: [[f"{each} {n}" for each in ("vehicle", arm) for n in (1, 2, 3)]],
}


@pytest.mark.parametrize("above", ABOVE)
@pytest.mark.parametrize("arm", NUMBERED)
def test_the_number_in_the_name_of_an_arm_is_part_of_it(arm: str, above: str, tmp_path: Path) -> None:
    (tmp_path / CSV).write_bytes(text(prism(ABOVE[above](arm))))
    scores = read_scores(tmp_path / CSV)
    assert scores.arms == ("vehicle", arm)
    assert [scores.scores(each).tolist() for each in scores.arms] == list(COURSES.values())


def test_a_genotype_may_be_written_in_signs(tmp_path: Path) -> None:
    (tmp_path / CSV).write_bytes(text(wide(arm="genotype", arms=("+/+", "-/-"))))
    assert read_scores(tmp_path / CSV, control="+/+").arms == ("+/+", "-/-")


@pytest.mark.parametrize("arms", [("IVIG day 7", "IVIG day 14"), ("IVIG 0.4", "IVIG 0.8"), ("d0", "d7")])
def test_arms_that_differ_in_a_number_are_kept_apart(arms: tuple[str, str], tmp_path: Path) -> None:
    heads = [["vehicle"] * 2 + [arms[0]] * 2 + [arms[1]] * 2]
    for rows in (prism(heads), prism([*heads, NAMES])):
        (tmp_path / CSV).write_bytes(text(rows))
        scores = read_scores(tmp_path / CSV)
        assert scores.arms == ("vehicle", *arms)
        assert np.concatenate([scores.scores(arm) for arm in scores.arms]).tolist() == [
            course for courses in COURSES.values() for course in courses
        ]


def test_animals_without_arms_are_in_one_that_has_a_name(tmp_path: Path) -> None:
    (tmp_path / CSV).write_bytes(text(wide(arm="fur")))
    scores = read_scores(tmp_path / CSV, arm="none")
    assert (scores.arms, scores.control, len(scores.animals("all"))) == (("all",), "all", 6)


DATED = wide(dated())
# By name: a file, and a part of the message.
REFUSED: dict[str, Layout] = {
    "Prism: a column without a name": csv(
        [
            [*row[:4], "1" if place > 1 else "", *row[4:]]
            for place, row in enumerate(prism([ARMS_ABOVE, NAMES]))
        ],
        "column E has readings and no heading",
    ),
    "an arm that is a dash": csv(
        [[row[0], row[1] or "-", *row[2:]] for row in wide(carry=True)], "row 3 has no arm"
    ),
    "Prism: other names above later days": csv(
        after(prism([ARMS_ABOVE, NAMES]), 5, [], ["Day", *"123456"]), "row 3 has readings", arm="none"
    ),
    "Prism: a row of doses above": csv(prism([["0"] * 3 + ["1"] * 3, NAMES]), "--arm none"),
    "a table of means below": csv(
        [*wide(), [], ["arm", "mean peak", "n"], ["vehicle", "2.7", "3"], ["drug", "0.7", "3"]],
        "row 9 has the headings of another table",
    ),
    "a second block with its columns exchanged": csv(
        [*wide()[:4], ["arm", "animal", *wide()[0][2:]], *[[row[1], row[0], *row[2:]] for row in wide()[4:]]],
        "another table",
    ),
    "a table of peaks below": csv(
        [*wide(), ["animal", "peak", "onset"], ["1", "3", "11"], ["2", "3", "10"]], "another table"
    ),
    "a table of means below readings": csv(
        [*long(), [], ["Gruppe", "Mittelwert", "n", "SEM"], ["vehicle", "2.7", "3", "0.1"]], "another table"
    ),
    "means of arms, rows are days": csv(
        [["Day", "vehicle", "drug"], *[[str(day), "1.2", "0.5"] for day in DAYS]],
        "means of arms are not read",
    ),
    "animals named by arm and letter": csv(
        prism([["vehicle A", "vehicle B", "vehicle C", "drug A", "drug B", "drug C"]]), "--arm none"
    ),
    "a quote that is not closed": csv(
        [[row[0], '"vehicle', *row[2:]] if place == 2 else row for place, row in enumerate(wide())],
        "quotation mark",
    ),
    "inches among the remarks": csv(
        added(wide(), 8, ["notes", "", '"limp', "", "", '5"', ""]), "quotation mark"
    ),
    "day zero with its month unclear": csv(DATED, "--day-zero", day_zero="03/01/2031"),
    "day zero after the last day": csv(DATED, "before day 0", day_zero="2031-05-01"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_would_give_a_wrong_number_is_refused(name: str, tmp_path: Path) -> None:
    _, content, options, (part,) = REFUSED[name]
    (tmp_path / CSV).write_bytes(content)
    with pytest.raises(EaesimError) as caught:
        read_scores(tmp_path / CSV, **options)
    assert part in str(caught.value)


@pytest.mark.parametrize("word", ["fell, then\nlimped", "a\nb"])
def test_a_remark_of_several_lines_is_no_open_quote(word: str, tmp_path: Path) -> None:
    (tmp_path / CSV).write_bytes(text(added(wide(), 8, ["notes", f'"{word}"', *[""] * 5])))
    assert read_scores(tmp_path / CSV).scores("vehicle").tolist() == COURSES["vehicle"]
