"""Numbers in the text of a page are those of the table that is kept beside it."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MECHANISMS, RANKS = ROOT / "experiments" / "13_mechanisms", ROOT / "experiments" / "20_fit_calibration"
SEEN = ("agrees", "disagrees", "inconclusive")


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def text(path: Path) -> str:
    return " ".join(path.read_text("utf-8").split())


PAGE = text(MECHANISMS / "README.md")
LINES = [line for line in rows(MECHANISMS, "rows.csv") if line["mechanism"] in ("H1a", "")]
COUNTED = [line for line in LINES if line["counts"] == "True" and line["verdict"] in SEEN]


def table() -> Iterator[list[str]]:
    """Return the cells of every row of the table on the page of the mechanisms."""
    for line in (MECHANISMS / "README.md").read_text("utf-8").splitlines():
        if re.match(r"\| [ABE]\d", line):
            yield [cell.strip() for cell in line.strip("| ").split(" | ")]


def half_a_digit(number: str) -> float:
    """Return the largest distance of a number from what is printed of it."""
    mantissa, _, power = number.partition("e")
    return 0.5001 * 10 ** (int(power or 0) - len(mantissa.partition(".")[2]))


def test_every_row_of_the_table_is_one_of_the_file() -> None:
    shown = list(table())
    assert len(shown) == len(COUNTED) > 90
    for row, use, _, predicted, verdict in shown:
        label = re.fullmatch(r"(\S+)(?: \((.+)\))?", row)
        assert label
        name, _, reading = label[1].partition(".")
        found = [
            line
            for line in COUNTED
            if line["finding"] in (label[1], name) and _same_reading(line["reading"], reading, label[2])
        ]
        assert len(found) == 1, (row, [line["reading"] for line in found])
        assert (use, verdict) == (found[0]["use"], found[0]["verdict"]), row
        for printed, column in zip(
            re.findall(r"-?\d[\d.]*(?:e\d+)?", predicted), ("predicted", "low", "high"), strict=True
        ):
            assert float(printed) == pytest.approx(float(found[0][column]), abs=half_a_digit(printed)), row


def _same_reading(kept: str, end: str, more: str | None) -> bool:
    return kept.replace("_", " ") == " ".join(filter(None, (end, more))).replace("_", " ") or kept == (
        more or ""
    )


def verdicts(use: str, tables: str) -> dict[str, list[str]]:
    """Return the findings of a use by their verdict; each counts once."""
    found = {
        line["finding"].partition(".")[0]: line["finding_verdict"]
        for line in LINES
        if line["use"] == use and line["finding"][0] in tables and line["finding_verdict"] in SEEN
    }
    return {seen: [name for name, verdict in found.items() if verdict == seen] for seen in SEEN}


def listed(words: str) -> set[str]:
    return set(re.findall(r"[ABE]\d+[a-d]?", words))


def test_counts_in_the_text_are_those_of_the_file() -> None:
    unseen, fitted = verdicts("validate", "ABE"), verdicts("calibrate", "BE")
    number = {seen: len(names) for seen, names in unseen.items()}
    words = re.search(
        r"Of (\d+) findings that no fit has seen (\d+) agree under H1a .*?, (\d+) disagree \((.*?)\), "
        r"(\d+) are inconclusive \((.*?)\)\. Of (\d+) fitted findings on untreated rats (\d+) agree, "
        r"(\d+) are inconclusive \((.*?)\), and (.*?) disagree",
        PAGE,
    )
    assert words
    every, agree, against, these, unclear, those, of, well, open_, which, bad = words.groups()
    assert (int(every), int(agree), int(against), int(unclear)) == (
        sum(number.values()),
        *(number[seen] for seen in SEEN),
    )
    assert (listed(these), listed(those)) == (set(unseen["disagrees"]), set(unseen["inconclusive"]))
    assert (int(of), int(well), int(open_)) == (
        sum(map(len, fitted.values())),
        len(fitted["agrees"]),
        len(fitted["inconclusive"]),
    )
    assert (listed(which), listed(bad)) == (set(fitted["inconclusive"]), set(fitted["disagrees"]))


@pytest.mark.parametrize("name", ["README.md", "docs/trust.md"])
def test_counts_elsewhere_are_the_same(name: str) -> None:
    words = re.search(
        r"under H1a (\d+) of (\d+) findings that no fit has seen agree, (\d+) disagree, "
        r"(\d+) are inconclusive",
        text(ROOT / name).replace("Under", "under"),
    )
    assert words
    number = {seen: len(names) for seen, names in verdicts("validate", "ABE").items()}
    agree, every, against, unclear = map(int, words.groups())
    assert [agree, against, unclear, every] == [*(number[seen] for seen in SEEN), sum(number.values())]


def test_counts_of_readings_are_those_of_the_file() -> None:
    words = re.search(r"of (\d+) readings (\d+) agree, (\d+) are inconclusive, (\d+) disagree", PAGE)
    assert words
    number = Counter(line["verdict"] for line in COUNTED)
    every, agree, unclear, against = map(int, words.groups())
    assert (every, agree, against, unclear) == (sum(number.values()), *(number[seen] for seen in SEEN))


def test_shares_of_the_calibration_are_those_of_the_file() -> None:
    page, sets = text(RANKS / "README.md"), rows(RANKS, "ranks.csv")
    names = [name for name in sets[0] if name != "left_out"]
    held = {name: sum(0.05 <= float(line[name]) <= 0.95 for line in sets if line[name]) for name in names}
    readings = [name for name in names if " " in name]
    parameters = [name for name in names if name not in readings]
    words = re.search(
        r"In (\d+) synthetic data sets the interval holds the truth in \*\*([\d.]+) %\*\* over the (\d+) "
        r"numbers \(each in (\d+) to (\d+) of \d+ sets, the fewest for `(\w+)`\) and in ([\d.]+) % "
        r"over the (\d+) readings \((\d+) to (\d+) of",
        page,
    )
    assert words
    assert int(words[1]) == len(sets)
    for share, count, least, most, own in (
        (words[2], words[3], words[4], words[5], parameters),
        (words[7], words[8], words[9], words[10], readings),
    ):
        counts = [held[name] for name in own]
        assert (int(count), int(least), int(most)) == (len(own), min(counts), max(counts))
        assert float(share) == pytest.approx(100 * sum(counts) / len(own) / len(sets), abs=0.0501)
    assert held[words[6]] == min(held[name] for name in parameters)
    (left,) = re.findall(r"drawn anew \((\d+) of them", page)
    assert {line["left_out"] for line in sets} == {left}
