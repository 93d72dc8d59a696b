"""What a result says beside published findings; most results here are written down, not simulated."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from eaesim import evidence
from eaesim.endpoints import member_effect, member_mean
from eaesim.errors import UnknownNameError
from eaesim.estimation.comparison import compare, comparison_summary
from eaesim.estimation.potency import Potencies
from eaesim.evidence import VERDICTS, combined, load_findings
from eaesim.model import load
from eaesim.protocol import Arm, Bolus, Design, Immunisation, Infusion, Relapse, Transfer
from eaesim.questions.mechanisms.result import MechanismsResult
from eaesim.questions.timing.answer import Panel, Timing, timing
from eaesim.questions.timing.panel import ENDPOINTS_AROUND
from eaesim.questions.timing.result import DRAWN
from eaesim.solver import FAILED, SOLVED
from eaesim.study import Result, Study
from eaesim.study.kept import KeptCourses
from eaesim.study.simulation import Simulation

COLUMNS = [
    "finding", "group", "arm", "endpoint", "published", "predicted", "low", "high", "predictive_low",
    "predictive_high", "share", "verdict", "finding_verdict", "reason", "use", "source",
]  # fmt: skip
IVIG = Bolus("1 g/kg")
FIRST_SIGNS = 11
SICK = (3, 2, 4, 3, 2, 3)
MILD = (1, 0, 2, 1, 0, 1)
# Parameter sets; every one of them has the rats that a test writes down.
SETS = 12
CELLS = [Transfer()]


def written_result(
    *arms: tuple[Arm, Sequence[int]],
    rat: str = "lewis",
    inductions: Sequence[Any] = (Immunisation(),),
    until: int = 50,
    failed: Sequence[tuple[str, int]] = (),
    members: int = SETS,
) -> Result:
    """Return a result in which every rat has its score for four days, the same rats in every parameter set.

    In an arm with a relapse induction it has the same score once more from day 40 on.
    """
    design = Design(until, inductions, [arm for arm, _ in arms])
    score = np.zeros((len(arms), members * len(arms[0][1]), until + 1))
    for place, (arm, own) in enumerate(arms):
        peaks = np.repeat(own, members)
        score[place, :, FIRST_SIGNS : FIRST_SIGNS + 4] = np.array(peaks)[:, None]
        if any(induction.kind == "relapse" for induction in design.inductions_of(arm)):
            score[place, :, 40:44] = np.array(peaks)[:, None]
    status = np.full(score.shape[:2], SOLVED, dtype=np.uint8)
    names = [arm.name for arm, _ in arms]
    for name, rat_number in failed:
        rats = slice(rat_number * members, (rat_number + 1) * members)
        status[names.index(name), rats], score[names.index(name), rats] = FAILED, np.nan
    simulation = Simulation(
        kept=KeptCourses(
            score=score,
            severity=score,
            death_day=np.where(status == FAILED, np.nan, np.inf),
            inflammation_peak=score.max(axis=2) / 4,
            demyelination_end=score.sum(axis=2) / 100,
            states={},
        ),
        status=status,
        reason={(names.index(name), rat_number): "made up" for name, rat_number in failed},
        dosed=np.zeros(status.shape, dtype=bool),
        triggered={},
    )
    return Result(load(rat), design, simulation, seed=3, dead="score", record=(), members=members)


def written_timing(
    effects: dict[float, float],
    *,
    rat: str = "lewis",
    onset: float = 11.4,
    doses: Sequence[str] = ("1 g/kg",),
    mechanisms: Sequence[str] = ("H1a",),
) -> Timing:
    """Return a timing result around immunisation with these effects by day, in every set within ± 0.02."""
    rows = [
        {
            "rat": rat, "mechanism": mechanism, "around": "immunisation", "adjuvant": "complete",
            "dose": dose, "day": float(day), "endpoint": endpoint, "treated": 1 - value, "control": 1.0,
            "effect": value, "effect_low": value - 0.05, "effect_high": value + 0.05, "animals": 10,
            "failed": 0,
        }
        for mechanism in mechanisms
        for dose in doses
        for day, value in effects.items()
        for endpoint in ENDPOINTS_AROUND["immunisation"]
    ]  # fmt: skip
    panel = Panel(load(rat), "immunisation", "complete", onset=onset, control=1.0, members=SETS)
    draws = {
        tuple(row[name] for name in DRAWN): row["effect"] + np.linspace(-0.02, 0.02, SETS) for row in rows
    }
    return Timing(pd.DataFrame(rows), (panel,), animals=10, seed=1, dead="score", draws=draws)


def rows_of(table: pd.DataFrame, finding: str, *, arm: str | None = None) -> pd.DataFrame:
    chosen = table["finding"] == finding
    return table[chosen if arm is None else chosen & (table["arm"] == arm)]


def verdicts(table: pd.DataFrame, finding: str, *, arm: str | None = None) -> set[str]:
    return set(rows_of(table, finding, arm=arm)["verdict"])


def one_row(table: pd.DataFrame, finding: str, *, arm: str | None = None) -> pd.Series[Any]:
    rows = rows_of(table, finding, arm=arm)
    assert len(rows) == 1
    return rows.iloc[0]


# The table as a whole


VEHICLE = (Arm("vehicle"), SICK)
STUDY = [
    VEHICLE,
    (Arm("day 0", IVIG.at(day=0)), MILD),
    (Arm("day 7", IVIG.at(day=7)), SICK),
    (Arm("onset", IVIG.at(onset="score >= 1")), SICK),
]


@pytest.mark.parametrize("rat", ["lewis", "da"])
def test_nothing_is_hidden(rat: str) -> None:
    table = compare(written_result(*STUDY, rat=rat))
    courses = {one.id for one in load_findings() if one.row[0] in "AB" or one.id == "FTY720"}
    assert list(table.columns) == COLUMNS
    assert set(table["finding"]) - {""} == courses
    assert set(table["arm"]) == {"", *(arm.name for arm, _ in STUDY)}
    assert set(table["verdict"]) <= set(VERDICTS)
    assert table["reason"].str.fullmatch(r".+[^.]\.").all()
    assert table.columns.name == "the dead score 5 from that day on"


def test_timing_is_held_against_findings_on_ivig_only() -> None:
    table = compare(written_timing({0: 0.7}))
    assert list(table.columns) == COLUMNS
    assert set(table["finding"]) == {one.id for one in load_findings() if one.row[0] == "A"}


def test_rows_come_in_the_order_of_the_evidence_page() -> None:
    found = list(dict.fromkeys(compare(written_result(*STUDY))["finding"].str.partition(".")[0]))
    tables = [row for row in found if row[0] in "AB" and row]
    numbers = [(row[0], int(row[1:])) for row in tables]
    assert numbers == sorted(numbers)
    assert ("B", 2) in numbers
    assert ("B", 10) in numbers
    assert found == [*tables, "FTY720"]


def test_rows_say_what_was_published_where_and_what_for() -> None:
    row = rows_of(compare(written_result(*STUDY, rat="da")), "A1").iloc[0]
    assert row["published"] == "0.6 ± 0.3 against 2.3 ± 0.4 score"
    assert row["use"] == "calibrate"
    assert "Neurol Res 27:591" in row["source"]


def test_another_arm_changes_no_row_of_the_others() -> None:
    few = compare(written_result(*STUDY[:2]))
    many = compare(written_result(*STUDY))
    kept = many[many["arm"].isin(["vehicle", "day 0"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(few[few["arm"] != ""].reset_index(drop=True), kept)


def test_something_else_cannot_be_compared() -> None:
    with pytest.raises(UnknownNameError, match=r"str.*Timing, Result"):
        compare("lewis")  # type: ignore[arg-type]


def test_summary_counts_findings_and_not_their_readings() -> None:
    table = compare(written_result(*STUDY, rat="da"))
    judged = table[table["verdict"] != "not comparable"]
    findings = set(judged["finding"].str.partition(".")[0])
    assert len(judged) > len(findings)  # A3 alone has four readings, and A1 is held against two endpoints
    text = comparison_summary(table)
    assert text.startswith(f"{text.split()[0]} of {len(findings)} findings agree")
    for row in findings:
        assert f"{row} " in text
    calibrating = sorted(set(judged.loc[judged["use"] == "calibrate", "finding"].str.partition(".")[0]))
    assert text.endswith(
        f"; {len(calibrating)} of the {len(findings)} were used for calibration ({', '.join(calibrating)})."
    )


def test_a_finding_disagrees_where_one_of_its_readings_does() -> None:
    table = compare(written_result(*STUDY, (Arm("late", IVIG.at(onset="score >= 1")), MILD), rat="da"))
    for arm in ("onset", "late"):
        own = table[(table["group"] == arm) & table["finding"].str.startswith("A3")]
        assert set(own["finding_verdict"]) == {combined(own["verdict"])}
    assert set(rows_of(table, "A3.peak_score", arm="late")["finding_verdict"]) == {"disagrees"}


def test_arms_that_answer_the_same_finding_have_a_sentence_each() -> None:
    text = comparison_summary(compare(written_result(*STUDY, (Arm("in vain", IVIG.at(day=0)), SICK))))
    assert (
        "day 0: 2 of 2 findings agree (A4 100 %, A8 100 %); 1 of the 2 was used for calibration (A4)." in text
    )
    assert "in vain: 2 of 2 findings disagree (A4 0 %, A8 0 %)" in text


def test_summary_of_nothing() -> None:
    assert comparison_summary(compare(written_timing({3: 0.5}))) == "no finding can be compared."


def test_the_typical_rat_alone_agrees_with_nothing() -> None:
    table = compare(written_result(*STUDY, members=1))
    assert set(table["verdict"]) == {"not comparable"}
    assert (
        rows_of(table, "A4")["predicted"].tolist()
        == rows_of(compare(written_result(*STUDY)), "A4")["predicted"].tolist()
    )
    assert rows_of(table, "A4")["reason"].str.startswith("typical rat only").all()


@pytest.mark.parametrize("strain", ["lewis", "da"])
@pytest.mark.parametrize("seed", range(4))
def test_comparison_and_mechanisms_say_the_same_of_the_same_numbers(strain: str, seed: int) -> None:
    random = np.random.default_rng(seed)
    written = written_timing({0: 0.5, 7: 0.5, 12: 0.5}, rat=strain, onset=11.5)
    draws = {
        key: np.clip(random.normal(random.uniform(-0.1, 1), random.uniform(0.01, 0.5), 64), -1, 0.999)
        for key in written.draws
    }
    panel = replace(written.panels[0], members=64)
    table = compare(replace(written, draws=draws, panels=(panel,)))
    judged = table[table["verdict"] != "not comparable"]
    assert len(judged)
    for row in judged.to_dict("records"):
        day = float(row["arm"].rpartition(" ")[2])
        same = draws[strain, "immunisation", "complete", "H1a", "1 g/kg", day, row["endpoint"]]
        potencies = Potencies("H1a", ("x",), np.ones((64, 1)), -1.0, np.ones(64))
        theirs = MechanismsResult({"H1a": potencies}, {("H1a", row["finding"]): same}, 64, 20).table().iloc[0]
        for name in ("verdict", "share", "low", "high", "predictive_low", "predictive_high"):
            assert theirs[name] == row[name] or (pd.isna(theirs[name]) and pd.isna(row[name]))
        assert row["reason"].startswith(theirs["reason"])


# Treated arms


def test_effects_are_those_of_the_pairs() -> None:
    treated, control = np.random.default_rng(0).integers(1, 5, size=(2, 20))
    result = written_result((Arm("vehicle"), control), (Arm("day 0", IVIG.at(day=0)), treated))
    row = rows_of(compare(result), "A4").set_index("endpoint").loc["peak_score"]
    member = result.pair_member("day 0", "vehicle", "peak_score")
    pair = result.pair("day 0", "vehicle", "peak_score")
    draws = member_effect(*pair, member=member, seed=result.seed).draws
    assert row["predicted"] == pytest.approx(1 - treated.sum() / control.sum())
    assert tuple(row[["low", "high"]]) == pytest.approx(np.quantile(draws, [0.05, 0.95]))


def test_protection_at_immunisation_agrees_and_its_absence_disagrees() -> None:
    table = compare(written_result(*STUDY, (Arm("in vain", IVIG.at(day=0)), SICK)))
    for finding in ("A4", "A8.clinical_score"):
        assert verdicts(table, finding, arm="day 0") == {"agrees"}
        assert verdicts(table, finding, arm="in vain") == {"disagrees"}
        assert set(rows_of(table, finding)["arm"]) == {"day 0", "in vain"}


def test_protection_from_day_7_disagrees() -> None:
    table = compare(written_result(*STUDY, (Arm("day 9", IVIG.at(day=9)), MILD)))
    assert verdicts(table, "A5", arm="day 7") == {"agrees"}
    assert verdicts(table, "A5", arm="day 9") == {"disagrees"}
    assert set(rows_of(table, "A5")["arm"]) == {"day 7", "day 9"}


def test_clinical_score_is_read_as_peak_and_cumulative_score() -> None:
    rows = rows_of(compare(written_result(*STUDY)), "A4")
    assert list(rows["endpoint"]) == ["peak_score", "cumulative_score"]


def test_another_strain_is_not_comparable_but_shown() -> None:
    table = compare(written_result(*STUDY))
    rows = rows_of(table, "A1")
    assert set(rows["arm"]) == {"day 0"}
    assert set(rows["reason"]) == {"another strain (da)."}
    assert rows["predicted"].tolist() == rows_of(table, "A4", arm="day 0")["predicted"].tolist()
    assert rows["predicted"].notna().all()


def test_strain_decides_and_not_the_name_of_the_rat() -> None:
    assert verdicts(compare(written_result(*STUDY, rat="da_antibody")), "A1") == {"agrees"}
    assert verdicts(compare(written_timing({0: 0.7}, rat="da_antibody")), "A1") == {"agrees"}


def test_dose_at_onset_in_da_is_matched_with_the_therapeutic_rows() -> None:
    table = compare(written_result(*STUDY, rat="da"))
    onset = table[table["arm"] == "onset"]
    assert list(onset["finding"]) == [one.id for one in load_findings() if one.row == "A3"]
    assert list(onset["endpoint"]) == [finding.partition(".")[2] for finding in onset["finding"]]
    assert set(onset["verdict"]) == {"agrees"}
    late = compare(
        written_result(VEHICLE, (Arm("late", IVIG.at(onset="score >= 1", after=2)), MILD), rat="da")
    )
    assert verdicts(late, "A3.peak_score", arm="late") == {"disagrees"}


def test_another_dose_than_the_stated_one_is_not_comparable() -> None:
    arms = [
        VEHICLE,
        (Arm("0.4", Bolus("0.4 g/kg").at(day=0)), MILD),
        (Arm("mg", Bolus("1000 mg/kg").at(day=0)), MILD),
    ]
    table = compare(written_result(*arms, rat="da"))
    assert set(rows_of(table, "A1", arm="0.4")["reason"]) == {"another dose (1 g/kg)."}
    assert verdicts(table, "A1", arm="mg") == {"agrees"}


def test_a_missing_arm_is_listed_once() -> None:
    table = compare(written_result(VEHICLE))
    for finding in ("A1", "A4", "A5", "A6", "A3.peak_score", "B2.incidence", "FTY720"):
        row = one_row(table, finding)
        assert (row["arm"], row["verdict"], row["reason"]) == ("", "not comparable", "no arm of this kind.")
        assert np.isnan(row["predicted"])


def test_what_was_not_stated_or_not_measured_is_said() -> None:
    table = compare(written_result(*STUDY))
    assert one_row(table, "A7")["reason"] == "the published dosing day is not stated."
    for finding, endpoint in (
        ("A8.t_cell_response", "t_cell_response"),
        ("A9", "igg_cns"),
        ("B13", "onset_to_barrier_leak"),
    ):
        row = one_row(table, finding)
        assert row["endpoint"] == endpoint
        assert row["reason"] == f"{endpoint} is not among the endpoints here."


def test_transferred_rats_are_compared_with_transferred_rats() -> None:
    arms = [
        VEHICLE,
        (Arm("cells", inductions=CELLS), MILD),
        (Arm("cells, IVIG", IVIG.at(day=0), inductions=CELLS), MILD),
    ]
    rows = rows_of(compare(written_result(*arms)), "A6")
    assert set(rows["arm"]) == {"cells, IVIG"}
    assert rows["predicted"].tolist() == [0.0, 0.0]
    assert set(rows["verdict"]) == {"agrees"}


def test_without_a_control_of_its_own_an_arm_is_not_comparable() -> None:
    table = compare(written_result(VEHICLE, (Arm("cells, IVIG", IVIG.at(day=0), inductions=CELLS), MILD)))
    row = one_row(table, "", arm="cells, IVIG")
    assert row["reason"] == "there is no untreated arm with the same inductions."
    assert one_row(table, "A6")["arm"] == ""


def test_the_control_is_untreated_whatever_its_name() -> None:
    """The study's control is dosed here, so the first untreated arm with the same inductions stands in."""
    arms = [(Arm("vehicle", IVIG.at(day=3)), MILD), (Arm("day 0", IVIG.at(day=0)), MILD), (Arm("none"), SICK)]
    assert rows_of(compare(written_result(*arms)), "A4")["predicted"].iloc[0] == 1 - sum(MILD) / sum(SICK)


