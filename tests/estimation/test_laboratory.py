"""A laboratory's own rat."""

from __future__ import annotations

import os
import tomllib
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from eaesim.endpoints.followup import watch
from eaesim.errors import EaesimError
from eaesim.estimation.bank import build_bank, laboratories, simulate_immunised, weighted_percentiles
from eaesim.estimation.calibration import calibrate, synthetic_group
from eaesim.estimation.ensembles import read_ensembles
from eaesim.estimation.group import MEASURED, Group, read_watched
from eaesim.evidence import firstlook, read_scores
from eaesim.evidence.laboratoryendpoints import LaboratoryEndpoints
from eaesim.model import load
from eaesim.questions.fit.laboratory.answer import LaboratoryPlan, answer, on_model_scale, predict
from eaesim.questions.fit.laboratory.request import LaboratoryRequest
from eaesim.questions.fit.laboratory.result import LaboratoryFit
from eaesim.solver import Effort
from eaesim.study import Ensemble

VARIED = ("priming_rate", "inflammation_rate", "effector_cns_death", "potency_maturation")


@pytest.fixture(scope="module")
def bank():
    rat, random = load("lewis"), np.random.default_rng(2)
    start = np.array([rat.entries[name].value for name in VARIED])
    values = start * np.exp(0.2 * random.standard_normal((40, len(VARIED))))
    about = {"command": "x", "seed": 1}
    ensemble = Ensemble(rat, VARIED, values, np.ones(40), about, {"H1a": np.linspace(0.1, 0.9, 40)})
    return build_bank(ensemble, until=22, sets=2_000, seed=1)


def shown(bank, place, animals=10):
    sick = round(float(bank.incidence[place]) * animals)
    return Group(sick, animals, bank.mean[place])


def fitted(bank, group):
    weights = bank.weights(group)
    courses = predict(bank, weights, animals=2, seed=1)
    return LaboratoryFit(LaboratoryRequest(), bank, group, weights, np.zeros((2, 23)), courses)


def test_weights_are_shares_and_lie_near_the_truth(bank):
    place = int(np.argmin(np.abs(bank.mean[:, 0] - 11) + (bank.sick < 50)))
    weights = bank.weights(shown(bank, place))
    assert weights.sum() == pytest.approx(1)
    onset = weights @ bank.mean[:, 0]
    assert abs(onset - bank.mean[place, 0]) < 0.5 < abs(bank.mean[:, 0].mean() - bank.mean[place, 0])


def test_more_animals_say_more(bank):
    place = int(np.argmin(np.abs(bank.mean[:, 0] - 10) + (bank.sick < 50)))
    effective = [1 / (bank.weights(shown(bank, place, animals)) ** 2).sum() for animals in (3, 8, 20)]
    assert effective[0] > effective[1] > effective[2]


def test_animals_that_no_rat_resembles_cannot_be_estimated(bank):
    with pytest.raises(EaesimError, match=r"cannot be estimated|no rat"):
        bank.weights(Group(40, 40, np.array([2.0, 4.0, 60.0, 20.0])))


def test_the_ensemble_keeps_what_counts(bank):
    group = shown(bank, 3)
    found = fitted(bank, group)
    ensemble = found.ensemble()
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
    ensemble = fitted(bank, shown(bank, 3)).ensemble()
    place, known = VARIED.index("priming_rate"), bank.ensemble
    rows = dict(zip(known.values[:, place].tolist(), known.likelihood["H1a"].tolist(), strict=True))
    # No laboratory changes this rate, so it tells the member.
    own = ensemble.values[:, ensemble.names.index("priming_rate")].tolist()
    assert ensemble.likelihood["H1a"].tolist() == [rows[value] for value in own]


def watched(rows, **options):
    table = np.array(rows, dtype=float)
    until = table.shape[1] - 1
    return watch(
        table, np.arange(until + 1), np.full(len(table), np.inf), until=until, last_onset=4.0, **options
    )


