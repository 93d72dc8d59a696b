"""A laboratory's table: the same numbers however it is written, and a clear line for what cannot be read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eaesim.errors import EaesimError, FileError, UnknownNameError
from eaesim.evidence.laboratory import LaboratoryScores, new_scores_text, read_scores
from eaesim.evidence.scoremarks import End

DAYS = (0, 1, 2, 3, 5)
# Arm, animal, and what stands in its cells.
ANIMALS = (
    ("vehicle", "r1", ("0", "0.5", "2", "", "1.5")),
    ("vehicle", "r2", ("0", "1", "dead", "", "")),
    ("high dose", "r3", ("0", "", "0", "0", "0.5")),
)
NAN = np.nan
EXPECTED = [[0, 0.5, 2, NAN, 1.5], [0, 1, 5, 5, 5], [0, NAN, 0, 0, 0.5]]


def long_rows(number: str = ".") -> list[list[str]]:
    rows = [["animal", "arm", "day", "score"]]
    for arm, animal, cells in ANIMALS:
        rows += [
            [animal, arm, str(day), cell.replace(".", number)] for day, cell in zip(DAYS, cells, strict=True)
        ]
    return rows


def wide_rows(number: str = ".", day: str = "{}") -> list[list[str]]:
    rows = [["Animal ID", "Group", *(day.format(each) for each in DAYS)]]
    return rows + [
        [animal, arm, *(cell.replace(".", number) for cell in cells)] for arm, animal, cells in ANIMALS
    ]


def text_of(rows: list[list[str]], separator: str, *, quoted: bool = False) -> str:
    mark = '"' if quoted else ""
    return "".join(separator.join(f"{mark}{cell}{mark}" for cell in row) + "\n" for row in rows)


def write_book(path: Path, rows: list[list[str]], title: str = "Sheet") -> None:
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append([_number(cell) for cell in row])
    book.save(path)


def _number(cell: str) -> object:
    try:
        return float(cell)  # as Excel keeps them: day 3 is 3.0
    except ValueError:
        return cell or None


def check(scores: LaboratoryScores) -> None:
    assert scores.arms == ("vehicle", "high dose")
    assert scores.control == "vehicle"
    assert scores.days.tolist() == list(DAYS)
    assert scores.animals("vehicle") == ("r1", "r2")
    assert scores.animals("high dose") == ("r3",)
    assert scores.arm.tolist() == ["vehicle"] * 10 + ["high dose"] * 5
    assert scores.animal.tolist() == [name for name in ("r1", "r2", "r3") for _ in DAYS]
    assert scores.day.tolist() == list(DAYS) * 3
    np.testing.assert_array_equal(scores.score.reshape(3, 5), EXPECTED)


LAYOUTS = {
    "long, commas": ("a.csv", text_of(long_rows(), ",").encode()),
    "wide, commas": ("a.csv", text_of(wide_rows(), ",").encode()),
    "wide, day 3": ("a.csv", text_of(wide_rows(day="day {}"), ",").encode()),
    "wide, d3": ("a.csv", text_of(wide_rows(day="d{}"), ",").encode()),
    "wide, D3": ("a.csv", text_of(wide_rows(day="D{}"), ",").encode()),
    "wide, dpi 3": ("a.csv", text_of(wide_rows(day="dpi {}"), ",").encode()),
    "wide, 3 dpi": ("a.csv", text_of(wide_rows(day="{} dpi"), ",").encode()),
    "long, semicolons, decimal commas": ("a.csv", text_of(long_rows(","), ";").encode()),
    "wide, semicolons, decimal commas": ("a.txt", text_of(wide_rows(","), ";").encode()),
    "wide, tabs": ("a.tsv", text_of(wide_rows(","), "\t").encode()),
    "long, quoted decimal commas": ("a.csv", text_of(long_rows(","), ",", quoted=True).encode()),
    "byte order mark": ("a.csv", text_of(long_rows(), ",").encode("utf-8-sig")),
    "UTF-16": ("a.txt", text_of(long_rows(), "\t").encode("utf-16")),
    "cp1252": ("a.csv", text_of(wide_rows(), ",").replace("dead", "†").encode("cp1252")),
    "UTF-8 dagger": ("a.csv", text_of(wide_rows(), ",").replace("dead", "†").encode()),
    "a line between": ("a.csv", text_of(wide_rows(), ",").replace("\n", "\r\n\r\n").encode()),
    "the top of the scale": ("a.csv", text_of(wide_rows(), ",").replace("dead", "5").encode()),
    "an empty tail": ("a.csv", text_of(wide_rows(), ",").replace("dead,,", "dead").encode()),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_same_numbers_however_they_are_written(layout: str, tmp_path: Path) -> None:
    name, content = LAYOUTS[layout]
    (tmp_path / name).write_bytes(content)
    scores = read_scores(tmp_path / name)
    check(scores)
    assert scores.notes == ()


@pytest.mark.parametrize("rows", [long_rows(), wide_rows()])
def test_an_excel_sheet_gives_the_same_numbers(rows: list[list[str]], tmp_path: Path) -> None:
    write_book(tmp_path / "a.xlsx", rows)
    check(read_scores(tmp_path / "a.xlsx"))


def test_unsorted_rows_are_sorted_by_day(tmp_path: Path) -> None:
    head, *rows = long_rows()
    one, two, three = rows[:5], rows[5:10], rows[10:]
    (tmp_path / "a.csv").write_text(
        text_of([head, *one[::-1], *two[2:], *two[:2], *three[::-1]], ","), encoding="utf-8"
    )
    check(read_scores(tmp_path / "a.csv"))


def test_missing_days_and_missing_rows_are_the_same(tmp_path: Path) -> None:
    rows = [row for row in long_rows() if row[3]]
    (tmp_path / "a.csv").write_text(text_of(rows, ","), encoding="utf-8")
    check(read_scores(tmp_path / "a.csv"))


def read(text: str, tmp_path: Path, **options: object) -> LaboratoryScores:
    (tmp_path / "mine.csv").write_text(text, encoding="utf-8")
    return read_scores(tmp_path / "mine.csv", **options)  # type: ignore[arg-type]


def test_scores_stay_in_the_units_of_the_file(tmp_path: Path) -> None:
    text = "rat,group,0,1,2\n1,vehicle,0,4,7\n2,vehicle,8,,\n"
    scores = read(text, tmp_path, scale_max=8)
    np.testing.assert_array_equal(scores.scores("vehicle"), [[0, 4, 7], [8, 8, 8]])
    assert (scores.scale_max, scores.dead_score) == (8, 8)
    assert scores.ended == {("vehicle", "2"): End(0, "dead")}


def test_the_score_of_death_is_another_than_the_top_of_the_scale(tmp_path: Path) -> None:
    text = "rat,group,0,1,2\n1,vehicle,0,4,3\n2,vehicle,1,dead,\n3,vehicle,1,5,5\n"
    scores = read(text, tmp_path, scale_max=4, dead_score=5)
    np.testing.assert_array_equal(scores.scores("vehicle"), [[0, 4, 3], [1, 5, 5], [1, 5, 5]])
    assert scores.ends("vehicle") == (None, End(1, "dead"), End(1, "dead"))


NOTED = {
    "columns that were not read": (
        "rat,group,weight,0\n1,vehicle,200,1\n",
        'columns that were not read: "weight".',
    ),
    "no arms": ("rat,0,1\n1,0,1\n", 'there is no column of arms; all animals are in one, "all".'),
    "a title": (
        "My study\nrat,group,0\n1,vehicle,1\n",
        "rows above the names of the columns were not read: 1.",
    ),
    "a word": (
        "rat,group,0,1\n1,vehicle,0,limp tail\n",
        'row 2, day 1: "limp tail" is not a score and counts as missing.',
    ),
    "no animal": ("rat,group,0\n1,vehicle,0\n,vehicle,1\n", "row 3 has no animal and 1 reading; not read."),
    "a mean": (
        "rat,group,0\n1,vehicle,0\nMean,,0.5\n",
        'statistics, not animals, and not read: row 3 "Mean".',
    ),
    "no arm": (
        "rat,group,0\n1,vehicle,0\n2,,1\n",
        "each arm is named in the first row of its block only and is carried down.",
    ),
    "a remark behind": (
        "rat,group,0\n1,vehicle,0\n2,vehicle,1,limps\n",
        "text that belongs to no animal was not read: row 3 (beyond the headings).",
    ),
    "no score": (
        "rat,group,0\n1,vehicle,0\n2,vehicle,\n",
        "vehicle: 2 has no score from day 0 on and was left out (1 of its animals).",
    ),
    "a score before day 0 only": (
        "rat,group,-1,0\n1,vehicle,0,0\n2,vehicle,1,\n",
        "vehicle: 2 has no score from day 0 on and was left out (1 of its animals).",
    ),
    "one name twice": (
        "rat,group,0\n1,vehicle,0\n1,b,1\n",
        "in several arms, and taken for different animals: 1.",
    ),
}


@pytest.mark.parametrize("case", NOTED)
def test_what_is_left_out_is_noted_and_the_rest_is_read(case: str, tmp_path: Path) -> None:
    text, note = NOTED[case]
    scores = read(text, tmp_path)
    assert scores.notes == (note,)
    assert scores.animals(scores.control)[0] == "1"


def test_names_that_differ_in_capitals_and_spaces_are_the_same(tmp_path: Path) -> None:
    scores = read("rat,arm,day,score\nA1,Vehicle,0,0\na1,vehicle ,1,2\n", tmp_path)
    assert scores.arms == ("Vehicle",)
    assert scores.scores("Vehicle").tolist() == [[0, 2]]


@pytest.mark.parametrize("name", ["vehicle", "Control", "PLACEBO", "saline", "PBS", "untreated"])
def test_a_control_is_known_by_its_name(name: str, tmp_path: Path) -> None:
    assert read(f"rat,arm,0\n1,IVIG,0\n2,{name},1\n", tmp_path).control == name


def test_a_control_can_be_named(tmp_path: Path) -> None:
    assert read("rat,arm,0\n1,IVIG,0\n2,sham,1\n", tmp_path, control="Sham").control == "sham"
    assert read("rat,arm,0\n1,IVIG,0\n", tmp_path).control == "IVIG"


def test_one_animal_and_nothing_but_zeros_can_be_read(tmp_path: Path) -> None:
    assert read("rat,arm,0,1\n1,vehicle,0,0\n", tmp_path).score.tolist() == [0, 0]


REFUSED = {
    "no animals": ("rat,group,0\n", "there is no animal with a score in this table."),
    "no scores": ("rat,group,0\n1,vehicle,\n", "there is no animal with a score in this table."),
    "above the scale": (
        "rat,group,0,1\n1,vehicle,0,7\n",
        'row 2, day 1: the score "7" is above 5, the top of the scale; if your scale is longer, '
        "give its top with --scale-max.",
    ),
    "negative": (
        "rat,group,0\n1,vehicle,-1\n",
        'row 2, day 0: the score "-1" is negative; scores start at 0.',
    ),
    "a day twice": (
        "rat,group,day,score\n1,vehicle,3,0\n2,vehicle,3,0\n1,vehicle,3,1\n",
        "animal 1 (vehicle) has day 3 twice, in rows 2 and 4; if they are two animals, give each a name of "
        "its own.",
    ),
    "an animal twice": (
        "rat,group,0\n1,vehicle,0\n1,vehicle,1\n",
        "animal 1 (vehicle) has day 0 twice, in rows 2 and 3; if they are two animals, give each a name of "
        "its own.",
    ),
    "a column twice": ("rat,group,3,day 3\n1,vehicle,0,1\n", 'day 3 is in two columns, "3" and "day 3".'),
    "alive after death": (
        "rat,group,0,1,2\n1,vehicle,0,dead,1\n",
        "row 2: animal 1 (vehicle) has score 1 on day 2, after its death on day 1; if 5 is not death on "
        "your scale, say --dead-score.",
    ),
    "alive after the top": (
        "rat,group,day,score\n1,vehicle,2,4\n1,vehicle,1,5\n",
        "row 2: animal 1 (vehicle) has score 4 on day 2, after its death on day 1; if 5 is not death on "
        "your scale, say --dead-score.",
    ),
    "no day": (
        "rat,group,day,score\n1,vehicle,Monday,0\n",
        'row 2: day "Monday" is not a day after induction.',
    ),
    "before day 0": (
        "rat,group,day -2,day -1\n1,vehicle,0,1\n2,vehicle,dead,\n",
        "all days are before day 0, the induction; write day 3, not day -3.",
    ),
    "too many cells": (
        "rat,group,0\n1,vehicle,0\n2,vehicle,1,5\n",
        "row 3 has 4 cells under 3 headings; a decimal comma needs quotes, or semicolons between the cells.",
    ),
    "a forgotten arm": (
        "rat,group,0\n1,vehicle,0\n2,vehicle,1\n3,,1\n",
        "row 4 has no arm, but adjacent rows have one each; name it.",
    ),
    "an arm that is not recognised": (
        "rat,chow 7,0\n1,corn,0\n2,corn,1\n3,soy,1\n",
        'no column of arms was recognised, and "chow 7" may be it; say --arm "chow 7", or --arm none if all '
        "animals are in one arm.",
    ),
    "two columns that may be the arm": (
        "rat,genotype,sex,0\n1,wt,f,0\n2,wt,m,1\n3,ko,f,1\n",
        'no column of arms was recognised, and "genotype" and "sex" may be one; say --arm "genotype", or '
        "--arm none if all animals are in one arm.",
    ),
    "words for many scores": (
        "rat,group,0,1,2\n1,vehicle,0,limp,weak\n2,vehicle,0,limp,limp\n",
        'vehicle: 4 of 6 cells are not scores, the first in row 2, day 1: "limp"; use --mark '
        "WORD=missing for words that mean a missing reading.",
    ),
    "death and removal": (
        "rat,group,0,1\n1,vehicle,0,x\n",
        'row 2, day 1: "x" may be a death or a removal; say --mark x=dead, --mark x=removed, --mark '
        "x=sacrificed or --mark x=missing.",
    ),
    "alive after removal": (
        "rat,group,0,1,2\n1,vehicle,0,removed,2\n",
        "row 2: animal 1 (vehicle) has score 2 on day 2, after its removal on day 1.",
    ),
    "dates without a day zero": (
        "rat,group,2031-03-01\n1,vehicle,0\n",
        'days are dates ("2031-03-01"); say which one is day 0, such as --day-zero 2031-03-01.',
    ),
    "a reading without a heading": (
        "rat,group,0,,2\n1,vehicle,0,1,2\n",
        "column D has readings and no heading; give it one, such as day 12, or empty it.",
    ),
    "no columns": (
        "name,weight\n1,200\n",
        'no columns of scores were recognised; found "name", "weight"; needed are animal, arm, day and '
        "score, or animal, arm and a column a day (day 0, day 1, ...); --animal, --arm, --day and --score "
        "name the columns.",
    ),
    "which control": (
        "rat,group,0\n1,a,0\n2,b,0\n",
        "which arm is the control is not clear; say --control NAME. Arms: a, b.",
    ),
    "two controls": (
        "rat,group,0\n1,PBS,0\n2,untreated,0\n",
        "which arm is the control is not clear; say --control NAME. Arms: PBS, untreated.",
    ),
    "empty": ("", "the table is empty; eaesim new scores writes one to start from."),
    "blank": ("\n,,\n", "the table is empty; eaesim new scores writes one to start from."),
    "binary": ("a\0b", "this is not a text file; save the table as CSV in UTF-8, or as .xlsx."),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_makes_no_sense_is_refused_in_one_line(case: str, tmp_path: Path) -> None:
    text, message = REFUSED[case]
    with pytest.raises(EaesimError) as caught:
        read(text, tmp_path)
    assert str(caught.value) == f"{tmp_path / 'mine.csv'}: {message}"


def test_a_scale_that_is_none_is_refused(tmp_path: Path) -> None:
    for scale_max in (0.0, -1.0, np.nan, np.inf):
        with pytest.raises(FileError, match=r"--scale-max is .*above 0"):
            read("rat,group,0\n1,vehicle,0\n", tmp_path, scale_max=scale_max)


def test_an_unknown_control_names_the_closest(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match='did you mean "sham"\\? Arms: IVIG, sham'):
        read("rat,arm,0\n1,IVIG,0\n2,sham,1\n", tmp_path, control="shamm")


def test_files_that_are_no_tables_are_refused(tmp_path: Path) -> None:
    (tmp_path / "scores.csv").write_text("", encoding="utf-8")
    (tmp_path / "old.xls").write_bytes(b"\xd0\xcf\x11\xe0")
    (tmp_path / "broken.xlsx").write_bytes(b"PK\x03\x04 nothing")
    for name, hint in {
        "score.csv": "no such file; did you mean scores.csv?",
        "nowhere/at/all.csv": "no such file.",
        "old.xls": '".xls" files are not read; save it as one of .csv, .tsv, .txt or .xlsx.',
        "broken.xlsx": "this is not an Excel workbook that can be read; save it again as .xlsx.",
        ".": "this is a folder; name the file of scores in it.",
    }.items():
        with pytest.raises(FileError) as caught:
            read_scores(tmp_path / name)
        assert str(caught.value) == f"{tmp_path / name}: {hint}"
    with pytest.raises(FileError, match=r"only an \.xlsx file has sheets"):
        read_scores(tmp_path / "scores.csv", sheet="one")


def test_bytes_of_no_alphabet_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"rat,group,0\n\x81,vehicle,0\n")
    with pytest.raises(FileError, match="not a text file"):
        read_scores(tmp_path / "a.csv")


def test_a_sheet_is_chosen_by_name(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "weights"
    book.create_sheet("scores 2024")
    for row in wide_rows():
        book["scores 2024"].append([_number(cell) for cell in row])
    book.save(tmp_path / "a.xlsx")
    check(read_scores(tmp_path / "a.xlsx", sheet="scores 2024"))
    check(read_scores(tmp_path / "a.xlsx"))
    with pytest.raises(UnknownNameError, match='did you mean "scores 2024"'):
        read_scores(tmp_path / "a.xlsx", sheet="scores 2042")


def test_the_sheets_that_were_not_read_are_noted(tmp_path: Path) -> None:
    write_book(tmp_path / "a.xlsx", wide_rows(), title="one")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    book.create_sheet("two").append(["scored by AB"])
    book.save(tmp_path / "a.xlsx")
    assert read_scores(tmp_path / "a.xlsx").notes == (
        "sheets without scores, or unlike the others, were not read: two.",
    )


def test_an_arm_that_is_merged_over_its_rows_is_that_of_each(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["rat", "group", 0], [1, "vehicle", 0], [2, None, 1], [3, "b", 2]):
        book.active.append(row)
    book.active.merge_cells("B2:B3")
    book.save(tmp_path / "a.xlsx")
    scores = read_scores(tmp_path / "a.xlsx")
    assert scores.animals("vehicle") == ("1", "2")
    assert scores.notes == ()


def test_the_table_to_start_from_is_read_back(tmp_path: Path) -> None:
    scores = read(new_scores_text(), tmp_path)
    assert scores.notes == ()
    assert scores.arms == ("vehicle", "treated")
    assert scores.days.tolist() == list(range(22))
    assert np.isnan(scores.score).sum() == 1
    assert scores.scores("vehicle")[1].tolist() == [0] * 10 + [1, 2, 3, 3.5] + [5] * 8


def test_an_unknown_arm_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="vehicle"):
        read(new_scores_text(), tmp_path).scores("vehicl")


CELLS = st.sampled_from(
    ["0", "1", "2,5", "3.5", "dead", "", "x", "5", "-1", "7", "n.d.", "½", "mean", '"', "day 1"]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.lists(CELLS, max_size=6), max_size=6),
    head=st.sampled_from(["rat;group;0;1;d3;note", "animal,arm,day,score", "id\tday\tscore", ""]),
)
def test_any_table_is_read_or_refused_in_one_line(rows: list[list[str]], head: str, tmp_path: Path) -> None:
    separator = next((each for each in ";,\t" if each in head), ",")
    text = "\n".join([head, *(separator.join(row) for row in rows)])
    message = ""
    try:
        scores = read(text, tmp_path)
    except EaesimError as error:
        message = str(error)
    if message:
        assert len(message.splitlines()) == 1
        return
    known = scores.score[~np.isnan(scores.score)]
    assert ((known >= 0) & (known <= 5)).all()
    for arm in scores.arms:
        dead = scores.scores(arm) == 5
        assert (dead == np.logical_or.accumulate(dead, axis=1)).all()


def test_it_says_what_it_holds(tmp_path: Path) -> None:
    expected = "LaboratoryScores(vehicle (3), treated (3); control: vehicle; days 0 to 21)"
    assert repr(read(new_scores_text(), tmp_path)) == expected
