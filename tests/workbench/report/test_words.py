"""A page speaks to a reader: no Python text, no fingerprint for a name, nothing of a set that did not run."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from shell import study_file

from eaesim.cli.main import main
from eaesim.estimation.ensembles import fingerprints, read_ensembles
from eaesim.workbench.question import questions
from eaesim.workbench.report import page, read_folder
from eaesim.workbench.report.description import words
from eaesim.workbench.report.equations import equations, stamp, trace_equations

Make = Callable[..., Path]
PYTHON = re.compile(
    r"""[(\[{]\s*['"]|\bNone\b|\bnan\b|\bNaN\b|\bnull\b|\bTrue\b|\bFalse\b|np\.|<NA>|datetime|Path\(|\bdict\b|array\("""
)
FINGERPRINT = 64 * "0a"
STUDY = study_file(until=20, animals=4)
ALL = {
    "rat": None, "around": "both", "dose": ["1 g/kg", "2 g/kg"], "days": [-1.0, 0.0, 1.5],
    "mechanism": ["H1a", "H2"], "mechanisms": None, "animals": 200, "seed": 1, "members": 20,
    "ensemble": FINGERPRINT, "ensembles": {"lewis": FINGERPRINT, "da": FINGERPRINT},
    "parts": {"axon loss": {"axon_loss_weight": 0.0}}, "parameters": {},
    "fixed": {"lesion_priming_reach": 1.0}, "doses": {"A1": "1 g/kg"}, "study": STUDY, "dead": "five",
    "record": ["igg_plasma"], "mistiming": {"dose": "1 g/kg", "distribution": {"kind": "normal", "sd": 7.0}},
    "relative": True, "course": False, "sheet": None, "file": "mine.csv", "content": FINGERPRINT,
    "outputs": [{"endpoint": "peak_score", "arm": "early", "against": None, "relative": False}],
    "engine": "lanes",
}  # fmt: skip
TABLE = "arm,is_reached,mean,low\nvehicle,True,1.5,\nearly,False,,0.25\n"


def reader(text: str) -> Any:
    from html.parser import HTMLParser

    class Words(HTMLParser):
        def __init__(self) -> None:
            super().__init__(convert_charrefs=True)
            self.said: list[str] = []
            self.hidden = 0
            self.feed(text)

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            self.hidden += tag in ("style", "script")
            self.said += [value or "" for name, value in attrs if name in ("alt", "aria-label", "title")]

        def handle_endtag(self, tag: str) -> None:
            self.hidden -= tag in ("style", "script")

        def handle_data(self, data: str) -> None:
            if not self.hidden:
                self.said.append(data)

    return " ".join(" ".join(Words().said).split())


def assert_plain(folder: Path) -> str:
    text: str = reader(page(read_folder(folder)))
    found = [text[max(match.start() - 60, 0) : match.end() + 30] for match in PYTHON.finditer(text)]
    assert found == []
    return text


def test_the_search_for_python_text_finds_it() -> None:
    for text in (
        "('a',)",
        "{'a': 1}",
        "['a']",
        '["a"]',
        "x None y",
        "x nan",
        "is True",
        "np.float64(1)",
        "{ 'a'",
    ):
        assert PYTHON.search(text), text
    for text in ("None-ex", "banana", "Trueman", "(1 to 2)", "[1]", "a nanometre"):
        assert not PYTHON.search(text) or text.startswith("None"), text


@pytest.mark.parametrize("verb", [*(one.verb for one in questions().values()), "unheard"])
def test_settings_of_every_verb_are_words(make_run: Make, verb: str) -> None:
    text = assert_plain(make_run({"found.csv": TABLE}, sentence="The result.", **{**ALL, "verb": verb}))
    assert FINGERPRINT not in text
    assert "lewis, da" in text
    assert "vehicle yes 1.5" in text
    assert "early no" in text


@pytest.mark.parametrize("value", [None, [], {}, [None], {"a": None}, FINGERPRINT, ["", None], ""])
def test_a_setting_without_a_value_is_left_out(make_run: Make, value: object) -> None:
    assert words(value) == ""
    assert "some odd setting" not in assert_plain(make_run({}, some_odd_setting=value))


def members(count: int) -> dict[str, Any]:
    own = fingerprints(read_ensembles())
    return {"members": [{"rat": name, "members": count, "ensemble": own[name]} for name in ("lewis", "da")]}


def test_a_page_on_an_ensemble_says_nothing_of_the_one_set(make_run: Make) -> None:
    timing = {"verb": "timing", "around": "both", "dose": ["1 g/kg"], "days": [0.0], "mechanism": ["H1a"]}
    text = assert_plain(make_run({}, **{**timing, **members(20)}))
    assert "The values are one parameter set of the ensemble" not in text
    assert "marked for calibration were shown to the fit" in text
    assert "estimated with eaesim fit: the ensemble of lewis" in text
    alone = assert_plain(make_run({}, **{**timing, **members(1)}))
    assert "The values are one parameter set of the ensemble" in alone
    assert "marked for calibration were shown to the fit" not in alone
    assert "estimated with eaesim fit" not in alone


def test_an_estimated_value_is_the_middle_of_the_members(make_run: Make) -> None:
    from statistics import median

    text = assert_plain(make_run({}, verb="timing", days=[0.0], **members(20)))
    ensemble = read_ensembles()["lewis"]
    name = ensemble.names[0]
    values = [rat.entries[name].value for rat in ensemble.members(20)]
    shown = f"{median(values):.3g} ({min(values):.3g} to {max(values):.3g})"
    assert f"{name.replace('_', ' ')} {shown}" in text


def test_the_shipped_equations_are_those_of_the_code() -> None:
    path = Path(equations.__wrapped__.__code__.co_filename).with_name("data") / "equations.json"
    shipped = json.loads(path.read_text("utf-8"))
    again = 'python -c "from eaesim.workbench.report.equations import ship_equations; ship_equations()"'
    assert shipped["stamp"] == stamp(), f"the equations changed: {again}"
    assert len(shipped["equations"]) == len(equations())


@pytest.mark.slow
def test_the_shipped_equations_come_out_of_the_trace() -> None:
    assert trace_equations() == equations()


def test_another_equation_is_traced_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eaesim.workbench.report.equations.stamp", lambda: "another")
    monkeypatch.setattr("eaesim.workbench.report.equations.trace_equations", lambda: ("traced",))
    assert equations.__wrapped__() == ("traced",)


def test_comments_and_docstrings_do_not_change_the_stamp() -> None:
    from eaesim.workbench.report.equations import _code

    one = 'def rate(x):\n    """Say."""\n    return 2 * x  # twice\n'
    assert _code(one) == _code("def rate(x):\n\n    return 2*x\n")
    assert _code(one) != _code(one.replace("2", "3"))


SMALL = {
    "run": ("run", "s.toml", "--parameter-sets", "2"),
    "timing": ("timing", "--days=-4:4:4", "--animals", "4", "--parameter-sets", "2", "--mechanism", "H1a,H2"),
    "sweep": ("sweep", "s.toml", "--workers", "1"),
    "sensitivity": ("sensitivity", "s.toml", "--workers", "1", "--parameters", "drug", "--trajectories", "4"),
    "schedule": ("schedule", "s.toml", "--parameter-sets", "2"),
    "optimise": ("schedule", "s.toml", "--optimise", "--parameter-sets", "1"),
    "power": (
        "power",
        "s.toml",
        "--parameter-sets",
        "2",
        "--pool",
        "100",
        "--studies",
        "100",
        "--sizes",
        "5",
    ),
    "scores": ("scores", "scores.csv"),
    "mechanisms": ("mechanisms", "--mechanism", "H1a,H4", "--member-count", "2", "--animals", "4"),
    "discriminate": ("discriminate", "--member-count", "2", "--animals", "4"),
    "fit": (
        *("fit", "--rat", "lewis", "--start", "prior", "--particles", "8"),
        *("--chains", "1", "--animals", "4", "--moves", "1"),
    ),
}
TABLES = """
[sweep]
"arm.early.day" = [0, 2]
[optimise]
total = "1 g/kg"
doses = 1
"""


@pytest.mark.slow
@pytest.mark.parametrize("verb", SMALL)
def test_a_report_of_every_verb_holds_no_python_text(
    verb: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("s.toml").write_text(STUDY + TABLES, encoding="utf-8")
    for arguments in (["new", "scores"], [*SMALL[verb], "--quiet", "--out", "out"]):
        with pytest.raises(SystemExit) as caught:
            main(arguments)
        assert not caught.value.code, arguments
    assert_plain(Path("out"))
