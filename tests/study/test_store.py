"""A run's folder: nothing foreign is replaced, nothing half-written is left."""

import json
from pathlib import Path

import pytest

from eaesim.errors import FileError
from eaesim.study import Store
from eaesim.study.claim import claim


def fill(**files: str):
    def write(folder: Path) -> None:
        for name, text in files.items():
            (folder / f"{name}.txt").write_text(text, encoding="utf-8")

    return write


def tree(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in folder.iterdir() if path.name != "manifest.json"}


def test_a_run_lists_its_files(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "run"
    paths = Store(folder, {"seed": 3}).write(fill(a="1", b="2"))
    assert paths == [folder / "a.txt", folder / "b.txt"]
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert manifest["files"] == ["a.txt", "b.txt"]
    assert manifest["seed"] == 3
    assert manifest["settings"] == {"seed": 3}
    assert {"eaesim", "numpy", "python"} <= set(manifest["versions"])
    assert sorted(path.name for path in folder.parent.iterdir()) == ["run"]


def test_the_same_settings_are_made_again(tmp_path: Path) -> None:
    Store(tmp_path / "run", {"seed": 3}).write(fill(a="1", b="2"))
    Store(tmp_path / "run", {"seed": 3}).write(fill(a="3"))
    assert tree(tmp_path / "run") == {"a.txt": "3"}


def test_other_settings_are_refused_unless_forced(tmp_path: Path) -> None:
    Store(tmp_path / "run", {"seed": 3}).write(fill(a="1", b="2"))
    with pytest.raises(FileError, match="other settings"):
        Store(tmp_path / "run", {"seed": 4}).write(fill(a="3"))
    assert tree(tmp_path / "run") == {"a.txt": "1", "b.txt": "2"}
    Store(tmp_path / "run", {"seed": 4}, force=True).write(fill(a="3"))
    assert tree(tmp_path / "run") == {"a.txt": "3"}


def test_a_foreign_file_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "a.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(FileError, match=r"a\.txt"):
        Store(tmp_path / "run", {}).check()
    with pytest.raises(FileError, match="not replaced"):
        Store(tmp_path / "run", {}, force=True).write(fill(a="1"))
    Store(tmp_path / "run", {}, force=True).write(fill(b="1"))
    assert tree(tmp_path / "run") == {"a.txt": "mine", "b.txt": "1"}


def test_a_manifest_cannot_reach_out_of_its_folder(tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("mine", encoding="utf-8")
    (tmp_path / "run").mkdir()
    manifest = {"hash": "x", "files": ["../precious.txt", "/etc/passwd", 3]}
    (tmp_path / "run" / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    Store(tmp_path / "run", {}, force=True).write(fill(a="1"))
    assert (tmp_path / "precious.txt").read_text("utf-8") == "mine"


@pytest.mark.parametrize("note", ["", "[]", "{", '{"files": 3}', '{"files": {"a.txt": 3}}', "[" * 100_000])
def test_a_broken_note_of_a_stopped_run_gives_no_file_away(tmp_path: Path, note: str) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / ".unfinished.json").write_text(note, encoding="utf-8")
    (tmp_path / "run" / "a.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(FileError, match=r"a\.txt"):
        Store(tmp_path / "run", {}).check()
    with pytest.raises(FileError, match="not replaced"):
        Store(tmp_path / "run", {}, force=True).write(fill(a="1"))
    assert (tmp_path / "run" / "a.txt").read_text("utf-8") == "mine"


@pytest.mark.parametrize(
    "stated", ["{}", '{"versions": []}', '{"versions": {"eaesim": 3}}', '{"fingerprint": []}']
)
def test_a_manifest_of_no_model_is_of_another_one(tmp_path: Path, stated: str) -> None:
    store = Store(tmp_path / "run", {})
    store.folder.mkdir()
    manifest = {**json.loads(stated), "hash": store.hash}
    (store.folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(FileError, match="another model"):
        store.check()


@pytest.mark.parametrize("manifest", ["", "[]", "{", '{"files": 3}', '{"files": null}'])
def test_a_broken_manifest_is_a_run_with_other_settings(tmp_path: Path, manifest: str) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "manifest.json").write_text(manifest, encoding="utf-8")
    with pytest.raises(FileError, match="other settings"):
        Store(tmp_path / "run", {}).check()


def test_nothing_is_left_where_writing_fails(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        (folder / "a.txt").write_text("1", encoding="utf-8")
        raise RuntimeError("stopped")

    with pytest.raises(RuntimeError):
        Store(tmp_path / "run", {}).write(fail)
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("mine", encoding="utf-8")
    with pytest.raises(FileError, match="is a file"):
        Store(tmp_path / "run", {}).check()
    with pytest.raises(FileError, match="not a folder"):
        Store(tmp_path / "run" / "inside", {}).check()


def test_the_folder_one_stands_in_can_be_filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "run").mkdir()
    monkeypatch.chdir(tmp_path / "run")
    Store(Path(), {"seed": 3}).write(fill(a="1"))
    assert tree(tmp_path / "run") == {"a.txt": "1"}


def test_what_was_kept_on_the_way_is_gone_once_files_are_written(tmp_path: Path) -> None:
    store, other = Store(tmp_path / "run", {"seed": 3}), Store(tmp_path / "run", {"seed": 4})
    for each in (store, other):
        each.kept.mkdir()
    store.write(fill(a="1"))
    assert not store.kept.exists()
    assert other.kept.exists()


def test_a_run_that_is_refused_leaves_only_what_it_finished(tmp_path: Path) -> None:
    store = Store(tmp_path / "run", {"seed": 3})
    store.leave()
    claim(store.kept, store.settings)
    (store.kept / "part.json").write_text("{}")
    store.leave()
    assert len(list(store.kept.iterdir())) == 2
    (store.kept / "part.json").unlink()
    store.leave()
    assert list(tmp_path.iterdir()) == []


def test_the_hash_knows_every_setting() -> None:
    assert Store(Path(), {"a": 1, "b": 2}).hash == Store(Path(), {"b": 2, "a": 1}).hash
    assert Store(Path(), {"a": 1}).hash != Store(Path(), {"a": 2}).hash
