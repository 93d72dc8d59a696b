"""The files that a result leaves in its folder, and the settings that its manifest states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from eaesim.analysis import Timing, compare
from eaesim.analysis.estimation.discrimination import Discrimination
from eaesim.analysis.estimation.ensembles import fingerprints
from eaesim.analysis.timingfile import TimingRequest
from eaesim.plot import plot, save
from eaesim.solver import choose_engine
from eaesim.study import Result, Study, study_text
from eaesim.study.ensemble import Ensemble
from eaesim.study.membership import member_settings
from eaesim.workbench.csvfile import write_csv


def timing_settings(request: TimingRequest) -> dict[str, Any]:
    """Return everything that decides the files of a timing result."""
    own = {"members": request.member_settings(), "engine": choose_engine().name}
    asked = {key: value for key, value in asdict(request).items() if key != "endpoints" or value}
    return {"verb": "timing", **asked, **own}


def write_timing(result: Timing, folder: Path) -> None:
    """Write ``timing.csv``, ``comparison.csv``, ``low_end.csv`` where it is known, and the figure."""
    write_csv(result.table, folder / "timing.csv")
    if (low_end := result.low_end()) is not None:
        write_csv(low_end.table, folder / "low_end.csv")
    write_csv(compare(result), folder / "comparison.csv")
    save(plot(result), folder / "timing")


def run_settings(
    study: Study,
    *,
    animals: int,
    seed: int,
    dead: str,
    record: tuple[str, ...],
    members: int | None = None,
) -> dict[str, Any]:
    """Return everything that decides the files of a study."""
    text = study_text(study, animals=animals, seed=seed)
    return {
        "verb": "run",
        "study": text,
        "seed": seed,
        "dead": dead,
        **member_settings(study.rat, members),
        "record": list(record),
        "engine": choose_engine().name,
    }


def write_run(result: Result, folder: Path) -> None:
    """Write the table of means, every rat's endpoints, scores and courses, and the figure."""
    table = result.table()
    write_csv(table, folder / "summary.csv")
    write_csv(compare(result), folder / "comparison.csv")
    result.animals_table().to_parquet(folder / "animals.parquet", index=False)
    result.scores_table().to_parquet(folder / "scores.parquet", index=False)
    result.courses_table().to_parquet(folder / "courses.parquet", index=False)
    save(plot(result), folder / "summary")


def discriminate_settings(
    ensembles: Mapping[str, Ensemble], *, members: int, animals: int, seed: int
) -> dict[str, Any]:
    """Return everything that decides the files of a discrimination; ensembles by their fingerprints."""
    return {
        "verb": "discriminate",
        "ensembles": fingerprints(ensembles),
        "members": members,
        "animals": animals,
        "seed": seed,
        "engine": choose_engine().name,
    }


def write_discrimination(result: Discrimination, folder: Path) -> None:
    """Write ``discriminate.csv`` and the figure."""
    write_csv(result.table(), folder / "discriminate.csv")
    save(plot(result), folder / "discriminate")
