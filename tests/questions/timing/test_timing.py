"""The timing analysis: what its rows promise, and what must not depend on what else is asked."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import eaesim as ea
from eaesim.errors import EaesimError, ProtocolError
from eaesim.model import MECHANISMS, load
from eaesim.protocol import Arm, Bolus, Immunisation, Infusion, Relapse
from eaesim.questions.timing.answer import Panel, Timing, timing
from eaesim.questions.timing.request import TimingRequest
from eaesim.study import Result, Study
from eaesim.workbench.madestudy import RELAPSE_DAY

COLUMNS = [
    "rat", "mechanism", "around", "adjuvant", "dose", "day", "endpoint", "treated", "control", "effect",
    "effect_low", "effect_high", "animal_low", "animal_high", "animals", "failed", "prediction",
]  # fmt: skip
FIRST = ["peak_score", "cumulative_score", "incidence", "mortality", "mean_score[:30]"]
AGAIN = ["relapse_peak_score", "relapse_cumulative_score", "relapse_incidence"]
RATS, SEED = 4, 7
ADJUVANTS = ("none", "complete")


def run(induction: str = "immunisation", *, rat: Any = None, **changed: Any) -> Timing:
    chosen = {"days": [0], "animals": RATS, "seed": SEED, "workers": 1, **changed}
    return timing(rat, induction=induction, **chosen)


@cache
def first() -> Timing:
    return run(days=(0, 7), mechanism=("H1a", "none"))


@cache
def again() -> Timing:
    return run("relapse", days=(-2, 0))


def same(one: pd.DataFrame, two: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(
        one.reset_index(drop=True), two.reset_index(drop=True), check_exact=True, check_dtype=True
    )


# The table


@pytest.mark.parametrize("result", [first, again])
def test_columns_are_those_of_timing_csv(result: Callable[[], Timing]) -> None:
    assert list(result().table.columns) == COLUMNS


def test_every_setting_has_its_rows_once() -> None:
    table = first().table
    keys = ["rat", "mechanism", "around", "adjuvant", "dose", "day", "endpoint"]
    expected = [
        ("lewis", mechanism, "immunisation", "complete", "1 g/kg", day, endpoint)
        for mechanism in ("H1a", "none")
        for day in (0.0, 7.0)
        for endpoint in FIRST
    ]
    assert list(table[keys].itertuples(index=False, name=None)) == expected


def test_relapse_rows_are_in_da_rats_without_and_with_adjuvant() -> None:
    table = again().table
    expected = [
        ("da", adjuvant, day, name) for adjuvant in ADJUVANTS for day in (-2.0, 0.0) for name in AGAIN
    ]
    assert list(table[["rat", "adjuvant", "day", "endpoint"]].itertuples(index=False, name=None)) == expected


@pytest.mark.parametrize("result", [first, again])
def test_effect_is_one_less_treated_over_control(result: Callable[[], Timing]) -> None:
    table = result().table
    some = table[table["control"] != 0]
    assert len(some) >= 6
    panels = {panel.adjuvant: panel for panel in result().panels}
    for row in some.itertuples():
        if panels[row.adjuvant].empty:
            assert np.isnan(row.effect)
        else:
            assert row.effect == pytest.approx(1 - row.treated / row.control)
            # Of 4 rats there is no interval where the control may be 0, or all are alike.
            assert np.isnan(row.effect_low) or row.effect_low <= row.effect <= row.effect_high


def test_without_a_control_value_there_is_no_effect() -> None:
    table = run(animals=1, seed=8, mechanism="none").table  # a rat that lives
    none = table[(table["endpoint"] == "mortality") & (table["control"] == 0)]
    assert len(none) == 1
    assert none[["effect", "effect_low", "effect_high"]].isna().all(axis=None)


def test_rows_agree_with_a_study_of_the_same_rats() -> None:
    study = Study("lewis", until=40, arms=[Arm("vehicle"), Arm("day 7", Bolus("1 g/kg").at(day=7))])
    result = study.run(animals=RATS, seed=SEED, workers=1)
    rows = first().table.query("mechanism == 'H1a' and day == 7").set_index("endpoint")
    for name in FIRST:
        assert rows.loc[name, "treated"] == result.endpoint("day 7", name).mean()
        assert rows.loc[name, "control"] == result.endpoint("vehicle", name).mean()
    assert set(rows["animals"]) == {RATS}
    assert set(rows["failed"]) == {0}


@cache
def relapse_study() -> Result:
    """Dosed two days before the relapse induction, control, and not induced; without and with adjuvant."""
    arms = [Arm("not induced")]
    for adjuvant in ADJUVANTS:
        inductions = [Immunisation(), Relapse(RELAPSE_DAY, adjuvant=adjuvant)]
        arms.append(Arm(f"control {adjuvant}", inductions=inductions))
        arms.append(Arm(f"dosed {adjuvant}", Bolus("1 g/kg").at(day=RELAPSE_DAY - 2), inductions=inductions))
    return Study("da", until=65, arms=arms).run(animals=RATS, seed=SEED, workers=1, accuracy="scores")


@pytest.mark.parametrize("adjuvant", ADJUVANTS)
def test_relapse_counts_the_excess_over_the_same_rats_not_induced(adjuvant: str) -> None:
    result = relapse_study()
    rows = again().table.query(f"adjuvant == '{adjuvant}' and day == -2").set_index("endpoint")
    for name in AGAIN:
        spontaneous = result.endpoint("not induced", name, since=RELAPSE_DAY)
        for column, arm in (("treated", "dosed"), ("control", "control")):
            excess = result.endpoint(f"{arm} {adjuvant}", name) - spontaneous
            assert rows.loc[name, column] == pytest.approx(np.nanmean(excess), abs=1e-12)
    assert again().panels[ADJUVANTS.index(adjuvant)].control == rows.loc["relapse_peak_score", "control"]


def test_spontaneous_bouts_are_there_to_be_taken_away() -> None:
    """Else the test above could not tell an excess from the whole; new parameters may need another seed."""
    bouts = relapse_study().endpoint("not induced", "relapse_cumulative_score", since=RELAPSE_DAY)
    assert np.nansum(bouts) > 0


def test_rats_dead_before_the_relapse_do_not_count() -> None:
    peaks = relapse_study().endpoint("not induced", "relapse_peak_score", since=RELAPSE_DAY)
    alive = int((~np.isnan(peaks)).sum())
    assert 0 < alive < RATS  # else this shows nothing; new parameters may need another seed
    assert set(again().table["animals"]) == {alive}
    assert set(again().table["failed"]) == {0}


def test_relapse_onset_counts_from_its_induction() -> None:
    days = relapse_study().relapse_days("control complete")
    assert again().panels[1].onset == pytest.approx(np.nanmean(days) - RELAPSE_DAY)
    assert again().panels[1].onset >= 0


def test_rows_of_a_panel() -> None:
    result = again()
    for panel in result.panels:
        assert list(result.rows(panel)["day"]) == [-2.0, 0.0]
        assert set(result.rows(panel)["endpoint"]) == {"relapse_peak_score"}
        assert set(result.rows(panel)["adjuvant"]) == {panel.adjuvant}
        assert set(result.rows(panel, endpoint="relapse_incidence")["endpoint"]) == {"relapse_incidence"}


# Mechanisms and doses


def test_without_a_mechanism_no_dose_does_anything() -> None:
    table = first().table.query("mechanism == 'none'")
    assert (table["treated"] == table["control"]).all()
    read = table[table["control"] != 0]
    assert (read["effect"] == 0).all()
    # Of so few rats there is no interval where all are alike.
    assert (read[["effect_low", "effect_high"]].dropna() == 0).all(axis=None)


def test_a_dose_of_0_does_nothing() -> None:
    table = run(dose="0 g/kg").table
    assert (table["treated"] == table["control"]).all()
    assert (table.loc[table["control"] != 0, "effect"] == 0).all()


def test_timing_matters() -> None:
    effect = first().table.query("mechanism == 'H1a' and endpoint == 'peak_score'").set_index("day")["effect"]
    assert effect[0] > 0.3
    assert abs(effect[7]) < 0.2


def test_all_is_every_single_mechanism() -> None:
    result = run(mechanism="all", animals=1)
    assert list(result.table["mechanism"].unique()) == list(MECHANISMS)
    assert len(result.table) == 8 * len(FIRST)


def test_mechanisms_have_one_spelling_and_stand_once() -> None:
    table = run(mechanism=["H2+H1a", "H1a + H2", "none"], animals=1).table
    assert list(table["mechanism"].unique()) == ["H1a+H2", "none"]
    assert len(table) == 2 * len(FIRST)


def test_doses_have_one_spelling_and_stand_once() -> None:
    doses = ["1 g/kg", "1000 mg/kg", "1 g/kg over 4 h", "0.4 g/kg every 1 day x 5"]
    table = run(dose=doses, animals=1).table
    assert list(table["dose"].unique()) == ["1 g/kg", "1 g/kg over 4 h", "0.4 g/kg every 1 day x 5"]


def test_a_dose_may_be_an_object() -> None:
    infusion = Infusion("1 g/kg", over="4 h")
    same(run(dose=infusion, animals=2).table, run(dose="1 g/kg over 4 h", animals=2).table)


def test_doses_that_read_the_same_are_not_dropped_in_silence() -> None:
    """The table has no column for the route, so the two could not be told apart."""
    with pytest.raises(EaesimError):
        run(dose=[Bolus("1 g/kg"), Bolus("1 g/kg", route="ip")], animals=1)


def test_a_dose_with_a_mechanism_of_its_own_is_not_put_under_another() -> None:
    with pytest.raises(EaesimError):
        run(dose=Bolus("1 g/kg", mechanism="H2"), mechanism="H1a", animals=1)


def test_only_ivig_is_timed() -> None:
    """The table has no column for the drug, so another would pass for IVIG."""
    with pytest.raises(EaesimError):
        run(dose=Bolus("1 mg/kg", drug="late_acting"), animals=1)


# Days


def test_days_are_sorted_and_stand_once() -> None:
    same(run(days=[7, 0, 7.0, 0]).table, run(days=(0, 7)).table)
    same(run(days=range(7, -1, -7)).table, run(days=(0, 7)).table)


def test_default_days_are_those_of_the_contract() -> None:
    assert list(TimingRequest().days) == list(range(-7, 15))


def test_days_before_and_between_are_allowed() -> None:
    assert list(run(days=[-1.5, 0.25], animals=1).table["day"].unique()) == [-1.5, 0.25]


@pytest.mark.parametrize(
    "changed",
    [{"days": [41]}, {"days": [0, float("inf")]}, {"days": [None]}, {"rat": "lewiss"}, {"mechanism": []}],
)
def test_what_cannot_be_simulated(changed: dict[str, Any]) -> None:
    with pytest.raises(EaesimError, match=r"^[^\n]+$"):
        run(**changed)


# Invariances


def test_same_seed_same_table_other_seed_other_table() -> None:
    same(run(days=(0, 7), mechanism=("H1a", "none")).table, first().table)
    assert not run(days=(0, 7), mechanism=("H1a", "none"), seed=SEED + 1).table.equals(first().table)


def test_another_day_mechanism_or_dose_changes_no_other_row() -> None:
    more = run(days=(-1, 0, 7), mechanism=("none", "H3", "H1a"), dose=["0.4 g/kg", "1 g/kg"]).table
    for mechanism in ("H1a", "none"):
        kept = more.query(f"mechanism == '{mechanism}' and day in (0, 7) and dose == '1 g/kg'")
        same(kept, first().table.query(f"mechanism == '{mechanism}'"))


def test_another_day_changes_no_other_row_around_relapse() -> None:
    more = run("relapse", days=(-20, -2, 0, 5)).table
    same(more.query("day in (-2, 0)"), again().table)


def test_both_is_one_and_the_other() -> None:
    both = run("both", days=(0,), animals=2)
    parts = [run(animals=2), run(animals=2, rat="da"), run("relapse", animals=2)]
    same(both.table, pd.concat([part.table for part in parts]))
    assert [(panel.rat.name, panel.around, panel.adjuvant) for panel in both.panels] == [
        ("lewis", "immunisation", "complete"),
        ("da", "immunisation", "complete"),
        ("da", "relapse", "none"),
        ("da", "relapse", "complete"),
    ]


def test_a_rat_of_ones_own_is_taken_as_it_is() -> None:
    same(run(rat=load("lewis"), animals=2).table, run(rat="lewis", animals=2).table)
    healthy = run(rat=load("lewis").replace(antigen_dose=0), animals=2)
    assert (healthy.table["control"] == 0).all()
    assert healthy.table["effect"].isna().all()
    assert np.isnan(healthy.panels[0].onset)


def test_the_rule_for_the_dead_is_kept() -> None:
    assert run(animals=1, dead="last").dead == "carry"


def test_progress_counts_every_run_of_every_panel() -> None:
    seen: list[tuple[int, int]] = []
    run("both", animals=2, progress=lambda done, total: seen.append((done, total)))
    arms = 2 + 2 + 5 + 2  # the last two are those whose courses are drawn
    assert {total for _, total in seen} == {2 * arms}
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert seen[-1][0] == 2 * arms


# Panels, notes and the sentence


def test_panel_of_immunisation() -> None:
    panel = first().panels[0]
    table = first().table.query("endpoint == 'peak_score'")
    assert not panel.prediction
    assert not panel.empty
    assert panel.control == table["control"].iloc[0]
    assert 8 <= panel.onset <= 14  # published: days 8 to 10, and day 13 in another laboratory (B1)
    assert panel.endpoint == "peak_score"


def test_rows_say_which_dosing_days_no_finding_is_about() -> None:
    """A4 and A8 are about day 0 in Lewis rats, A5 about all days from day 7 on."""
    found = run(days=(-3, 0, 3, 7, 9)).table.groupby("day")["prediction"].agg(["first", "nunique"])
    assert found["first"].to_dict() == {-3: True, 0: False, 3: True, 7: False, 9: False}
    assert (found["nunique"] == 1).all()
    assert again().table["prediction"].all()


def test_relapses_are_predictions_and_say_so() -> None:
    found = run("relapse", animals=60)
    assert all(panel.prediction for panel in found.panels)
    assert "predict" not in first().sentence().lower()
    drawn = [panel for panel in found.panels if not panel.empty]
    assert drawn
    assert found.sentence().lower().count("predicted") == len(drawn)


@pytest.mark.parametrize("adjuvant", ADJUVANTS)
def test_lewis_rats_are_refractory_so_their_relapse_panel_is_empty(adjuvant: str) -> None:
    result = lewis_relapse()
    panel = result.panels[ADJUVANTS.index(adjuvant)]
    assert panel.empty
    assert panel.control < 0.5
    rows = result.table.query(f"adjuvant == '{adjuvant}'")
    assert len(rows) == len(AGAIN)
    assert rows[["effect", "effect_low", "effect_high"]].isna().all(axis=None)
    assert rows[["treated", "control"]].notna().all(axis=None)


@cache
def lewis_relapse() -> Timing:
    return run("relapse", rat="lewis", animals=3)


def test_too_little_excess_gives_no_effect(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[Panel.__module__], "LEAST_EXCESS", 5.1)
    result = run("relapse", animals=RATS)
    assert result.panels[1].empty
    assert result.panels[1].control > 0
    assert result.table["effect"].isna().all()


def test_an_empty_panel_has_a_note() -> None:
    few, *notes = lewis_relapse().notes()
    assert few.endswith("intervals leave parameter uncertainty out; give 320 rats, or 1 parameter set.")
    assert len(notes) == 2
    for note, adjuvant in zip(notes, ("no adjuvant", "complete adjuvant"), strict=True):
        assert note.startswith(f"lewis, relapse with {adjuvant}: ")
        assert "no effect is given" in note
    assert lewis_relapse().sentence() == "No effect could be computed."
    assert len(first().notes()) == 1  # too few rats for the parameter sets, as above


def test_a_large_volume_has_a_note() -> None:
    notes = run(dose="2.5 g/kg", animals=1).notes()
    assert any("mL/kg" in note for note in notes)


def written(effects: dict[float, float], *, around: str = "immunisation") -> Timing:
    """Return a timing result with these effects by day."""
    panel = Panel(load("lewis"), around, "complete", onset=11.0, control=2.5)
    rows = [
        ("lewis", "H1a", around, "complete", "1 g/kg", float(day), panel.endpoint, 1 - value, 1.0, value)
        for day, value in effects.items()
    ]
    table = pd.DataFrame(rows, columns=COLUMNS[:10])
    table["effect_low"], table["effect_high"] = table["effect"] - 0.05, table["effect"] + 0.05
    table["animals"], table["failed"] = 10, 0
    return Timing(table, (panel,), animals=10, seed=1, dead="score")


def test_sentence_gives_the_effect_at_induction_and_when_it_is_lost() -> None:
    text = written({-3: 0.6, 0: 0.7, 3: 0.5, 6: 0.1, 9: 0.0}).sentence()
    assert "1 g/kg at immunisation reduces the peak score by 70 %" in text
    assert "more than on any other day tried" in text
    assert "65 % to 75 %" in text
    assert "from day 6 on less than 15 %" in text
    assert text[0] == "I"
    assert text.endswith(".")


def test_sentence_does_not_call_lost_what_comes_back() -> None:
    text = written({0: 0.7, 3: 0.1, 6: 0.5, 9: 0.0}).sentence()
    assert "from day 3 on" not in text


def test_sentence_without_a_dose_at_induction_names_the_nearest_day() -> None:
    assert "2 d after immunisation" in written({2: 0.7, 5: 0.1}).sentence()
    assert "1 d before immunisation" in written({-1: 0.7, 5: 0.1}).sentence()


def test_sentence_has_no_missing_number() -> None:
    assert "nan" not in run(animals=1).sentence()
    assert "nan" not in run(rat=load("lewis").replace(antigen_dose=0), animals=2).sentence()


def test_where_no_rat_lives_until_the_relapse_it_is_said() -> None:
    deadly = load("da").replace(death_severity=0.5, death_rate=100)
    result = run("relapse", rat=deadly, animals=3)
    assert set(result.table["animals"]) == set(result.table["failed"]) == {0}
    assert [note.partition(": ")[2] for note in result.notes()[1:]] == 2 * [
        "no rat lives until the induction: no effect is given."
    ]
    assert result.sentence() == "No effect could be computed."


# Members of an ensemble


def test_a_timing_of_members_has_both_intervals(fit_folder: Path) -> None:
    chosen: dict[str, Any] = {"rat": str(fit_folder), "days": (0, 2, 7), "animals": 320}
    found = run(**chosen)
    assert [panel.members for panel in found.panels] == [30]
    rows = found.rows(found.panels[0]).set_index("day")
    assert (rows["effect_low"] <= rows["animal_low"]).all()
    assert (rows["animal_high"] <= rows["effect_high"]).all()
    assert rows.loc[0, "effect_low"] < rows.loc[0, "animal_low"] < rows.loc[0, "effect"]
    again = run(**chosen, parameter_sets=30)
    same(again.table, found.table)


def test_one_member_is_the_typical_rat_alone(fit_folder: Path) -> None:
    rat = replace(ea.load(str(fit_folder)), ensemble="")
    plain = run(rat=rat)
    assert [panel.members for panel in plain.panels] == [1]
    same(run(rat=str(fit_folder), parameter_sets=1).table, plain.table)
    table = plain.table
    assert table["animal_low"].equals(table["effect_low"])
    assert table["animal_high"].equals(table["effect_high"])


def test_members_around_a_relapse_are_those_of_the_rats_left_in(fit_folder: Path) -> None:
    found = run("relapse", rat=str(fit_folder), animals=8, parameter_sets=3)
    assert {panel.members for panel in found.panels} == {3}
    table = found.table.dropna(subset=["effect"])
    assert (table["effect_low"] <= table["animal_low"]).all()
    assert (table["animal_high"] <= table["effect_high"]).all()


def test_members_cannot_be_had_without_an_ensemble() -> None:
    with pytest.raises(ProtocolError, match="da_antibody has no ensemble"):
        run(rat="da_antibody", parameter_sets=3)


@pytest.mark.parametrize("name", ["H1a", "all", "cytokin"])
def test_a_drug_has_only_the_mechanisms_that_its_file_names(name: str) -> None:
    for drug in ("late_acting", "methylprednisolone"):
        asked = {"drug": drug, "dose": "1 mg/kg", "mechanism": name, "animals": 2}
        if (drug, name) == ("methylprednisolone", "all"):
            assert TimingRequest(**asked).acting() == ("cytokine", "t_cells")
            continue
        with pytest.raises(EaesimError, match=f"{drug} has no named|not a mechanism") as caught:
            timing(**asked)
        assert "\n" not in str(caught.value)
    assert TimingRequest(drug="late_acting").acting() == ("late_acting",)
    assert TimingRequest().acting() == ("H1a",)
