"""Names and texts as somebody writes them: printed whole, obeyed by nothing, short in messages."""

from __future__ import annotations

import json
import math
import os
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from shell import call, folder_with

from eaesim.cli.console import warn
from eaesim.cli.doctor import OPTIONAL, extra_of
from eaesim.errors import EaesimError, one_line, plain
from eaesim.model import load
from eaesim.protocol import Arm
from eaesim.protocol.design import MOST_ARMS, Design
from eaesim.workbench.run import write_csv

#: What colours, formulas, spreadsheets, shells, pages and terminals take for their own.
NAMES = [
    *("[/b]x", "IVIG [early]", "[red]x[/red]", "[link=http://a.b]x[/link]", "[bold", "[/]", "[]", "\\[x]"),
    *("[[x]]", "[x][y]", ":smile:", "[@click=app.quit]x[/]", "[on red]", "[/nothing]", "x[/b]"),
    *("[reverse]x", "[b]x[/b]", "a [i] b", "[#ff0000]", "[0]", "$x$", "$\\frac{$", "$", "$$", "a $b"),
    *("\\$x", "^_^", "_x", "__x__", "{x}", "{{ 7 * 7 }}", "{0}", "%s", "%(x)d", "%", "=1+1"),
    *("=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(A1)", '=HYPERLINK("http://a.b","x")', "-x", "+x", "@x"),
    *("- x", "<b>x</b>", "<script>alert(1)</script>", "&amp;", '"x"', "'x'", "`x`", "$(x)", "a;b", "a,b"),
    *("a|b", "a\\b", "a/b", "../x", "早期", "الجرعة", "ранний", "früh", "é", "👍", "x" * 200, "None", "nan"),
    *("True", "1", "1e5", "0.5", "#x", "//", "NULL", "a  b"),
]
assert len(set(NAMES)) == len(NAMES) >= 70


folder = folder_with(COLUMNS="400")


def study(names: list[str], *, until: int = 8) -> str:
    arms = [f"[[arm]]\nname = {json.dumps(name, ensure_ascii=False)}\n" for name in names]
    doses = [f'{arm}dose = "1 g/kg"\nday = 0\n' for arm in arms]
    head = f'[study]\nrat = "lewis"\nuntil = {until}\nanimals = 2\ncontrol = "c"\n[[arm]]\nname = "c"\n'
    return head + "".join(doses)


@pytest.mark.slow
def test_every_name_is_printed_whole_and_kept(capsys: pytest.CaptureFixture[str]) -> None:
    # Six endpoints of an arm: a table in a terminal has room for those of three names and the control.
    for first in range(0, len(NAMES), 3):
        names = NAMES[first : first + 3]
        Path("s.toml").write_text(study(names), encoding="utf-8")
        assert call("run", "s.toml", "--quiet", "--force", "--parameter-sets", "1") == 0
        lines = capsys.readouterr().out.splitlines()
        shown = {name: " ".join(name.split()) for name in names}  # a table parts its columns by two spaces
        assert [name for name in names if not any(line.startswith(f"{shown[name]} ") for line in lines)] == []
        written = pd.read_csv("s-run/summary.csv", keep_default_na=False, dtype=str)["arm"]
        assert {name.removeprefix("'") if name not in names else name for name in written} == {"c", *names}
        assert not [name for name in written if name.startswith(("=", "@"))]