def test_the_control_of_the_study_comes_before_other_untreated_arms() -> None:
    arms = [(Arm("untouched"), MILD), (Arm("day 0", IVIG.at(day=0)), MILD), VEHICLE]
    assert rows_of(compare(written_result(*arms)), "A4")["predicted"].iloc[0] == 1 - sum(MILD) / sum(SICK)


@pytest.mark.parametrize(
    ("arm", "reason"),
    [
        (
            Arm("arm", IVIG.at(day=0) + IVIG.at(day=7)),
            "several dose lines: no published schedule is like it.",
        ),
        (Arm("arm", IVIG.at(day=0) + Bolus("1 mg/kg", drug="late_acting").at(day=7)), "several dose lines: "),
        (
            Arm("arm", IVIG.at(relapse="score rise >= 1")),
            "no published finding on a dose around a relapse: a pred",
        ),
        (Arm("arm", IVIG.at(day=3)), "no published finding on such rats."),
    ],
)
def test_a_schedule_without_a_finding_is_listed_once(arm: Arm, reason: str) -> None:
    row = one_row(compare(written_result(VEHICLE, (arm, MILD))), "", arm="arm")
    assert row["reason"].startswith(reason)
    assert row["verdict"] == "not comparable"
    assert np.isnan(row["predicted"])


