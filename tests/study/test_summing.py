"""Sums over rats give what the rats give: table, effects, mean courses and bands."""

from __future__ import annotations

import numpy as np
import pytest

from eaesim.endpoints.groups import counted_band
from eaesim.endpoints.living import living
from eaesim.endpoints.statistics import MOST_RESAMPLED
from eaesim.errors import EaesimError, NotKeptError, ProtocolError, UnknownNameError
from eaesim.protocol import Arm, Bolus, Immunisation, Relapse
from eaesim.study import Study
from eaesim.study.cohort import MOST_SUMMED

RATS = MOST_RESAMPLED + 17
ARMS = [
    Arm("vehicle"),
    Arm("early", Bolus("1 g/kg").at(day=0)),
    Arm("at onset", Bolus("1 g/kg").at(onset="score >= 1")),
]
PAIR = ("at onset", "early")


@pytest.fixture(scope="module", params=["members", "one rat", "relapse"])
def runs(request):
    induced = [Immunisation(), *([Relapse(day=14)] if request.param == "relapse" else [])]
    study = Study("da", until=24, arms=ARMS, inductions=induced, endpoints=["mean_score[3:12]"])
    settings = {"animals": RATS, "seed": 3, "members": 1 if request.param == "one rat" else 8}
    settings["dead"] = "exclude" if request.param == "relapse" else "score"
    return study.run(**settings, record=()), study.run(**settings, compared=[PAIR])


def test_the_table_is_the_same(runs):
    kept, summed = (run.table() for run in runs)
    assert list(kept.index) == list(summed.index)
    assert kept.columns.name == summed.columns.name
    np.testing.assert_allclose(summed.to_numpy(), kept.to_numpy(), rtol=1e-12, atol=1e-12)


def test_an_effect_and_its_draws_are_the_same(runs):
    for arm, control in (PAIR, ("early", "vehicle")):
        for name in ("peak_score", "onset_day", "relapse_peak_score", "mean_score[3:12]"):
            one, other = (run.effect(arm, control, name) for run in runs)
            for part in ("value", "low", "high", "animal_low", "animal_high", "draws"):
                ends = (getattr(each, part) for each in (other, one))
                np.testing.assert_allclose(*ends, rtol=1e-12, atol=1e-12)


def test_mean_courses_and_bands_are_those_of_the_rats(runs):
    kept, summed = runs
    for place, arm in enumerate(kept.arms):
        score, deaths = kept.simulation.score[place], kept.simulation.death_day[place]
        for one, other in zip(living(score, deaths), summed.counts(arm).living(), strict=True):
            np.testing.assert_allclose(other, one, rtol=1e-12)
        band = counted_band(kept.counts(arm), animals=8)
        np.testing.assert_allclose(counted_band(summed.counts(arm), animals=8), band, rtol=1e-12)


def test_what_needs_single_rats_is_refused_in_one_line(runs):
    summed = runs[1]
    for ask in (
        lambda: summed.endpoint("early", "peak_score"),
        lambda: summed.scores("early"),
        lambda: summed.animals_table(),
        lambda: summed.effect("early", "at onset", "peak_score"),
        lambda: summed.mean("early", "peak_score[:9]"),
        lambda: summed.dead_before(3),
    ):
        with pytest.raises(NotKeptError, match=r"^[^\n]*run the study with"):
            ask()


def test_few_rats_are_kept_and_resampled():
    study = Study("lewis", until=14, arms=ARMS[:2])
    one, other = (study.run(animals=20, seed=2, members=4, compared=each) for each in (None, []))
    assert one.table().equals(other.table())
    assert len(other.endpoint("early", "peak_score")) == 20


def test_a_wrong_arm_and_too_many_rats_are_refused_before_a_rat_is_run(monkeypatch):
    study = Study("lewis", until=14, arms=ARMS[:2])
    monkeypatch.setattr("eaesim.study.study.simulate", None)
    with pytest.raises(UnknownNameError, match="erly"):
        study.run(animals=RATS, compared=[("erly", "vehicle")])
    with pytest.raises(ProtocolError, match=str(MOST_SUMMED)):
        study.run(animals=MOST_SUMMED + 1, compared=[])
    with pytest.raises(EaesimError, match="1000000"):
        study.run(animals=MOST_SUMMED)
