"""Random readings in random layouts are read back as they were."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from eaesim.errors import EaesimError
from eaesim.evidence import read_scores
from eaesim.evidence.scoremarks import End

FEW, MANY = int(os.environ.get("EAESIM_TEST_N", "60")), int(os.environ.get("EAESIM_TEST_N", "1000"))
CONTROLS = ("vehicle", "PBS", "Control", "saline", "Kontrolle")
TREATED = ("IVIG 1 g/kg", "drug", "IVIG", "low-dose", "Gruppe B", "anti-CD20")
MARKS = {
    "dead": ("dead", "†", "found dead", "gestorben", "Tod"),
    "removed": ("removed", "excluded"),
    "sacrificed": ("sac", "euthanised", "killed"),
}
DAYS = (
    "day {}", "d{}", "D-{}", "Day {} p.i.", "{} dpi", "dpi {}", "X{}", "Tag {}", "J{}", "score_d{}",
    "day{}_score", "第{}天", "{}",
)  # fmt: skip
Cells = dict[tuple[str, str], list[str]]


def drawn(random: np.random.Generator) -> tuple[list[int], Cells, dict[tuple[str, str], End]]:
    """Return days, the cells of every animal, and how animals ended."""
    days = [0, *sorted(random.choice(np.arange(5, 40), random.integers(3, 12), replace=False).tolist())]
    arms = [
        str(random.choice(CONTROLS)),
        *random.choice(TREATED, random.integers(1, 4), replace=False).tolist(),
    ]
    cells: Cells = {}
    ended: dict[tuple[str, str], End] = {}
    number = int(random.integers(1, 200))
    for arm in arms:
        for _ in range(random.integers(2, 7)):
            key = arm, str(number)
            number += 1
            course = [f"{value:g}" for value in random.integers(0, 9, len(days)) / 2]
            course = [course[0], *("" if random.random() < 0.05 else cell for cell in course[1:])]
            if random.random() < 0.2:
                how = str(random.choice(list(MARKS)))
                place = int(random.integers(1, len(days)))
                course[place:] = [str(random.choice(MARKS[how])), *[""] * (len(days) - place - 1)]
                ended[key] = End(days[place], how)
            cells[key] = course
    return days, cells, ended


def wide(random: np.random.Generator, days: list[int], cells: Cells) -> list[list[str]]:
    spell = str(random.choice(DAYS))
    rows = [["Animal", "Group", *(spell.format(day) for day in days)]]
    last = ""
    carry = random.random() < 0.3
    for (arm, animal), course in cells.items():
        rows.append([animal, "" if carry and arm == last else arm, *course])
        last = arm
    if random.random() < 0.3:
        rows = [[row[1], row[0], *row[2:]] for row in rows]
    if random.random() < 0.3:
        rows = [["a title"], [], *rows]
    return rows


def long(random: np.random.Generator, days: list[int], cells: Cells) -> list[list[str]]:
    rows = [["rat_id", "treatment", "dpi", "clinical score"]]
    lines = [
        [animal, arm, str(day), cell]
        for (arm, animal), course in cells.items()
        for day, cell in zip(days, course, strict=True)
    ]
    if random.random() < 0.3:
        random.shuffle(lines)
        first = {arm: place for place, (arm, _) in enumerate(cells)}
        lines.sort(key=lambda line: first[line[1]])
    return rows + lines


def turned(random: np.random.Generator, days: list[int], cells: Cells) -> list[list[str]]:
    label = str(random.choice(["Day", "dpi", "Tag", "time"]))
    rows = [["", *(arm for arm, _ in cells)], [label, *(f"m{animal}" for _, animal in cells)]]
    return rows + [
        [str(day), *(course[place] for course in cells.values())] for place, day in enumerate(days)
    ]


def blocks(random: np.random.Generator, days: list[int], cells: Cells) -> list[list[str]]:
    rows = [["animal", *(f"day {day}" for day in days)]]
    last = ""
    for (arm, animal), course in cells.items():
        if arm != last:
            rows += [[], [arm]] if last and random.random() < 0.5 else [[arm]]
        last = arm
        rows.append([animal, *course])
    return rows


def write(random: np.random.Generator, rows: list[list[str]], folder: Path) -> Path:
    """Write a table with a random separator, encoding and decimal sign, or as a workbook."""
    if random.random() < 0.25:
        made = openpyxl.Workbook()
        for row in rows:
            made.active.append(
                [float(cell) if cell.replace(".", "").isdigit() else cell or None for cell in row]
            )
        made.save(folder / "a.xlsx")
        return folder / "a.xlsx"
    separator = str(random.choice([",", ";", "\t"]))
    if separator != "," and random.random() < 0.5:
        rows = [
            [cell.replace(".", ",") if cell.replace(".", "").isdigit() else cell for cell in row]
            for row in rows
        ]
    if random.random() < 0.2:
        rows = [[f'"{cell}"' for cell in row] for row in rows]
    end = str(random.choice(["\n", "\r\n"]))
    encoding = str(random.choice(["utf-8", "utf-8-sig", "utf-16"]))
    (folder / "a.csv").write_bytes((end.join(separator.join(row) for row in rows) + end).encode(encoding))
    return folder / "a.csv"


def check(seed: int, folder: Path) -> None:
    random = np.random.default_rng([16, seed])
    days, cells, ended = drawn(random)
    layout = [wide, long, turned, blocks][random.integers(4)]
    path = write(random, layout(random, days, cells), folder)
    prefix = "m" if layout is turned else ""
    scores = read_scores(path, control=next(iter(cells))[0])
    assert scores.days.tolist() == days, (seed, scores.notes)
    assert scores.arms == tuple(dict.fromkeys(arm for arm, _ in cells)), seed
    assert scores.ended == {(arm, prefix + animal): end for (arm, animal), end in ended.items()}, seed
    for arm in scores.arms:
        expected = []
        for key, course in cells.items():
            if key[0] == arm:
                end = ended.get(key)
                row = [float(cell) if cell[:1].isdigit() else np.nan for cell in course]
                if end is not None and end.how == "dead":
                    row = [5.0 if day >= end.day else value for day, value in zip(days, row, strict=True)]
                expected.append(row)
        found = dict(zip(scores.animals(arm), scores.scores(arm).tolist(), strict=True))
        names = [prefix + animal for own, animal in cells if own == arm]
        np.testing.assert_array_equal([found[name] for name in names], expected, err_msg=str(seed))


def test_random_tables_are_read_back(tmp_path: Path) -> None:
    for seed in range(FEW):
        check(seed, tmp_path)


@pytest.mark.slow
def test_many_random_tables_are_read_back(tmp_path: Path) -> None:
    for seed in range(MANY):
        check(1_000 + seed, tmp_path)


@pytest.mark.slow
def test_bytes_changed_at_random_are_read_or_refused_in_one_line(tmp_path: Path) -> None:
    folder = Path(__file__).parent / "laboratory_files"
    random = np.random.default_rng(16)
    for number in range(MANY):
        files = sorted(folder.iterdir())
        path = files[random.integers(len(files))]
        content = bytearray(path.read_bytes())
        for _ in range(random.integers(1, 6)):
            content[random.integers(len(content))] = random.integers(256)
        changed = tmp_path / f"a{path.suffix}"
        changed.write_bytes(bytes(content))
        message = ""
        try:
            read_scores(changed)
        except EaesimError as error:
            message = str(error)
        assert message.isprintable(), number
