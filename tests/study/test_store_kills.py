"""Runs that are killed at any step, and runs that meet in one folder: old or new as a whole, never mixed."""

from __future__ import annotations

import json
import os
import random
import signal
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from eaesim.errors import FileError
from eaesim.study import Store
from eaesim.study.lock import hold, release, try_lock
from eaesim.study.manifest import MANIFEST, UNFINISHED
from eaesim.workbench.report import read_folder

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are started otherwise there")

NAMES = {1: ("a.txt", "b.txt", "c.txt"), 2: ("b.txt", "c.txt", "d.txt", "e.txt")}
OLD, NEW = 1, 2
# What changes the disk, and so may be the last that a killed run did.
STEPS = [
    (Path, "replace"),
    (Path, "unlink"),
    (Path, "mkdir"),
    (Path, "rmdir"),
    (Path, "write_text"),
    (os, "mkdir"),
    (os, "open"),
    (os, "unlink"),
    (os, "rmdir"),
]
KILLED = 9


def store(folder: Path, seed: int, *, force: bool = False) -> Store:
    return Store(folder, {"verb": "unheard", "seed": seed}, force)


def fill(seed: int) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        for name in NAMES[seed]:
            (folder / name).write_text(f"{name} of {seed}", encoding="utf-8")

    return write


def parts(seed: int) -> list[str]:
    return [f"parts/{name}" for name in NAMES[seed]]


def write_at_once(folder: Path, seed: int, force: bool) -> None:
    store(folder, seed, force=force).write(fill(seed))


def write_in_parts(folder: Path, seed: int, force: bool) -> None:
    own = store(folder, seed, force=force)
    own.begin(parts(seed))
    for name in parts(seed):
        text = f"{Path(name).name} of {seed}"
        if not (folder / name).exists():
            own.put(name, lambda path, text=text: path.write_text(text, encoding="utf-8"))  # type: ignore[misc]


def in_a_process(work: Callable[[], None], *, last: int | None = None) -> int:
    """Return the status of a process that does some work, and is killed before a certain step."""
    with warnings.catch_warnings(action="ignore"):  # Python warns of forks where there are threads
        child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    try:
        if last is not None:
            die_before(last)
        work()
    except FileError as error:
        os.write(2, str(error).encode())
        os._exit(2)
    except BaseException as error:
        os.write(2, repr(error).encode())
        os._exit(1)
    os._exit(0)


def die_before(last: int) -> None:
    done = 0

    def counted(real: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **options: object) -> object:
            nonlocal done
            done += 1
            if done >= last:
                os._exit(KILLED)
            return real(*arguments, **options)

        return call

    for owner, name in STEPS:
        setattr(owner, name, counted(getattr(owner, name)))


def whole(folder: Path, seed: int) -> bool:
    """Say whether every file of a run is there and says what it should."""
    there = {path.name: path for path in folder.rglob("*.txt") if path.name != "mine.txt"}
    said = {name: path.read_text("utf-8") for name, path in there.items()}
    return said == {name: f"{name} of {seed}" for name in NAMES[seed]}


def seed_of(folder: Path) -> int:
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    return int(manifest["settings"]["seed"])


