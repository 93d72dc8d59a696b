"""Compiled code on disk: kept where it can be, never stale, never in anybody's way."""

from __future__ import annotations

import ast
import importlib.util
import marshal
import os
import pickle
import shutil
import sys
from pathlib import Path

import pytest

import eaesim
from eaesim.solver.lanes import cache
from eaesim.solver.lanes.codefiles import FOLDER

PACKAGE = Path(eaesim.__file__).parent
SHOW = """
from eaesim.solver.lanes.cache import load_driver
from eaesim.solver.lanes.processor import lanes_width

print(digest(toy()))
driver = load_driver(lanes_width())
print(driver.kept)
print(sum(driver.drive.stats.cache_hits.values()))
print(choose_engine().name)
"""


def answer(script, text=SHOW, **variables):
    """Return what a process of its own computes, where it keeps its code, and whether it found it there."""
    digest, kept, hits, name = script(text, **variables).stdout.splitlines()
    assert name == "lanes"
    return digest, kept, int(hits)


@pytest.fixture(scope="module")
def expected(prelude):
    """Compute the answer in this process."""
    scope: dict = {"__name__": "prelude"}
    exec(prelude, scope)
    return scope["digest"](scope["toy"]())


def files(folder):
    """Return the driver's files; those of equations are tested in test_codefiles.py."""
    found = (path for path in Path(folder).rglob("*") if path.is_file())
    return sorted(path.name for path in found if path.parent.name != FOLDER)


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


@pytest.mark.slow
def test_the_first_process_fills_the_folder_and_the_next_finds_it(script, tmp_path, expected):
    folder = tmp_path / "new" / "folder"
    assert answer(script, EAESIM_CACHE=folder) == (expected, str(folder), 0)
    filled = files(folder)
    assert {Path(name).suffix for name in filled} - {".pyc"} == {".py", ".nbi", ".nbc"}
    assert answer(script, EAESIM_CACHE=folder) == (expected, str(folder), 1)
    assert files(folder) == filled


@pytest.mark.slow
def test_two_processes_may_fill_an_empty_folder_at_once(script, tmp_path, expected):
    folder = tmp_path / "empty"
    both = [script(SHOW, start=True, EAESIM_CACHE=folder) for _ in range(2)]
    for process in both:
        output, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
        assert output.splitlines()[0] == expected
    assert answer(script, EAESIM_CACHE=folder) == (expected, str(folder), 1)
    assert not [name for name in files(folder) if not name.endswith((".py", ".pyc", ".nbi", ".nbc"))]


# Folders that are no good


@pytest.mark.slow
def test_a_file_in_the_place_of_the_folder_stops_nobody(script, tmp_path, expected):
    path = tmp_path / "file"
    path.write_text("mine")
    digest, kept, _ = answer(script, EAESIM_CACHE=path)
    assert digest == expected
    assert kept.startswith("not kept: ")
    assert path.read_text() == "mine"


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
        digest, kept, _ = answer(script, READ_ONLY + SHOW, EAESIM_CACHE=folder, HOME=folder)
    finally:
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o755)
    assert digest == expected
    assert "\n" not in kept
    assert files(folder) == before


