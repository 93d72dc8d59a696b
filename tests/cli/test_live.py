"""`eaesim live`: the file it writes, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest
from shell import call, folder_with

import eaesim as ea

DRUG = """title = "blocker of our own"
source = "assumed"
[disposition]
volume = "40 mL/kg"
elimination = "0.3 1/day"
[[action]]
on = "cns_entry"
does = "inhibit"
half_effect = "0.05 mg/mL"
"""
folder = folder_with({"blocker.toml": DRUG})
FEW = ("--animals", "4", "--parameter-sets", "2", "--quiet")


def test_the_file_is_what_the_call_returns(capsys: pytest.CaptureFixture[str]) -> None:
    options = ("--mechanism", "H1a,H3", "--seed", "4", "--out", "mine.html")
    assert call("live", "lewis", *options, *FEW) == 0
    assert capsys.readouterr().out.startswith("mine.html: open it in a browser")
    text = Path("mine.html").read_text("utf-8")
    assert text == ea.live("lewis", mechanism=["H1a", "H3"], seed=4, animals=4, parameter_sets=2)
    assert call("live", "lewis", *options, *FEW) == 2
    assert "mine.html is there already" in capsys.readouterr().err
    assert Path("mine.html").read_text("utf-8") == text


def test_a_drug_of_a_folder_can_be_chosen() -> None:
    drug = ("--drug", "ivig,blocker", "--dose", "1 g/kg,10 mg/kg", "--mechanism", "H1a", "--drugs", ".")
    assert call("live", "lewis", *drug, *FEW) == 0
    text = Path("eaesim-live.html").read_text("utf-8")
    assert '"blocker_plasma"' in text
    assert '"isShipped":false' in text
    assert str(Path.cwd()) not in text


def test_patients_are_those_of_the_call() -> None:
    few = ("--patients", "20", "--parameter-sets", "2", "--mechanism", "H1a", "--quiet")
    assert call("live", "patient", *few) == 0
    text = Path("eaesim-live.html").read_text("utf-8")
    assert text == ea.live("patient", mechanism=["H1a"], patients=20, parameter_sets=2)


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["patiant"], 'did you mean "patient"'),
        (["patient", "--patients", "5"], "patients 5"),
        (["lewiss"], 'did you mean "lewis"'),
        (["--animals", "many"], "animals 'many' is not a whole number"),
        (["--drug", "ivigg"], 'did you mean "ivig"'),
        (["--out", "."], "is a folder; name a file"),
    ],
)
def test_bad_input_is_refused_in_a_line(
    capsys: pytest.CaptureFixture[str], arguments: list[str], hint: str
) -> None:
    assert call("live", *arguments) == 2
    printed = capsys.readouterr()
    assert printed.err.count("\n") == 1
    assert hint in printed.err
    assert not list(Path().glob("*.html"))
