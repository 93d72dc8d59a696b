"""A run whose files come one by one: each whole or not there, and what is foreign stays."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import uuid4

import pytest

from eaesim.errors import FileError
from eaesim.study import Store

FILES = ["settings.txt", "parts/0.txt", "parts/1.txt"]


def put(store: Store, name: str, text: str) -> None:
    store.put(name, lambda path: path.write_text(text, encoding="utf-8"))


def tree(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != "manifest.json")
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in files}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path / "run", {"seed": 3})
    store.begin(FILES)
    return store


def test_the_manifest_comes_first_and_lists_every_file(store: Store) -> None:
    manifest = json.loads((store.folder / "manifest.json").read_text("utf-8"))
    assert manifest["files"] == FILES
    assert manifest["hash"] == store.hash
    assert tree(store.folder) == {}
    put(store, "parts/1.txt", "b")
    assert tree(store.folder) == {"parts/1.txt": "b"}


def test_a_run_goes_on(store: Store) -> None:
    put(store, "parts/0.txt", "a")
    before = (store.folder / "manifest.json").read_bytes()
    again = Store(store.folder, {"seed": 3})
    again.begin(FILES)
    put(again, "parts/1.txt", "b")
    assert tree(store.folder) == {"parts/0.txt": "a", "parts/1.txt": "b"}
    assert (store.folder / "manifest.json").read_bytes() == before


def test_other_settings_are_refused_unless_forced(store: Store) -> None:
    put(store, "parts/0.txt", "a")
    with pytest.raises(FileError, match="other settings"):
        Store(store.folder, {"seed": 4}).begin(FILES)
    assert tree(store.folder) == {"parts/0.txt": "a"}
    Store(store.folder, {"seed": 4}, force=True).begin(FILES[:2])
    assert tree(store.folder) == {}


@pytest.mark.parametrize(
    "name", ["notes.txt", "parts/notes.txt", "parts/2.txt", "other/0.txt", "parts/.0.txt.abc"]
)
def test_a_foreign_file_is_refused_and_stays(store: Store, name: str) -> None:
    (store.folder / name).parent.mkdir(exist_ok=True)
    (store.folder / name).write_text("mine", encoding="utf-8")
    foreign = name if name.startswith("parts") else name.split("/")[0]
    with pytest.raises(FileError, match=f"holds {foreign}, which is not from this run"):
        Store(store.folder, {"seed": 3}).begin(FILES)
    Store(store.folder, {"seed": 4}, force=True).begin(FILES)
    assert tree(store.folder) == {name: "mine"}


def test_a_foreign_file_is_not_replaced_by_force(tmp_path: Path) -> None:
    (tmp_path / "run" / "parts").mkdir(parents=True)
    (tmp_path / "run" / "parts" / "0.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(FileError, match="not replaced"):
        Store(tmp_path / "run", {}, force=True).begin(FILES)
    assert tree(tmp_path / "run") == {"parts/0.txt": "mine"}


@pytest.mark.parametrize("error", [OSError("full"), KeyboardInterrupt()])
def test_a_file_that_is_not_written_whole_is_not_there(store: Store, error: BaseException) -> None:
    put(store, "parts/0.txt", "old")

    def fail(path: Path) -> None:
        path.write_text("half", encoding="utf-8")
        raise error

    with pytest.raises(FileError if isinstance(error, OSError) else KeyboardInterrupt):
        store.put("parts/0.txt", fail)
    assert tree(store.folder) == {"parts/0.txt": "old"}


def test_what_a_killed_run_had_half_written_goes(store: Store) -> None:
    put(store, "parts/0.txt", "a")
    for name in ("parts/.1.txt", ".settings.txt", ".manifest.json"):
        (store.folder / f"{name}.{uuid4().hex}").write_text("half", encoding="utf-8")
    Store(store.folder, {"seed": 3}).begin(FILES)
    assert tree(store.folder) == {"parts/0.txt": "a"}


def test_a_run_killed_before_its_manifest_goes_on(tmp_path: Path) -> None:
    (tmp_path / "run" / "parts").mkdir(parents=True)
    (tmp_path / "run" / f".manifest.json.{uuid4().hex}").write_text("half", encoding="utf-8")
    Store(tmp_path / "run", {}).begin(FILES)
    assert tree(tmp_path / "run") == {}


@pytest.mark.parametrize(
    "name", ["../precious.txt", "parts/../../precious.txt", "/etc/x", "a//b", "./a", "a\\b", "C:x", ""]
)
def test_a_manifest_cannot_reach_out_of_its_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / "precious.txt").write_text("mine", encoding="utf-8")
    (tmp_path / "run" / "parts").mkdir(parents=True)
    manifest = {"hash": "x", "files": [name]}
    (tmp_path / "run" / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    Store(tmp_path / "run", {}, force=True).begin(FILES)
    assert (tmp_path / "precious.txt").read_text("utf-8") == "mine"


def test_a_run_in_one_piece_may_take_the_place(store: Store) -> None:
    put(store, "parts/0.txt", "a")
    other = Store(store.folder, {"verb": "run"}, force=True)
    other.write(lambda folder: (folder / "b.txt").write_text("b", encoding="utf-8"))
    assert tree(store.folder) == {"b.txt": "b"}
    other.check()  # an empty folder that is left is nobody's file


def test_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("mine", encoding="utf-8")
    with pytest.raises(FileError, match="is a file"):
        Store(tmp_path / "run", {}).begin(FILES)
    with pytest.raises(FileError, match="cannot be written"):
        Store(tmp_path / "none", {}).put("a.txt", lambda path: path.write_text("a", encoding="utf-8"))