NAN = np.nan
ROWS = [
    [0, 0, 1, 3, 2, 0],
    [0, 0, 0, 2, 2, 1],
    [0, 0, 0, 0, 0, 0],
    [0, 0, 0, NAN, NAN, NAN],
    [0, 0, 2, 4, NAN, NAN],
]


def test_every_animal_is_read_as_far_as_it_was_watched():
    group = read_watched(watched(ROWS), before=np.array([1.0, 2, 5, 2, 1]))
    assert (group.sick, group.animals, group.complete, group.well) == (3, 5, 2, 1)
    assert group.mean == pytest.approx([2.5, 2.5, 5.5, 3])
    assert (group.without.tolist(), group.onset.tolist(), group.peak.tolist()) == ([2], [2], [4])
    # With a rule for the lost, the animal with signs is known in all that is measured.
    carried = read_watched(watched(ROWS, lost="carry"), before=np.array([1.0, 2, 5, 2, 1]))
    assert (carried.complete, len(carried.onset), carried.without.tolist()) == (3, 0, [2])


def test_a_first_sign_between_readings_far_apart_is_only_known_to_lie_between():
    group = read_watched(watched(ROWS[:3]), before=np.array([-np.inf, 2, 5]))
    assert (group.after.tolist(), group.by.tolist(), group.least.tolist()) == ([-np.inf], [2], [3])
    assert group.complete == 1


def test_an_animal_lost_on_day_0_says_nothing(bank):
    few = [[0, *row] for row in ROWS]
    more = [*few, [0, *[NAN] * 6]]
    group, other = (
        read_watched(watched(rows), before=np.array([2.0, 3, 6, 3, 2, 0])[: len(rows)])
        for rows in (few, more)
    )
    assert bank.log_likelihood(group) == pytest.approx(bank.log_likelihood(other))
    assert group.animals == other.animals


def test_the_likelihood_of_animals_lost_without_signs_is_the_chance_of_none_until_then(bank):
    plain = Group(4, 6, bank.mean[3])
    lost = replace(plain, animals=8, without=np.array([9.0, 14.0]))
    share = (bank.onset[:, [9, 14]] * 64 + 0.5) / 65
    expected = bank.log_likelihood(plain) + np.log1p(-share).sum(axis=1)
    fine = bank.sick >= 3
    assert bank.log_likelihood(lost)[fine] == pytest.approx(expected[fine])
    assert (np.diff(bank.onset, axis=1) >= 0).all()
    assert bank.onset[:, -1] == pytest.approx(bank.incidence)


def test_partly_known_animals_enter_by_their_onset_and_the_least_of_their_peak(bank):
    """By the joint normal density of the means, and the normal chance of a peak given the onset."""
    group = Group(5, 6, bank.mean[3] + 0.1, onset=np.array([10.0, 12.0]), peak=np.array([2.0, 3.0]))
    place = int(np.argmax(bank.sick))
    mean, covariance, sick = bank.mean[place], bank.covariance[place], bank.sick[place]
    spread = np.zeros((5, 5))
    spread[:4, :4] = covariance * (1 / 3 + 1 / sick)
    spread[4, 4] = covariance[0, 0] * (1 / 2 + 1 / sick)
    spread[4, :4] = spread[:4, 4] = covariance[0] / sick
    off = np.append(group.mean, 11.0) - np.append(mean, mean[0])
    expected = -0.5 * (off @ np.linalg.solve(spread, off) + np.linalg.slogdet(spread)[1])
    slope = covariance[0, 1] / covariance[0, 0]
    left = np.sqrt(covariance[1, 1] - slope * covariance[0, 1])
    for day, least in ((10, 2), (12, 3)):
        expected += norm.logsf((least - 0.5 - mean[1] - slope * (day - mean[0])) / left)
    share = (bank.incidence[place] * 64 + 0.5) / 65
    expected += 5 * np.log(share) + np.log1p(-share)
    assert bank.log_likelihood(group)[place] == pytest.approx(expected)