def test_a_second_line_of_no_dose_is_no_line() -> None:
    arm = Arm("arm", IVIG.at(day=0) + Bolus("0 g/kg").at(day=7))
    assert verdicts(compare(written_result(VEHICLE, (arm, MILD))), "A4", arm="arm") == {"agrees"}


def test_an_infusion_counts_from_its_first_day_and_repeats_are_like_no_published_schedule() -> None:
    once = Arm("arm", Infusion("0.4 g/kg", over="4 h").at(day=0))
    assert verdicts(compare(written_result(VEHICLE, (once, MILD))), "A4", arm="arm") == {"agrees"}
    daily = Arm("arm", Infusion("0.4 g/kg", over="4 h", every="1 day", doses=5).at(day=0))
    row = one_row(compare(written_result(VEHICLE, (daily, MILD))), "", arm="arm")
    assert row["reason"] == "repeated doses: no published schedule is like it."


@pytest.mark.parametrize(("dose", "verdict"), [("0.3 g/kg", "not comparable"), ("0.4 g/kg", "agrees")])
def test_a_dose_that_is_not_stated_is_taken_for_a_usual_one(dose: str, verdict: str) -> None:
    arm = Arm("arm", Bolus(dose).at(day=0))
    assert verdicts(compare(written_result(VEHICLE, (arm, MILD))), "A4", arm="arm") == {verdict}


