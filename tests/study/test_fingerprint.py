"""Whatever changes a number changes the fingerprint, and what is said of it in words does not."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

import eaesim
from eaesim.study import fingerprint as room
from eaesim.study.assembly import SYSTEM
from eaesim.study.fingerprint import fingerprint, fingerprint_of

PACKAGE = Path(eaesim.__file__).parent


@pytest.fixture(scope="module", autouse=True)
def quick() -> Iterator[None]:
    """Read a file that was not edited once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room, "_READERS", {ending: cache(read) for ending, read in room._READERS.items()})
        yield


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the package; each test puts back what it edits."""
    copied = tmp_path_factory.mktemp("copy") / "eaesim"
    shutil.copytree(PACKAGE, copied, ignore=shutil.ignore_patterns("__pycache__"))
    return copied


def edited(copy: Path, name: str, edit: Callable[[bytes], bytes]) -> str:
    """Return the fingerprint of the package with one of its files edited."""
    path = copy / name
    before = path.read_bytes()
    after = edit(before)
    assert after != before, "nothing was edited"
    path.write_bytes(after)
    try:
        return fingerprint_of(copy)
    finally:
        path.write_bytes(before)


def put(pattern: str, new: str) -> Callable[[bytes], bytes]:
    """Return what replaces the first place that fits a pattern."""
    return lambda content: re.sub(pattern.encode(), new.encode(), content, count=1, flags=re.MULTILINE)


def flip(content: bytes) -> bytes:
    return content[:1000] + bytes([content[1000] ^ 1]) + content[1001:]


MATTERS = {
    "an equation of the score": ("model/score.py", put(r"5\.0 \* _graded", "4.0 * _graded")),
    "an equation of the lesion": ("model/lesion.py", put(r"^(    return .*)$", r"\1 * 1.0")),
    "a resting state": ("model/equations.py", put(r"^def initial_state", "x = 0\ndef initial_state")),
    "a tolerance": ("study/assembly.py", put(r"^RELATIVE_TOLERANCE = .*", "RELATIVE_TOLERANCE = 1e-3")),
    "a table of a method": ("solver/lanes/method.py", put(r"^3/50$", "3/51")),
    "an endpoint": ("endpoints/relapse.py", put(r"^(    return .*)$", r"\1 + 0")),
    "a unit": ("units.py", put(r"^from __future__.*$", "from __future__ import annotations\nX = 1")),
    "a value": ("model/data/base.toml", put(r"^value = .*$", "value = 1.2345")),
    "a bound": ("model/data/base.toml", put(r"^high = 1\.0$", "high = 1.1")),
    "a value of a strain": ("model/data/lewis.toml", put(r"^value = .*$", "value = 1.2345")),
    "a published error": ("evidence/data/untreated.toml", put(r"^error = .*$", "error = 9.75")),
    "a published number": ("evidence/data/ivig.toml", put(r"^treated = 0\.6$", "treated = 0.7")),
    "what a row is used for": ("evidence/data/ivig.toml", put(r'^use = "calibrate"$', 'use = "validate"')),
    "how a row is read": ("estimation/data/targets.toml", put(r"^laboratory = 1\.5$", "laboratory = 1.6")),
    "a part that is left out": ("questions/ablation/parts.toml", put(r"= 0\.0", "= 0.1")),
    "a judgement": ("questions/mechanisms/judged.py", put(r"^(    return .*)$", r"\1 or None")),
    "a prior": ("estimation/data/free.toml", put(r"^drug = \[", 'drug = ["x", ')),
    "what a drug does": ("model/drugs/ivig.toml", put(r'^on = "complement"$', 'on = "recall"')),
    "a member": ("study/ensembles/lewis.ensemble.parquet", flip),
    "the chains of a fit": ("study/ensembles/da.ensemble.toml", put(r"^seed = 1$", "seed = 2")),
}
DOES_NOT = {
    "a note": ("model/data/base.toml", put(r'^note = "', 'note = "Edited. ')),
    "a source": ("model/data/base.toml", put(r'^source = "', 'source = "Edited. ')),
    "a title": ("model/data/da.toml", put(r'^title = "', 'title = "Edited. ')),
    "the note of a finding": ("evidence/data/ivig.toml", put(r'^note = "', 'note = "Edited. ')),
    "the setting of a finding": ("evidence/data/untreated.toml", put(r'^setting = "', 'setting = "Edited. ')),
    "why a row is used": ("estimation/data/targets.toml", put(r'^why = "', 'why = "Edited. ')),
    "the title of a drug": ("model/drugs/methylprednisolone.toml", put(r'^title = "', 'title = "Edited. ')),
    "the command of an ensemble": (
        "study/ensembles/da.ensemble.toml",
        put(r'^command = "', 'command = "Edited. '),
    ),
    "a comment in data": ("model/data/base.toml", put(r"^# Antigen", "# Edited. Antigen")),
    "a spelling of a number": ("model/data/base.toml", put(r"^high = 1\.0$", "high = 1")),
    "other ends of lines in data": ("model/data/base.toml", lambda text: text.replace(b"\n", b"\r\n")),
    "other ends of lines in code": ("model/score.py", lambda text: text.replace(b"\n", b"\r\n")),
    "a comment in code": ("model/score.py", put(r"^    # Times 1", "    # Edited. Times 1")),
    "a docstring": ("model/score.py", put(r'"""Return the latent', '"""Edited. Return the latent')),
    "an empty line": ("model/score.py", put(r"^def severity", "\n\ndef severity")),
    "a figure of a question": ("questions/mechanisms/figurerows.py", put(r"^def ", "x = 1\ndef ")),
    "a figure": ("workbench/figure/course.py", put(r"^def ", "x = 1\ndef ")),
    "a verb": ("cli/report.py", put(r"^def ", "x = 1\ndef ")),
    "a page": ("workbench/report/data/page.css", put(r"^", "p { color: red }\n")),
}


def test_a_copy_has_the_same(copy: Path) -> None:
    assert fingerprint_of(copy) == fingerprint()


@pytest.mark.parametrize("what", MATTERS)
def test_what_changes_a_number_changes_it(what: str, copy: Path) -> None:
    assert edited(copy, *MATTERS[what]) != fingerprint()


@pytest.mark.parametrize("what", DOES_NOT)
def test_words_do_not_change_it(what: str, copy: Path) -> None:
    assert edited(copy, *DOES_NOT[what]) == fingerprint()


def test_an_added_file_of_data_changes_it(copy: Path) -> None:
    path = copy / "model" / "data" / "new.toml"
    path.write_text("x = 1\n", encoding="utf-8")
    try:
        assert fingerprint_of(copy) != fingerprint()
    finally:
        path.unlink()


def test_the_equations_that_run_count_not_those_on_disk(monkeypatch: pytest.MonkeyPatch, copy: Path) -> None:
    def slower(state: object, parameters: object) -> object:
        return SYSTEM.derivative(state, parameters)._replace(deficit=0.0)

    monkeypatch.setattr(room, "SYSTEM", replace(SYSTEM, derivative=slower))
    assert fingerprint_of(copy) != fingerprint()


def test_another_version_changes_it(monkeypatch: pytest.MonkeyPatch, copy: Path) -> None:
    monkeypatch.setattr(room, "version", lambda _: "9.9.9")
    assert fingerprint_of(copy) != fingerprint()


@pytest.mark.parametrize("seed", ["0", "1"])
def test_every_process_has_the_same(seed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONHASHSEED", seed)
    code = "from eaesim.study.fingerprint import fingerprint; print(fingerprint())"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True)
    assert run.stdout.strip() == fingerprint()


def test_no_kind_of_file_is_passed_over() -> None:
    # A data file of a new kind needs a reader, else it could change numbers unseen.
    read = {f".{ending}" for ending in room._READERS}
    makers = [PACKAGE / name for name in room._MAKERS]
    files = {path for maker in makers for path in (maker.rglob("*") if maker.is_dir() else [maker])}
    unread = {
        path for path in files if path.is_file() and path.suffix not in read | {".pyc", ".typed", ".md"}
    }
    assert not unread
    rooms = {path.name for path in PACKAGE.iterdir()} - {"__pycache__", "py.typed"}
    above = {
        "workbench",
        "cli",
        "interop",
        "livepage",
        "__init__.py",
        "__main__.py",
        "errors.py",
        "command.py",
    }
    assert rooms - above == set(room._MAKERS)
