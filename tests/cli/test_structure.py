"""The verb `structure`, as a user types it."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from eaesim.cli.main import main

FILES = ["manifest.json", "structure.csv", "structure.png", "structure.svg"]
SMALL = ("--particles", "4", "--moves", "1", "--quiet")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def call(*arguments):
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    return int(caught.value.code or 0)


def test_it_judges_what_is_held(capsys, assert_printed, few_members_folder):
    fixed = (
        "--ensemble",
        str(few_members_folder),
        "--fix",
        "axon_loss_weight=0",
        "--fix",
        "memory_fraction=0",
    )
    assert call("structure", *fixed, *SMALL, "--out", "here") == 0
    printed = capsys.readouterr().out
    assert_printed(printed, "here/structure.csv")
    out = printed.splitlines()
    assert sorted(path.name for path in Path("here").iterdir()) == FILES
    assert out[-2] == f"Figure: {Path('here') / 'structure.png'}"
    assert out[-1].startswith("Of 1 part of the model, the published rows agree with ")
    table = pd.read_csv("here/structure.csv")
    assert table["held"].tolist() == ["axon_loss_weight=0, memory_fraction=0"]
    manifest = json.loads(Path("here/manifest.json").read_text(encoding="utf-8"))
    assert sorted(manifest["settings"]["ensembles"]) == ["da", "lewis"]
    # What was kept on the way is gone, and other settings need another folder.
    assert sorted(path.name for path in Path().iterdir()) == ["here"]
    assert call("structure", *fixed, *SMALL, "--out", "here", "--seed", "2") == 2
    assert "--force" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--ensemble", "nowhere"), "nowhere is not a folder"),
        (("--particles", "0"), "particles = 0"),
        (("--seed", "-1"), "seed = -1"),
        (("--fix", "memory_fractoin=0"), 'did you mean "memory_fraction"'),
        (("--fix", "memory_fraction"), "write NAME=VALUE"),
    ],
)
def test_bad_input_is_one_line_and_nothing_is_written(arguments, said, capsys):
    assert call("structure", *arguments) == 2
    error = capsys.readouterr().err.strip()
    assert said in error
    assert not list(Path().iterdir())
