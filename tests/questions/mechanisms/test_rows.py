"""Every row of tables A, B and E is judged or has a reason; and what is judged is what was read."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from eaesim.errors import FileError, UnknownNameError
from eaesim.estimation.ensembles import read_ensembles
from eaesim.estimation.target import read_targets
from eaesim.evidence import Verdict, combined, finding, load_findings
from eaesim.questions.mechanisms.answer import Mechanisms, bench_of, mechanisms, plan
from eaesim.questions.mechanisms.bench import Bench
from eaesim.questions.mechanisms.judged import Judged, Rows, _judged_target
from eaesim.questions.mechanisms.request import MechanismsRequest
from eaesim.questions.mechanisms.rows import of_experiments, of_runs, read_rows
from eaesim.solver import Effort
from eaesim.study.ensemble import Ensemble

MEMBERS, ANIMALS = 12, 8
# What the page of the issue allows to stay without a simulation, and readings of others that no rat here has.
NOT_SIMULATED = {"E6c", "E13b", "E17", "E30", "E32"}
NO_READING = {"A8.t_cell_response", "E19.response", "E23.progressive"}


@cache
def ensembles() -> dict[str, Ensemble]:
    return read_ensembles()


@pytest.fixture(scope="module")
def found() -> Mechanisms:
    return mechanisms(ensembles(), mechanism=["H1a", "H3"], parameter_sets=MEMBERS, animals=ANIMALS)


def bench_with(members, *, animals=4, doses=None) -> Bench:
    request = MechanismsRequest(parameter_sets=members, animals=animals)
    return bench_of(plan(ensembles(), request), Effort(), doses)


@pytest.fixture(scope="module")
def judged(found) -> Rows:
    return found.rows


@pytest.mark.slow
def test_every_row_is_judged_or_has_a_reason_and_only_one_of_the_two(judged):
    known = {each.finding for each in judged.judged if each.counts}
    every = {one.id for one in load_findings() if one.table in "ABE"}
    assert known | set(judged.left_out) == every
    assert not known & set(judged.left_out)
    assert all(judged.left_out.values())


@pytest.mark.slow
def test_validating_rows_without_a_simulation_are_those_that_may_be(judged):
    left = {name for name in judged.left_out if finding(name).use == "validate"}
    assert {finding(name).row for name in left - NO_READING} == NOT_SIMULATED
    assert left >= NO_READING
    # Every validating row of the page but these has a reading that counts.
    rows = {one.row for one in load_findings() if one.table in "AE" and one.use == "validate"}
    assert set(judged.verdicts("H1a")) == rows - NOT_SIMULATED
    assert len(rows - NOT_SIMULATED) == 29


@pytest.mark.slow
def test_rows_on_ivig_are_judged_under_each_mechanism_and_the_others_once(judged):
    table = judged.table()
    of_ivig = table[table["finding"].map(lambda name: finding(name).drug == "ivig")]
    simulated = of_ivig[~of_ivig["finding"].isin(judged.left_out)]
    assert set(simulated["mechanism"]) == {"H1a", "H3"}
    others = table[~table["finding"].isin(of_ivig["finding"])]
    assert set(others["mechanism"]) == {""}
    assert not table.duplicated(["finding", "mechanism", "reading"]).any()


@pytest.mark.slow
def test_the_table_says_what_was_judged(judged):
    table = judged.table()
    counted = table[table["counts"] & ~table["finding"].isin(judged.left_out)]
    rows = counted["finding"].map(lambda name: finding(name).row)
    for (row, mechanism), own in counted.groupby([rows, "mechanism"]):
        assert set(own["finding_verdict"]) == {combined(own["verdict"])}, (row, mechanism)
    # A single set with a value has no interval, and is not judged.
    alone = table[table["predicted"].notna() & table["low"].isna()]
    assert set(alone["verdict"]) <= {"not comparable"}
    known = table[table["low"].notna()]
    assert (known["low"] <= known["predicted"]).all()
    assert (known["predicted"] <= known["high"]).all()
    assert table["reason"].str.fullmatch(r".+[^.]\.").all()
    assert table["published"].astype(bool).all()
    assert table["source"].astype(bool).all()
    left = table[table["finding"].isin(judged.left_out)]
    assert left["reason"].str.startswith("Not simulated: ").all()
    assert (left["verdict"] == "not comparable").all()


@pytest.mark.slow
def test_sentences_count_the_findings_of_the_table(judged):
    lines = judged.words()
    for mechanism in ("H1a", "H3"):
        verdicts = judged.verdicts(mechanism)
        agree = sum(verdict == "agrees" for verdict in verdicts.values())
        (line,) = [line for line in lines if line.startswith(f"{mechanism}: ")]
        assert f"{agree} of {len(verdicts)} validating findings agree" in line
        for row, verdict in verdicts.items():
            assert (f" {row}," in line or f" {row};" in line or f" {row}." in line) == (verdict != "agrees")
    assert any(line.startswith("Not simulated: E6c, E13b, E17, E30, E32;") for line in lines)


@pytest.mark.slow
def test_a_mechanism_that_leaves_priming_alone_leaves_rats_resistant_and_their_cells(judged):
    """Fc-receptor blockade protects by what macrophages do: the rat has been primed."""
    table = judged.table().set_index(["finding", "mechanism", "reading"])
    for name in ("E11", "E12"):
        # Where it protects nobody there is no protected rat to challenge.
        assert np.nan_to_num(table.loc[(name, "H3", ""), "predicted"]) == 0
    pool = "transferable cells, protected over untreated donors"
    assert table.loc[("E13", "H3", pool), "predicted"] == pytest.approx(1, abs=0.05)
    assert table.loc[("E13", "H1a", pool), "predicted"] < 0.9
    assert table.loc[("E13", "H3", ""), "predicted"] == pytest.approx(0.7, abs=0.15)
    assert np.isnan(table.loc[("E13", "H3", pool), "share"])
    assert "shown" in table.loc[("E13", "H3", pool), "reason"].lower()


@pytest.mark.slow
def test_readings_that_do_not_count_decide_nothing(judged):
    further = Judged(
        finding="A5", mechanism="H1a", label="x", counts=False, verdict=Verdict("A5", "disagrees", "x.")
    )
    more = replace(judged, judged=(*judged.judged, further))
    assert more.verdicts("H1a") == judged.verdicts("H1a")
    counted = replace(judged, judged=(*judged.judged, replace(further, counts=True)))
    assert counted.verdicts("H1a")["A5"] == "disagrees"


@pytest.mark.slow
def test_the_same_seed_gives_the_same_rows(found, judged):
    bench = bench_with(MEMBERS, animals=ANIMALS)
    chosen = [row for row in of_runs(read_rows(), ivig=False) if row.run in ("lewis_entry_4", "lewis_cam_0")]
    table = judged.table().set_index(["finding", "reading"])
    for key, draws in bench.draws(chosen).items():
        assert float(np.median(draws)) == table.loc[key, "predicted"]


def test_a_dose_that_a_user_gives_reaches_every_run_that_shares_it():
    plain = bench_with(2)
    more = bench_with(2, doses={"A1": "0.05 g/kg"})
    rows = [row for row in of_runs(read_rows(), ivig=True) if row.run == "da_ivig"]
    treated = {
        strain: [rat._replace(potency_maturation=2.0) for rat in rats]
        for strain, rats in plain.typical.items()
    }
    members = np.arange(2)
    for key, draws in plain.draws(rows, treated=treated, members=members).items():
        assert (draws != more.draws(rows, treated=treated, members=members)[key]).any(), key


def test_members_are_compared_with_themselves():
    """Members chosen twice, and in another order, have the same draws as when they are chosen once."""
    bench = bench_with(3)
    rows = of_runs(read_rows(), ivig=True)

    def draws(places):
        treated = {
            strain: [rats[place]._replace(potency_maturation=2.0) for place in places]
            for strain, rats in bench.typical.items()
        }
        return bench.draws(rows, treated=treated, members=np.array(places))

    once, twice = draws([0, 1, 2]), draws([2, 2, 0])
    for key in once:
        np.testing.assert_allclose(twice[key], once[key][[2, 2, 0]])


def test_rows_of_the_fit_are_the_same_in_batches(monkeypatch):
    bench = bench_with(5)
    chosen = [target for target in read_targets()[0] if target.finding in ("B2.onset_day", "E6b")]
    whole = bench.read_targets(chosen)
    monkeypatch.setattr(sys.modules["eaesim.questions.mechanisms.bench"], "AT_ONCE", 2)
    for one, other in zip(whole, bench.read_targets(chosen), strict=True):
        np.testing.assert_array_equal(one, other)


def test_donors_that_hold_as_many_cells_make_as_many_recipients_ill_as_the_dose_was_set_for():
    bench = bench_with(6, animals=ANIMALS)
    held = bench._held(bench.control("lewis"))
    members = np.arange(6)
    ill = [bench._recipients_ill(held, held * share, members) for share in (1e-9, 0.25, 1.0, 4.0)]
    assert (np.diff(ill, axis=0) >= -1e-9).all()
    assert ill[0] == pytest.approx(0)
    assert ill[2] == pytest.approx(0.7, abs=0.02)


def test_rows_of_the_fit_are_judged_by_word_number_or_bound():
    targets = read_targets()[0]
    named = {target.finding: target for target in targets if target.finding}
    # E1 has a word, B3.peak_score a number, B10.severe_day bounds on another reading, B6.course words alone.
    ill = _judged_target(named["E1"], targets, np.full(20, 0.09))
    assert ill.verdict.verdict == "agrees"
    assert _judged_target(named["B3.peak_score"], targets, np.full(20, 2.6)).verdict.verdict == "agrees"
    assert _judged_target(named["B3.peak_score"], targets, np.full(20, 0.9)).verdict.verdict == "disagrees"
    severe = named["B10.severe_day"]
    assert _judged_target(severe, targets, np.full(20, severe.low + 0.5)).verdict.verdict == "agrees"
    assert _judged_target(severe, targets, np.zeros(20)).verdict.verdict == "disagrees"
    course = named["B6.course"]
    assert course.reading == "peak_score"
    assert _judged_target(course, targets, np.full(20, 3.0)).verdict.verdict == "agrees"
    assert _judged_target(course, targets, np.full(20, 1.0)).verdict.verdict == "disagrees"
    assert ill.label == "lewis again day 168"


def test_rows_name_what_there_is():
    for row in read_rows():
        assert bool(row.run) != bool(row.left_out)
    assert {row.run for row in of_experiments(read_rows())} == {
        "lewis_again_day_21",
        "lewis_again_day_84",
        "lewis_cells_day_35",
        "lewis_cells_day_168",
    }


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ('finding = "E99"\nleft_out = "x"', UnknownNameError, '"E99" is not a finding'),
        ('finding = "E14"', FileError, "either a run or a reason"),
        ('finding = "E14"\nrun = "lewis"\nreading = "peak"\nleft_out = "x"', FileError, "either a run"),
        ('finding = "E14"\nrun = "lewiss"\nreading = "peak"', UnknownNameError, 'did you mean "lewis"'),
        ('finding = "E14"\nrun = "lewis"\nreading = "peek"', UnknownNameError, 'did you mean "peak"'),
        ('finding = "E14"\nrun = "lewis_transfer"\nreading = "pek_day"', UnknownNameError, '"peak_day"'),
        (
            'finding = "E14"\nleft_out = "x"\n[[row]]\nfinding = "E14"\nleft_out = "y"',
            FileError,
            "is there twice",
        ),
    ],
)
def test_a_row_that_says_nothing_is_refused(text, error, message, tmp_path):
    (tmp_path / "rows.toml").write_text(f"[[row]]\n{text}\n", encoding="utf-8")
    with pytest.raises(error, match=message):
        read_rows(tmp_path / "rows.toml")


def test_a_bench_of_one_strain_runs_its_rows():
    one = ensembles()["lewis"]
    bench = Bench({"lewis": [rat.parameters("none") for rat in one.members(2)]}, {"lewis": one.rat}, 4, 1)
    rows = [row for row in read_rows() if row.run == "lewis_given_cells_contact"]
    assert all(np.isfinite(draws).all() for draws in bench.draws(rows).values())


def test_words_of_nothing_agreeing_are_still_a_sentence():
    verdict = Verdict("E14", "disagrees", "x.")
    alone = Rows((Judged(finding="E14", verdict=verdict),), {}, ("H1a",))
    assert alone.words()[0] == "H1a: 0 of 1 validating findings agree; against it: E14."
