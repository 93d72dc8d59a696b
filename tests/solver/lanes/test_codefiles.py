"""Machine code of equations on disk: the same bits, never stale, never in anybody's way."""

from __future__ import annotations

import os

import pytest

from eaesim.protocol import Regimen
from eaesim.solver.lanes import codefiles, crowd, machinecode
from eaesim.solver.lanes.cache import load_driver
from eaesim.solver.lanes.codefiles import FOLDER, kept
from eaesim.solver.lanes.processor import lanes_width
from eaesim.solver.trace import trace


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path):
    """Keep code in a folder of its own, as a user does."""
    load_driver(lanes_width())  # the user's own, not compiled anew
    monkeypatch.setattr(machinecode, "kept", kept)
    monkeypatch.setenv("EAESIM_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / FOLDER


@pytest.fixture
def compiled(toy, monkeypatch):
    """Return a function that asks for the toy's code, and says whether it was there."""
    made, asked = [], []
    with monkeypatch.context() as patch:
        patch.setattr(machinecode, "kept", lambda key, tape, build: made.append(build()) or made[0])
        patch.setattr(machinecode, "_KNOWN", {})
        crowd.solve(toy([(0.0, 0, 1.0)]))

    def ask(key="key"):
        asked.clear()
        assert kept(key, made[0].folded.tape, lambda: asked.append(key) or made[0]) == made[0]
        return not asked

    return ask


def solved(problem, monkeypatch):
    """Solve as a new process does, without code in memory."""
    monkeypatch.setattr(machinecode, "_KNOWN", {})
    return crowd.solve(problem, workers=1)


def only(folder):
    (path,) = folder.iterdir()
    return path


def test_code_is_compiled_once_and_read_back_whole(compiled, folder):
    assert [compiled(), compiled()] == [False, True]
    assert only(folder).stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == folder.parent.stat().st_mode & 0o777 == 0o700


def test_code_from_disk_computes_the_same_bits(rat_problem, monkeypatch, folder, same_bits):
    problem = rat_problem(Regimen(), until=12)
    before = solved(problem, monkeypatch)
    monkeypatch.setattr(machinecode, "_build", None)  # nothing is compiled
    after = solved(problem, monkeypatch)
    assert same_bits(before.values, after.values)
    assert len(list(folder.iterdir())) == 1


@pytest.mark.parametrize("part", ["method", "floor", "width", "still", "zero_parameters", "resting", "tape"])
def test_other_equations_have_a_file_of_their_own(toy, monkeypatch, folder, part):
    problem, asked = toy([(0.0, 0, 1.0)]), []
    monkeypatch.setattr(crowd, "machine_code", lambda tape, **given: asked.append((tape, given)))
    crowd._job(problem, crowd.verner6())
    tape, given = asked[0]
    given, other = given | {"still": frozenset()}, {"resting": {0: 0}, "floor": (1.0, 1e-9), "width": 1}
    changed = {part: {"method": crowd.rodas5p(), **other}.get(part, frozenset({1}))}
    if part == "tape":
        tapes, changed = (tape, trace(problem.system, ("first",))), {}
    else:
        tapes = (tape, tape)
    monkeypatch.setattr(machinecode, "_KNOWN", {})
    machinecode.machine_code(tapes[0], **given)
    machinecode.machine_code(tapes[1], **given | changed)
    assert len(list(folder.iterdir())) == 2


def test_another_compiler_or_processor_does_not_read_it(compiled, folder, monkeypatch):
    compiled()
    monkeypatch.setattr(codefiles, "_surroundings", lambda: "another processor")
    assert not compiled()
    assert len(list(folder.iterdir())) == 2


def test_the_surroundings_name_sources_compiler_and_processor():
    from llvmlite import __version__, binding

    text = codefiles._surroundings()
    for part in (__version__, binding.get_host_cpu_name(), binding.get_host_cpu_features().flatten()):
        assert part in text
    assert "def emit_explicit_step" in text


@pytest.mark.parametrize("damage", ["empty", "half", "one bit", "renamed"])
def test_a_damaged_or_foreign_file_is_replaced(compiled, folder, damage):
    compiled()
    path = only(folder)
    content = bytearray(path.read_bytes())
    if damage == "renamed":
        compiled("another")
        (other,) = set(folder.iterdir()) - {path}
        path.replace(other)
        assert [compiled("another"), compiled("another")] == [False, True]
        return
    if damage == "one bit":
        content[-100] ^= 1
    path.write_bytes(
        content if damage == "one bit" else content[: {"empty": 0, "half": len(content) // 2}[damage]]
    )
    assert [compiled(), compiled()] == [False, True]


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="rights are other things there")
@pytest.mark.parametrize("what", ["file", "folder"])
def test_what_others_may_write_is_not_read(compiled, folder, what):
    compiled()
    (only(folder) if what == "file" else folder).chmod(0o777)
    assert not compiled()


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="rights are other things there")
def test_a_link_is_not_read(compiled, folder, tmp_path):
    compiled()
    path = only(folder)
    path.symlink_to(path.replace(tmp_path / "elsewhere"))
    assert not compiled()


def test_without_a_folder_code_is_compiled_each_time(compiled, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("mine")
    for place in ("off", str(tmp_path / "file"), str(tmp_path / "file" / "below")):
        monkeypatch.setenv("EAESIM_CACHE", place)
        assert [compiled(), compiled()] == [False, False]
    assert not (tmp_path / "off").exists()
    assert (tmp_path / "file").read_text() == "mine"


def test_a_folder_that_cannot_be_written_to_stops_nobody(compiled, monkeypatch, folder):
    def full(**_):
        raise OSError("no space left")

    monkeypatch.setattr(codefiles.tempfile, "mkstemp", full)
    assert [compiled(), compiled()] == [False, False]
    assert not list(folder.iterdir())


def test_a_generous_mask_makes_no_folder_that_is_refused(compiled):
    before = os.umask(0)
    try:
        assert [compiled(), compiled()] == [False, True]
    finally:
        os.umask(before)


def test_the_oldest_files_of_a_large_folder_go(compiled, monkeypatch, folder):
    compiled()
    size = only(folder).stat().st_size
    monkeypatch.setattr(codefiles, "MOST_BYTES", 4 * size)
    for number in range(4):
        for age, path in enumerate(sorted(folder.iterdir(), key=lambda each: each.stat().st_mtime)):
            os.utime(path, (age, age))
        compiled(number)
    assert [compiled(key) for key in (3, 2, "key", 0)] == [True, True, False, False]


@pytest.mark.slow
def test_two_processes_at_once_write_one_good_file(script, shared_cache, toy, folder, monkeypatch):
    text = "print(digest(toy()))\n"
    expected = script(text).stdout
    for path in (shared_cache / FOLDER).iterdir():
        path.unlink()
    both = [script(text, start=True) for _ in range(2)]
    for process in both:
        output, errors = process.communicate(timeout=120)
        assert (process.returncode, output) == (0, expected), errors
    before = only(shared_cache / FOLDER).stat().st_mtime_ns
    assert script(text).stdout == expected
    assert only(shared_cache / FOLDER).stat().st_mtime_ns == before