# A file may not grow past a limit: a disk that is full, as the writer sees it.
FULL = """
import resource

resource.setrlimit(resource.RLIMIT_FSIZE, (MOST, MOST))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no such limit there")
@pytest.mark.parametrize("limit", [100, 50_000], ids=["at the source", "at the machine code"])
def test_a_full_disk_stops_nobody_and_leaves_nothing_half_written(script, tmp_path, expected, limit):
    folder = tmp_path / "full"
    digest, kept, _ = answer(script, FULL.replace("MOST", str(limit)) + SHOW, EAESIM_CACHE=folder)
    assert digest == expected
    assert kept.startswith("not kept: ")
    assert not [name for name in files(folder) if not name.endswith((".py", ".pyc", ".nbi"))]
    # Once there is room again, all is well.
    assert answer(script, EAESIM_CACHE=folder)[:2] == (expected, str(folder))
    assert answer(script, EAESIM_CACHE=folder) == (expected, str(folder), 1)


@pytest.mark.slow
@pytest.mark.parametrize("kept", [0, 0.5])
@pytest.mark.parametrize("suffix", ["nbi", "nbc", "py"])
def test_a_damaged_file_stops_nobody(script, shared_cache, tmp_path, expected, suffix, kept):
    answer(script)
    folder = tmp_path / "damaged"
    shutil.copytree(shared_cache, folder)
    damaged = list(folder.rglob(f"*.{suffix}"))
    assert damaged
    for path in damaged:
        text = path.read_bytes()
        path.write_bytes(text[: int(kept * len(text)) if isinstance(kept, float) else kept])
    assert answer(script, EAESIM_CACHE=folder)[0] == expected


# Nothing stale


def test_the_fingerprint_covers_every_source_that_is_compiled():
    # What the driver imports from the package is compiled into it.
    here = Path(cache.__file__).parent
    waiting, found = ["driver"], set()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            for node in ast.walk(ast.parse((here / f"{name}.py").read_text("utf-8"))):
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("eaesim."):
                    assert node.module.startswith("eaesim.solver.lanes."), node.module
                    waiting.append(node.module.rpartition(".")[2])
    text = (here / "cache.py").read_text("utf-8")
    assert all(f'"{name}.py"' in text for name in found), found


@pytest.mark.parametrize("name", ["driver.py", "vector.py", "cache.py"])
def test_an_edit_changes_the_fingerprint(monkeypatch, tmp_path, name):
    before = cache.fingerprint()
    for source in Path(cache.__file__).parent.glob("*.py"):
        shutil.copy(source, tmp_path)
    monkeypatch.setattr(cache, "__file__", str(tmp_path / "cache.py"))
    assert cache.fingerprint() == before
    with (tmp_path / name).open("a") as file:
        file.write("\n# edited\n")
    assert cache.fingerprint() != before


@pytest.mark.parametrize("library", ["numba", "llvmlite", "numpy"])
def test_another_version_of_a_compiler_changes_the_fingerprint(monkeypatch, library):
    before = cache.fingerprint()
    monkeypatch.setattr(sys.modules[library], "__version__", "0.0.1")
    assert cache.fingerprint() != before


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "before", "after"),
    [
        ("solver/lanes/driver.py", "error <= 1.0", "error <= 0.01"),
        ("solver/lanes/crowd.py", "GREATEST_CHANGE = 0.1,", "GREATEST_CHANGE = 0.01,"),
        ("solver/lanes/crowd.py", "chunks", "chunks"),
    ],
    ids=["driver", "crowd", "nothing"],
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
    """Return a folder that is good, with a file of each kind that is read there."""
    folder = tmp_path / "private"
    (folder / "__pycache__").mkdir(parents=True, mode=0o700)
    (folder / "driver_1.py").write_text("")
    for path in (tmp_path, folder, folder / "__pycache__"):
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
    (private / "notes.txt").symlink_to("/etc/passwd")  # is not read
    cache.check_private(private)


@has_rights
@pytest.mark.parametrize("name", ["..", ".", "driver_1.py", "__pycache__"])
@pytest.mark.parametrize("mode", [0o777, 0o707, 0o702])
def test_where_everybody_may_write_is_no_good(private, name, mode):
    (private / name).chmod(mode)
    refused(private, "may be written to by other users")


@is_root
@pytest.mark.parametrize("name", ["..", ".", "driver_1.py", "__pycache__"])
def test_where_a_group_of_others_may_write_is_no_good(private, name):
    (private / name).chmod(0o770)
    os.chown(private / name, os.getuid(), STRANGER)
    refused(private, "may be written to by other users")


@is_root
@pytest.mark.parametrize("name", ["..", ".", "driver_1.py", "__pycache__"])
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
@pytest.mark.parametrize("name", ["driver_2.py", "__pycache__"])
def test_a_link_is_no_good(private, tmp_path, name):
    if (private / name).is_dir():
        (private / name).rmdir()
    (private / name).symlink_to(tmp_path)
    refused(private, "is a link")


@has_rights
def test_a_generous_mask_does_not_make_a_folder_that_the_next_process_refuses(tmp_path):
    name = f"driver_{cache.fingerprint()}"
    before, known = os.umask(0), sys.modules.get(name)
    try:
        cache._module(tmp_path / "new")
    finally:
        os.umask(before)
        sys.modules.pop(name)
        if known is not None:  # what other tests of this process have compiled looks for it
            sys.modules[name] = known
    for path in (tmp_path / "new", *(tmp_path / "new").iterdir()):
        assert not path.stat().st_mode & 0o022


PLANTED = "open({!r}, 'w').close()\n"


def test_a_line_that_was_put_into_the_copy_is_not_run(tmp_path):
    path, mark = tmp_path / "cache" / f"driver_{cache.fingerprint()}.py", tmp_path / "planted"
    path.parent.mkdir(mode=0o700)
    shipped = Path(cache.__file__).with_name("driver.py").read_text("utf-8")
    for text in (shipped + PLANTED.format(str(mark)), PLANTED.format(str(mark)), ""):
        path.write_text(text, "utf-8")
        module = cache._module(path.parent)
        sys.modules.pop(module.__name__)
        assert not mark.exists()
        assert path.read_text("utf-8") == shipped
        assert module.drive.py_func.__code__.co_filename == str(path)


def test_compiled_python_beside_the_copy_is_not_run(tmp_path):
    path, mark = tmp_path / "cache" / f"driver_{cache.fingerprint()}.py", tmp_path / "planted"
    path.parent.mkdir(mode=0o700)
    shutil.copy(Path(cache.__file__).with_name("driver.py"), path)
    code = compile(PLANTED.format(str(mark)), str(path), "exec")
    status = path.stat()
    head = importlib.util.MAGIC_NUMBER + (0).to_bytes(4, "little")
    head += int(status.st_mtime).to_bytes(4, "little") + status.st_size.to_bytes(4, "little")
    planted = Path(importlib.util.cache_from_source(str(path)))
    planted.parent.mkdir(mode=0o700)
    planted.write_bytes(head + marshal.dumps(code))
    sys.modules.pop(cache._module(path.parent).__name__)
    assert not mark.exists()


class Planted:
    """What runs something as soon as it is read back."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return open, (str(self.mark), "w")


@pytest.mark.slow
@is_root
@pytest.mark.parametrize("where", ["a stranger's folder", "NUMBA_CACHE_DIR", "EAESIM_CACHE"])
def test_an_index_that_a_stranger_planted_is_not_read(script, shared_cache, tmp_path, expected, where):
    answer(script)
    folder, mark = tmp_path / "planted-folder", tmp_path / "planted"
    variables = {"EAESIM_CACHE": folder}
    if where == "NUMBA_CACHE_DIR":
        variables = {"EAESIM_CACHE": tmp_path / "own", "NUMBA_CACHE_DIR": folder}
        assert answer(script, **variables)[2] == 0
    else:
        shutil.copytree(shared_cache, folder)
    indices = list(folder.rglob("*.nbi"))
    assert indices
    for path in indices:
        path.write_bytes(pickle.dumps(Planted(mark)))
    if where == "EAESIM_CACHE":  # the folder is one's own, but was open for some time
        for path in indices:
            os.chown(path, STRANGER, STRANGER)
    else:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, STRANGER, STRANGER)
    digest, kept, _ = answer(script, **variables)
    assert digest == expected
    assert not mark.exists()
    assert kept.startswith("not kept: ")
    assert "belongs to another user" in kept
