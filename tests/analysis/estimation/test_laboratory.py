"""A laboratory's own rat."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from eaesim.analysis.estimation.calibration import calibrate
from eaesim.analysis.estimation.laboratory import (
    MEASURED,
    Group,
    LaboratoryFit,
    build_bank,
    read_group,
    weighted_percentiles,
)
from eaesim.errors import EaesimError
from eaesim.model import load
from eaesim.study import Ensemble

VARIED = ("priming_rate", "inflammation_rate", "effector_cns_death", "potency_maturation")


@pytest.fixture(scope="module")
def bank():
    rat, random = load("lewis"), np.random.default_rng(2)
    start = np.array([rat.entries[name].value for name in VARIED])
    values = start * np.exp(0.2 * random.standard_normal((40, len(VARIED))))
    about = {"command": "x", "seed": 1}
    ensemble = Ensemble(rat, VARIED, values, np.ones(40), about, {"H1a": np.linspace(0.1, 0.9, 40)})
    return build_bank(ensemble, until=22, sets=1_500, seed=1)


def shown(bank, place, animals=10):
    sick = round(float(bank.incidence[place]) * animals)
    return Group(sick, animals, bank.mean[place])


def test_weights_are_shares_and_lie_near_the_truth(bank):
    place = int(np.argmin(np.abs(bank.mean[:, 0] - 13) + (bank.sick < 50)))
    weights = bank.weights(shown(bank, place))
    assert weights.sum() == pytest.approx(1)
    onset = weights @ bank.mean[:, 0]
    assert abs(onset - bank.mean[place, 0]) < 0.5 < abs(bank.mean[:, 0].mean() - bank.mean[place, 0])


def test_more_animals_say_more(bank):
    place = int(np.argmin(np.abs(bank.mean[:, 0] - 12) + (bank.sick < 50)))
    effective = [1 / (bank.weights(shown(bank, place, animals)) ** 2).sum() for animals in (3, 8, 20)]
    assert effective[0] > effective[1] > effective[2]


def test_animals_that_no_rat_resembles_cannot_be_estimated(bank):
    with pytest.raises(EaesimError, match=r"cannot be estimated|no rat"):
        bank.weights(Group(40, 40, np.array([2.0, 4.0, 60.0, 20.0])))


def test_the_ensemble_keeps_what_counts(bank):
    group = shown(bank, 3)
    found = LaboratoryFit(bank, group, bank.weights(group))
    ensemble = found.ensemble({"command": "x", "seed": 1})
    assert 0 < len(ensemble) < len(bank.values)
    assert ensemble.weight.sum() == pytest.approx(1)
    assert {"expansion_rate", "antigen_dose", "potency_maturation"} <= set(ensemble.names)
    table = found.table()
    assert list(table["reading"]) == ["incidence", *MEASURED]
    assert (table["low"] <= table["predicted"]).all()
    assert "control animals" in found.sentence()


def endpoints(**changes):
    plain = {
        "incidence": [1.0, 1.0, 0.0, 1.0],
        "onset_day": [10.0, 12.0, np.nan, 11.0],
        "peak_score": [3.0, 2.0, 0.0, 4.0],
        "cumulative_score": [9.0, 6.0, 0.0, 12.0],
        "duration": [4.0, 3.0, 0.0, 5.0],
    }
    return {name: np.array(values) for name, values in (plain | changes).items()}


def test_what_rows_on_treated_rats_say_of_a_member_holds_in_its_laboratory(bank):
    found = LaboratoryFit(bank, shown(bank, 3), bank.weights(shown(bank, 3)))
    ensemble = found.ensemble({"command": "x", "seed": 1})
    place, known = VARIED.index("priming_rate"), bank.ensemble
    rows = dict(zip(known.values[:, place].tolist(), known.likelihood["H1a"].tolist(), strict=True))
    # No laboratory changes this rate, so it tells the member.
    own = ensemble.values[:, ensemble.names.index("priming_rate")].tolist()
    assert ensemble.likelihood["H1a"].tolist() == [rows[value] for value in own]


def test_a_group_is_read_among_animals_with_signs():
    group = read_group(endpoints())
    assert (group.sick, group.animals) == (3, 4)
    assert group.mean == pytest.approx([11, 3, 9, 4])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({name: [0.0] * 4 for name in endpoints()}, "no control animal shows a sign"),
        ({name: [1.0] for name in endpoints()}, "scored to the end: 1;"),
        ({name: [np.nan] * 4 for name in endpoints()}, "scored to the end: 0;"),
    ],
)
def test_nonsense_is_an_error_and_never_a_number(changes, said):
    with pytest.raises(EaesimError, match=said):
        read_group(endpoints(**changes))


def test_percentiles_with_even_weights_are_those_of_the_values():
    values = np.random.default_rng(1).random(999)
    found = weighted_percentiles(values, np.ones(999) / 999, (5, 50, 95))
    assert found == pytest.approx(np.percentile(values, [5, 50, 95]), abs=0.002)


@pytest.mark.slow
def test_intervals_hold_what_they_say():
    """Simulation-based calibration: 400 synthetic groups of 12 rats whose truth is known."""
    rat, random = load("lewis"), np.random.default_rng(2)
    start = np.array([rat.entries[name].value for name in VARIED])
    values = start * np.exp(0.3 * random.standard_normal((200, len(VARIED))))
    ensemble = Ensemble(rat, VARIED, values, np.ones(200), {"command": "x", "seed": 1})
    bank = build_bank(ensemble, until=26, sets=6_000, seed=1)
    parts = [calibrate(bank, data_sets=100, animals=12, seed=seed) for seed in (1, 2, 3, 4)]
    found = replace(parts[0], rank=np.concatenate([part.rank for part in parts]))
    table = found.table()
    print(table.to_string())
    assert found.rank.shape == (400, len(table))
    assert 0.87 <= table["share"].mean() <= 0.93
    assert table["share"].between(0.79, 0.98).all()
    assert (table["uniform_p"] > 0.01 / len(table)).all()