def test_lost_animals_move_the_estimate_no_more_than_chance(bank):
    """Of the same synthetic groups, 30 % lost at random: posterior means stay where they were."""
    moved = []
    for truth in range(40):
        whole, less = (
            synthetic_group(bank, truth, animals=12, censored=share, seed=900 + truth) for share in (0.0, 0.3)
        )
        if whole is None or less is None:
            continue
        weights = [bank.log_likelihood(group) for group in (whole, less)]
        one, two = (np.exp(each - each.max()) / np.exp(each - each.max()).sum() for each in weights)
        moved.append(
            [two @ bank.incidence - one @ bank.incidence, two @ bank.mean[:, 0] - one @ bank.mean[:, 0]]
        )
    error = np.std(moved, axis=0) / np.sqrt(len(moved))
    assert len(moved) > 30
    assert (np.abs(np.mean(moved, axis=0)) < 3 * error).all()
    assert (np.abs(np.mean(moved, axis=0)) < [0.02, 0.2]).all()


def test_scores_are_mapped_to_the_model_and_it_says_so(tmp_path):
    path = tmp_path / "ten.csv"
    path.write_text("rat,group,0,1,2\n1,PBS,0,4,dead\n2,PBS,0,2,8\n", encoding="utf-8")
    result = LaboratoryEndpoints(read_scores(path, scale_max=10.0), signs=2.0)
    mapped, said = on_model_scale(result)
    assert mapped.scores.scores("PBS").tolist() == [[0, 2, 5], [0, 1, 4]]
    assert (mapped.signs, mapped.scores.scale_max, mapped.scores.dead_score) == (1, 5, 5)
    assert said.startswith("scores are multiplied by 0.5 to lie on the model's scale of 0 to 5")
    same, nothing = on_model_scale(mapped)
    assert (same.scores.scores("PBS").tolist(), nothing) == ([[0, 2, 5], [0, 1, 4]], "")


def test_the_predicted_band_holds_the_rats_that_made_it(bank):
    weights = np.zeros(len(bank.values))
    weights[3] = 1.0
    band = predict(bank, weights, animals=8, seed=1)
    assert (band.mean_low <= band.mean).all()
    assert (band.mean <= band.mean_high).all()
    # On days on which rats differ; before and after, most scores are the same.
    apart = band.high - band.low > 1
    assert apart.sum() >= 3
    one, group = (band.high - band.low)[apart], (band.mean_high - band.mean_low)[apart]
    # Late in a deadly course one survivor may be all that is left of a group.
    assert (group <= one).all()
    assert (group < one)[:3].all()
    assert band.low.shape == (bank.until + 1,)


def test_a_laboratory_is_fitted_with_its_lost_animals(tmp_path, bank):
    days = ",".join(str(day) for day in range(23))
    ill = "0,0,0,0,0,0,0,0,0,0,1,2,3,2,1,0,0,0,0,0,0,0,0"
    rows = [f"{number},PBS,{ill}" for number in range(4)]
    rows += [f"9,PBS,{','.join(['0'] * 9 + [''] * 14)}", f"8,PBS,{','.join(ill.split(',')[:15] + [''] * 8)}"]
    path = tmp_path / "own.csv"
    path.write_text("\n".join([f"rat,group,{days}", *rows]) + "\n", encoding="utf-8")
    result = LaboratoryEndpoints(read_scores(path))
    found = answer(LaboratoryPlan(LaboratoryRequest(sets=1_500), {}, result, bank.ensemble), Effort())
    assert (found.group.animals, found.group.sick, found.group.complete) == (6, 5, 4)
    assert found.group.without.tolist() == [8]
    assert found.sentence().startswith("6 control animals, 5 with signs by day 22, 1 lost before: ")
    assert found.assumed == (
        "PBS: 1 lost without signs count by the chance of none until then; 1 lost with signs count by their "
        "onset and a peak of at least what was read.",
    )
    courses = found.courses()
    assert courses["animals"].tolist() == [6] * 9 + [5] * 6 + [4] * 8
    assert courses["shown"].iloc[10] == 1
    assert (courses["low"] <= courses["high"]).all()


