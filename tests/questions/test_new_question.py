"""A question of one's own, added by following CONTRIBUTING.md, in a scratch copy of the package."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from shell import study_file

import eaesim

PACKAGE = Path(eaesim.__file__).parent
FILES = {
    "__init__.py": '"""Mean day of the peak by arm."""\n',
    "request.py": '''
"""What is asked."""

from dataclasses import dataclass

from eaesim.protocol.kinds import Count, count
from eaesim.protocol.settings import Setting
from eaesim.workbench.request import StudyRequest


@dataclass(frozen=True, kw_only=True)
class MeanDayRequest(StudyRequest):
    """Mean day of the peak by arm.

    Writes mean_day.csv and the figure.
    """

    table = "mean_day"
    title = "The day of the peak"

    animals: Count = Setting(count(1, 100_000), 320, "Rats in every arm.")
''',
    "answer.py": '''
"""How it is answered."""

from dataclasses import dataclass

import numpy as np

from eaesim.questions.mean_day.request import MeanDayRequest
from eaesim.study import Study, study_text
from eaesim.workbench.answer import Answer, Shown, StudyPlan
from eaesim.workbench.request import asks


@dataclass(frozen=True)
class Plan(StudyPlan):
    study: Study
    request: MeanDayRequest

    def settings(self):
        own = self.request.changed()
        return {"study": study_text(self.study, seed=self.request.seed), "seed": self.request.seed, **own}

    def summary(self):
        return f"{self.request.animals} rats"

plan = Plan


@dataclass(frozen=True)
class MeanDay(Answer):
    days: dict

    def tables(self):
        import pandas as pd

        return {"mean_day": pd.DataFrame({"arm": list(self.days), "day": list(self.days.values())})}

    def shown(self):
        return [Shown("mean day of the peak", self.tables()["mean_day"])]

    def figure(self, *, endpoint=None):
        from eaesim.questions.mean_day.figure import figure

        return figure(self)

    def sentence(self):
        return "; ".join(f"{arm}: day {day:.1f}" for arm, day in self.days.items()) + "."


def answer(plan, effort):
    asked = plan.request
    found = plan.study.run(
        animals=asked.animals, seed=asked.seed, members=asked.parameter_sets, workers=effort.workers
    )
    arms = [arm.name for arm in plan.study.design.arms]
    return MeanDay({arm: float(np.argmax(found.scores(arm), axis=1).mean()) for arm in arms})


@asks(MeanDayRequest)
def mean_day(study: Study, request: MeanDayRequest) -> MeanDay:
    """Return the mean day of the peak by arm.

    Parameters
    ----------
    study
        Whose arms are run.

    Raises
    ------
    NothingComputedError
        If every rat failed.
    """
    return answer(plan(study, request), request.effort)
''',
    "figure.py": '''
"""Its figure."""


def figure(answer):
    """Draw a bar an arm."""
    from matplotlib.figure import Figure

    drawn = Figure(figsize=(4, 3))
    drawn.add_subplot().barh(list(answer.days), list(answer.days.values()))
    return drawn
''',
    "words.py": '''
"""Its words."""

CAPTION = "Mean day of the peak by arm."
METHODS = "The day of the peak is the first day with the highest score."


def animals(settings):
    """Return which animals were simulated."""
    return f"{settings.get('animals', 320)} virtual rats, the same in every arm"
''',
}
STUDY = (
    study_file(until=20)
    + """
[mean_day]
animals = 12
parameter_sets = 2
"""
)


# Runs commands one after the other: the status of each, and what it prints.
PROGRAM = """
import contextlib, io, json, sys
from eaesim.cli.main import main

for words in json.loads(sys.stdin.read()):
    out, err, status = io.StringIO(), io.StringIO(), 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main(words)
        except SystemExit as left:
            status = left.code or 0
    print(json.dumps([status, out.getvalue(), err.getvalue()]))
"""
COMMANDS = (
    "mean_day study.toml",
    "check study.toml",
    "list",
    "list --schema",
    "mean_day --help",
    "report study-mean_day --out page",
    "mean_day study.toml --animals 0",
)


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """Return the folder where commands ran of a copy that has one folder more, and what each said."""
    folder = tmp_path_factory.mktemp("scratch")
    shutil.copytree(PACKAGE, folder / "eaesim", ignore=shutil.ignore_patterns("__pycache__"))
    own = folder / "eaesim" / "questions" / "mean_day"
    own.mkdir()
    for name, text in FILES.items():
        (own / name).write_text(text.lstrip(), encoding="utf-8")
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    surroundings = {**os.environ, "PYTHONPATH": str(folder)}
    given = json.dumps([command.split() for command in COMMANDS])
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(
        command, input=given, cwd=folder, env=surroundings, capture_output=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    return folder, dict(zip(COMMANDS, map(json.loads, done.stdout.splitlines()), strict=True))


def test_it_has_everything_that_a_question_has(asked):
    place, said = asked
    status, out, err = said["mean_day study.toml"]
    assert status == 0, err
    folder = place / "study-mean_day"
    assert {path.name for path in folder.iterdir()} == {
        "mean_day.csv",
        "mean_day.png",
        "mean_day.svg",
        "manifest.json",
    }
    assert out.strip().splitlines()[-1].startswith("vehicle: day ")
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert manifest["settings"]["animals"] == 12
    assert "[mean_day]: 12 rats; run it with eaesim mean_day study.toml" in said["check study.toml"][1]
    assert "Mean day of the peak by arm." in said["list"][1]
    assert "mean_day" in json.loads(said["list --schema"][1])["properties"]
    assert "--animals" in said["mean_day --help"][1]
    assert said["report study-mean_day --out page"][0] == 0
    page = (place / "page" / "index.html") if (place / "page").is_dir() else place / "page"
    text = page.read_text("utf-8")
    for words in ("The day of the peak", "Mean day of the peak by arm.", "eaesim mean_day study.toml"):
        assert words in text


def test_a_bad_setting_is_one_line(asked):
    status, _, err = asked[1]["mean_day study.toml --animals 0"]
    assert status == 2
    assert err == "eaesim: --animals 0 is not a whole number from 1 to 100000.\n"
