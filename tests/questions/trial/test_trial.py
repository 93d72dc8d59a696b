"""Simulated trials: what must be exactly nothing, what must repeat, and what the tables hold."""

from dataclasses import replace
from importlib.resources import files

import numpy as np
import pandas as pd
import pytest

import eaesim
from eaesim.errors import EaesimError
from eaesim.protocol.trialfile import FOLDER, read_trial, trial_names
from eaesim.questions.trial import plan as planning
from eaesim.questions.trial.ranking import RATIOS, log_likelihood, ranking
from eaesim.questions.trial.request import TrialRequest
from eaesim.questions.trial.words import closing_words
from eaesim.workbench.studyfile import own_question, own_request, own_subject

NOTHING = {"ratio": 1.0, "hazard_ratio": 1.0, "difference": 0.0}
OF_IVIG = [name for name in trial_names() if read_trial(name).claim != "comparator"]


def small(name, patients=6):
    """Return a trial with few patients and a rate that is not calibrated."""
    trial = read_trial(name)
    arms = tuple(replace(arm, patients=patients) for arm in trial.arms)
    rate = 12.0 if trial.attacks.calibrated else trial.attacks.rate
    return replace(trial, arms=arms, attacks=replace(trial.attacks, rate=rate))


def compared(table):
    return table[table["measure"] != "value"]


def off(table):
    """Return how far the predictions of comparisons lie from no difference."""
    own = compared(table)
    return (own["predicted"] - own["measure"].map(NOTHING)).abs().dropna()


def test_strict_h7_and_no_mechanism_change_nothing_in_any_human_row():
    trials = [small(name) for name in OF_IVIG]
    found = eaesim.trial(trials, mechanism=["H7", "none"], patients=50, replicates=20, parameter_sets=1)
    table = found.table
    assert set(compared(table)["trial"]) == set(OF_IVIG)
    assert len(off(table)) > 40
    assert off(table).max() < 0.001


def test_attacks_from_lesions_alone_leave_h1a_nothing_to_do():
    trials = [small(name) for name in ("aims", "first_episode", "sorensen1998", "tarims_index")]
    settings = {"patients": 60, "replicates": 20, "parameter_sets": 1, "mechanism": "H1a"}
    assert off(eaesim.trial(trials, from_lesion=1, **settings).table).max() < 1e-6
    assert off(eaesim.trial(trials, from_lesion=0, **settings).table).max() > 0.05


def test_microbes_give_h7_something_to_bind():
    settings = {"patients": 100, "replicates": 20, "parameter_sets": 1, "mechanism": "H7"}
    assert off(eaesim.trial(small("aims"), microbial=1, **settings).table).max() > 0.05


def test_h1a_leaves_an_index_relapse_as_it_is():
    found = eaesim.trial("tarims_index", mechanism="H1a", patients=800, replicates=20, parameter_sets=1)
    assert found.table["predicted"].abs().max() < 0.05


def test_the_same_seed_gives_the_same_table_with_one_worker_or_two():
    settings = {"mechanism": ["H1a", "none"], "patients": 60, "replicates": 20, "parameter_sets": 1}
    one, two = (eaesim.trial(small("aims"), seed=2, workers=workers, **settings) for workers in (1, 2))
    for name, table in one.tables().items():
        pd.testing.assert_frame_equal(table, two.tables()[name])
    other = eaesim.trial(small("aims"), seed=3, **settings)
    assert not one.table.equals(other.table)


def test_tables_have_the_columns_of_the_contract():
    found = eaesim.trial(small("lewanska"), patients=60, replicates=20, parameter_sets=1)
    assert {
        *("endpoint", "measure", "arm", "published", "published_low", "published_high", "predicted"),
        *("low", "high", "within", "significant", "mechanism", "verdict"),
    } <= set(found.table)
    inside = found.table[["within", "significant"]].to_numpy(float)
    assert np.nanmin(inside) >= 0
    assert np.nanmax(inside) <= 1
    assert (found.table["low"] <= found.table["high"]).all()
    assert found.ranking()["ratios"].tolist() == [2]


def test_more_patients_are_drawn_where_few_meet_the_entry(monkeypatch):
    monkeypatch.setattr(planning, "ONE_SET", 12)
    trial = replace(small("aims", 8), entry=replace(read_trial("aims").entry, relapses=4))
    found = eaesim.trial(trial, replicates=20, parameter_sets=1)
    assert found.placebo["entered"].min() >= 16
    assert found.placebo["drawn"].min() > 24
    with pytest.raises(EaesimError, match="--patients"):
        eaesim.trial(trial, replicates=20, patients=20, parameter_sets=1)


@pytest.mark.parametrize("given", [5, None, [], "", ["aims", 3], ["aims", "aims"], "amis", ["lewis"]])
def test_what_is_no_trial_is_refused_in_one_line(given):
    with pytest.raises(EaesimError) as caught:
        eaesim.trial(given)
    assert "\n" not in str(caught.value)
    assert "aims" in str(caught.value)


def test_a_trial_that_is_only_planned_is_predicted_and_not_judged():
    asked = {"patients": 200, "replicates": 20, "parameter_sets": 1}
    found = eaesim.trial(replace(small("aims"), published=()), **asked)
    assert list(found.table["endpoint"]) == [
        "relapse_rate",
        "relapse_free",
        "first_relapse_day",
        "edss_change",
    ]
    assert set(found.table["verdict"]) == {"not comparable"}
    assert found.table["published"].isna().all()
    assert found.table["predicted"].notna().all()
    ratio = found.table["predicted"][0]
    assert f"{ratio:.2f}" in found.sentence()
    assert "published" not in found.sentence().replace("not published", "").replace("published ratio", "")
    assert found.figure().axes


