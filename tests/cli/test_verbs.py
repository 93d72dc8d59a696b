"""The verbs, as a user types them."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from shell import call, folder_with, study_file

from eaesim.cli.main import VERBS, main

STUDY = study_file(until=16, animals=3, seed=7)


folder = folder_with({"first.toml": STUDY})


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(verb, "--help") == 0
    assert "Usage: eaesim" in capsys.readouterr().out


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom eaesim.cli.main import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'numpy', 'scipy', 'pandas', 'matplotlib', 'numba', 'pint', 'sympy', 'pyarrow'}\n"
        "heavy &= set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_timing_leaves_its_files_and_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("timing", "--induction", "immunisation", "--days", "-1:7:8", "--animals", "4", "--quiet")
    assert call(*arguments) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[-2] == f"Figure: {Path('eaesim-timing') / 'timing.png'}"
    assert out[-1].startswith("In lewis under H1a, 1 g/kg 1 d before immunisation")
    manifest = json.loads(Path("eaesim-timing/manifest.json").read_text("utf-8"))
    there = sorted(path.name for path in Path("eaesim-timing").iterdir())
    assert there == sorted([*manifest["files"], "manifest.json"])
    assert set(manifest["files"]) == {"comparison.csv", "timing.csv", "timing.png", "timing.svg"}
    table = pd.read_csv("eaesim-timing/timing.csv")
    assert sorted(table["day"].unique()) == [-1, 7]


def test_the_same_settings_give_the_same_bytes_and_others_are_refused(
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = ["timing", "--induction", "immunisation", "--days", "0", "--animals", "3", "--quiet"]
    assert call(*arguments) == 0
    first = {path.name: path.read_bytes() for path in Path("eaesim-timing").iterdir()}
    assert call(*arguments) == 0
    assert {path.name: path.read_bytes() for path in Path("eaesim-timing").iterdir()} == first
    capsys.readouterr()
    assert call(*arguments, "--seed", "2") == 2
    assert "--force" in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in Path("eaesim-timing").iterdir()} == first
    assert call(*arguments, "--seed", "2", "--force") == 0
    assert Path("eaesim-timing/timing.csv").read_bytes() != first["timing.csv"]


def test_run_leaves_tables_that_agree(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("run", "first.toml", "--quiet", "--record", "igg_plasma") == 0
    out = capsys.readouterr().out
    assert "the dead score 5" in out
    assert f"Figure: {Path('first-run') / 'summary.png'}" in out
    animals = pd.read_parquet("first-run/animals.parquet")
    scores = pd.read_parquet("first-run/scores.parquet")
    courses = pd.read_parquet("first-run/courses.parquet")
    summary = pd.read_csv("first-run/summary.csv").set_index(["arm", "endpoint"])
    assert list(courses.columns) == ["arm", "animal", "member", "day", "igg_plasma"]
    assert len(scores) == 2 * 3 * 17
    peaks = scores.groupby(["arm", "animal"])["score"].max()
    assert np.array_equal(
        animals.set_index(["arm", "animal"])["peak_score"],
        peaks.loc[animals.set_index(["arm", "animal"]).index],
    )
    assert summary.loc[("early", "peak_score"), "mean"] == pytest.approx(peaks["early"].mean())
    assert animals.loc[animals["arm"] == "early", "dosed"].all()


def test_check_runs_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    before = sorted(Path().rglob("*"))
    assert call("check", "first.toml") == 0
    assert "first.toml is valid." in capsys.readouterr().out
    assert sorted(Path().rglob("*")) == before


def test_check_warns_of_a_large_volume(capsys: pytest.CaptureFixture[str]) -> None:
    Path("first.toml").write_text(STUDY.replace("1 g/kg", "2.5 g/kg"), encoding="utf-8")
    assert call("check", "first.toml") == 0
    assert "25 mL/kg" in capsys.readouterr().err


def test_a_new_study_can_be_checked() -> None:
    assert call("new", "second") == 0
    assert call("check", "second.toml") == 0


@pytest.mark.parametrize("name", ["lewis", "da", "da_antibody", "ivig", "late_acting"])
def test_show_gives_sources(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("show", name) == 0
    assert "source" in capsys.readouterr().out


def test_show_gives_equations(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("show", "lewis", "--latex") == 0
    assert "\\begin{" in capsys.readouterr().out


def test_list_names_everything(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("list") == 0
    out = capsys.readouterr().out
    assert all(name in out for name in ("lewis", "da", "H1a", "H7", "ivig", "peak_score", "effector_cns"))


def test_figures_are_made_from_study_files(capsys: pytest.CaptureFixture[str]) -> None:
    Path("experiments/01_first").mkdir(parents=True)
    Path("experiments/01_first/study.toml").write_text(STUDY, encoding="utf-8")
    Path("experiments/02_second").mkdir()
    Path("experiments/02_second/study.toml").write_text(
        '[timing]\naround = "immunisation"\ndays = "0:7:7"\nanimals = 2\n', encoding="utf-8"
    )
    assert call("figures", "--quiet") == 0
    assert {path.name for path in Path("figures").iterdir()} == {
        f"{stem}.{kind}" for stem in ("01_first", "02_second") for kind in ("png", "svg")
    }
    capsys.readouterr()
    assert call("figures", "01_frst", "--quiet") == 2
    assert 'did you mean "01_first"' in capsys.readouterr().err


@pytest.mark.slow
def test_an_interrupted_run_says_so_and_leaves_nothing() -> None:
    command = [
        sys.executable,
        "-c",
        "from eaesim.cli.main import main; main()",
        "timing",
        "--animals",
        "20000",
    ]
    before = sorted(Path().rglob("*"))
    # A shell may start the tests with interrupts ignored; the program must see the one that is sent.
    listening = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    command[2] = listening + command[2]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    ) as process:
        time.sleep(8)
        process.send_signal(signal.SIGINT)
        try:
            out, err = process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
    assert process.returncode == 130
    assert out == ""
    assert err.strip() == "eaesim: interrupted; nothing was written."
    assert sorted(Path().rglob("*")) == before


def test_where_no_treated_rat_can_be_solved_nothing_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    before = sorted(Path().rglob("*"))
    # A dose in next to no plasma.
    dose = [
        "--set",
        "igg_volume_plasma=1e-300",
        "--days",
        "0",
        "--animals",
        "2",
        "--induction",
        "immunisation",
    ]
    assert call("timing", *dose) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "no rat is left in any treated arm; the first failed: " in printed.err
    assert sorted(Path().rglob("*")) == before


def test_what_the_system_refuses_is_said_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("check", "x" * 300) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_value_outside_its_bounds_is_warned_of(capsys: pytest.CaptureFixture[str]) -> None:
    Path("first.toml").write_text(STUDY + "\n[parameters]\nigg_recycled_fraction = 2\n", encoding="utf-8")
    assert call("check", "first.toml") == 0
    assert "outside 0.9 to 0.99" in capsys.readouterr().err


def test_a_timing_file_can_be_checked_and_run(capsys: pytest.CaptureFixture[str]) -> None:
    Path("early.toml").write_text(
        '[timing]\naround = "immunisation"\ndays = "0:7:7"\nanimals = 2\n', encoding="utf-8"
    )
    assert call("check", "early.toml") == 0
    assert "eaesim timing early.toml" in capsys.readouterr().out
    assert call("timing", "early.toml", "--animals", "3") == 0
    assert capsys.readouterr().out.startswith("3 rats")
    assert set(pd.read_csv("early-timing/timing.csv")["day"]) == {0, 7}
    assert call("timing", "first.toml") == 2
    assert "eaesim run" in capsys.readouterr().err
    assert call("run", "early.toml") == 2
    assert "eaesim timing" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("table", "of", "run"),
    [
        ("scores", '"mine.csv"', "scores own.toml"),
        ("laboratory", '"mine.csv"', "fit --scores own.toml"),
        ("trial", '["aims", "esims"]', "trial own.toml"),
        ("attack", '"patient"', "timing --attack own.toml"),
    ],
)
def test_a_file_that_says_what_it_is_asked_of_can_be_checked(
    table: str, of: str, run: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("mine.csv").write_text("animal,arm,day 10,day 11\n1,PBS,0,1\n2,PBS,1,2\n3,b,0,0\n", encoding="utf-8")
    Path("own.toml").write_text(f"[{table}]\nof = {of}\n", encoding="utf-8")
    assert call("check", "own.toml") == 0
    assert f"; run it with eaesim {run}.\nown.toml is valid.\n" in capsys.readouterr().out


def test_a_range_of_days_may_begin_below_zero(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("timing", "--induction", "immunisation", "--animals", "2", "--quiet", "--force")
    assert call(*arguments, "--days", "-1:0") == 0
    first = Path("eaesim-timing/timing.csv").read_bytes()
    assert call(*arguments, "--days=-1:0") == 0
    assert Path("eaesim-timing/timing.csv").read_bytes() == first
    assert set(pd.read_csv("eaesim-timing/timing.csv")["day"]) == {-1, 0}


def test_the_package_runs_as_a_module() -> None:
    command = [sys.executable, "-m", "eaesim", "--version"]
    done = subprocess.run(command, check=True, capture_output=True, encoding="utf-8")
    assert done.stdout.startswith("eaesim")


@pytest.mark.parametrize(
    ("words", "place", "offered"),
    [
        ("eaesim ti", 1, "timing"),
        ("eaesim timing --rat l", 3, "lewis_lean"),
        ("eaesim timing --mechanism H1a,H", 3, "H1a,H7"),
        ("eaesim power a.toml --endpoints cum", 4, "cumulative_score"),
        ("eaesim power a.toml --correction ", 4, "holm"),
    ],
)
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_completes_verbs_and_names(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    shell: str,
    words: str,
    place: int,
    offered: str,
) -> None:
    monkeypatch.setenv("_EAESIM_COMPLETE", f"{shell}_complete")
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv(
        "COMP_CWORD",
        words.split()[place]
        if shell == "fish" and place < len(words.split())
        else str(place)
        if shell != "fish"
        else "",
    )
    with pytest.raises(SystemExit, match="0"):
        main([])
    assert offered in capsys.readouterr().out
