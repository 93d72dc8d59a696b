"""Results of a sweep: what is asked for is read, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.dataset
import pytest

import eaesim as ea
from eaesim.endpoints import ENDPOINTS
from eaesim.errors import EaesimError, FileError, UnknownNameError
from eaesim.questions.sweep.parts import ESTIMATES, part_name

STUDY = ea.Study("lewis", until=13, arms=[ea.Arm("vehicle"), ea.Arm("early", ea.Bolus("1 g/kg").at(day=0))])
TYPICAL = "typical rat only: no parameter uncertainty"
VALUES: dict[str, Any] = {"arm.early.day": [0, 3, 6], "mechanism": ["H1a", "none"]}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sweep") / "run"
    ea.sweep(STUDY, VALUES, out=folder, workers=1, animals=40)  # two points a part
    return folder


@pytest.fixture(scope="module")
def result(folder: Path) -> ea.SweepResult:
    return ea.read_sweep(folder)


def test_a_folder_knows_what_was_swept(result: ea.SweepResult) -> None:
    assert result.plan.study.design == STUDY.design
    assert result.plan.study.rat.parameters() == STUDY.rat.parameters()
    asked = result.plan.request
    assert (asked.animals, asked.seed, asked.dead) == (40, 1, "score")
    assert result.paths == tuple(VALUES)
    assert result.missing == 0
    assert repr(result) == f"SweepResult(6 points, 40 rats, {TYPICAL}, paths: arm.early.day, mechanism)"


def test_everything(result: ea.SweepResult) -> None:
    table = result.table()
    assert list(table.columns) == ["point", *VALUES, "arm", "endpoint", *ESTIMATES, "animals", "failed"]
    assert len(table) == 6 * 2 * len(ENDPOINTS)
    assert table["point"].is_monotonic_increasing
    points = result.points()
    assert list(points.columns) == ["point", *VALUES]
    for path in VALUES:
        assert (table[path].to_numpy() == points[path].to_numpy()[table["point"]]).all()


@pytest.mark.parametrize(
    ("asked", "rows"),
    [
        ({"endpoint": "peak_score"}, 12),
        ({"endpoint": ["peak_score", "mortality"], "arm": "early"}, 12),
        ({"arm": ["vehicle"]}, 6 * len(ENDPOINTS)),
        ({"endpoint": []}, 0),
    ],
)
def test_a_filter_leaves_the_rows_that_were_asked_for(
    asked: dict[str, Any], rows: int, result: ea.SweepResult
) -> None:
    table, found = result.table(), result.table(**asked)
    for noun, given in asked.items():
        table = table[table[noun].isin([given] if isinstance(given, str) else given)]
    pd.testing.assert_frame_equal(found, table.reset_index(drop=True), check_dtype=False)
    assert len(found) == rows


def test_columns_come_as_asked(result: ea.SweepResult) -> None:
    found = result.table(endpoint="peak_score", columns=["mean", "mechanism"])
    assert list(found.columns) == ["mean", "mechanism"]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"endpoint": "peak_scor"}, 'did you mean "peak_score"'),
        ({"arm": ["erly"]}, 'did you mean "early"'),
        ({"columns": ["mechanisn"]}, 'did you mean "mechanism"'),
    ],
)
def test_unknown_names(asked: dict[str, Any], words: str, result: ea.SweepResult) -> None:
    with pytest.raises(UnknownNameError, match=words):
        result.table(**asked)


def test_only_what_is_asked_for_is_read(result: ea.SweepResult, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []
    read = pyarrow.dataset.FileSystemDataset.to_table

    class Watched:
        def to_table(self, columns: list[str], **options: Any) -> Any:
            asked.append(columns)
            return read(result.parts, columns=columns, **options)

    watched = ea.SweepResult(result.plan, Watched(), result.settings)
    watched.table(endpoint="peak_score", columns=["effect"])
    assert asked == [["point", "effect"]]


def test_the_sentence_names_the_largest_effect(result: ea.SweepResult) -> None:
    best = result.table(endpoint="peak_score", arm="early").nlargest(1, "effect").iloc[0]
    sentence = result.sentence()
    assert sentence.startswith(f"The largest effect on the peak score, {100 * best['effect']:.0f} % (")
    assert sentence.endswith(f"is that of early at arm.early.day = 0, mechanism = H1a ({TYPICAL}).")


def test_without_a_treated_arm_the_sentence_names_the_highest_mean() -> None:
    study = ea.Study("lewis", until=13, arms=[ea.Arm("vehicle")])
    found = ea.sweep(study, {"induction.0.adjuvant": ["none", "complete"]}, workers=1, animals=10)
    assert found.sentence().startswith("The peak score is highest, ")
    assert found.sentence().endswith(
        "at induction.0.adjuvant = complete (typical rat only: no parameter uncertainty)."
    )


def test_an_interrupted_sweep_can_be_read(folder: Path, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(folder, tmp_path / "run")
    (tmp_path / "run" / part_name(1)).unlink()
    found = ea.read_sweep(tmp_path / "run")
    assert found.missing == 1
    assert found.table()["point"].unique().tolist() == [0, 1, 4, 5]
    for number in (0, 2):
        (tmp_path / "run" / part_name(number)).unlink()
    with pytest.raises(FileError, match="no part of this sweep is done yet"):
        ea.read_sweep(tmp_path / "run")


def changed(folder: Path, copy: Path, **stated: Any) -> Path:
    """Return a copy of a sweep whose manifest states something else; None takes a key away."""
    import shutil

    shutil.copytree(folder, copy)
    manifest = json.loads((copy / "manifest.json").read_text("utf-8")) | stated
    kept = {key: value for key, value in manifest.items() if value is not None}
    (copy / "manifest.json").write_text(json.dumps(kept), encoding="utf-8")
    return copy


def test_a_sweep_of_another_model_is_read_with_a_warning(
    folder: Path, result: ea.SweepResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert result.origin == ""
    monkeypatch.setattr("eaesim.study.claim.fingerprint", lambda: "other")
    with pytest.warns(UserWarning, match="with another model or other data: its numbers are as it") as caught:
        found = ea.read_sweep(folder)
    assert found.origin == str(caught[0].message)
    assert found.origin.startswith(f"{folder} was made by eaesim {ea.__version__} with ")
    assert len(found.origin.splitlines()) == 1
    pd.testing.assert_frame_equal(found.table(), result.table())


@pytest.mark.parametrize(
    ("versions", "words"),
    [
        ({"eaesim": "0.0.9"}, "made by eaesim 0.0.9:"),
        ({}, "made by eaesim of an unknown version:"),
        ("x", "made by eaesim of an unknown version:"),
    ],
)
def test_a_sweep_of_another_version_is_read_with_a_warning(
    versions: object, words: str, folder: Path, tmp_path: Path
) -> None:
    from eaesim.study.fingerprint import fingerprint

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("eaesim.study.claim.fingerprint", lambda: "other")
        copy = changed(folder, tmp_path / "copy", versions=versions)
        with pytest.warns(UserWarning, match=words):
            ea.read_sweep(copy)
    assert fingerprint() == json.loads((copy / "manifest.json").read_text("utf-8"))["fingerprint"]
    assert ea.read_sweep(copy).origin == ""  # the same model, whatever libraries the manifest names


def test_settings_that_were_changed_by_hand_are_refused(folder: Path, tmp_path: Path) -> None:
    settings = json.loads((folder / "manifest.json").read_text("utf-8"))["settings"]
    copy = changed(folder, tmp_path / "copy", settings=settings | {"dead": "exclude"})
    with pytest.raises(FileError, match="settings do not have the hash that it states"):
        ea.read_sweep(copy)


@pytest.mark.parametrize(
    "manifest", [None, "", "[]", "{}", '{"settings": 3, "hash": 1}', '{"settings": {"study": "x"}}', "run"]
)
def test_another_folder_is_refused_in_one_line(manifest: str | None, tmp_path: Path) -> None:
    if manifest == "run":
        manifest = json.dumps({"settings": {"verb": "run", "study": ea.study_text(STUDY)}, "hash": "x"})
    if manifest is not None:
        (tmp_path / "manifest.json").write_text(manifest, encoding="utf-8")
    with pytest.raises(EaesimError, match="not the folder of a sweep") as error:
        ea.read_sweep(tmp_path)
    assert str(error.value).startswith(f"{tmp_path}: ")
    assert len(str(error.value).splitlines()) == 1