@pytest.mark.parametrize(
    "verb", [("schedule",), ("power", "--pool", "100", "--studies", "100", "--sizes", "5")]
)
def test_names_are_printed_whole_by_every_verb(
    verb: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    names = ["[/b]x", "IVIG [early]", "=1+1", "$\\frac{$"]
    Path("s.toml").write_text(study(names, until=20), encoding="utf-8")
    assert call(verb[0], "s.toml", *verb[1:], "--quiet", "--member-count", "1") == 0
    printed = capsys.readouterr().out
    assert [name for name in names if name not in printed] == []


def test_no_verb_prints_but_through_the_console() -> None:
    source = Path(load.__code__.co_filename).parents[1]
    for path in (source / "cli").glob("*.py"):
        text = path.read_text("utf-8")
        assert not re.search(r"^ +print\(", text, re.MULTILINE), path.name
        assert ("rich" not in text) or path.name == "console.py", path.name
        assert ".to_csv(" not in text, path.name


def test_no_cell_of_a_csv_file_is_a_formula() -> None:
    for name in NAMES:
        write_csv(pd.DataFrame({name: [name, "b"], "n": [-1.5, 2.0]}), Path("a.csv"))
        back = pd.read_csv("a.csv", keep_default_na=False)
        cell = str(back.iloc[0, 0])
        assert cell in (name, f"'{name}")
        assert not cell.startswith(("=", "@", "\t", "\r")), name
        assert list(back["n"]) == [-1.5, 2.0]


def test_texts_that_begin_with_a_number_stay_as_they_are() -> None:
    texts = ["-1 day (0 to 2)", "-0.62 (-0.88 to -0.25)", "-3", "+5 %", "-1e-3", "a=b", "'x"]
    write_csv(pd.DataFrame({"text": texts}), Path("a.csv"))
    assert list(pd.read_csv("a.csv", dtype=str)["text"]) == texts


LONG = "x" * 100_000
SPACED = "ab c " * 20_000
OPTIONS: list[list[str]] = [
    *(
        [verb, LONG]
        for verb in ("run", "check", "sweep", "sensitivity", "schedule", "power", "report", "show", "export")
    ),
    *(
        [LONG],
        ["--" + LONG],
        ["timing", "--" + LONG, "1"],
        ["timing", LONG],
        ["new", LONG],
        ["new", "a/" + LONG],
    ),
    *(
        ["timing", option, LONG]
        for option in ("--rat", "--induction", "--dose", "--days", "--mechanism", "--set", "--dead")
    ),
    *(
        ["timing", option, SPACED]
        for option in ("--rat", "--induction", "--dose", "--days", "--mechanism", "--set")
    ),
    *(["timing", option, LONG] for option in ("--animals", "--seed", "--parameter-sets", "--out")),
    *(["run", "s.toml", option, LONG] for option in ("--record", "--dead", "--animals", "--seed", "--out")),
    *(
        ["power", "s.toml", option, LONG]
        for option in ("--endpoints", "--arms", "--animals", "--dropout", "--correction")
    ),
    *(["schedule", "s.toml", option, SPACED] for option in ("--endpoint", "--antibodies", "--level")),
    *(
        ["sensitivity", "s.toml", option, LONG]
        for option in ("--method", "--endpoint", "--arm", "--parameters")
    ),
    *(["fit", option, LONG] for option in ("--rat", "--fix", "--scores", "--particles")),
    *(["mechanisms", option, SPACED] for option in ("--ensemble", "--mechanism", "--given", "--fix")),
    *(["export", "s.toml", option, LONG] for option in ("--to", "--arm", "--mechanism")),
]
assert len(OPTIONS) >= 50


@pytest.mark.parametrize("arguments", OPTIONS, ids=lambda given: " ".join(each[:12] for each in given))
def test_a_long_text_is_shortened_in_its_message(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    Path("s.toml").write_text(study(["early"]), encoding="utf-8")
    assert call(*arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    lines = [line for line in printed.err.splitlines() if not line.startswith("warning: ")]
    assert len(lines) == 1
    assert len(lines[0]) < 2_300
    assert [path.name for path in Path().iterdir()] == ["s.toml"]


KEYS = ["rat", "until", "animals", "seed", "mechanism", "control", LONG]
ARM_KEYS = ["name", "dose", "day", "onset", "relapse", "after", "drug", "route", "mechanism", LONG]


@pytest.mark.parametrize("text", [LONG, SPACED], ids=["one word", "many words"])
@pytest.mark.parametrize(
    ("table", "key"), [*(("study", key) for key in KEYS), *(("arm", key) for key in ARM_KEYS)]
)
def test_a_long_text_in_a_file_is_shortened(
    table: str, key: str, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    tables: dict[str, dict[str, Any]] = {
        "study": {"rat": "lewis", "until": 8},
        "arm": {
            "name": "a",
            "dose": "1 g/kg",
            **({} if key in ("onset", "relapse", "after") else {"day": 0}),
        },
    }
    tables[table][key] = text
    lines = [f"{name} = {json.dumps(value)}" for name, value in tables["study"].items()]
    lines += ["[[arm]]", *(f"{name} = {json.dumps(value)}" for name, value in tables["arm"].items())]
    Path("s.toml").write_text("\n".join(["[study]", *lines]), encoding="utf-8")
    assert call("check", "s.toml") == 2
    printed = capsys.readouterr()
    assert printed.err.count("\n") == 1
    assert len(printed.err) < 2_300


@pytest.mark.parametrize(
    "name",
    [
        *("", ".", "..", "...", "a/b", "/", "a\\b", " ", "-x", ".toml", "..toml", "a\nb", "\x1b[31m"),
        *("a:b", "a*b", "a?b", '"', "<a>", "a|b", "/etc/passwd", "../a", "./a", "a/", "\u202ea"),
    ],
)
def test_new_refuses_what_is_no_name(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("new", "--", name) == 2
    printed = capsys.readouterr().err
    assert printed.count("\n") == 1
    assert printed[:-1].isprintable()
    assert not list(Path().iterdir())


@pytest.mark.parametrize(
    "verb", [["timing"], ["run", "s.toml"], ["fit"], ["discriminate"], ["schedule", "s.toml"]]
)
@pytest.mark.parametrize("out", ["lost", "lost/inside", "", " "])
def test_a_folder_that_cannot_be_made_is_refused_before_the_run(
    verb: list[str], out: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("s.toml").write_text(study(["early"]), encoding="utf-8")
    Path("lost").symlink_to("nowhere")
    monkeypatch.setattr("eaesim.solver.engine.solve", None)
    assert call(*verb, "--out", out) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert {path.name for path in Path().iterdir()} <= {"s.toml"} or not Path("nowhere").exists()


def test_more_arms_than_a_study_has_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    number = MOST_ARMS + 1  # far more are among the benchmarks' refusals
    Path("s.toml").write_text(study([f"a{each}" for each in range(number)]), encoding="utf-8")
    assert call("check", "s.toml") == 2
    assert "at most" in capsys.readouterr().err
    with pytest.raises(EaesimError, match="arms"):
        Design(8, [], [Arm(f"a{each}") for each in range(number)])


def test_two_arms_of_one_name_are_found_among_many() -> None:
    with pytest.raises(EaesimError, match='two arms are named "a7"'):
        Design(8, [], [*(Arm(f"a{each}") for each in range(MOST_ARMS - 1)), Arm("a7")])


ENVIRONMENTS = [
    ("MPLBACKEND", value) for value in ("nonsense", "", "module://nowhere", "Qt5Agg", "x\x1b[31m")
]
ENVIRONMENTS += [
    ("NUMBA_NUM_THREADS", value) for value in ("x", "", "0", "-1", "1.5", "99999999999", "٣x", "1" * 400)
]
ENVIRONMENTS += [("COLUMNS", value) for value in ("x", "0", "-5", "1", "99999999", "")]


@pytest.mark.parametrize(("name", "value"), ENVIRONMENTS)
def test_settings_of_other_programs_do_no_harm(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(name, value)
    assert call("list") == 0
    assert capsys.readouterr().err.count("\n") == (1 if name == "NUMBA_NUM_THREADS" else 0)
    assert os.environ["MPLBACKEND"] == "agg"


READINGS = [name for name, entry in load("lewis").entries.items() if entry.kind == "reading"]


@pytest.mark.parametrize("name", READINGS)
def test_a_value_out_of_all_bounds_is_refused(name: str) -> None:
    for value in (1e308, 1e300, 1e20, -1.0, math.inf, math.nan, 9e99):
        with pytest.raises(EaesimError, match=name):
            load("lewis").replace(**{name: value})


@pytest.mark.parametrize(
    "text",
    [chr(code) for code in (0, 7, 8, 27, 127, 155)]
    + ["\x1b[31mIVIG", "\u202eIVIG", "a\r\nb", "\x1b]0;x\x07"],
)
def test_a_warning_and_a_message_obey_nothing(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    warn(f"the arm {text} is odd")
    printed = capsys.readouterr().err
    assert printed.endswith("\n")
    assert printed[:-1].isprintable()
    assert str(EaesimError(text)).isprintable()
    assert one_line(one_line(text)) == one_line(text)
    assert plain("a\nb\tc") == "a\nb\tc"


def test_doctor_names_extras_that_exist() -> None:
    import tomllib
    from importlib.metadata import requires

    project = tomllib.loads(Path(__file__).parents[2].joinpath("pyproject.toml").read_text("utf-8"))[
        "project"
    ]
    extras = project["optional-dependencies"]
    for name in OPTIONAL:
        extra = extra_of(name, requires("eaesim") or [])
        assert extra in ("", *extras), name
        assert extra not in ("test", "benchmarks", "develop")
    assert extra_of("distributed", ['dask[distributed]>=1; extra == "cluster"']) == "cluster"
    assert extra_of("openpyxl", ["openpyxl>=3.1", 'openpyxl; extra == "test"']) == ""
    assert extra_of("antimony", ['antimony; extra == "test"', 'antimony; extra == "exchange"']) == "exchange"
