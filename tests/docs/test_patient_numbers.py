"""Intervals on the pages about trials in patients are those of the tables that are kept beside them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from eaesim.questions.trial.relapsing import PLATEAU
from eaesim.questions.trial.shown import amount, row_names

ROOT = Path(__file__).parents[2]
EXPERIMENTS = ROOT / "experiments"
DOSES, SIZES, TRIALS, MECHANISMS = (
    EXPERIMENTS / name
    for name in (
        "28_dose_in_patients",
        "29_next_trial",
        "31_trials_in_patients",
        "32_mechanisms_in_patients",
    )
)
#: Columns of a table that hold an interval: a value and its ends.
ENDS = [
    ("predicted", "low", "high"),
    ("published", "published_low", "published_high"),
    ("ratio", "ratio_low", "ratio_high"),
    ("patients", "set_low", "set_high"),
]
MARKS = {"agrees": "✓", "inconclusive": "?", "disagrees": "✗"}
#: Not of these tables: the fit of the share of attacks from lesions, and pages of other experiments.
ELSEWHERE = {("0.1", "0.5"), ("0", "4"), ("1", "27")}
_NUMBER = r"-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_INTERVAL = re.compile(rf"(?<![\d.])({_NUMBER})(?: %)? to ({_NUMBER})( %)?")


def table(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, keep_default_na=False, na_values=[""])


def intervals(*folders: Path) -> list[tuple[float, float]]:
    """Return the ends of every interval of the tables in folders."""
    return [
        (float(low), float(high))
        for folder in folders
        for path in sorted(folder.glob("*.csv"))
        for own in [table(path)]
        for _, first, last in ENDS
        if first in own
        for low, high in own[[first, last]].dropna().to_numpy()
    ]


def number(text: str) -> float:
    return float(text.replace(",", ""))


def is_printed(text: str, value: float, *, percent: bool) -> bool:
    """Return whether a text is a number rounded, or a number of patients rounded up."""
    if not math.isfinite(value):
        return False
    shown, value = number(text), value * (100 if percent else 1)
    half = 0.5001 * 10 ** -len(text.partition(".")[2])
    return abs(shown - value) <= half or (shown >= 10 and shown == math.ceil(value - 1e-9))


def said(text: str) -> Iterator[tuple[str, str, bool]]:
    """Return the intervals in a text: both ends, and whether they are percentages."""
    for found in _INTERVAL.finditer(" ".join(text.split())):
        if (found[1], found[2]) not in ELSEWHERE:
            yield found[1], found[2], bool(found[3])


def results(path: Path) -> str:
    """Return what a page says it shows."""
    return path.read_text("utf-8").partition("## What it shows")[2].partition("\n## ")[0]


PAGES = {
    **{
        folder.name: (results(folder / "README.md"), (folder, TRIALS))
        for folder in (DOSES, SIZES, TRIALS, MECHANISMS)
    },
    "docs/patients.md": ((ROOT / "docs/patients.md").read_text("utf-8"), (TRIALS, DOSES, MECHANISMS)),
}


@pytest.mark.parametrize("page", PAGES)
def test_every_interval_of_a_page_is_in_its_tables(page: str) -> None:
    text, folders = PAGES[page]
    known, found = intervals(*folders), list(said(text))
    assert len(found) >= 4
    lost = [
        f"{first} to {last}"
        for first, last, percent in found
        if not any(
            is_printed(first, low, percent=percent) and is_printed(last, high, percent=percent)
            for low, high in known
        )
    ]
    assert not lost


def cells(page: Path) -> dict[str, list[str]]:
    """Return the rows of the tables of a page by their first cell."""
    lines = (line for line in page.read_text("utf-8").splitlines() if line.startswith("| "))
    rows = ([cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines)
    return {first: rest for first, *rest in rows}


def compared(name: str) -> dict[str, pd.Series]:
    """Return the comparisons in a table of trials by the names that a terminal prints."""
    own = table(TRIALS / name)
    own = own[own["measure"] != "value"].assign(
        published_words=lambda rows: rows["published_words"].fillna("")
    )
    return {row: line for row, (_, line) in zip(row_names(own), own.iterrows(), strict=True)}


def test_the_table_of_trials_has_every_comparison_with_its_numbers_and_verdicts() -> None:
    shown = cells(TRIALS / "README.md")
    for place, name in enumerate(("strict.csv", "plateau.csv"), start=2):
        lines = compared(name)
        assert len(lines) > 25
        for row, line in lines.items():
            ends = f"{amount(line['low'])} to {amount(line['high'])}"
            assert shown[row][place] == f"{amount(line['predicted'])} ({ends}) {MARKS[line['verdict']]}", row
            if not math.isnan(line["published"]):
                assert shown[row][1].startswith(amount(line["published"])), row


@pytest.mark.parametrize(
    "page", ["README.md", "docs/trust.md", "docs/patients.md", f"experiments/{TRIALS.name}/README.md"]
)
def test_what_is_missed_is_counted_in_the_file(page: str) -> None:
    text = " ".join((ROOT / page).read_text("utf-8").split())
    counts = table(TRIALS / "likelihood.csv").set_index("from_lesion")[["disagrees", "rows"]]
    found = re.findall(r"(\d+) of (\d+) published comparisons", text)
    assert found
    assert {tuple(map(int, each)) for each in found} == {tuple(counts.loc[0.0])}
    assert all(
        tuple(map(int, each)) == tuple(counts.loc[0.2])
        for each in re.findall(r"lesions,? (?:H1a|it) misses (\d+) of (\d+)", text)
    )


def test_placebo_arms_that_are_not_reached_are_those_of_the_file() -> None:
    own = table(TRIALS / "placebo.csv")
    lost = own[~own["reached"]].groupby("trial").size()
    text = " ".join(results(TRIALS / "README.md").split())
    words = re.search(
        r"in Sorensen's trial not in (\d+) of 21 sets, in ESIMS in (\d+), in Achiron's in (\d+), "
        r"in Lewanska's in (\d+)",
        text,
    )
    assert words
    names = ("sorensen1998", "esims", "achiron1998", "lewanska")
    assert set(lost.index) == set(names)
    assert [int(each) for each in words.groups()] == [lost[name] for name in names]


def test_the_table_of_doses_has_the_numbers_of_the_file() -> None:
    own = table(DOSES / "doses.csv")
    rows = {key: row for key, row in cells(DOSES / "README.md").items() if re.match(r"[\d.]+, \d+$", key)}
    assert len(rows) == 8
    for key, (trough, *ratios, _, _) in rows.items():
        gram, interval = map(float, key.split(", "))
        for share, text in zip((0, 0.2), ratios, strict=True):
            chosen = own["from_lesion"].eq(share) & own["amount"].eq(gram) & own["interval"].eq(interval)
            (line,) = own[chosen].to_dict("records")
            ends = zip(re.findall(_NUMBER, text), ("ratio", "ratio_low", "ratio_high"), strict=True)
            assert all(is_printed(seen, line[name], percent=False) for seen, name in ends), key
            assert is_printed(trough, line["trough"], percent=False)


def test_the_tables_of_mechanisms_have_the_numbers_of_the_file() -> None:
    own = table(MECHANISMS / "trial.csv").set_index(["row", "mechanism"])
    names: list[str] = []
    judged = 0
    for line in results(MECHANISMS / "README.md").splitlines():
        first, *rest = [cell.strip() for cell in line.strip("| ").split(" | ")]
        if first == "row":
            names = rest[1:]
        elif first in own.index:
            for mechanism, text in zip(names, rest[1:], strict=True):
                found = own.loc[(first, mechanism)]
                ends = f"{amount(found['low'])} to {amount(found['high'])}"
                said = f"{amount(found['predicted'])} ({ends}) {MARKS[found['verdict']]}"
                assert text == said, (first, mechanism)
                judged += 1
    assert judged == 9 * 9


def test_log_likelihoods_of_pages_are_those_of_the_files() -> None:
    own = pd.concat([table(folder / "likelihood.csv") for folder in (TRIALS, MECHANISMS)])
    known = [value for name in ("log_likelihood", "no_effect") for value in own[name]]
    for folder in (TRIALS, MECHANISMS):
        found = re.findall(r"-\d+\.\d(?!\d)", results(folder / "README.md"))
        assert len(found) > 2
        assert not [
            text for text in found if not any(is_printed(text, each, percent=False) for each in known)
        ]


def test_the_share_of_attacks_from_lesions_is_that_of_its_fit() -> None:
    fitted = table(TRIALS / "share_from_lesion.csv")
    low, middle, high = (
        fitted["from_lesion"][int((fitted["probability"].cumsum() >= share).to_numpy().argmax())]
        for share in (0.05, 0.5, 0.95)
    )
    assert middle == PLATEAU
    for folder in (DOSES, SIZES, TRIALS):
        text = (folder / "README.md").read_text("utf-8")
        assert f"{low:g} to {high:g}" in text, folder
    best = fitted["from_lesion"][int(fitted["log_likelihood"].idxmax())]
    assert f"likeliest {best:g}" in text
