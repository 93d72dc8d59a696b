"""Every endpoint on courses written by hand, and the three rules for the dead."""

from __future__ import annotations

from contextlib import nullcontext

import numpy as np
import pytest

from eaesim.endpoints import (
    DEAD_RULES,
    ENDPOINTS,
    Courses,
    dead_rule,
    endpoint,
    read_endpoints,
    scores_with_dead,
)
from eaesim.errors import EaesimWarning, UnknownNameError

ALIVE = np.inf


def courses(scores, death=None, induced=None):
    score = np.array(scores, dtype=float)
    days = np.arange(score.shape[1]) + 1.0
    return Courses(
        score=score,
        death_day=np.full(len(score), ALIVE) if death is None else np.array(death, dtype=float),
        # Shapes that give a peak before the end, and an end that is no peak.
        inflammation=score / 10 * np.ones_like(days),
        demyelination=np.cumsum(score, axis=1) / 100,
        relapse_induced=induced,
    )


def read(scores, *, dead="score", **options):
    return {
        name: values.tolist()
        for name, values in read_endpoints(courses(scores, **options), dead=dead).items()
    }


def test_every_endpoint_of_a_course():
    seen = read([[0, 0, 1, 3, 2, 0, 0, 2, 2, 0]])
    assert list(seen) == list(ENDPOINTS)
    assert seen == {
        "incidence": [1],
        "onset_day": [2],
        "peak_score": [3],
        "cumulative_score": [10],
        "mean_score": [1],
        "duration": [5],
        "mortality": [0],
        "cns_inflammation_peak": [0.3],
        "demyelination_end": [0.1],
        "relapse_incidence": [1],
        "relapse_peak_score": [2],
        "relapse_cumulative_score": [4],
    }


def test_a_healthy_rat_has_zeros_and_no_onset():
    seen = read([[0] * 8])
    assert np.isnan(seen["onset_day"][0])
    none = {name for name, value in seen.items() if np.isnan(value[0])}
    assert all(name.endswith("_day") for name in none)
    assert all(value == [0] for name, value in seen.items() if name not in none)


def test_a_score_below_1_is_no_sign():
    seen = read([[0, 0.5, 0.5, 0]])
    assert (seen["incidence"], seen["duration"], seen["peak_score"]) == ([0], [0], [0.5])
    assert np.isnan(seen["onset_day"][0])


def test_signs_on_the_first_and_the_last_day_count():
    assert read([[1, 0, 0]])["onset_day"] == [0]
    assert read([[0, 0, 1]])["onset_day"] == [2]
    assert read([[0, 0, 1]])["duration"] == [1]


# The dead


DYING = [[0, 2, 3, 4, 1, 0], [0, 2, 3, 4, 1, 0]]


@pytest.mark.parametrize(
    ("dead", "expected"),
    [("score", [0, 2, 3, 5, 5, 5]), ("carry", [0, 2, 3, 3, 3, 3]), ("exclude", [np.nan] * 6)],
)
def test_the_dead_by_each_rule(dead, expected):
    score = scores_with_dead(np.array(DYING, dtype=float), np.array([3, ALIVE]), dead=dead)
    assert score[0] == pytest.approx(expected, nan_ok=True)
    assert score[1].tolist() == DYING[1]


@pytest.mark.parametrize(
    ("dead", "peak", "total", "mean"),
    [("score", 5, 20, 20 / 6), ("carry", 3, 14, 14 / 6), ("exclude", *[np.nan] * 3)],
)
def test_endpoints_of_the_dead_by_each_rule(dead, peak, total, mean):
    seen = read(DYING, death=[3, ALIVE], dead=dead)
    own = [seen[name][0] for name in ("peak_score", "cumulative_score", "mean_score")]
    assert own == pytest.approx([peak, total, mean], nan_ok=True)
    assert [seen[name][1] for name in ("peak_score", "cumulative_score", "mean_score")] == [4, 10, 10 / 6]
    # Who died is a fact under every rule.
    assert seen["mortality"] == [1, 0]


@pytest.mark.parametrize("dead", ["score", "carry"])
def test_duration_ends_at_death(dead):
    assert read(DYING, death=[3, ALIVE], dead=dead)["duration"] == [2, 4]


def test_death_without_signs_before_it_is_an_onset_only_if_the_dead_score_5():
    sudden = [[0, 0, 0, 0, 0, 0]]
    assert read(sudden, death=[3])["incidence"] == [1]
    assert read(sudden, death=[3])["onset_day"] == [3]
    assert read(sudden, death=[3])["duration"] == [0]
    assert read(sudden, death=[3], dead="carry")["incidence"] == [0]


def test_death_on_day_0_and_on_the_last_day():
    assert scores_with_dead(np.array([[1.0, 2, 3]]), np.array([0.0])).tolist() == [[5, 5, 5]]
    assert scores_with_dead(np.array([[1.0, 2, 3]]), np.array([2.0])).tolist() == [[1, 2, 5]]
    assert scores_with_dead(np.array([[1.0, 2, 3]]), np.array([0.0]), dead="carry").tolist() == [[1, 1, 1]]


def test_there_are_three_rules_and_each_says_what_it_does():
    assert set(DEAD_RULES) == {"score", "carry", "exclude"}
    assert len(set(DEAD_RULES.values())) == 3


@pytest.mark.parametrize("dead", ["scor", "", "FIVES"])
def test_an_unknown_rule_is_named(dead):
    for use in (
        lambda: scores_with_dead(np.zeros((1, 3)), np.array([ALIVE]), dead=dead),
        lambda: read([[0, 0, 0]], dead=dead),
    ):
        with pytest.raises(
            UnknownNameError, match=f'^"{dead}" is not a rule for the dead.*score, carry, exclude'
        ):
            use()