def test_rats_induced_again_and_dosed_are_a_prediction() -> None:
    again = [Immunisation(), Relapse(35)]
    arms = [(Arm("control"), SICK), (Arm("at relapse", IVIG.at(day=35)), MILD)]
    table = compare(written_result(*arms, inductions=again))
    assert table.loc[table["arm"] == "at relapse", "finding"].tolist() == [""]
    assert one_row(table, "", arm="at relapse")["reason"].endswith("around a relapse: a prediction.")


def test_another_late_drug_stands_beside_fty720_only() -> None:
    late = Arm("late drug", Bolus("1 mg/kg", drug="late_acting").at(onset="score >= 1"))
    table = compare(written_result(VEHICLE, (late, MILD), rat="da"))
    rows = table[table["arm"] == "late drug"]
    assert set(rows["finding"]) == {"FTY720"}
    assert set(rows["verdict"]) == {"not comparable"}
    assert set(rows["reason"]) == {"another drug (fty720)."}
    assert rows["predicted"].tolist() == pytest.approx(2 * [1 - sum(MILD) / sum(SICK)])


def test_failed_rats_leave_both_groups() -> None:
    arms = [(Arm("vehicle"), (*SICK, 1)), (Arm("day 0", IVIG.at(day=0)), (*MILD, 4))]
    whole = compare(written_result((Arm("vehicle"), SICK), (Arm("day 0", IVIG.at(day=0)), MILD)))
    for name in ("vehicle", "day 0"):
        table = compare(written_result(*arms, failed=[(name, len(SICK))]))
        pd.testing.assert_frame_equal(rows_of(table, "A4"), rows_of(whole, "A4"))


