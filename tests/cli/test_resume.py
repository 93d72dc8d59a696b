"""Nothing is taken up again, or mixed, under another model, other data or another version."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from shell import call, folder_with, study_file

import eaesim
from eaesim.cli.main import main
from eaesim.errors import FileError
from eaesim.estimation.fitcalibration import calibrate_rows
from eaesim.estimation.record import Record
from eaesim.questions.fit.answer import plan, run_fit
from eaesim.questions.fit.request import FitRequest
from eaesim.questions.sweep.parts import SweepFolder
from eaesim.solver import Effort
from eaesim.study.fingerprint import fingerprint
from eaesim.workbench.report import read_folder

PACKAGE = Path(eaesim.__file__).parent
STUDY = (
    study_file(until=8, animals=4)
    + """
[sweep]
"arm.early.day" = [0, 3]
"parameter.priming_rate" = { low = 0.4, high = 1.6, points = 3 }
"""
)
FEW = ["--animals", "4", "--quiet"]
FIT = ["fit", "--rat", "lewis", *FEW]
TINY = ["--particles", "8", "--moves", "1", "--sets", "600"]
PRIOR = ["--start", "prior", "--moves", "1"]
# Every verb that goes on where it was stopped.
RESUMED = {
    "sweep": ["sweep", "study.toml", "--workers", "1", "--out", "sweep", "--animals", "50", "--quiet"],
    "fit": [*FIT, *PRIOR, "--particles", "8", "--chains", "1", "--out", "fit"],
    "calibrate": [*FIT, "--calibrate", "2", *TINY, "--out", "calibrate"],
    "ablation": [
        *("ablation", "--ensemble", "members", "--set", "axon_loss_weight=0"),
        *("--particles", "4", "--moves", "1", "--quiet"),
    ],
}
# One that is written at the end.
RUN = ["run", "study.toml", "--parameter-sets", "1", "--out", "run", *FEW]


class StopError(Exception):
    pass


folder = folder_with({"study.toml": STUDY}, LOKY_MAX_CPU_COUNT="1")


def files() -> dict[str, bytes]:
    # A log says when a run was resumed.
    files = (path for path in sorted(Path().rglob("*")) if path.is_file() and path.name != "fit.log")
    return {str(path): path.read_bytes() for path in files}


def after(number: int, method: Callable[..., object]) -> Callable[..., object]:
    """Return a method that works so many times, and then stops what calls it."""
    done = 0

    def call(*arguments: object) -> object:
        nonlocal done
        if done == number:
            raise StopError
        done += 1
        return method(*arguments)

    return call


def begin(name: str) -> None:
    """Start a verb, and stop it once something is kept."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SweepFolder, "put", after(2, SweepFolder.put))
        patch.setattr(Record, "__call__", after(1, Record.__call__))
        with pytest.raises(StopError):
            main(RESUMED[name])


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> None:
    before = files()
    capsys.readouterr()
    assert call(*arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert "another model, other data or another version" in printed.err
    assert "--force" in printed.err
    assert files() == before


def other(monkeypatch: pytest.MonkeyPatch) -> None:
    for room in ("study.claim", "estimation.record", "study.workers"):
        monkeypatch.setattr(f"eaesim.{room}.fingerprint", lambda: "other")


@pytest.mark.parametrize("name", ["sweep", pytest.param("fit", marks=pytest.mark.slow)])
def test_what_was_begun_with_another_model_is_refused_unless_forced(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(name)
    left = files()
    other(monkeypatch)
    refused(capsys, *RESUMED[name])
    computed: list[Path | None] = []
    keep = Record.__call__
    monkeypatch.setattr(
        Record, "__call__", lambda self, at: (keep(self, at), computed.append(self.folder))[0]
    )
    assert call(*RESUMED[name], "--force") == 0
    assert computed or name == "sweep"
    assert not [path for path in files() if path.startswith(".")]
    assert name != "sweep" or not {content for path, content in left.items() if "part-" in path} & {
        *files().values()
    }


def test_a_finished_run_of_another_model_is_not_replaced_but_reported(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert call(*RUN) == 0
    manifest = json.loads(Path("run/manifest.json").read_text("utf-8"))
    assert manifest["fingerprint"] == fingerprint()
    assert set(manifest["sha256"]) == set(manifest["files"])
    assert read_folder(Path("run")).origin == ""
    other(monkeypatch)
    refused(capsys, *RUN)
    assert "with another model or other data" in read_folder(Path("run")).origin
    assert call(*RUN, "--force") == 0
    assert json.loads(Path("run/manifest.json").read_text("utf-8"))["fingerprint"] == "other"


@pytest.mark.parametrize("version", ["0.1.0", pytest.param(eaesim.__version__, marks=pytest.mark.slow)])
def test_a_run_of_the_first_version_is_refused_to_go_on_and_can_be_reported(
    version: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(*RUN) == 0
    path = Path("run/manifest.json")
    manifest = json.loads(path.read_text("utf-8"))
    manifest["versions"]["eaesim"] = version
    for key in ("fingerprint", "sha256"):
        del manifest[key]
    path.write_text(json.dumps(manifest), encoding="utf-8")
    refused(capsys, *RUN)
    assert call("report", "run") == 0
    assert f"was made by eaesim {version}" in capsys.readouterr().err
    assert f"was made by eaesim {version}" in Path("run/report.html").read_text("utf-8")


def test_a_file_that_was_changed_by_hand_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(*RUN) == 0
    capsys.readouterr()
    for name in ("summary.csv", "summary.svg", "animals.parquet"):
        path = Path("run") / name
        before = path.read_bytes()
        path.write_bytes(before + b"\n")
        assert call("report", "run") == 2
        said = capsys.readouterr().err
        assert said == f"eaesim: {path} was changed after the run had written it; repeat the run.\n"
        path.write_bytes(before)
    assert not Path("run/report.html").exists()


# Calls


def stop_after(number: int, work: Callable[[], object]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Record, "__call__", after(number, Record.__call__))
        with pytest.raises(StopError):
            work()


SMALL = {"start": "prior", "particles": 8, "chains": 1, "animals": 4, "moves": 1}


def fit(rat: list[str], *, folder: Path, **settings: Any) -> object:
    planned = plan(None, FitRequest(rat=rat, **settings))
    return run_fit(planned.request, planned.simulator, Effort(), folder)


def test_a_call_does_not_go_on_with_other_rows_settings_or_models(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "kept"
    stop_after(1, lambda: fit(["lewis"], folder=kept, **SMALL))
    stop_after(2, lambda: fit(["lewis"], folder=kept, **SMALL))
    left = files()
    for change in ({"animals": 5}, {"seed": 2}, {"parameters": {"axon_loss_weight": 0.0}}, {"rat": ["da"]}):
        asked: dict[str, Any] = {"rat": ["lewis"], **SMALL, **change}
        with pytest.raises(FileError, match="begun with other settings"):
            fit(folder=kept, **asked)
    rows = sys.modules["eaesim.estimation.fit"].read_targets

    def changed() -> object:
        used, left_out = rows()
        return tuple(replace(row, laboratory=row.laboratory + 1) for row in used), left_out

    with monkeypatch.context() as patch:
        patch.setattr("eaesim.estimation.fit.read_targets", changed)
        with pytest.raises(FileError, match="begun with other settings"):
            fit(["lewis"], folder=kept, **SMALL)
    other(monkeypatch)
    for work in (fit, calibrate_rows):
        few = {"animals": SMALL["animals"]}
        with pytest.raises(FileError, match="another model") as caught:
            work(["lewis"], folder=kept, **few)
        assert "\n" not in str(caught.value)
    assert files() == left


def test_kept_work_that_does_not_say_what_it_is_is_not_gone_on_with(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    stop_after(1, lambda: fit(["lewis"], folder=kept, **SMALL))
    (kept / "begun.json").unlink()
    with pytest.raises(FileError, match="another version"):
        fit(["lewis"], folder=kept, **SMALL)


# Copies of the package

EDITS = {
    "same": [],
    "equation": [("model/score.py", r"5\.0 \* _graded", "4.0 * _graded")],
    "row": [("evidence/data/untreated.toml", r"^error = .*$", "error = 9.75")],
    "words": [
        ("model/data/base.toml", r'^note = "', 'note = "Edited. '),
        ("model/data/lewis.toml", r'^title = "', 'title = "Edited. '),
        ("evidence/data/untreated.toml", r'^note = "', 'note = "Edited. '),
    ],
}
# Goes on with every verb, as far as the first thing that is read instead of computed.
GO_ON = """
import contextlib, io, json, sys
import eaesim
from eaesim.estimation.record import Record
from eaesim.questions.sweep.parts import SweepFolder
from eaesim.cli.main import main

commands = json.loads(sys.argv[1])
assert eaesim.__file__.startswith(sys.argv[2]), eaesim.__file__

class Went(BaseException):
    pass

def tell(made, read):
    def told(self, *arguments):
        outcome = made(self, *arguments)
        if read(self, outcome):
            raise Went
        return outcome
    return told

Record.__call__ = tell(Record.__call__, lambda record, _: record.read)
SweepFolder.begin = tell(SweepFolder.begin, lambda folder, missing: len(missing) < folder.plan.parts)
outcomes = {}
for name, command in commands.items():
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
            main(command)
    except SystemExit as left:
        outcomes[name] = [left.code, said.getvalue()]
    except Went:
        outcomes[name] = [0, "went on"]
print(json.dumps(outcomes))
"""


@pytest.mark.slow
def test_an_edited_copy_of_the_package_goes_on_only_where_words_were_edited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, few_members_folder: Path
) -> None:
    shutil.copytree(few_members_folder, "members")
    for name in RESUMED:
        begin(name)
    left = files()
    for what, edits in EDITS.items():
        copy = tmp_path / "copies" / what / "eaesim"
        shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
        for name, pattern, new in edits:
            text = (copy / name).read_text("utf-8")
            edited = re.sub(pattern, new, text, count=1, flags=re.MULTILINE)
            assert edited != text
            (copy / name).write_text(edited, encoding="utf-8")
        monkeypatch.setenv("PYTHONPATH", str(copy.parent))
        run = subprocess.run(
            [sys.executable, "-c", GO_ON, json.dumps(RESUMED), str(copy)],
            capture_output=True,
            encoding="utf-8",
        )
        shutil.rmtree(copy.parent.parent)
        assert run.returncode == 0, run.stderr
        for name, (status, said) in json.loads(run.stdout).items():
            if what in ("same", "words"):
                assert (status, said) == (0, "went on"), (what, name)
            else:
                assert status == 2, (what, name, said)
                assert said.count("\n") == 1, said
                assert "another model, other data or another version" in said
        assert files() == left, what
