"""Any table of scores, however few and lost its animals, gives whole words and consistent numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eaesim.evidence.laboratory import LaboratoryScores
from eaesim.evidence.scoremarks import End
from eaesim.questions.scores.answer import LaboratoryResult

SCORES = st.sampled_from([0.0, 0.0, 0.5, 1.0, 2.0, 4.0, float("nan")])


@st.composite
def tables(draw: st.DrawFn) -> LaboratoryScores:
    """Return one to seven animals in one or two arms, some of them dead, removed or hardly ever read."""
    days = sorted(draw(st.sets(st.integers(-3, 20), min_size=1, max_size=6)))
    animals = draw(st.integers(1, 7))
    arm = [
        "vehicle",
        *draw(st.lists(st.sampled_from(["vehicle", "b"]), min_size=animals - 1, max_size=animals - 1)),
    ]
    arm.sort(reverse=True)
    score = np.array([[draw(SCORES) for _ in days] for _ in arm])
    ended = {}
    for place, name in enumerate(arm):
        if np.isnan(score[place]).all():
            score[place, 0] = 0.0
        how = draw(st.sampled_from(["", "", "dead", "removed", "sacrificed"]))
        if how:
            first = draw(st.integers(0, len(days) - 1))
            ended[name, str(place)] = End(days[first], how)
            score[place, first:] = 5.0 if how == "dead" else np.nan
            if how != "dead" and np.isnan(score[place]).all():
                score[place, 0] = 0.0
    return LaboratoryScores(
        arms=tuple(dict.fromkeys(arm)),
        control="vehicle",
        arm=np.repeat(np.array(arm, dtype=object), len(days)),
        animal=np.repeat(np.array([str(place) for place in range(animals)], dtype=object), len(days)),
        day=np.tile(np.array(days, dtype=np.int64), animals),
        score=score.reshape(-1),
        ended=ended,
    )


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    tables(),
    st.sampled_from(["score", "carry", "exclude"]),
    st.sampled_from([None, "score", "carry", "exclude"]),
    st.sampled_from([0.5, 1.0, 2.0]),
)
def test_any_table_gives_words_and_consistent_numbers(
    scores: LaboratoryScores, dead: str, lost: str | None, signs: float
) -> None:
    result = LaboratoryResult(scores, dead=dead, lost=lost, signs=signs)
    table, animals = result.table(), result.animals_table()
    assert len(animals) == sum(len(scores.animals(arm)) for arm in scores.arms)
    for text in [*result.notes(), result.sentence()]:
        assert text
        assert "nan" not in text
        assert "\n" not in text
    shares = table.loc[(slice(None), ["incidence", "mortality", "relapse_incidence"]), :]
    known = shares[["low", "mean", "high"]].dropna()
    assert (known["low"] <= known["mean"] + 1e-12).all()
    assert (known["mean"] <= known["high"] + 1e-12).all()
    assert known.to_numpy().min(initial=0.0) > -1e-9
    assert known.to_numpy().max(initial=1.0) < 1 + 1e-9
    for arm in scores.arms:
        seen = result.watched(arm)
        kinds = np.stack([seen.is_high, seen.is_recovered, seen.is_censored, seen.is_well])
        assert (kinds.sum(axis=0) == seen.is_lost).all()
        peak, mean = (result.endpoint(arm, name) for name in ("peak_score", "mean_score"))
        if lost != "score":
            fine = ~np.isnan(peak) & ~np.isnan(mean)
            assert (mean[fine] <= peak[fine] + 1e-12).all()
    p_values = result.tests_table()["p_value"].dropna()
    assert ((p_values >= 0) & (p_values <= 1)).all()


@pytest.mark.parametrize("dead_score", [6.0, 10.0])
def test_the_score_of_death_may_lie_above_the_scale(dead_score: float) -> None:
    scores = LaboratoryScores(
        arms=("vehicle",),
        control="vehicle",
        arm=np.array(["vehicle"] * 6, dtype=object),
        animal=np.array(["1"] * 3 + ["2"] * 3, dtype=object),
        day=np.tile(np.arange(3), 2),
        score=np.array([0, 2, dead_score, 0, 5, 5]),
        scale_max=5.0,
        dead_score=dead_score,
        ended={("vehicle", "1"): End(2, "dead")},
    )
    result = LaboratoryResult(scores)
    # The top of the scale is no death where the score of death is another.
    assert result.endpoint("vehicle", "mortality").tolist() == [1, 0]
    assert result.endpoint("vehicle", "peak_score").tolist() == [dead_score, 5]
    assert result.dead_words == f"the dead score {dead_score:g} from that day on"
