"""`eaesim export`: the file it writes, and what it refuses."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from shell import folder_with

import eaesim as ea
from eaesim.cli.main import main

STUDY = """
[study]
rat = "da"
until = 20

[[arm]]
name = "vehicle"

[[arm]]
name = "early"
dose = "1 g/kg over 4 h"
day = 0
mechanism = "H2"

[[arm]]
name = "at onset"
dose = "1 g/kg"
onset = "score >= 1"
"""


def run(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as caught:
        main(["export", *arguments])
    printed = capsys.readouterr()
    return int(caught.value.code or 0), printed.out, printed.err


folder = folder_with({"doses.toml": STUDY})


def files() -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in Path().rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("arguments", "name", "settings"),
    [
        (["lewis", "--to", "sbml"], "lewis.xml", {"subject": "lewis"}),
        (["lewis"], "lewis.xml", {"subject": "lewis"}),
        (["da", "--to", "antimony"], "da.ant", {"subject": "da", "to": "antimony"}),
        (["da", "--mechanism", "H1b"], "da.xml", {"subject": "da", "mechanism": "H1b"}),
        (["doses.toml"], "doses.xml", {}),
        (["doses.toml", "--arm", "early"], "doses.xml", {"arm": "early"}),
        (["doses.toml", "--out", "mine.sbml"], "mine.sbml", {}),
    ],
)
def test_it_writes_one_file(
    arguments: list[str], name: str, settings: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    before = files()
    status, out, err = run(arguments, capsys)
    assert (status, err) == (0, "")
    assert out.startswith(f"{name}: ")
    assert set(files()) - set(before) == {name}
    subject = settings.pop("subject", None) or ea.read_study("doses.toml")[0]
    assert files()[name] == ea.export(subject, **settings).encode()


def test_force_replaces_a_file_by_the_same_bytes(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lewis"], capsys)[0] == 0
    first = files()
    assert run(["lewis", "--force"], capsys)[0] == 0
    assert files() == first


def test_large_volumes_and_odd_values_are_warned_of(capsys: pytest.CaptureFixture[str]) -> None:
    Path("doses.toml").write_text(STUDY.replace("1 g/kg over", "4 g/kg over"), encoding="utf-8")
    status, _, err = run(["doses.toml", "--arm", "early"], capsys)
    assert status == 0
    assert err.startswith("warning: early: 4 g/kg")


def refused(arguments: list[str], hint: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = files()
    status, out, err = run(arguments, capsys)
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    assert hint in err
    assert files() == before


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["lewys"], 'did you mean "lewis"'),
        ([], "NAME|STUDY.toml"),
        (["nothing.toml"], "nothing.toml: no such file"),
        (["dose.toml"], "did you mean doses.toml"),
        (["lewis", "--to", "smbl"], 'did you mean "sbml"'),
        (["lewis", "--arm", "early"], '"early" is not an arm'),
        (["doses.toml", "--arm", "erly"], 'did you mean "early"'),
        (["doses.toml", "--arm", "at onset"], "score >= 1"),
        (["lewis", "--mechanism", "H1c"], "H1a"),
        (["doses.toml", "--arm", "early", "--mechanism", "H1a"], "mechanism of its own, H2"),
        (["lewis", "--out", "."], "folder"),
        (["lewis", "--out", "no/such/folder.xml"], "no/such/folder.xml cannot be written"),
        (["lewis", "--out", "doses.toml"], "--force"),
        (["lewis", "--out", "doses.toml/inside.xml"], "cannot be written"),
        (["."], "folder"),
    ],
)
def test_bad_input_is_refused(arguments: list[str], hint: str, capsys: pytest.CaptureFixture[str]) -> None:
    refused(arguments, hint, capsys)


@pytest.mark.parametrize(("library", "to"), [("libsbml", "sbml"), ("antimony", "antimony")])
def test_a_missing_library_is_said_in_one_line(
    library: str, to: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    refused(["lewis", "--to", to], 'pip install "eaesim[exchange]" (in the', capsys)