def left_beside(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.parent.iterdir() if path.name != folder.name)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("write", "before"),
    [
        (write_at_once, "another"),
        (write_in_parts, "another"),
        *((write, before) for write in (write_at_once, write_in_parts) for before in ("nothing", "the same")),
    ],
)
def test_a_run_that_is_killed_at_any_step_is_old_or_new_or_says_that_it_is_neither(
    tmp_path: Path, before: str, write: Callable[[Path, int, bool], None], capfd: pytest.CaptureFixture[str]
) -> None:
    kills = 0
    for last in range(1, 200):
        folder = tmp_path / f"{last}" / "run"
        folder.mkdir(parents=True)
        if before != "nothing":
            write(folder, OLD if before == "another" else NEW, False)
            (folder / "mine.txt").write_text("mine", encoding="utf-8")
        force = before != "nothing"
        status = in_a_process(lambda folder=folder, force=force: write(folder, NEW, force), last=last)  # type: ignore[misc]
        assert status in (0, KILLED), capfd.readouterr().err
        if (folder / MANIFEST).exists():
            if seed_of(folder) == OLD or write is write_at_once:
                assert whole(folder, seed_of(folder))
            read = {path.name for path in folder.rglob("*.txt")} - {"mine.txt"}
            assert read <= set(NAMES[seed_of(folder)])
            if write is write_at_once:
                assert read_folder(folder).settings["seed"] == seed_of(folder)
        else:
            with pytest.raises(FileError, match=r"stopped while|so it is not the folder of a run") as caught:
                read_folder(folder)
            assert "\n" not in str(caught.value)
            assert (folder / UNFINISHED).exists() or not list(folder.rglob("[a-e].txt"))
        # The same command again repairs everything, and leaves nothing.
        write(folder, NEW, force)
        assert whole(folder, NEW)
        assert seed_of(folder) == NEW
        assert left_beside(folder) == []
        hidden = [path.name for path in folder.rglob(".*")]
        assert hidden == []
        assert before == "nothing" or (folder / "mine.txt").read_text("utf-8") == "mine"
        if status == 0:
            break
        kills += 1
    else:
        pytest.fail("it never came to an end")
    assert kills > 12


