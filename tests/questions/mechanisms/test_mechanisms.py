"""Mechanisms beside findings."""

from __future__ import annotations

import numpy as np
import pytest

from eaesim.errors import UnknownNameError
from eaesim.estimation.potency import Potencies
from eaesim.evidence import VERDICTS, combined, load_findings
from eaesim.model import load
from eaesim.questions.mechanisms.answer import bench_of, compete, mechanisms, plan
from eaesim.questions.mechanisms.request import MechanismsRequest
from eaesim.questions.mechanisms.result import MechanismsResult
from eaesim.questions.mechanisms.trials import finding_trials
from eaesim.solver import Effort
from eaesim.study import Ensemble

# Findings that need more than a trial: inflammation, rats induced again, donors' cells.
MORE = ("E10", "E11", "E12", "E13")
RATS = {name: load(name) for name in ("lewis", "da")}


def ensembles(members=10):
    """Ensembles of a few rats that differ little."""
    random = np.random.default_rng(1)
    factor = np.exp(0.05 * random.standard_normal(members))
    return {
        name: Ensemble(
            rat,
            ("priming_rate",),
            (rat.entries["priming_rate"].value * factor)[:, None],
            np.ones(members),
            {"command": "x", "seed": 1},
        )
        for name, rat in RATS.items()
    }


def competed(**settings) -> MechanismsResult:
    """Return what the first part of the question finds: how mechanisms stand, without all other rows."""
    asked = plan(ensembles(), MechanismsRequest(animals=8, **settings))
    return compete(asked.mechanisms, bench_of(asked, Effort(), asked.request.given), seed=asked.request.seed)


@pytest.fixture(scope="module")
def found():
    return competed(mechanism=["H1a", "H3", "H4", "H1a+H7"])


def test_members_that_the_calibrating_rows_speak_against_count_less_under_that_mechanism():
    rows = np.array([0.001, 0.5, 0.5, 0.25, 0.25, 0.5])
    members = Potencies("H1a", ("potency_maturation",), np.ones((6, 1)), -1.0, rows).chosen()
    assert len(members) == 6
    assert 0 not in members
    assert {1, 2, 5} <= set(members.tolist())


def test_every_finding_on_dosed_rats_that_calibrates_or_validates_is_there():
    rows = {
        one.id
        for one in load_findings()
        if one.drug == "ivig" and one.row.startswith("A") and one.use != "shown"
    }
    # The response of T cells in a dish is not among the readings; rows of table E need more than a trial.
    assert set(finding_trials()) == rows - {"A8.t_cell_response"}


@pytest.mark.slow
def test_rows_that_need_more_than_a_trial_are_judged_too(found):
    assert {finding for _, finding in found.effects} == {*finding_trials(), *MORE}
    assert {finding for _, finding, _ in found.further} == {"A1", "E10", "E13"}
    for draws in (*found.effects.values(), *found.further.values()):
        assert draws.shape == (found.members,)


def test_singles_and_pairs():
    names = plan(None, MechanismsRequest()).mechanisms
    assert len(names) == len(set(names)) == 8 + 28


@pytest.mark.slow
def test_blocking_maturation_reproduces_what_scavenging_complement_cannot(found):
    table = found.table().set_index(["mechanism", "finding"])["verdict"]
    assert table["H1a", "A5"] == table["H1a", "A6"] == "agrees"
    # Of ten strengths drawn from the rows themselves some are too weak to be told from no effect.
    assert table["H1a", "A1"] in ("agrees", "inconclusive")
    assert table["H4", "A1"] == "disagrees"
    assert table["H4", "A4"] == "disagrees"


@pytest.mark.slow
def test_a_mechanism_that_acts_late_is_held_to_the_nulls(found):
    table = found.table().set_index(["mechanism", "finding"])["verdict"]
    assert table["H3", "A5"] == table["H3", "A6"] == "disagrees"


@pytest.mark.slow
def test_what_is_shown_adds_up(found):
    table, ranking = found.table(), found.ranking()
    assert len(table) == 4 * (len(finding_trials()) + len(MORE))
    # Eleven findings, of which A3 has four readings.
    assert (ranking[list(VERDICTS)].sum(axis=1) == 7 + len(MORE)).all()
    for (_, mechanism), own in table.groupby([table["finding"].str.partition(".")[0], "mechanism"]):
        assert set(own["finding_verdict"]) == {combined(own["verdict"])}, mechanism
    assert "2 of the 11 findings were used for calibration: A1, A4." in " ".join(found.words())
    assert ranking.iloc[0]["mechanism"] in ("H1a", "H1a+H7")
    assert ranking["score"].is_monotonic_decreasing
    assert any("H4" in line for line in found.words())


@pytest.mark.slow
def test_the_same_seed_gives_the_same(found):
    again = competed(mechanism=["H1a"])
    for (_, identity), draws in again.effects.items():
        assert np.array_equal(draws, found.effects["H1a", identity], equal_nan=True)


def test_unknown_names_are_errors():
    with pytest.raises(UnknownNameError, match="H1a"):
        mechanisms(ensembles(), mechanism=["H1"])
    with pytest.raises(UnknownNameError, match="ensemble"):
        mechanisms({"lewis": ensembles()["lewis"]}, mechanism=["H1a"])


@pytest.mark.slow
def test_a_rival_setting_and_another_dose_change_what_they_touch_alone():
    one = {"mechanism": ["H1a"], "parameter_sets": 3}
    plain = competed(**one)
    split = competed(**one, given={"A1": "0.2 g/kg every 1 day x 5"})
    reach = competed(**one, parameters={"lesion_priming_reach": 1.0})
    assert (plain.effects["H1a", "A1"] != split.effects["H1a", "A1"]).any()
    assert (plain.effects["H1a", "A3.cumulative_score"] != reach.effects["H1a", "A3.cumulative_score"]).any()
    same = competed(**one, given={"A1": "1 g/kg"}, parameters={})
    np.testing.assert_array_equal(plain.effects["H1a", "A1"], same.effects["H1a", "A1"])


def test_a_dose_for_a_finding_that_is_not_there_is_refused():
    with pytest.raises(UnknownNameError, match="A11"):
        finding_trials({"A11": "1 g/kg"})
    with pytest.raises(UnknownNameError, match="lesion_priming_reach"):
        mechanisms(ensembles(), parameter_sets=2, parameters={"lesion_primng_reach": 1.0})
