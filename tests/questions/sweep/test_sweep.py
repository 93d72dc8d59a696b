"""A sweep says at every point what the study says there, in the same bytes wherever and however it is run."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

import eaesim as ea
from eaesim.endpoints import ENDPOINTS, effect
from eaesim.errors import FileError, MemoryShortError, NothingComputedError, UnknownNameError, WorkerError
from eaesim.protocol.path import read_path
from eaesim.questions.sweep.parts import part_name
from eaesim.questions.sweep.plan import plan_sweep
from eaesim.questions.sweep.request import SweepRequest
from eaesim.solver import Effort
from eaesim.study.change import change_study

pytestmark = pytest.mark.filterwarnings("ignore:at . of . points some rats failed")

STUDY = ea.Study(
    "lewis",
    until=14,
    arms=[
        ea.Arm("vehicle"),
        ea.Arm("early", ea.Bolus("1 g/kg").at(day=0)),
        ea.Arm("at onset", ea.Bolus("1 g/kg").at(onset="score >= 1")),
    ],
)
VALUES: dict[str, Any] = {
    "arm.early.day": [0, 3],
    "parameter.priming_rate": {"low": 0.4, "high": 1.6, "points": 8},
}
# 16 points of 60 rats: six parts.
OPTIONS: dict[str, Any] = {"animals": 20, "seed": 5}


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a sweep that was run in this process without a stop."""
    folder = tmp_path_factory.mktemp("sweep") / "whole"
    ea.sweep(STUDY, VALUES, out=folder, workers=1, **OPTIONS)
    return folder


def test_every_point_is_the_study_at_its_values(whole: Path) -> None:
    table = ea.read_sweep(whole).table()
    assert len(table) == 16 * 3 * len(ENDPOINTS)
    for point, day, rate in ((0, 0, 0.4), (9, 3, 0.4 + 1.2 / 7)):
        arms = [STUDY.design.arms[0], ea.Arm("early", ea.Bolus("1 g/kg").at(day=day)), STUDY.design.arms[2]]
        found = table[table["point"] == point].set_index(["arm", "endpoint"])
        assert (found["arm.early.day"] == day).all()
        assert found["parameter.priming_rate"].to_numpy() == pytest.approx(rate)
        rate = float(found["parameter.priming_rate"].iloc[0])
        result = ea.Study(ea.load("lewis").replace(priming_rate=rate), until=14, arms=arms).run(
            **OPTIONS, members=1, accuracy="scores"
        )
        expected = result.table()
        assert list(found.index) == list(expected.index)
        for name in ("mean", "low", "high", "animals", "failed"):
            np.testing.assert_allclose(found[name], expected[name], rtol=1e-12)
        for arm, name in found.index:
            own = effect(*result.pair(arm, "vehicle", name), seed=5)
            row = found.loc[(arm, name)]
            assert [row["effect"], row["effect_low"], row["effect_high"]] == pytest.approx(
                [own.value, own.low, own.high], nan_ok=True
            )


def test_the_same_rats_stand_at_every_point(whole: Path) -> None:
    # What does not touch an arm changes nothing in it.
    table = ea.read_sweep(whole).table(arm=["vehicle", "at onset"])
    statistics = ["mean", "low", "high", "effect", "effect_low", "effect_high", "animals"]
    by_day = [table[table["arm.early.day"] == day][statistics].reset_index(drop=True) for day in (0, 3)]
    pd.testing.assert_frame_equal(*by_day)


def test_in_memory_it_is_the_same(whole: Path) -> None:
    found = ea.sweep(STUDY, VALUES, workers=1, **OPTIONS)
    pd.testing.assert_frame_equal(found.table(), ea.read_sweep(whole).table())
    pd.testing.assert_frame_equal(found.points(), ea.read_sweep(whole).points())


@pytest.mark.parametrize("where", [pytest.param("processes", marks=pytest.mark.slow), "cluster"])
def test_the_same_bytes_elsewhere(where: str, whole: Path, address: str, tmp_path: Path) -> None:
    options: dict[str, Any] = {"workers": 3} if where == "processes" else {"cluster": address}
    ea.sweep(STUDY, VALUES, out=tmp_path / "run", **options, **OPTIONS)
    assert files(tmp_path / "run") == files(whole)


@pytest.mark.slow
def test_the_same_bytes_from_a_cluster_of_processes(whole: Path, tmp_path: Path) -> None:
    ea.sweep(STUDY, VALUES, out=tmp_path / "run", cluster="local", workers=2, **OPTIONS)
    assert files(tmp_path / "run") == files(whole)


class StopError(Exception):
    """Raised by a test on the way."""