# Failures


@pytest.mark.parametrize("dead", DEAD_RULES)
def test_a_rat_that_failed_has_no_value_at_all_and_touches_no_other(dead):
    seen = read([[np.nan] * 6, DYING[0]], death=[np.nan, ALIVE], dead=dead)
    assert all(np.isnan(values[0]) for values in seen.values())
    assert [values[1] for values in seen.values()] == [
        values[0] for values in read([DYING[0]], dead=dead).values()
    ]


# Relapses


def test_without_a_relapse_its_endpoints_are_zero():
    seen = read([[0, 1, 3, 2, 0, 0, 0, 0]])
    assert [seen[name] for name in ENDPOINTS if name.startswith("relapse")] == [[0], [0], [0]]


def test_a_relapse_starts_on_the_day_of_its_rise():
    seen = read([[0, 4, 4, 0, 1, 2, 3, 0]])
    assert (seen["relapse_peak_score"], seen["relapse_cumulative_score"]) == ([3], [6])


def test_an_induced_relapse_is_read_from_the_induction_on():
    scores = [[0, 4, 0, 2, 2, 0, 0, 0, 1, 1, 0], [0, 4, 0, 2, 2, 1, 1, 0, 0, 0, 0]]
    seen = read(scores, induced=6)
    assert seen["relapse_incidence"] == [1, 0]
    assert seen["relapse_peak_score"] == [1, 1]
    assert seen["relapse_cumulative_score"] == [2, 1]


@pytest.mark.parametrize("death", [2, 5, 6])
def test_rats_that_are_dead_at_the_induction_have_no_relapse_to_read(death):
    seen = read([[0, 4, 0, 0, 0, 0, 0, 0, 2, 2, 0]] * 2, death=[death, ALIVE], induced=6)
    for name, alive in (("relapse_incidence", 1), ("relapse_peak_score", 2), ("relapse_cumulative_score", 4)):
        assert np.isnan(seen[name][0])
        assert seen[name][1] == alive
    assert seen["peak_score"] == [5, 4]


def test_a_rat_that_dies_of_its_relapse_scores_5_in_it():
    seen = read([[0, 4, 0, 0, 0, 0, 0, 0, 2, 2, 0, 0]], death=[10], induced=6)
    assert seen["relapse_incidence"] == [1]
    assert seen["relapse_peak_score"] == [5]
    assert seen["relapse_cumulative_score"] == [14]


def test_death_is_no_relapse():
    # From 3 to 0, then dead: the 5 that is written down is no rise of the disease.
    seen = read([[0, 3, 0, 0, 0, 0, 0, 0]], death=[5])
    assert seen["relapse_incidence"] == [0]
    assert seen["peak_score"] == [5]


# Names


def test_an_endpoint_is_found_by_name_and_a_misspelt_one_is_helped():
    assert endpoint("duration").unit == "day"
    with pytest.raises(UnknownNameError, match='"peak_scor" is not an endpoint; did you mean "peak_score"'):
        endpoint("peak_scor")


def test_every_rat_has_a_value_of_every_endpoint():
    values = read_endpoints(courses(np.tile(DYING, (3, 1))))
    assert {array.shape for array in values.values()} == {(6,)}
    assert {array.dtype for array in values.values()} == {np.dtype(float)}


@pytest.mark.parametrize(("former", "rule"), [("five", "score"), ("last", "carry"), ("exclude", "exclude")])
def test_names_of_version_0_1_mean_the_same(former, rule):
    score, death = np.array([[0.0, 2, 3, 4, 1, 1], [0, 1, 1, 0, 0, 0]]), np.array([3.0, np.inf])
    with nullcontext() if former == rule else pytest.warns(EaesimWarning, match=f'now called "{rule}"'):
        found = scores_with_dead(score, death, dead=former)
        assert dead_rule(former) == rule
    np.testing.assert_array_equal(found, scores_with_dead(score, death, dead=rule))


def test_names_of_version_0_1_are_understood_in_files_and_calls(tmp_path):
    from eaesim.questions.power.request import PowerRequest
    from eaesim.questions.sweep.plan import plan_sweep
    from eaesim.questions.sweep.request import SweepRequest
    from eaesim.study import read_plain_study
    from eaesim.workbench.question import question
    from eaesim.workbench.studyfile import own_request

    timing = tmp_path / "timing.toml"
    timing.write_text('[timing]\naround = "immunisation"\ndead = "five"\n', encoding="utf-8")
    with pytest.warns(EaesimWarning, match="induction"):
        assert own_request(question("timing"), timing).dead == "score"
    study = tmp_path / "study.toml"
    study.write_text(
        '[study]\nrat = "lewis"\nuntil = 20\n\n[[arm]]\nname = "vehicle"\n\n[[arm]]\nname = "early"\n'
        'dose = "1 g/kg"\nday = 0\n\n[power]\nsizes = [5]\nendpoints = ["incidence"]\ndead = "last"\n\n'
        '[sweep]\n"arm.early.dose" = ["1 g/kg", "2 g/kg"]\n',
        encoding="utf-8",
    )
    asked, file = read_plain_study(study)
    assert PowerRequest.from_table(file.questions["power"]).dead == "carry"
    assert (
        plan_sweep(asked, SweepRequest.from_table(file.questions["sweep"], dead="five")).request.dead
        == "score"
    )
    with pytest.raises(UnknownNameError, match="rule for the dead"):
        PowerRequest(dead="fife")