def test_what_a_killed_run_leaves_is_not_taken_by_other_settings(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    write_at_once(folder, OLD, False)
    for last in range(1, 200, 2):
        status = in_a_process(lambda: write_at_once(folder, NEW, True), last=last)
        if (folder / UNFINISHED).exists() and not (folder / MANIFEST).exists():
            break
        assert status == KILLED
    with pytest.raises(FileError, match="other settings"):
        write_at_once(folder, OLD, False)
    write_at_once(folder, OLD, True)
    assert whole(folder, OLD)


def test_a_file_that_was_changed_after_a_kill_is_not_the_runs(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    last = 0
    while not (folder / UNFINISHED).exists() or not (folder / "a.txt").exists():
        last += 2
        in_a_process(lambda: write_at_once(folder, OLD, False), last=last)
        assert last < 100
    (folder / "a.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(FileError, match=r"holds a\.txt, which is not from this run"):
        write_at_once(folder, OLD, False)
    with pytest.raises(FileError, match=r"a\.txt is not a file of a run, so it is not replaced"):
        write_at_once(folder, OLD, True)
    assert (folder / "a.txt").read_text("utf-8") == "mine"


# Two at once


@pytest.mark.parametrize("force", [False, True])
def test_of_two_runs_into_one_folder_the_files_are_never_mixed(
    tmp_path: Path, force: bool, capfd: pytest.CaptureFixture[str]
) -> None:
    for pair in range(2):
        folder, statuses = tmp_path / f"{pair}" / "run", []
        folder.parent.mkdir()
        children = [started(folder, seed, force) for seed in (OLD, NEW)]
        statuses = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
        assert sorted(statuses) == ([0, 0] if force else [0, 2]), capfd.readouterr().err
        assert whole(folder, seed_of(folder))
        if not force:
            assert statuses[seed_of(folder) - 1] == 0
            said = capfd.readouterr().err
            assert "holds a run with other settings" in said
            assert "\n" not in said
        assert left_beside(folder) == ["met-1", "met-2"]


def started(folder: Path, seed: int, force: bool) -> int:
    """Start a process that fills its files, and puts them in place once the other one has filled its own."""
    with warnings.catch_warnings(action="ignore"):
        child = os.fork()
    if child:
        return child

    def meet(to: Path) -> None:
        fill(seed)(to)
        (folder.parent / f"met-{seed}").touch()
        while not all((folder.parent / f"met-{each}").exists() for each in NAMES):
            time.sleep(0.001)

    try:
        store(folder, seed, force=force).write(meet)
    except FileError as error:
        os.write(2, str(error).encode())
        os._exit(2)
    os._exit(0)


def test_a_run_whose_folder_was_taken_writes_nothing_more(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    first, second = store(folder, OLD), store(folder, NEW, force=True)
    first.begin(parts(OLD))
    first.put("parts/a.txt", lambda path: path.write_text("a.txt of 1", encoding="utf-8"))
    second.begin(parts(NEW))
    for write in (
        lambda: first.put("parts/b.txt", lambda path: path.write_text("b.txt of 1", encoding="utf-8")),
        lambda: first.add(lambda to: (to / "b.txt").write_text("b.txt of 1", encoding="utf-8")),
    ):
        with pytest.raises(FileError, match="was taken by another run"):
            write()
    assert not list(folder.rglob("*.txt"))


# What is left


def test_a_folder_that_a_living_run_fills_stays_and_what_a_dead_one_left_goes(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    (tmp_path / ".run-notes_12").mkdir()
    (tmp_path / ".run-notes_12" / "mine.txt").write_text("mine", encoding="utf-8")

    def killed(to: Path) -> None:
        fill(OLD)(to)
        os._exit(KILLED)

    def inner(to: Path) -> None:
        fill(NEW)(to)
        write_at_once(folder, NEW, False)
        assert to.is_dir()

    assert in_a_process(lambda: store(folder, OLD).write(killed)) == KILLED  # type: ignore[func-returns-value]
    assert len(left_beside(folder)) == 2
    (tmp_path / ".run-12345678").mkdir()
    store(folder, NEW).write(inner)
    assert left_beside(folder) == [".run-notes_12"]
    assert whole(folder, NEW)


def test_a_lock_is_one_processs_and_dies_with_it(tmp_path: Path) -> None:
    path = tmp_path / "lock"

    def try_and_die() -> None:
        os._exit(3 if try_lock(path) is None else 4)

    with hold(path):
        assert in_a_process(try_and_die) == 3
        with pytest.raises(FileError, match="another run"), hold(path, patience=0.05):
            pass
    assert not path.exists()
    assert in_a_process(try_and_die) == 4
    assert path.exists()
    held = try_lock(path)
    assert held is not None
    release(path, held)
    assert not path.exists()


def test_where_the_folder_above_is_no_good_everything_lies_inside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    monkeypatch.setattr(os.path, "ismount", lambda path: Path(path) == folder)
    seen: list[Path] = []
    store(folder, OLD).write(lambda to: (seen.append(to), fill(OLD)(to)))
    assert [to.parent for to in seen] == [folder]
    assert whole(folder, OLD)
    own = store(folder, OLD)
    assert own.kept.parent == folder
    own.kept.mkdir()
    own.check()
    own.write(fill(OLD))
    assert {path.name for path in folder.iterdir()} == {*NAMES[OLD], MANIFEST}


# At random, by the system


@pytest.mark.slow
def test_killed_at_random_it_is_old_or_new_or_says_that_it_is_neither(tmp_path: Path) -> None:
    folder, chance = tmp_path / "run", random.Random(16)
    write_at_once(folder, OLD, False)
    for kill in range(int(os.environ.get("EAESIM_TEST_KILLS", "50"))):
        seed = (NEW, OLD)[kill % 2]
        with warnings.catch_warnings(action="ignore"):
            child = os.fork()
        if not child:
            while True:  # over and over, so that a kill finds it at work
                write_at_once(folder, seed, True)
        time.sleep(chance.uniform(0.001, 0.05))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        if (folder / MANIFEST).exists():
            assert whole(folder, seed_of(folder))
            read_folder(folder)
        else:
            with pytest.raises(FileError, match="stopped while"):
                read_folder(folder)
        write_at_once(folder, seed, True)
        assert whole(folder, seed)
        assert left_beside(folder) == []