# Untreated arms


def test_untreated_rats_are_compared_by_their_means() -> None:
    result = written_result(VEHICLE)
    table = compare(result)
    row = one_row(table, "B3.peak_score")
    values, _ = result.pair("vehicle", "vehicle", "peak_score")
    draws = member_mean(values, member=result.member, seed=result.seed).draws
    assert row["predicted"] == pytest.approx(np.mean(SICK))
    assert tuple(row[["low", "high"]]) == pytest.approx(np.quantile(draws, [0.05, 0.95]))
    # 0.3 is the SD between laboratories, 0.18 the error of the finding; the sets are alike.
    half = 1.645 * np.hypot(0.3, 0.18)
    assert tuple(row[["predictive_low", "predictive_high"]]) == pytest.approx(
        (np.mean(SICK) - half, np.mean(SICK) + half), abs=0.05
    )
    assert row["verdict"] == "agrees"
    assert one_row(table, "B1.onset_day")["verdict"] == "agrees"
    mild = compare(written_result((Arm("vehicle"), MILD)))
    assert one_row(mild, "B3.peak_score")["verdict"] == "disagrees"
    assert one_row(table, "B1.onset_day")["predicted"] == FIRST_SIGNS


def test_a_dose_of_0_is_untreated_and_a_treated_arm_is_not() -> None:
    table = compare(
        written_result(
            (Arm("nothing", Bolus("0 g/kg").at(day=0)), SICK), (Arm("day 3", IVIG.at(day=3)), MILD)
        )
    )
    about = table[table["finding"].str.startswith("B")]
    assert set(about["arm"]) == {"", "nothing"}
    assert one_row(table, "B3.peak_score")["arm"] == "nothing"


