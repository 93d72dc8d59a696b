"""A strain by its file, wherever a rat is named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from shell import call, folder_with, study_file

STRAIN = """
title = "Wistar"
base = "lewis"
source = "assumed"
[parameters.expansion_rate]
value = "0.9 1/day"
source = "assumed"
"""
folder = folder_with(
    {"wistar.toml": STRAIN, "study.toml": study_file(until=15, rat="wistar.toml", animals=4)}
)


def test_it_is_checked_shown_and_exported(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("check", "wistar.toml") == 0
    assert "expansion_rate: 0.9 1/day instead of 0.7254; assumed" in capsys.readouterr().out
    assert call("show", "wistar.toml") == 0
    assert "strain    wistar" in capsys.readouterr().out
    assert call("export", "wistar.toml") == 0
    assert Path("wistar.xml").is_file()


def test_a_run_knows_its_values_and_is_not_mixed_with_others(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("run", "study.toml", "--animals", "4", "--parameter-sets", "2", "--out", "out")
    assert call(*asked) == 0
    settings = json.loads(Path("out/manifest.json").read_text(encoding="utf-8"))["settings"]
    assert list(settings["strains"]) == ["wistar.toml"]
    Path("wistar.toml").write_text(STRAIN.replace('"Wistar"', '"Wistar rat"'), encoding="utf-8")
    assert call(*asked) == 0
    Path("wistar.toml").write_text(STRAIN.replace("0.9", "0.91"), encoding="utf-8")
    capsys.readouterr()
    assert call(*asked) == 2
    assert "other settings" in capsys.readouterr().err


def test_timing_and_sets_take_it(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("timing", "--rat", "wistar.toml", "--induction", "immunisation", "--days", "0", "--animals", "4")
    assert call(*asked, "--parameter-sets", "2") == 0
    assert "In wistar under H1a" in capsys.readouterr().out
    assert call(*asked, "--parameter-sets", "2", "--rat", "wistr.toml") == 2
    assert "wistr.toml" in capsys.readouterr().err


def test_a_study_finds_it_beside_itself(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert call("run", "../study.toml", "--parameter-sets", "1", "--out", "out") == 0
    settings = json.loads(Path("out/manifest.json").read_text(encoding="utf-8"))["settings"]
    assert list(settings["strains"]) == ["../wistar.toml"]