@pytest.mark.parametrize("parts", [0, 1, 4])
def test_interrupted_and_resumed_it_is_the_same(parts: int, whole: Path, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []

    def stop(done: int, total: int) -> None:
        told.append((done, total))
        if len(told) > parts:
            raise StopError

    with pytest.raises(StopError):
        ea.sweep(STUDY, VALUES, out=tmp_path / "run", workers=1, progress=stop, **OPTIONS)
    left = files(tmp_path / "run")
    assert len(left) == 2 + parts
    assert left.items() <= files(whole).items()
    told.clear()
    ea.sweep(
        STUDY, VALUES, out=tmp_path / "run", workers=1, progress=lambda *now: told.append(now), **OPTIONS
    )
    assert files(tmp_path / "run") == files(whole)
    assert told[0] == (180 * parts, 960)  # three points of 60 rats a part
    assert told[-1] == (960, 960)
    assert len(told) == 1 + 6 - parts


def test_what_is_done_is_not_done_again(whole: Path) -> None:
    told: list[tuple[int, int]] = []
    ea.sweep(STUDY, VALUES, out=whole, workers=1, progress=lambda *now: told.append(now), **OPTIONS)
    assert told == [(960, 960)]


@pytest.mark.parametrize("damage", ["cut", "empty", "flipped", "text", "other part", "other sweep", "gone"])
def test_a_damaged_part_is_made_again(damage: str, whole: Path, tmp_path: Path) -> None:
    out = copytree(whole, tmp_path / "run")
    part = out / part_name(2)
    good = part.read_bytes()
    half = len(good) // 2
    column = pq.ParquetFile(part).metadata.row_group(0).column(4)
    # The last byte of a column is data; one in the head of a page may mean nothing.
    last = column.data_page_offset + column.total_compressed_size - 1
    if column.has_dictionary_page:
        last += column.dictionary_page_offset - column.data_page_offset
    changed = {
        "cut": good[:half],
        "empty": b"",
        "flipped": good[:last] + bytes([good[last] ^ 1]) + good[last + 1 :],
        "text": b"point,arm\n1,vehicle\n",
        "other part": (out / part_name(3)).read_bytes(),
    }
    if damage == "other sweep":
        ea.sweep(STUDY, VALUES, out=tmp_path / "other", workers=1, animals=20, seed=6)
        changed[damage] = (tmp_path / "other" / part_name(2)).read_bytes()
    if damage == "gone":
        part.unlink()
    else:
        part.write_bytes(changed[damage])
    if damage != "flipped":  # which is found when it is read
        assert ea.read_sweep(out).missing == 1
    told: list[tuple[int, int]] = []
    ea.sweep(STUDY, VALUES, out=out, workers=1, progress=lambda *now: told.append(now), **OPTIONS)
    assert [done for done, _ in told] == [780, 960]
    assert files(out) == files(whole)


def test_damaged_settings_are_made_again(whole: Path, tmp_path: Path) -> None:
    ea.sweep(STUDY, VALUES, out=tmp_path / "run", workers=1, **OPTIONS)
    (tmp_path / "run" / "settings.parquet").write_bytes(b"PAR1")
    ea.sweep(STUDY, VALUES, out=tmp_path / "run", workers=1, **OPTIONS)
    assert files(tmp_path / "run") == files(whole)


def test_other_settings_and_foreign_files_are_refused(whole: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    values = {"arm.early.day": [0]}
    ea.sweep(STUDY, values, out=out, workers=1, animals=2)
    before = files(out)
    with pytest.raises(FileError, match="other settings"):
        ea.sweep(STUDY, {"arm.early.day": [1]}, out=out, workers=1, animals=2)
    (out / "sweep" / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(FileError, match=r"sweep/notes\.txt"):
        ea.sweep(STUDY, values, out=out, workers=1, animals=2)
    assert files(out) == before | {"sweep/notes.txt": b"mine"}
    ea.sweep(STUDY, {"arm.early.day": [1]}, out=out, workers=1, animals=2, force=True)
    assert files(out).keys() == before.keys() | {"sweep/notes.txt"}
    assert files(out)["sweep/notes.txt"] == b"mine"


def test_a_point_where_nothing_can_be_computed_is_a_row() -> None:
    # A dose in next to no plasma.
    values = {"parameter.igg_volume_plasma": [40.0, 1e-300]}
    table = ea.sweep(STUDY, values, workers=1, animals=3).table(endpoint="peak_score")
    lost = table[(table["parameter.igg_volume_plasma"] == 1e-300) & (table["arm"] == "early")].iloc[0]
    assert np.isnan(
        [lost[name] for name in ("mean", "low", "high", "effect", "effect_low", "effect_high")]
    ).all()
    assert (lost["animals"], lost["failed"]) == (0, 3)
    kept = table[(table["arm"] == "vehicle") | (table["parameter.igg_volume_plasma"] == 40.0)]
    assert (kept["failed"] == 0).all()
    assert (kept["animals"] == 3).all()


def test_a_point_where_every_rat_fails_is_rows() -> None:
    found = ea.sweep(STUDY, {"parameter.treg_cns_loss": [0.1, 0.0]}, workers=1, animals=2)
    table = found.table()
    lost = table[table["point"] == 1]
    assert len(lost) == 3 * len(ENDPOINTS)
    assert lost["mean"].isna().all()
    assert (lost["failed"] == 2).all()
    assert found.failed() == (1, 6)
    assert table.loc[(table["point"] == 0) & (table["endpoint"] == "peak_score"), "mean"].notna().all()


def test_values_that_make_no_study_together_are_rows_where_they_were_not_tried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("eaesim.questions.sweep.plan.MOST_TRIED", 1)
    values = {"until": [14, 10], "arm.early.day": [0, 12]}
    table = ea.sweep(STUDY, values, workers=1, animals=2).table(endpoint="peak_score", arm="early")
    assert table["failed"].tolist() == [0, 0, 0, 2]
    assert table["mean"].isna().tolist() == [False, False, False, True]


def test_nothing_at_all_is_an_error_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(NothingComputedError, match="no rat is left at any point; the first: ") as error:
        ea.sweep(STUDY, {"parameter.treg_cns_loss": [0.0]}, workers=1, animals=1, out=tmp_path / "run")
    assert len(str(error.value).splitlines()) == 1
    assert ea.read_sweep(tmp_path / "run").empty


def test_a_sample_is_swept() -> None:
    values = {"arm.early.day": {"low": 0, "high": 5}, "mechanism": ["H1a", "none"]}
    found = ea.sweep(STUDY, values, method="sobol", samples=4, sampling_seed=2, workers=1, animals=4)
    table = found.table(endpoint="peak_score", arm="early")
    assert table["arm.early.day"].between(0, 5).all()
    assert sorted(table["mechanism"]) == ["H1a", "H1a", "none", "none"]
    assert (table.loc[table["mechanism"] == "none", "effect"] == 0).all()


def test_little_work_is_done_here_and_much_is_spread() -> None:
    few = plan_sweep(STUDY, SweepRequest(VALUES, animals=2))
    assert few.workers(Effort()) == 1
    assert few.workers(Effort(workers=2)) == 2
    assert few.workers(Effort(cluster="local")) is None
    much = plan_sweep(STUDY, SweepRequest(VALUES, animals=1_000_000))
    assert (much.workers(Effort()) or 0) >= 1
    with pytest.raises(MemoryShortError, match="memory"):
        much.workers(Effort(workers=1000))


def test_a_lost_worker_leaves_what_is_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def lose(read: Any, chunks: Any, **_: Any) -> Iterator[tuple[int, Any]]:
        yield 0, read(chunks[0])
        raise WorkerError("a worker was lost.")

    monkeypatch.setattr(sys.modules["eaesim.questions.sweep.answer"], "map_chunks", lose)
    with pytest.raises(
        WorkerError, match=r"was lost\. Finished parts are kept, and the same command resumes"
    ):
        ea.sweep(STUDY, VALUES, out=tmp_path / "run", workers=2, **OPTIONS)
    assert ea.read_sweep(tmp_path / "run").missing == 5
    with pytest.raises(WorkerError, match=r"was lost\.$"):
        ea.sweep(STUDY, VALUES, workers=2, **OPTIONS)


def test_bad_arguments_write_nothing(tmp_path: Path) -> None:
    for options in ({"method": "gird"}, {"dead": "lst"}, {"samples": 4}, {"animals": 0}):
        with pytest.raises(ea.EaesimError):
            ea.sweep(STUDY, VALUES, out=tmp_path / "run", **options)  # type: ignore[arg-type]
    with pytest.raises(UnknownNameError, match='did you mean "early"'):
        ea.sweep(STUDY, {"arm.erly.day": [1]}, out=tmp_path / "run")
    with pytest.raises(WorkerError, match="cannot be reached"):
        ea.sweep(STUDY, VALUES, out=tmp_path / "run", cluster="nobody")
    assert list(tmp_path.iterdir()) == []


def test_a_sweep_says_on_every_output_whether_parameter_uncertainty_is_in_it() -> None:
    typical = ea.sweep(STUDY, {"parameter.divisions": [9, 10]}, animals=2, workers=1)
    assert "typical rat only: no parameter uncertainty" in typical.sentence()
    assert "typical rat only" in repr(typical)
    several = ea.sweep(STUDY, {"parameter.divisions": [9, 10]}, animals=12, parameter_sets=4, workers=1)
    assert "4 parameter sets" in several.sentence()
    assert several.plan.settings()["members"] == 4


def test_parameter_sets_at_a_point_are_those_of_a_study_of_its_own() -> None:
    found = ea.sweep(STUDY, {"parameter.score_noise": [0.2, 0.3]}, animals=12, parameter_sets=4, workers=1)
    alone = change_study(STUDY, {read_path("parameter.score_noise", STUDY.design): 0.3})
    table = alone.run(animals=12, members=4, workers=1).table()
    rows = found.table(endpoint="peak_score").query("point == 1").set_index("arm")
    for arm in found.plan.arms:
        for end in ("mean", "low", "high"):
            assert rows.loc[arm, end] == table.loc[(arm, "peak_score"), end]
