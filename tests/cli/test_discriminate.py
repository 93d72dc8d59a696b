"""The verb `discriminate`, as a user types it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from eaesim.cli.main import main
from eaesim.model import load
from eaesim.study.ensemble import Ensemble, write_ensemble

FILES = ["discriminate.csv", "discriminate.png", "discriminate.svg", "manifest.json"]
SMALL = ("--ensemble", "fit", "--member-count", "2", "--animals", "4", "--quiet")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for strain in ("lewis", "da"):
        rat = load(strain)
        values = rat.entries["priming_rate"].value * np.array([[0.9], [1.1]])
        about = {"command": "made up", "seed": 1}
        write_ensemble("fit", strain, Ensemble(rat, ("priming_rate",), values, np.ones(2), about))
    return tmp_path


def call(*arguments):
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    return int(caught.value.code or 0)


@pytest.mark.slow
def test_it_leaves_its_files_and_a_sentence(capsys, assert_printed):
    assert call("discriminate", *SMALL, "--out", "here") == 0
    printed = capsys.readouterr().out
    assert_printed(printed, "here/discriminate.csv")
    out = printed.splitlines()
    assert sorted(path.name for path in Path("here").iterdir()) == FILES
    assert out[-2] == f"Figure: {Path('here') / 'discriminate.png'}"
    assert out[-1].startswith(("Best per animal, of designs not published yet: ", "No unpublished"))
    table = pd.read_csv("here/discriminate.csv")
    assert sorted(table["animals_per_arm"].unique()) == [5, 10, 20]
    assert (table["prediction"] == table["finding"].isna()).all()
    assert set(table.loc[~table["prediction"], "finding"]) >= {"A6"}
    manifest = json.loads(Path("here/manifest.json").read_text(encoding="utf-8"))
    assert sorted(manifest["settings"]["ensembles"]) == ["da", "lewis"]
    # Other settings need another folder.
    assert call("discriminate", *SMALL, "--out", "here", "--seed", "2") == 2
    assert "--force" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--ensemble", "nowhere"), "nowhere is not a folder"),
        (("--ensemble", "."), "holds no ensemble of lewis"),
        (("--ensemble", "fit", "--animals", "1"), "animals = 1"),
        (("--ensemble", "fit", "--member-count", "0"), "members = 0"),
        (("--ensemble", "fit", "--seed", "-1"), "seed = -1"),
        (("--ensemble", "fit", "--out", "fit"), "not from this run"),
    ],
)
def test_bad_input_is_one_line_and_nothing_is_written(arguments, said, capsys):
    before = sorted(Path().rglob("*"))
    assert call("discriminate", *arguments) == 2
    error = capsys.readouterr().err.strip()
    assert said in error
    assert "\n" not in error
    assert sorted(Path().rglob("*")) == before