def ratios(mechanism, *sets):
    """Return the five published ratios with predictions of some parameter sets."""
    rows = []
    for name in ("aims", "achiron1998", "lewanska", "sorensen1998"):
        for row in read_trial(name).published:
            if row.measure == "ratio" and row.endpoint == "relapse_rate" and row.low is not None:
                rows += [
                    (name, row.arm, mechanism, place, row.value, row.low, row.high, ratio)
                    for place, ratio in enumerate(sets)
                ]
    return pd.DataFrame(rows, columns=list(RATIOS))


def test_no_effect_has_the_log_likelihood_of_the_closed_form():
    # Value and ends of T1, T5, T8 (twice) and T10: logarithms in their standard errors.
    published = [
        (0.41, 0.24, 0.71),
        (0.37, 0.21, 0.65),
        (0.71, 0.28, 1.82),
        (0.69, 0.26, 1.85),
        (0.73, 0.26, 2.05),
    ]
    misses = [np.log(value) / (np.log(high / low) / 3.92) for value, low, high in published]
    by_hand = -0.5 * np.square(misses).sum()
    assert log_likelihood(ratios("none", 1.0)) == pytest.approx(by_hand, abs=0.01)
    assert by_hand == pytest.approx(-11.7, abs=0.3)


def test_a_parameter_set_counts_by_its_likelihood():
    one, two, both = (log_likelihood(ratios("H1a", *sets)) for sets in ((0.5,), (0.9,), (0.5, 0.9)))
    assert both == pytest.approx(np.log(0.5 * (np.exp(one) + np.exp(two))))
    assert np.isfinite(log_likelihood(ratios("H3", 0.0)))
    assert np.isnan(log_likelihood(ratios("H3")))


def test_mechanisms_are_ranked_and_no_effect_stands_beside_them():
    table = pd.DataFrame(
        {
            "mechanism": ["none", "H1a", "H1a"],
            "measure": ["ratio", "ratio", "value"],
            "use": "validate",
            "verdict": ["disagrees", "agrees", "disagrees"],
        }
    )
    found = ranking(table, pd.concat([ratios("none", 1.0), ratios("H1a", 0.5)]))
    assert found["mechanism"].tolist() == ["H1a", "none"]
    assert found["no_effect"].tolist() == pytest.approx([found["log_likelihood"][1]] * 2)
    assert found[["rows", "inside"]].to_numpy().tolist() == [[1, 1], [1, 0]]


def test_a_file_may_hold_the_question_with_what_it_is_asked_of(tmp_path):
    path = tmp_path / "study.toml"
    path.write_text('[trial]\nof = ["aims", "esims"]\nmechanism = "H7"\n', encoding="utf-8")
    asked = own_question(path)
    assert asked is not None
    assert asked.name == "trial"
    assert own_subject(path) == ["aims", "esims"]
    assert own_request(asked, path).changed() == {"mechanism": ["H7"]}
    trial = tmp_path / "trial.toml"
    trial.write_text((FOLDER / "aims.toml").read_text("utf-8"), encoding="utf-8")
    assert own_question(trial) is None


def test_what_a_file_says_counts_and_the_next_command_names_it(tmp_path):
    path = tmp_path / "aims.toml"
    text = (FOLDER / "aims.toml").read_text(encoding="utf-8")
    request = TrialRequest(parameter_sets=1)
    shipped = planning.plan("aims", request).settings()
    path.write_text(text, encoding="utf-8")
    assert planning.plan(str(path), request).settings() == shipped
    path.write_text(text.replace("patients = 75", "patients = 74", 1), encoding="utf-8")
    changed = planning.plan(str(path), request)
    assert changed.settings() != shipped
    assert closing_words(request, 1, changed.trials)[-1] == f"Next: eaesim trial {path} --mechanism all"


def test_a_changed_drug_makes_another_trial(tmp_path):
    drug = (files("eaesim") / "model" / "drugs" / "natalizumab.toml").read_text(encoding="utf-8")
    arms = '[[arm]]\nname = "a"\npatients = 5\n[[arm]]\nname = "b"\npatients = 5\n'
    text = f'[study]\nuntil = "1 year"\n{arms}dose = "1 mg/kg"\ndrug = "own"\n'
    found = set()
    for place, most in enumerate(("0.6", "0.6", "0.61")):
        folder = tmp_path / str(place)
        folder.mkdir()
        (folder / "own.toml").write_text(drug.replace("most = 0.6", f"most = {most}"), encoding="utf-8")
        (folder / "trial.toml").write_text(text, encoding="utf-8")
        found.add(read_trial(folder / "trial.toml").fingerprint)
    assert len(found) == 2


def test_fewer_patients_than_a_trial_has_are_refused_before_anything_is_simulated():
    with pytest.raises(EaesimError, match="942 of affirm"):
        planning.plan("all", TrialRequest(patients=60))


def test_two_trials_of_one_name_are_refused_since_a_manifest_would_know_one_of_them(tmp_path):
    paths = [tmp_path / place / "own.toml" for place in ("here", "there")]
    for path in paths:
        path.parent.mkdir()
        path.write_text((FOLDER / "aims.toml").read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(EaesimError, match="two trials are named own"):
        planning.plan(list(map(str, paths)), TrialRequest())
