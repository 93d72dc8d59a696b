"""A folder that is not a whole run is refused in one line."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eaesim.errors import FileError
from eaesim.workbench.report import read_folder

Make = Callable[..., Path]
WHOLE: dict[str, Any] = {"settings": {"verb": "run"}, "versions": {"eaesim": "1"}, "hash": "x", "files": []}


def refused(folder: Path, hint: str) -> None:
    with pytest.raises(FileError, match=hint) as caught:
        read_folder(folder)
    assert "\n" not in str(caught.value)


def rewrite(folder: Path, **changes: Any) -> Path:
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**manifest, **changes}), encoding="utf-8")
    return folder


def test_what_is_no_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    refused(tmp_path / "nowhere", "not there")
    refused(tmp_path / "file", "is a file")
    refused(tmp_path, "holds no manifest.json")


@pytest.mark.parametrize("text", ["", "{", "\x00", "[" * 100_000])
def test_a_manifest_that_is_no_json_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text, encoding="utf-8")
    refused(tmp_path, "JSON")


@pytest.mark.parametrize(
    "manifest",
    [
        [],
        3,
        {"name": "an app", "icons": []},
        *({name: value for name, value in WHOLE.items() if name != key} for key in WHOLE),
        {**WHOLE, "settings": {}},
        {**WHOLE, "versions": {"other": "1"}},
    ],
)
def test_another_programs_manifest_is_refused(tmp_path: Path, manifest: object) -> None:
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    refused(tmp_path, "not written by eaesim")


def test_settings_that_were_changed_are_refused(make_run: Make) -> None:
    refused(rewrite(make_run({}), settings={"verb": "unheard", "seed": 2}), "was changed")


def test_a_file_that_is_missing_is_named(make_run: Make) -> None:
    folder = make_run({"a.csv": "b\n1\n"})
    (folder / "a.csv").unlink()
    refused(folder, "lacks a.csv")


@pytest.mark.parametrize("name", ["../precious.txt", "/etc/passwd", "", 3])
def test_a_name_that_leads_out_is_refused(make_run: Make, name: object) -> None:
    refused(rewrite(make_run({}), files=[name]), "no file of that folder")


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_link_that_leads_out_is_refused(make_run: Make, tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("mine", encoding="utf-8")
    folder = make_run({"a.txt": "b"})
    (folder / "a.txt").unlink()
    (folder / "a.txt").symlink_to(tmp_path / "precious.txt")
    refused(folder, "leads out")


def test_a_run_comes_back(make_run: Make) -> None:
    run = read_folder(make_run({"a.csv": "b\n1\n"}, sentence="One thing.", rat="lewis"))
    assert (run.verb, run.sentence, run.settings["rat"]) == ("unheard", "One thing.", "lewis")
    assert [(file.name, file.stem, file.ending, file.size) for file in run.files] == [
        ("a.csv", "a", "csv", 4)
    ]