def test_untreated_rats_are_held_against_findings_on_their_own_induction() -> None:
    table = compare(written_result(VEHICLE, (Arm("cells", inductions=CELLS), MILD)))
    assert one_row(table, "B1.onset_day")["arm"] == "vehicle"
    assert one_row(table, "B2.onset_day")["arm"] == "cells"
    assert set(rows_of(table, "B4.incidence")["arm"]) == {"vehicle", "cells"}  # its induction is not stated


def test_adjuvant_counts_where_it_is_stated() -> None:
    bare = Arm("bare", inductions=[Immunisation(adjuvant="none")])
    lewis = compare(written_result(VEHICLE, (bare, MILD)))
    assert set(rows_of(lewis, "B3.peak_score")["arm"]) == {"vehicle"}
    assert set(rows_of(lewis, "B1.incidence")["arm"]) == {"vehicle", "bare"}
    da = compare(written_result(VEHICLE, (bare, MILD), rat="da"))
    assert one_row(da, "B16.first")["arm"] == "bare"
    assert one_row(da, "B16.first")["predicted"] == np.mean(np.array(MILD) > 0)


def test_untreated_rats_of_another_strain_are_shown() -> None:
    row = one_row(compare(written_result(VEHICLE, rat="da")), "B3.peak_score")
    assert (row["verdict"], row["reason"]) == ("not comparable", "another strain (lewis).")
    assert row["predicted"] == np.mean(SICK)


@pytest.mark.parametrize(("peaks", "verdict"), [(SICK, "disagrees"), (6 * (0,), "agrees")])
def test_lewis_rats_are_refractory(peaks: Sequence[int], verdict: str) -> None:
    again = Arm("again", inductions=[Immunisation(), Relapse(35, adjuvant="complete")])
    table = compare(written_result(VEHICLE, (again, peaks)))
    row = one_row(table, "B15")
    assert (row["arm"], row["endpoint"], row["verdict"]) == ("again", "relapse_incidence", verdict)
    for finding in ("B3.peak_score", "B4.incidence"):  # whole courses
        assert set(rows_of(table, finding)["arm"]) == {"vehicle"}


