"""Runs for the rows: the same rats as in the fit, drugs from each rat's own onset, what was scaled."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from eaesim.errors import QuantityError, UnknownNameError
from eaesim.estimation.ensembles import read_ensembles
from eaesim.estimation.experiment import read_experiments
from eaesim.estimation.population import simulate_populations
from eaesim.estimation.rats import even_rats
from eaesim.evidence import finding
from eaesim.model.pharmacy import shipped_drugs
from eaesim.questions.mechanisms.rows import read_rows
from eaesim.questions.mechanisms.runs import apart, joined, read_runs, simulate_run

MEMBERS, ANIMALS = 2, 8


@pytest.fixture(scope="module")
def lewis():
    ensemble = read_ensembles()["lewis"]
    return [rat.parameters("none") for rat in ensemble.members(MEMBERS)], ensemble.rat.entries


def run(name, lewis, **options):
    one = read_runs()[name] if isinstance(name, str) else name
    typical, entries = lewis
    rats = even_rats(ANIMALS, seed=1, days=one.until + 1)
    return simulate_run(one, typical, entries=entries, rats=rats, workers=1, **options)


def test_untreated_rats_are_those_of_the_fit(lewis):
    typical, entries = lewis
    experiment = read_experiments()["lewis_immunised"]
    rats = even_rats(ANIMALS, seed=1, days=experiment.days)
    expected = simulate_populations(experiment, typical, entries=entries, rats=rats, workers=1)
    found = run("lewis", lewis).populations
    np.testing.assert_array_equal(found.score, expected.score)
    np.testing.assert_array_equal(found.severity, expected.severity)
    np.testing.assert_array_equal(found.death_day, expected.death_day)
    np.testing.assert_array_equal(found.transferable, expected.transferable)
    assert found.course == expected.course


def test_rats_with_an_observer_each_have_the_courses_of_rats_with_several(lewis):
    plain = run("lewis", lewis)
    own = run(
        "lewis_macrophages", lewis, onset=np.full((MEMBERS, plain.populations.death_day.shape[1]), np.nan)
    )
    np.testing.assert_array_equal(own.populations.score, plain.populations.score)
    np.testing.assert_array_equal(own.populations.death_day, plain.populations.death_day)
    assert own.states["macrophages"] == pytest.approx(plain.state("macrophages"), abs=1e-3)


def test_a_drug_counts_from_each_rats_own_onset(lewis):
    plain = run("lewis", lewis)
    onset = plain.populations.first["onset_day"].copy()
    onset[0, :4] = np.nan
    drug = run("lewis_macrophages", lewis, onset=onset)
    treated, control = drug.states["macrophages"], plain.state("macrophages")
    days, first = np.arange(control.shape[2]), read_runs()["lewis_macrophages"].day
    before = days <= np.where(np.isnan(onset), np.inf, onset + first)[:, :, None]
    scale = control.max()
    assert np.abs(treated - control)[before].max() < 1e-3 * scale
    within = (days > (onset + first)[:, :, None]) & (days <= (onset + first + 4)[:, :, None])
    there = within & (control > 0.01 * scale)
    assert there.any()
    assert (treated[there] < control[there]).mean() > 0.95


def test_a_drug_that_counts_from_onset_needs_one(lewis):
    with pytest.raises(QuantityError, match="lewis_macrophages counts from each rat's onset"):
        run("lewis_macrophages", lewis)


def test_a_scaled_parameter_is_that_parameter_in_every_rat(lewis):
    typical, entries = lewis
    less = [rat._replace(adjuvant_dose=0.1 * rat.adjuvant_dose) for rat in typical]
    expected = run(replace(read_runs()["lewis_few_mycobacteria"], scale={}), (less, entries))
    found = run("lewis_few_mycobacteria", lewis)
    assert found.populations.severity == pytest.approx(expected.populations.severity, abs=1e-9)


def test_populations_simulated_apart_are_those_simulated_at_once(lewis):
    typical, entries = lewis
    whole = run("lewis", lewis)
    parts = joined([run("lewis", ([rat], entries)) for rat in typical])
    np.testing.assert_array_equal(parts.populations.score, whole.populations.score)
    np.testing.assert_array_equal(parts.of(np.array([1])).states["t_cells"], whole.states["t_cells"][1:])


def test_observers_keep_their_order():
    rats = even_rats(4, seed=2, days=3)
    own = apart(rats)
    assert own.animals == rats.animals
    np.testing.assert_array_equal(own.observer[:, 0], rats.observer.reshape(-1, 3))
    np.testing.assert_array_equal(own.differences[4:8], np.tile(rats.differences[1], (4, 1)))


def test_runs_say_what_their_findings_say():
    runs = read_runs()
    for name, one in runs.items():
        assert not one.like or one.rat == runs[one.like].rat, name
        if one.given_as:
            stated = finding(one.given_as)
            assert stated.drug == "ivig"
            assert not stated.dose or stated.dose == f"{one.dose.amount / 1000:g} g/kg"


def test_every_other_drug_of_table_e_is_given_in_a_run():
    asked = {row.run for row in read_rows() if finding(row.finding).drug not in ("", "ivig")} - {""}
    given = {name: drug.name for name, one in read_runs().items() for drug in one.drugs()}
    assert asked == set(given)
    assert set(given.values()) <= set(shipped_drugs())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[a]\nlike = "b"\n', '"b" is not a run'),
        (
            '[a]\nrat = "lewis"\nuntil = 9\ninduction = []\nscale = { adjuvant_dos = 1 }\n',
            'did you mean "adjuvant_dose"',
        ),
        (
            '[a]\nrat = "lewis"\nuntil = 9\ninduction = []\ndose = "1 mg/kg"\ndrug = "camm"\n',
            'did you mean "cam"',
        ),
    ],
)
def test_a_run_that_names_nothing_is_refused(text, message, tmp_path):
    (tmp_path / "runs.toml").write_text(text, encoding="utf-8")
    with pytest.raises(UnknownNameError, match=message):
        read_runs(tmp_path / "runs.toml")
