"""Machine code on disk: kept where it can be, never stale, never in anybody's way."""

from __future__ import annotations

import os
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

import eaesim
from eaesim.solver.lanes import cache

PACKAGE = Path(eaesim.__file__).parent
SHOW = """
from eaesim.solver.lanes.drivercode import load_driver
from eaesim.solver.lanes.processor import lanes_width

print(digest(toy()))
print(load_driver(lanes_width()).kept)
print("compiled" if "numba" in sys.modules else "found")
print(choose_engine().name)
"""


def answer(script, text=SHOW, **variables):
    """Return what a process of its own computes, where it keeps its code, and whether it found it there."""
    digest, kept, way, name = script(text, **variables).stdout.splitlines()
    assert name == "lanes"
    return digest, kept, way


@pytest.fixture(scope="module")
def expected(prelude):
    """Compute the answer in this process."""
    scope: dict = {"__name__": "prelude"}
    exec(prelude, scope)
    return scope["digest"](scope["toy"]())


def files(folder):
    return sorted(path.name for path in Path(folder).rglob("*") if path.is_file())


@pytest.fixture
def folder(monkeypatch, tmp_path):
    """Keep code in a folder of its own, as a user does."""
    monkeypatch.setenv("EAESIM_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def found(key="key", content=b"code" * 100):
    """Ask for code, and return whether it was there."""
    made = []
    assert cache.stored(key, lambda: made.append(1) or content)[0] == content
    return not made


def only(folder):
    (path,) = folder.iterdir()
    return path


# Where it lies


def test_the_variable_names_the_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("EAESIM_CACHE", str(tmp_path / "here"))
    assert cache.cache_folder() == tmp_path / "here"


def test_without_the_variable_the_folder_is_the_users(monkeypatch):
    for empty in (None, ""):
        monkeypatch.delenv("EAESIM_CACHE", raising=False)
        if empty is not None:
            monkeypatch.setenv("EAESIM_CACHE", empty)
        assert cache.cache_folder().is_absolute()
        assert "eaesim" in cache.cache_folder().parts


def test_code_is_compiled_once(folder):
    assert [found(), found()] == [False, True]
    assert cache.stored("key", bytes)[1] == str(folder)
    assert only(folder).stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700


def test_who_asks_while_code_is_compiled_waits_for_it(folder, monkeypatch):
    pytest.importorskip("fcntl")
    looked, read = Event(), cache._read
    monkeypatch.setattr(cache, "_read", lambda path: (read(path), looked.set())[0])
    with ThreadPoolExecutor(1) as second:

        def build():
            looked.clear()
            asked.append(second.submit(found))
            looked.wait(60)
            return b"code" * 100

        asked = []
        cache.stored("key", build)
        assert asked[0].result()
    assert [path.suffix for path in folder.iterdir()] == [".code"]


def test_a_compiler_that_is_stopped_stops_nobody_else(folder, monkeypatch):
    fcntl = pytest.importorskip("fcntl")
    monkeypatch.setattr(cache, "LONGEST_WAIT", 0.1)

    def build():
        (lock,) = folder.glob("*.lock")
        with lock.open("w") as other, pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # As if it were another process: the same code, while this one holds the lock.
        return cache.stored("key", lambda: b"code" * 100)[0]

    assert cache.stored("key", build) == (b"code" * 100, str(folder))


def test_a_lock_that_cannot_be_removed_stops_nobody(folder, monkeypatch):
    pytest.importorskip("fcntl")

    def kept(path, **_):
        raise PermissionError(f"{path} is in a folder that is read-only now")

    folder.mkdir()
    monkeypatch.setattr(Path, "unlink", kept)
    with cache._alone(folder / "key.lock"):
        compiled = True
    assert compiled
    assert (folder / "key.lock").exists()


@pytest.mark.slow
def test_the_first_process_fills_the_folder_and_the_next_needs_no_compiler(script, tmp_path, expected):
    folder = tmp_path / "new" / "folder"
    assert answer(script, EAESIM_CACHE=folder) == (expected, str(folder), "compiled")
    filled = files(folder)
    assert len(filled) == 3  # the drivers of both precisions, and the equations
    assert answer(script, EAESIM_CACHE=folder) == (expected, str(folder), "found")
    assert files(folder) == filled


@pytest.mark.slow
def test_two_processes_may_fill_an_empty_folder_at_once(script, tmp_path, expected):
    folder = tmp_path / "empty"
    both = [script(SHOW, start=True, EAESIM_CACHE=folder) for _ in range(2)]
    for process in both:
        output, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
        assert output.splitlines()[0] == expected
    assert len(files(folder)) == 3
    assert answer(script, EAESIM_CACHE=folder) == (expected, str(folder), "found")


# Folders that are no good


@pytest.mark.parametrize("name", ["off", "file", "file/below"])
def test_without_a_folder_code_is_compiled_each_time(monkeypatch, tmp_path, name):
    (tmp_path / "file").write_text("mine")
    monkeypatch.setenv("EAESIM_CACHE", name if name == "off" else str(tmp_path / name))
    assert [found(), found()] == [False, False]
    assert cache.stored("key", bytes)[1].startswith("not kept: ")
    assert not Path("off").exists()
    assert (tmp_path / "file").read_text() == "mine"


# A superuser may write everywhere, but for one who gives up all privileges (capset of Linux).
READ_ONLY = """
import ctypes
import os

if os.getuid() == 0:
    ctypes.CDLL(None).capset((ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)())
try:
    open(os.path.join(os.environ["EAESIM_CACHE"], "new"), "w")
except PermissionError:
    pass
else:
    raise SystemExit("the folder can be written to")
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="rights are other things there")
@pytest.mark.parametrize("filled", [False, True], ids=["empty", "filled"])
def test_a_read_only_folder_stops_nobody(script, shared_cache, tmp_path, expected, filled):
    folder = tmp_path / "fixed"
    if filled:
        answer(script)
        shutil.copytree(shared_cache, folder)
    else:
        folder.mkdir()
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o555)
    before = files(folder)
    try:
        digest, kept, way = answer(script, READ_ONLY + SHOW, EAESIM_CACHE=folder)
    finally:
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o755)
    assert digest == expected
    assert (way == "found") == filled == (not kept.startswith("not kept: "))
    assert "\n" not in kept
    assert files(folder) == before


def test_a_full_disk_stops_nobody_and_leaves_nothing_half_written(folder, monkeypatch):
    def full(*_):
        raise OSError("no space left")

    with monkeypatch.context() as patch:
        patch.setattr(cache.os, "fdopen", full)
        assert [found(), found()] == [False, False]
        assert cache.stored("key", bytes)[1] == "not kept: no space left"
    assert not files(folder)
    assert [found(), found()] == [False, True]


@pytest.mark.parametrize("damage", ["empty", "half", "one bit", "renamed"])
def test_a_damaged_or_foreign_file_is_replaced(folder, damage):
    found()
    path = only(folder)
    content = bytearray(path.read_bytes())
    if damage == "renamed":
        found("another")
        (other,) = set(folder.iterdir()) - {path}
        path.replace(other)
        assert [found("another"), found("another")] == [False, True]
        return
    content[-100] ^= 1
    path.write_bytes(
        {"empty": b"", "half": path.read_bytes()[: len(content) // 2], "one bit": content}[damage]
    )
    assert [found(), found()] == [False, True]


def test_the_oldest_files_of_a_large_folder_go(monkeypatch, folder):
    found()
    size = only(folder).stat().st_size
    monkeypatch.setattr(cache, "MOST_BYTES", 4 * size)
    for number in range(4):
        for age, path in enumerate(sorted(folder.iterdir(), key=lambda each: each.stat().st_mtime)):
            os.utime(path, (age, age))
        found(number)
    assert [found(key) for key in (3, 2, "key", 0)] == [True, True, False, False]


# Nothing stale


def test_what_was_compiled_elsewhere_has_a_file_of_its_own(folder, monkeypatch):
    found()
    monkeypatch.setattr(cache, "_surroundings", lambda: "another processor")
    assert not found()
    assert len(files(folder)) == 2


def test_the_surroundings_name_sources_compiler_and_processor():
    from llvmlite import __version__, binding

    text = cache._surroundings()
    for part in (__version__, binding.get_host_cpu_name(), binding.get_host_cpu_features().flatten()):
        assert part in text
    for source in Path(cache.__file__).parent.glob("*.py"):
        assert repr(source.read_text("utf-8")) in text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "before", "after"),
    [
        ("solver/lanes/driver.py", "error <= 1.0", "error <= 0.01"),
        ("solver/lanes/job.py", "GREATEST_CHANGE = 0.1,", "GREATEST_CHANGE = 0.01,"),
        ("solver/lanes/crowd.py", "chunks", "chunks"),
    ],
    ids=["driver", "job", "nothing"],
)
def test_an_edited_package_gives_its_own_answer_from_the_same_folder(
    script, shared_cache, tmp_path, expected, source, before, after
):
    copy = tmp_path / "copy" / "eaesim"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    text = (copy / source).read_text("utf-8")
    assert before in text
    (copy / source).write_text(text.replace(before, after), "utf-8")
    answer(script)
    where = f"import eaesim\nassert eaesim.__file__.startswith({str(copy)!r}), eaesim.__file__\n"
    digest, _, _ = answer(script, where + SHOW, PYTHONPATH=copy.parent)
    assert (digest == expected) == (before == after)
    assert answer(script)[0] == expected


# Nobody else's code


@pytest.fixture
def private(tmp_path):
    """Return a folder that is good."""
    folder = tmp_path / "private"
    folder.mkdir()
    for path in (tmp_path, folder):
        path.chmod(0o700)
    return folder


has_rights = pytest.mark.skipif(not hasattr(os, "getuid"), reason="rights are other things there")
is_root = pytest.mark.skipif(
    not hasattr(os, "getuid") or os.getuid() != 0, reason="only root gives away files"
)
# Whom nobody is, and a group of nobody.
STRANGER = 54_321


def refused(folder, hint):
    with pytest.raises(PermissionError, match=hint) as caught:
        cache.check_private(folder)
    assert "\n" not in str(caught.value)


@has_rights
def test_a_folder_of_ones_own_is_good(private):
    cache.check_private(private)
    private.chmod(0o755)
    cache.check_private(private)


@has_rights
@pytest.mark.parametrize("name", ["..", "."])
@pytest.mark.parametrize("mode", [0o777, 0o707, 0o702])
def test_where_everybody_may_write_is_no_good(private, name, mode):
    (private / name).chmod(mode)
    refused(private, "may be written to by other users")


@is_root
@pytest.mark.parametrize("name", ["..", "."])
def test_where_a_group_of_others_may_write_is_no_good(private, name):
    (private / name).chmod(0o770)
    os.chown(private / name, os.getuid(), STRANGER)
    refused(private, "may be written to by other users")


@is_root
@pytest.mark.parametrize("name", ["..", "."])
def test_what_is_somebody_elses_is_no_good(private, name):
    os.chown(private / name, STRANGER, STRANGER)
    refused(private, "belongs to another user")


@has_rights
def test_above_a_folder_for_everybody_is_good_where_nobody_moves_what_is_anothers(private):
    private.parent.chmod(0o1777)
    cache.check_private(private)
    private.chmod(0o1777)
    refused(private, "may be written to by other users")


@is_root
def test_such_a_folder_of_a_stranger_is_no_good(private):
    private.parent.chmod(0o1777)
    os.chown(private.parent, STRANGER, STRANGER)
    refused(private, "belongs to another user")


@has_rights
def test_a_file_that_others_may_write_is_not_read(folder):
    found()
    only(folder).chmod(0o666)
    assert [found(), found()] == [False, True]


@is_root
def test_a_file_of_a_stranger_is_not_read(folder):
    found()
    os.chown(only(folder), STRANGER, STRANGER)
    assert not found()


@has_rights
def test_a_link_is_not_read(folder, tmp_path):
    found()
    path = only(folder)
    path.symlink_to(path.replace(tmp_path / "elsewhere"))
    assert not found()


@has_rights
def test_a_generous_mask_does_not_make_a_folder_that_the_next_process_refuses(folder):
    before = os.umask(0)
    try:
        assert [found(), found()] == [False, True]
    finally:
        os.umask(before)
    for path in (folder, *folder.iterdir()):
        assert not path.stat().st_mode & 0o022