def test_da_rats_induced_again_are_shown_beside_b16() -> None:
    again = Arm("again", inductions=[Immunisation(), Relapse(35)])
    row = one_row(compare(written_result(VEHICLE, (again, SICK), rat="da")), "B16.again")
    assert (row["arm"], row["endpoint"], row["predicted"]) == ("again", "relapse_incidence", 1.0)


@pytest.mark.parametrize(
    ("inductions", "reason"),
    [
        ([], "no disease is induced."),
        ([Immunisation(amount=0.1)], "not the standard amount of antigen or cells."),
        ([Transfer(cells=1e5)], "not the standard amount of antigen or cells."),
        ([Immunisation(), Transfer(3)], "no published finding on this number of inductions."),
    ],
)
def test_unusual_inductions_are_not_comparable(inductions: list[Any], reason: str) -> None:
    table = compare(written_result(VEHICLE, (Arm("odd", inductions=inductions), SICK)))
    assert table.loc[table["arm"] == "odd", "reason"].tolist() == [reason]


# Timing curves


def test_timing_at_immunisation() -> None:
    table = compare(written_timing({-3: 0.2, 0: 0.7, 3: 0.6}))
    rows = rows_of(table, "A4")
    assert set(rows["arm"]) == {"lewis, H1a, 1 g/kg, day 0"}
    assert list(rows["endpoint"]) == ["peak_score", "cumulative_score"]
    assert rows[["predicted", "low", "high"]].iloc[0].tolist() == pytest.approx([0.7, 0.682, 0.718])
    assert set(rows["verdict"]) == {"agrees"}
    assert verdicts(compare(written_timing({0: 0.02})), "A4") == {"disagrees"}


def test_the_most_extreme_effect_from_day_7_counts() -> None:
    row = rows_of(compare(written_timing({6: 0.5, 7: 0.08, 9: -0.3, 14: 0.2})), "A5").iloc[0]
    assert (row["arm"], row["predicted"], row["verdict"]) == ("lewis, H1a, 1 g/kg, day 9", -0.3, "disagrees")
    row = rows_of(compare(written_timing({6: 0.5, 7: 0.08, 14: float("nan")})), "A5").iloc[0]
    assert (row["arm"], row["verdict"]) == ("lewis, H1a, 1 g/kg, day 7", "agrees")


def test_days_without_an_effect_are_not_comparable() -> None:
    row = rows_of(compare(written_timing({7: float("nan")})), "A5").iloc[0]
    assert (row["verdict"], row["reason"]) == ("not comparable", "the model has no value here.")


def test_therapeutic_is_the_first_dosing_day_at_onset_or_later() -> None:
    table = compare(written_timing({0: 0.7, 11: 0.5, 12: 0.08, 14: 0.9}, rat="da", onset=11.4))
    rows = table[table["finding"].str.startswith("A3")].set_index("finding")
    for endpoint in ("peak_score", "cumulative_score"):
        row = rows.loc[f"A3.{endpoint}"]
        assert (row["arm"], row["verdict"]) == ("da, H1a, 1 g/kg, day 12", "agrees")
    for endpoint in ("cns_inflammation_peak", "demyelination_end"):
        assert rows.loc[f"A3.{endpoint}", "reason"] == f"{endpoint} is not among the endpoints here."
    assert verdicts(table, "A1") == {"agrees"}
    exactly = compare(written_timing({11: 0.5, 12: 0.1}, rat="da", onset=11))
    assert one_row(exactly, "A3.peak_score")["arm"] == "da, H1a, 1 g/kg, day 11"


@pytest.mark.parametrize(("day", "onset"), [(11, 11.4), (12, float("nan"))])
def test_no_dose_at_onset_is_said(day: float, onset: float) -> None:
    row = one_row(compare(written_timing({day: 0.1}, rat="da", onset=onset)), "A3.peak_score")
    assert (row["arm"], row["reason"]) == ("", "no arm of this kind.")


