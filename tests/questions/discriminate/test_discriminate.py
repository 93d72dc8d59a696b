"""Asking experiments what they would tell: bad input, what is compared, and a small run."""

from __future__ import annotations

import numpy as np
import pytest

from eaesim.errors import UnknownNameError
from eaesim.model import load
from eaesim.questions.discriminate.answer import LEAST_VARIANCE, _compared, discriminate
from eaesim.study.ensemble import Ensemble

ABOUT = {"command": "made up", "seed": 1}


def ensembles(members=2):
    values = np.linspace(0.9, 1.1, members)[:, None]
    return {
        strain: Ensemble(
            load(strain),
            ("priming_rate",),
            values * load(strain).entries["priming_rate"].value,
            np.ones(members),
            ABOUT,
        )
        for strain in ("lewis", "da")
    }


def test_the_ensemble_of_a_strain_is_needed():
    with pytest.raises(UnknownNameError, match="da"):
        discriminate({"lewis": ensembles()["lewis"]}, mechanism=["H1a", "H7"])


def test_differences_and_variances_are_those_of_two_arms():
    random = np.random.default_rng(2)
    treated, control = random.normal(1, 1, (3, 2, 40)), random.normal(3, 2, (3, 40))
    difference, variance, effect = _compared(treated, control)
    for member in range(3):
        for mechanism in range(2):
            one, other = treated[member, mechanism], control[member]
            assert difference[mechanism, member] == pytest.approx(one.mean() - other.mean())
            assert variance[mechanism, member] == pytest.approx(one.var(ddof=1) + other.var(ddof=1))
            assert effect[mechanism, member] == pytest.approx(1 - one.mean() / other.mean())


def test_rats_without_a_value_do_not_count_and_rats_alike_still_differ_by_rounding():
    treated = np.array([[[0.0, 0.0, np.nan, 0.0]], [[np.nan, np.nan, np.nan, 1.0]]])
    control = np.array([[2.0, 2.0, 4.0, np.nan], [1.0, 1.0, 1.0, 1.0]])
    difference, variance, _ = _compared(treated, control)
    assert difference[0, 0] == -2
    assert variance[0, 0] == LEAST_VARIANCE
    assert np.isnan(difference[0, 1])


@pytest.mark.slow
def test_a_small_run_is_reproducible_and_finds_that_h7_needs_adjuvant():
    found, done = [], []
    for workers, prior in ((1, "equal"), (2, "score")):
        found.append(
            discriminate(
                ensembles(3),
                parameter_sets=3,
                animals=8,
                mechanism=["H1a", "H7", "H4"],
                prior=prior,
                workers=workers,
                progress=lambda part, whole: done.append(part / whole),
            )
        )
    one, other = found
    assert np.array_equal(one.differences, other.differences, equal_nan=True)
    assert one.differences.shape == (len(one.proposals), 3, 3)
    assert done[-1] == 1
    assert (np.diff(done[: len(done) // 2]) > 0).all()
    assert one.members == 3
    assert one.weight.tolist() == [1, 1, 1]
    assert other.weight.max() == 1 > other.weight.min()
    table = one.table()
    assert table["bits"].between(0, np.log2(3)).all()
    effect = table.groupby("design")["effect_H7"].first()
    assert abs(effect["da_without_adjuvant"]) < 0.01
    assert effect["lewis_day_0"] > 0.1
