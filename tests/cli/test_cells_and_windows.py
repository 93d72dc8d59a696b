"""Cells of another arm, windows on endpoints and parameters of an arm, as a user asks for them."""

from pathlib import Path

import pandas as pd
import pytest
from shell import folder_with

from eaesim.cli.main import main

STUDY = """
[study]
rat = "lewis"
until = 20
animals = 3
endpoints = ["cumulative_score[8:14]"]

[[arm]]
name = "vehicle"

[[arm]]
name = "treated donor"
dose = "1 g/kg"
day = 0

[[arm]]
name = "cells"
[[arm.induction]]
kind = "transfer"
from = "treated donor"
harvest = 11
amount = 0.5
"""
WINDOW = "cumulative_score[8:14]"


def run(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    printed = capsys.readouterr()
    return int(caught.value.code or 0), printed.out, printed.err


folder = folder_with({"study.toml": STUDY})


def assert_refused(arguments: list[str], hint: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = sorted(Path().rglob("*"))
    status, out, err = run(arguments, capsys)
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    assert hint in err
    assert sorted(Path().rglob("*")) == before


@pytest.mark.parametrize(
    ("old", "new", "hint"),
    [
        ('from = "treated donor"', 'from = "treated doner"', 'did you mean "treated donor"'),
        ('from = "treated donor"', 'from = "cells"', "from itself"),
        ('from = "treated donor"', "from = 3", "by its name"),
        ('from = "treated donor"\n', "", "needs the arm"),
        ("harvest = 11\n", "", "harvest = 11"),
        ("harvest = 11", "harvest = 21", "until day 20"),
        ("harvest = 11", "harvest = -1", "harvest"),
        ("harvest = 11", "harvest = 11.5", "harvest"),
        ("harvest = 11", "harvst = 11", 'did you mean "harvest"'),
        ("amount = 0.5", "cells = 1e5", "not both"),
        ("amount = 0.5", 'amount = "half"', "amount"),
        (
            'name = "vehicle"',
            'name = "vehicle"\ninduction = [{ kind = "transfer", from = "cells", harvest = 3 }]',
            "",
        ),
        ("day = 0", 'day = 0\ninduction = [{ kind = "transfer", from = "cells", harvest = 3 }]', "circle"),
        ("[8:14]", "[14:8]", "write cumulative_score[8:14]"),
        ("[8:14]", "[8:21]", "days 0 to 20"),
        ("[8:14]", "[8:b]", "[12:42], [12:] or [:15]"),
        ("cumulative_score[", "cumulative_scor[", 'did you mean "cumulative_score"'),
        ("cumulative_score[", "demyelination_end[", "cannot have a window"),
        ('["cumulative_score[8:14]"]', '"cumulative_score[8:14]"', "list of names"),
        ('["cumulative_score[8:14]"]', "[3]", "list of names"),
        ("day = 0", "day = 0\nparameters = { divisons = 9 }", 'did you mean "divisions"'),
        ("day = 0", 'day = 0\nparameters = { divisions = "9 mg" }', "divisions"),
        ("day = 0", "day = 0\nparameters = { divisions = -1 }", "divisions"),
        ("day = 0", "day = 0\nparameters = { score_threshold_1 = 1 }", "the same in every arm"),
        ("day = 0", "day = 0\nparameters = { animal_spread = 1 }", "the same in every arm"),
        ("day = 0", "day = 0\nparameters = [1]", "NAME = value"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(
    old: str, new: str, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("study.toml").write_text(STUDY.replace(old, new, 1), encoding="utf-8")
    if hint:
        for verb in ("check", "run"):
            assert_refused([verb, "study.toml"], hint, capsys)
    else:  # cells of cells are no circle
        assert run(["check", "study.toml"], capsys)[0] == 0


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["run", "study.toml", "--endpoints", "peak_score[9:3]"], "write peak_score[3:9]"),
        (["run", "study.toml", "--endpoints", "peak_score[9:30]"], "days 0 to 20"),
        (["power", "study.toml", "--endpoints", "peak_score[9:30]"], "days 0 to 20"),
        (["power", "study.toml", "--endpoints", "duration[9:12]"], "peak_score"),
        (["schedule", "study.toml", "--endpoint", "peak_score[9:30]"], "days 0 to 20"),
        (["schedule", "study.toml", "--endpoint", "onset_day[9:]"], "better when later"),
        (["schedule", "study.toml", "--endpoint", "onset_day[9:]", "--optimise"], ""),
        (["sensitivity", "study.toml", "--endpoint", "peak_score[9:30]"], "days 0 to 20"),
        (["timing", "--induction", "immunisation", "--endpoints", "mean_score[0:41]"], "days 0 to 40"),
        (["export", "study.toml", "--arm", "cells"], "cells = NUMBER"),
    ],
)
def test_options_are_refused_alike(
    arguments: list[str], hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert_refused(arguments, hint, capsys)


def test_a_run_reads_its_windows_and_says_who_takes_cells_of_whom(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(["run", "study.toml", "--quiet", "--endpoints", "peak_score[:9]"], capsys)
    assert status == 0
    table = pd.read_csv("study-run/summary.csv", comment="#").set_index(["arm", "endpoint"])
    animals = pd.read_parquet("study-run/animals.parquet").set_index("arm")
    for name in (WINDOW, "peak_score[:9]"):
        assert name in out
        assert table.loc[("cells", name), "mean"] == pytest.approx(animals.loc["cells", name].mean())
    days = pd.read_parquet("study-run/scores.parquet").query("8 <= day <= 14 and arm == 'vehicle'")
    by_hand = days.groupby("animal")["score"].sum()
    assert animals.loc["vehicle", WINDOW].tolist() == by_hand.tolist()
    status, _, _ = run(["report", "study-run"], capsys)
    assert status == 0
    text = Path("study-run/report.html").read_text("utf-8")
    assert "cumulative score, days 8 to 14" in text
    assert "0.5 of the cells of arm &#34;treated donor&#34; taken on day 11" in text
    assert "A donor that is dead by then gives none" in text


def test_check_says_what_is_asked(capsys: pytest.CaptureFixture[str]) -> None:
    text = STUDY.replace("day = 0", "day = 0\nparameters = { divisions = 30 }")
    Path("study.toml").write_text(text, encoding="utf-8")
    status, out, err = run(["check", "study.toml"], capsys)
    assert status == 0
    assert 'transfer, 0.5 of the cells of arm "treated donor" taken on day 11' in out
    assert WINDOW in out
    assert "divisions = 30" in out
    assert "treated donor: divisions = 30 lies outside" in err