def test_every_curve_is_compared() -> None:
    table = compare(written_timing({0: 0.7}, doses=("0.4 g/kg", "1 g/kg"), mechanisms=("H2", "H1a")))
    assert rows_of(table, "A4")["arm"].tolist() == [
        f"lewis, {mechanism}, {dose}, day 0"
        for mechanism in ("H2", "H1a")
        for dose in ("0.4 g/kg", "1 g/kg")
        for _ in ("peak_score", "cumulative_score")
    ]


def test_a_timing_in_another_strain_or_with_another_dose() -> None:
    table = compare(written_timing({0: 0.7}, rat="da", doses=("0.4 g/kg",)))
    assert set(rows_of(table, "A4")["reason"]) == {"another strain (lewis)."}
    assert rows_of(table, "A4")["predicted"].tolist() == [0.7, 0.7]
    assert set(rows_of(table, "A1")["reason"]) == {"another dose (1 g/kg)."}


def test_a_curve_of_no_dose_agrees_with_nothing() -> None:
    table = compare(written_timing({0: 0.0, 7: 0.0}, doses=("0 g/kg",)))
    assert set(table["verdict"]) == {"not comparable"}
    assert one_row(table, "")["arm"] == "lewis, H1a, 0 g/kg"


# Simulated


def test_priming_agrees_with_a4_and_no_mechanism_disagrees() -> None:
    result = timing(
        "lewis", induction="immunisation", days=0, mechanism=["H1a", "none"], animals=40, parameter_sets=20
    )
    table = compare(result)
    assert verdicts(table, "A4", arm="lewis, H1a, 1 g/kg, day 0") <= {"agrees", "inconclusive"}
    assert verdicts(table, "A4", arm="lewis, none, 1 g/kg, day 0") == {"disagrees"}


def test_relapse_panels_are_predictions() -> None:
    table = compare(timing("da", induction="relapse", days=[0], animals=2, workers=1))
    panels = rows_of(table, "")
    assert panels["arm"].tolist() == [
        f"da, relapse, adjuvant: {adjuvant}" for adjuvant in ("none", "complete")
    ]
    assert set(panels["reason"]) == {"no published finding on a dose around a relapse: a prediction."}
    assert set(table["verdict"]) == {"not comparable"}
    assert set(table.loc[table["finding"] != "", "arm"]) == {""}


def test_a_finding_on_a_relapse_would_be_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    """No such experiment was found; one more row of data is held against its own panel, day and read-out."""
    found = {
        "id": "X1",
        "induction": "relapse",
        "adjuvant": "complete",
        "measure": "direction",
        "words": "lower",
    }
    one = replace(evidence.finding("A1"), **found)
    for name in ("eaesim.estimation.comparison", "eaesim.evidence.setting"):
        monkeypatch.setattr(sys.modules[name], "load_findings", lambda: (*load_findings(), one))
    again = [Immunisation(), Relapse(35, adjuvant="complete")]
    arms = [
        (Arm("control"), SICK),
        (Arm("at", IVIG.at(day=35)), MILD),
        (Arm("day 36", IVIG.at(day=36)), MILD),
    ]
    rows = rows_of(compare(written_result(*arms, rat="da", inductions=again)), "X1")
    assert set(rows["arm"]) == {"at"}
    assert rows["endpoint"].tolist() == ["relapse_peak_score", "relapse_cumulative_score"]
    assert set(rows["verdict"]) == {"agrees"}
    lewis = compare(written_result(*arms, inductions=again))
    assert set(rows_of(lewis, "X1")["reason"]) == {"another strain (da)."}


def test_timing_and_study_of_the_same_rats_say_the_same() -> None:
    curve = compare(
        timing("lewis", induction="immunisation", days=[0], animals=40, seed=5, parameter_sets=20)
    )
    study = Study("lewis", until=40, arms=[Arm("vehicle"), Arm("day 0", IVIG.at(day=0))])
    table = compare(study.run(animals=40, seed=5, members=20, workers=1))
    numbers = ["endpoint", "predicted", "low", "high", "share", "verdict", "reason"]
    for finding in ("A1", "A4", "A8.clinical_score"):
        ours, theirs = (rows_of(one, finding)[numbers].reset_index(drop=True) for one in (curve, table))
        pd.testing.assert_frame_equal(ours, theirs)