def test_percentiles_with_even_weights_are_those_of_the_values():
    values = np.random.default_rng(1).random(999)
    found = weighted_percentiles(values, np.ones(999) / 999, (5, 50, 95))
    assert found == pytest.approx(np.percentile(values, [5, 50, 95]), abs=0.002)


@pytest.fixture(scope="module")
def large_bank():
    rat, random = load("lewis"), np.random.default_rng(2)
    start = np.array([rat.entries[name].value for name in VARIED])
    values = start * np.exp(0.3 * random.standard_normal((200, len(VARIED))))
    ensemble = Ensemble(rat, VARIED, values, np.ones(200), {"command": "x", "seed": 1})
    return build_bank(ensemble, until=26, sets=6_000, seed=1)


@pytest.mark.slow
def test_intervals_hold_what_they_say(large_bank):
    """Simulation-based calibration: 400 synthetic groups of 12 rats whose truth is known."""
    parts = [calibrate(large_bank, data_sets=100, animals=12, seed=seed) for seed in (1, 2, 3, 4)]
    found = replace(parts[0], rank=np.concatenate([part.rank for part in parts]))
    table = found.table()
    print(table.to_string())
    assert found.rank.shape == (400, len(table))
    assert 0.87 <= table["share"].mean() <= 0.93
    assert table["share"].between(0.79, 0.98).all()
    assert (table["uniform_p"] > 0.01 / len(table)).all()


@pytest.mark.slow
def test_intervals_hold_what_they_say_where_animals_were_lost(large_bank):
    """As above, with 30 % of the animals lost on a random day; EAESIM_TEST_N groups, 400 in full."""
    data_sets = int(os.environ.get("EAESIM_TEST_N", "200"))
    found = calibrate(large_bank, data_sets=data_sets, animals=12, censored=0.3, seed=1)
    print(found.table().to_string())
    assert 0.85 <= found.pooled() <= 0.94


def _first_look(ensemble):
    """Return the lines of a strain in ``firstlook.toml``."""
    onset, peak = [], []
    names, values, _ = laboratories(ensemble, 1_000, seed=1)
    for first in range(0, len(values), 250):
        some = values[first : first + 250]
        found = simulate_immunised(
            ensemble.rat, names, some, animals=20, seed=1 + first, are_apart=True
        ).first
        ill = found["incidence"] > 0
        onset.append(np.where(ill, found["onset_day"], np.nan))
        peak.append(np.where(ill, found["peak_score"], np.nan))
    onsets, peaks = np.concatenate(onset), np.concatenate(peak)
    low, high = np.nanpercentile(onsets, (1, 99))
    ends, groups = [], [3, 5, 10, 20]
    for size in groups:
        some = peaks[:, :size]
        means = np.nanmean(some[(~np.isnan(some)).sum(axis=1) >= min(groups)], axis=1)
        ends.append(np.percentile(means, (0.05, 99.95)).round(2).tolist())
    return {
        "rats": onsets.size,
        "onset_low": float(np.floor(low)),
        "onset_high": float(np.ceil(high)),
        "incidence": round(float((~np.isnan(onsets)).mean()), 3),
        "groups": groups,
        "peak_low": [each[0] for each in ends],
        "peak_high": [each[1] for each in ends],
    }


@pytest.mark.slow
def test_the_first_look_is_that_of_the_shipped_ensembles():
    """If not, the model or an ensemble changed: write these numbers to eaesim/evidence/firstlook.toml."""
    shipped = tomllib.loads(firstlook.DATA.read_text(encoding="utf-8"))
    assert {strain: _first_look(each) for strain, each in read_ensembles(None).items()} == shipped
