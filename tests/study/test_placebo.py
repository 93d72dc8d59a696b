"""Calibration: the placebo arm does as published, or it is said that no rate reaches it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from eaesim.errors import ProtocolError
from eaesim.model import load_subject
from eaesim.protocol import Arm, Bolus
from eaesim.protocol.attacks import AttackSettings
from eaesim.protocol.entry import Entry
from eaesim.protocol.outcome import PlaceboRow
from eaesim.protocol.trial import Trial, TrialArm
from eaesim.study import recruitment
from eaesim.study.patients import Recruiting, attacks_in
from eaesim.study.placebo import _first_crossing, placebo_attacks
from eaesim.study.recruitment import recruit
from eaesim.study.trialpool import simulate_trial

PATIENT = load_subject("patient")
HOW = Recruiting(300, 4)


def trial(endpoint="relapse_rate", value=0.8, **settings) -> Trial:
    usual = {
        "name": "own",
        "until": 365,
        "run_in": 200,
        "arms": (TrialArm(Arm("placebo"), 40), TrialArm(Arm("IVIG", Bolus("0.4 g/kg").at(day=0)), 40)),
        "attacks": AttackSettings(rate="calibrate"),
        "placebo": PlaceboRow(endpoint=endpoint, value=value),
    }
    return Trial(**(usual | settings))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("endpoint", "value", "near"), [("relapse_rate", 0.3, 0.04), ("relapse_free", 0.5, 0.05)]
)
def test_a_calibrated_placebo_reaches_its_value(endpoint: str, value: float, near: float) -> None:
    found = placebo_attacks(trial(endpoint, value), [PATIENT], HOW)
    assert found.reached.tolist() == [True]
    assert found.value[0] == pytest.approx(value, abs=near)
    # What is said is what the pool of these attacks shows.
    asked = trial(endpoint, value)
    pool = simulate_trial(asked, recruit(asked, [PATIENT], found.attacks, HOW), mechanism="none")
    counts = pool.readings["placebo"].onsets.counts(1, 365)
    seen = counts.mean() * 365.25 / 365 if endpoint == "relapse_rate" else (counts == 0).mean()
    assert seen == pytest.approx(found.value[0], abs=0.01)


def test_a_higher_rate_of_relapses_needs_more_attacks() -> None:
    rates = [placebo_attacks(trial(value=value), [PATIENT], HOW).attacks[0].rate for value in (0.2, 1.0)]
    assert rates[0] < rates[1] / 2


def test_a_value_that_no_rate_reaches_is_said() -> None:
    found = placebo_attacks(trial(value=20.0), [PATIENT], Recruiting(60, 4))
    assert found.reached.tolist() == [False]
    assert found.value[0] < 20


def test_each_parameter_set_has_its_own_rate() -> None:
    weak = PATIENT.replace(severity_half_effect=1.3 * PATIENT.entries["severity_half_effect"].value)
    found = placebo_attacks(trial(value=0.5), [PATIENT, weak], Recruiting(500, 4))
    assert found.value == pytest.approx([0.5, 0.5], abs=0.06)
    assert found.attacks[1].rate > found.attacks[0].rate


@pytest.mark.parametrize("entry", [None, Entry(relapses=1, years=0.5), Entry(relapse_within=30)])
def test_sets_that_are_known_are_not_calibrated_again_and_the_bits_are_the_same(
    entry: Entry | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    weak, strong = (
        PATIENT.replace(severity_half_effect=factor * PATIENT.entries["severity_half_effect"].value)
        for factor in (1.3, 0.8)
    )
    asked, how, known = trial(value=0.5, entry=entry), Recruiting(120, 4), {}
    placebo_attacks(asked, [PATIENT, weak, strong], how, known=known)
    alone = placebo_attacks(asked, [PATIENT, strong, strong], how)
    drawn = []
    recruited = recruitment.run_in
    monkeypatch.setattr(
        recruitment,
        "run_in",
        lambda *given, **more: drawn.append(given[2].places) or recruited(*given, **more),
    )
    beside = placebo_attacks(asked, [PATIENT, strong, strong], how, known=known)
    assert set(drawn) == {(1,)}
    assert beside.attacks == alone.attacks
    assert np.array_equal(beside.value, alone.value)
    assert np.array_equal(beside.reached, alone.reached)


def test_a_given_rate_is_not_calibrated() -> None:
    given = trial(attacks=AttackSettings(rate=4.0, size=0.3))
    found = placebo_attacks(given, [PATIENT], HOW)
    assert (found.attacks[0].rate, found.attacks[0].size) == (4.0, 0.3)
    assert found.attacks[0].spread == attacks_in(PATIENT).spread
    assert np.isnan(found.value).all()


def test_an_entry_that_nobody_meets_at_any_rate() -> None:
    asked = trial(entry=Entry(relapses=100, years=0.1))
    with pytest.raises(ProtocolError, match="nobody meets the entry, however often attacks come"):
        placebo_attacks(asked, [PATIENT], Recruiting(30, 4))


def test_the_first_change_of_sign_is_taken_for_each_set() -> None:
    places = np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0], [3.0, 3.0]])
    misses = np.array([[-1.0, np.nan], [1.0, np.nan], [-1.0, -2.0], [1.0, 3.0]])
    low, high, at_low, at_high, reached = _first_crossing(places, misses)
    assert (low.tolist(), high.tolist()) == ([0.0, 2.0], [1.0, 3.0])
    assert (at_low.tolist(), at_high.tolist(), reached.tolist()) == ([-1.0, -2.0], [1.0, 3.0], [True, True])
    _, _, _, _, never = _first_crossing(places, np.full((4, 2), -1.0))
    assert not never.any()


def test_the_same_seed_gives_the_same_rate() -> None:
    first, second = (placebo_attacks(trial(value=0.5), [PATIENT], Recruiting(60, 4)) for _ in range(2))
    assert first.attacks == second.attacks
    assert replace(first.attacks[0], rate=1.0) == replace(attacks_in(PATIENT), rate=1.0)


def test_a_rate_is_sought_where_attacks_are_few_though_many_merge() -> None:
    # Nobody meets the entry at the lowest rate, and at the highest relapses merge into fewer than published.
    rates = np.log([[0.5], [1.5], [4.0], [10.0], [25.0], [60.0]])
    misses = np.array([[np.nan], [-0.7], [-0.2], [0.1], [0.2], [-0.1]])
    low, high, at_low, at_high, reached = _first_crossing(rates, misses)
    assert np.exp([*low, *high]) == pytest.approx([4, 10])
    assert [*at_low, *at_high, *reached] == [-0.2, 0.1, True]


def test_the_first_rate_at_which_somebody_enters_says_what_few_attacks_do() -> None:
    # Of patients without relapses there are more at low rates.
    rates, misses = np.log([[1.0], [2.0], [4.0]]), np.array([[np.nan], [0.3], [-0.2]])
    low, high, *_ = _first_crossing(rates, misses)
    assert np.exp([*low, *high]) == pytest.approx([2, 4])
