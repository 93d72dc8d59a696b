"""The first look at a laboratory's scores: what is implausible is said, and what is usual is not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from eaesim.errors import UnknownNameError
from eaesim.evidence import read_scores
from eaesim.evidence.firstlook import first_look, usual
from eaesim.questions.scores.answer import LaboratoryResult

DAYS = 25
USUAL = [[0] * 11 + [1, 2, 3, 3, 2, 1], [0] * 10 + [1, 3, 3, 2, 1], [0] * 12 + [1, 2, 2, 1]]


def result_of(
    courses: list[list[float]], tmp_path: Path, *, step: int = 1, days: int = DAYS
) -> LaboratoryResult:
    rows = [
        ",".join(
            [str(number), "vehicle", *(f"{score:g}" for score in (*course, *[0] * (days - len(course))))]
        )
        for number, course in enumerate(courses)
    ]
    head = ",".join(["rat", "group", *(str(step * day) for day in range(days))])
    (tmp_path / "a.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return LaboratoryResult(read_scores(tmp_path / "a.csv"))


def test_usual_scores_are_not_mentioned(tmp_path: Path) -> None:
    assert first_look(result_of(USUAL, tmp_path)) == []
    for strain in usual():
        assert first_look(result_of(USUAL, tmp_path), strain=strain) == []


def test_an_early_onset_asks_how_days_are_counted(tmp_path: Path) -> None:
    (note,) = first_look(result_of([course[10:] for course in USUAL], tmp_path), strain="lewis")
    low, high = usual()["lewis"].onset_low, usual()["lewis"].onset_high
    assert note == (
        f"vehicle: onset on day 1 (median) is earlier than in 20,000 simulated rats ({low:g} to {high:g}): "
        "are days counted from immunisation, or are these weeks?"
    )


def test_a_late_onset_is_said(tmp_path: Path) -> None:
    late = [[0] * 10 + course for course in USUAL]
    (note,) = first_look(result_of(late, tmp_path, days=DAYS + 10))
    assert "is later than in 40,000 simulated rats" in note


def test_copied_rows_are_said(tmp_path: Path) -> None:
    (note,) = first_look(result_of([USUAL[0]] * 4, tmp_path))
    assert note.startswith("vehicle: all 4 animals have the same scores on every day")


def test_peaks_beyond_what_groups_reach_are_said(tmp_path: Path) -> None:
    dead = [[*course[:14], 5.0] for course in USUAL] * 8
    result = result_of([[*course, *[5.0] * (DAYS - len(course))] for course in dead], tmp_path)
    (note,) = first_look(result, strain="lewis")
    assert note == (
        f"vehicle: a mean peak of 5.00 in animals with signs is outside 99.9 % of simulated groups "
        f"(1.00 to {usual()['lewis'].peak_high[3]:.2f}, 20,000 simulated rats): is 5 the top of the scale "
        "(--scale-max)?"
    )
    # Of a few rats all may die, in either strain.
    few = result_of([[*course, *[5.0] * (DAYS - len(course))] for course in dead[:4]], tmp_path)
    assert not any("peak" in note for strain in usual() for note in first_look(few, strain=strain))
    # On a scale of ten the same scores are half as high, and no rat with signs of ten has so little.
    ten = LaboratoryResult(replace(result_of(USUAL, tmp_path).scores, scale_max=20.0, dead_score=20.0))
    assert any("peak" in note for note in first_look(ten))


def test_of_lost_animals_no_peak_is_too_low(tmp_path: Path) -> None:
    scores = result_of(USUAL, tmp_path).scores
    late = scores.day > 12
    lost = replace(
        scores, score=np.where(late & (scores.animal != "0"), np.nan, scores.score), scale_max=20.0
    )
    assert not any("peak" in note for note in first_look(LaboratoryResult(lost)))


def test_no_signs_in_the_control_are_said_once_they_should_be_there(tmp_path: Path) -> None:
    (note,) = first_look(result_of([[0.0]] * 4, tmp_path))
    assert note.startswith("vehicle: no animal has signs by day 24")
    assert first_look(result_of([[0.0]] * 4, tmp_path, days=6)) == []


def test_a_strain_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="lewis"):
        first_look(result_of(USUAL, tmp_path), strain="lewi")


def test_what_is_kept_is_plausible() -> None:
    for one in usual().values():
        assert 5 < one.onset_low < one.onset_high < 25
        assert 0.5 < one.incidence <= 1
        assert all(1 <= low < high <= 5 for low, high in zip(one.peak_low, one.peak_high, strict=True))
