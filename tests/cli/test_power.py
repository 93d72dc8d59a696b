"""The verb `power`, as a user types it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from shell import call, folder_with, study_file

STUDY = study_file(until=20, seed=7)
TABLE = """
[power]
sizes = [5, 8]
studies = 200
pool = 200
parameter_sets = 2
"""
FILES = [
    "expected.csv",
    "manifest.json",
    "needed.csv",
    "paragraph.txt",
    "power.csv",
    "power.png",
    "power.svg",
]


folder = folder_with({"plain.toml": STUDY, "asked.toml": STUDY + TABLE})


def test_it_leaves_its_files_and_a_sentence(
    capsys: pytest.CaptureFixture[str], assert_answered: Callable[..., None]
) -> None:
    assert call("power", "asked.toml", "--quiet") == 0
    printed = capsys.readouterr().out
    assert_answered(printed, "asked-power/power.csv")
    assert_answered(printed, "asked-power/needed.csv")
    assert_answered(printed, "asked-power/expected.csv")
    out = printed.splitlines()
    folder = Path("asked-power")
    assert sorted(path.name for path in folder.iterdir()) == FILES
    assert out[-2] == f"Figure: {folder / 'power.png'}"
    assert out[-1].startswith("Rats in each arm for a power of 0.8 (peak_score, Mann-Whitney): early ")
    table = pd.read_csv(folder / "power.csv")
    leading = "arm endpoint test animals power low high member_low member_high studies members"
    assert list(table) == leading.split()
    assert set(table["animals"]) == {5, 8}
    assert (table["studies"] == 200).all()
    paragraph = (folder / "paragraph.txt").read_text("utf-8")
    assert "ARRIVE 2.0" in paragraph
    assert paragraph.strip() in "\n".join(out)
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert manifest["settings"]["verb"] == "power"
    assert manifest["sentence"] == out[-1]
    before = [(folder / name).read_bytes() for name in FILES]
    assert call("power", "asked.toml", "--quiet") == 0
    assert [(folder / name).read_bytes() for name in FILES] == before


def test_options_come_before_the_file(capsys: pytest.CaptureFixture[str]) -> None:
    options = ("--sizes", "6, 12", "--endpoints", "incidence,mortality", "--wanted", "0.5", "--alpha", "0.01")
    more = (
        "--dropout",
        "1 % per day",
        "--correction",
        "holm",
        "--seed",
        "9",
        "--dead",
        "last",
        "--arms",
        "early",
    )
    assert call("power", "asked.toml", *options, *more, "--parameter-sets", "1", "--quiet") == 0
    table = pd.read_csv("asked-power/power.csv")
    assert set(table["animals"]) == {6, 12}
    assert set(table["endpoint"]) == {"incidence", "mortality"}
    assert (table["members"] == 1).all()
    assert "seed 9" in capsys.readouterr().out
    assert call("power", "asked.toml", "--quiet") == 2
    assert "other settings" in capsys.readouterr().err


def test_the_course_of_a_typical_study() -> None:
    pytest.importorskip("statsmodels")
    assert call("power", "asked.toml", "--course", "--quiet") == 0
    assert pd.read_csv("asked-power/course.csv")["arm"].tolist() == ["early"]


# Every other value that is no value of a setting is refused alike by file, call and option.
@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--studies", "1000000"), "needs too much memory"),
        (("--arms", "erly"), 'did you mean "early"?'),
        (("--animals", "5,10"), "use --sizes"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(
    options: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("power", "asked.toml", *options, "--quiet") == 2
    err = capsys.readouterr().err
    assert message in err
    assert err.count("\n") == 1
    assert not Path("asked-power").exists()


def test_check_says_what_it_would_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("check", "asked.toml") == 0
    assert "[power]: 1 arms against vehicle, 200 studies" in capsys.readouterr().out
    text = (STUDY + TABLE).replace("[5, 8]", '[5, 8]\narms = ["late"]')
    Path("wrong.toml").write_text(text, encoding="utf-8")
    assert call("check", "wrong.toml") == 2
    assert '"late" is not an arm' in capsys.readouterr().err


def test_former_names_are_understood_with_a_warning(capsys: pytest.CaptureFixture[str]) -> None:
    text = (STUDY + TABLE).replace("parameter_sets", "members")
    Path("former.toml").write_text(text, encoding="utf-8")
    assert call("power", "former.toml", "--quiet", "--out", "file") == 0
    assert "[power] members is now called parameter_sets" in capsys.readouterr().err
    assert (
        call(
            "power",
            "plain.toml",
            *["--sizes", "5,8", "--studies", "200", "--pool", "200", "--member-count", "2"],
        )
        == 0
    )
    assert "--member-count is now called --parameter-sets" in capsys.readouterr().err
    tables = [Path(folder, "power.csv").read_text("utf-8") for folder in ("file", "plain-power")]
    assert tables[0] == tables[1]


def test_sizes_are_not_called_animals(capsys: pytest.CaptureFixture[str]) -> None:
    Path("wrong.toml").write_text((STUDY + TABLE).replace("sizes", "animals"), encoding="utf-8")
    for verb in ("power", "check", "run"):
        assert call(verb, "wrong.toml") == 2
        assert "wrong.toml: [power] animals: use sizes" in capsys.readouterr().err
