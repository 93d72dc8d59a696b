"""Ensembles: members that represent all, files that come back, and rats that belong to members."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import eaesim as ea
from eaesim.errors import FileError, QuantityError, UnknownNameError
from eaesim.model import MECHANISMS, load
from eaesim.protocol import Arm, Bolus
from eaesim.study import (
    Ensemble,
    Store,
    Study,
    read_ensemble,
    read_plain_study,
    shipped_ensemble,
    simulation,
    study_text,
    write_ensemble,
)
from eaesim.study import ensemble as module
from eaesim.study.ensemble import ensemble_of
from eaesim.study.membership import chosen_members, spread_order

ARMS = [
    Arm("vehicle"),
    Arm("day 0", Bolus("1 g/kg").at(day=0)),
    Arm("at onset", Bolus("1 g/kg").at(onset="score >= 1")),
    Arm("another drug", Bolus("1 mg/kg", drug="late_acting").at(onset="score >= 1")),
]


def made(values, weight, names=("divisions",), rat=None):
    return Ensemble(rat or load("lewis"), names, np.array(values, float), np.array(weight, float), {})


def same(one, other):
    pd.testing.assert_frame_equal(one, other, check_exact=True)


# Members


def test_few_members_represent_all_by_their_weight():
    ensemble = made([[8], [9], [10], [11]], [1, 1, 1, 7])
    drawn = [rat.entries["divisions"].value for rat in ensemble.members(10)]
    assert drawn == [8, 9, 10, *[11] * 7]
    assert [rat.entries["divisions"].value for rat in ensemble.members(1)] == [11]
    equal = made(np.arange(100.0)[:, None], np.full(100, 0.3))
    assert [rat.entries["divisions"].value for rat in equal.members(4)] == [12, 37, 62, 87]
    for count in (1, 3, 100, 250):
        assert len(equal.members(count)) == count


def test_under_a_mechanism_members_count_as_the_rows_on_treated_rats_say(tmp_path):
    likely = {"H1a": np.array([0.1, 0.3, 0.6]), "H2": np.array([0.5, 0.1, 0.2])}
    ensemble = replace(made([[8], [9], [10]], [1, 1, 1]), likelihood=likely)
    assert ensemble.given("H1a").weight == pytest.approx([0.1, 0.3, 0.6])
    assert ensemble.given("H1a+H2").weight == pytest.approx(np.array([0.6, 0.4, 0.8]) / 1.8)
    assert ensemble.given("none") is ensemble.given("H3") is ensemble
    assert ensemble.fingerprint != replace(ensemble, likelihood={}).fingerprint
    write_ensemble(tmp_path, "lewis", replace(ensemble, about={"command": "x", "seed": 1}))
    again = read_ensemble(tmp_path)
    assert again.names == ("divisions",)
    assert {name: rows.tolist() for name, rows in again.likelihood.items()} == {
        name: rows.tolist() for name, rows in likely.items()
    }
    drawn = {
        name: [rat.entries["divisions"].value for rat in again.given(name).members(10)]
        for name in ("H1a", "none")
    }
    assert [drawn["H1a"].count(value) for value in (8, 9, 10)] == [1, 3, 6]
    assert [drawn["none"].count(value) for value in (8, 9, 10)] == [3, 4, 3]


def test_few_members_are_drawn_in_the_order_of_their_effect():
    """Stratified: of equal weights, each quarter of the effects gives a quarter of the members."""
    random = np.random.default_rng(3)
    effect = random.random(200)
    ensemble = replace(made(effect[:, None], [1] * 200), effect={"H1a": effect, "H2": 1 - effect})
    for mechanism, sign in (("H1a", 1), ("H2", -1)):
        drawn = [rat.entries["divisions"].value for rat in ensemble.given(mechanism).members(20)]
        assert drawn == sorted(drawn)[::sign]
        quarters = np.searchsorted(np.percentile(effect, [25, 50, 75]), drawn)
        assert np.bincount(quarters).tolist() == [5, 5, 5, 5]


def test_the_draw_of_a_mean_is_steadier_in_the_order_of_effects():
    random = np.random.default_rng(4)
    ordered, plain = [], []
    for _ in range(40):
        effect, weight = random.random(100), random.random(100) + 0.1
        ensemble = made(effect[:, None], weight)
        truth = np.average(effect, weights=weight)
        for errors, each in ((plain, ensemble), (ordered, replace(ensemble, effect={"H1a": effect}))):
            drawn = [rat.entries["divisions"].value for rat in each.given("H1a").members(20)]
            errors.append(np.mean(drawn) - truth)
    assert np.std(ordered) < 0.3 * np.std(plain)


@pytest.mark.parametrize("count", [1, 2, 5, 20, 64, 100])
def test_members_take_turns_so_that_the_first_rats_are_from_everywhere(count):
    order = spread_order(count)
    assert sorted(order) == list(range(count))
    for first in (4, 8, 16):
        if first <= count:
            assert np.diff([-1, *sorted(order[:first]), count]).max() <= 2 * count / first + 1


def test_effects_come_back_from_the_files_and_tell_ensembles_apart(tmp_path):
    effect = {"H1a": np.array([0.5, -0.1, 0.2])}
    ensemble = replace(made([[8], [9], [10]], [1, 1, 1]), effect=effect, about={"command": "x", "seed": 1})
    write_ensemble(tmp_path, "lewis", ensemble)
    again = read_ensemble(tmp_path)
    assert again.names == ("divisions",)
    assert again.effect["H1a"].tolist() == effect["H1a"].tolist()
    assert ensemble.fingerprint != replace(ensemble, effect={}).fingerprint
    with pytest.raises(QuantityError, match="effect under H1a"):
        replace(ensemble, effect={"H1a": np.array([0.1, np.nan, 0.3])})


@pytest.mark.parametrize("strain", ["lewis", "da"])
def test_the_shipped_ensembles_know_the_effect_under_every_mechanism(strain):
    ensemble = read_ensemble(strain)
    assert set(ensemble.effect) == set(ensemble.likelihood) == set(MECHANISMS)
    drawn = ensemble.given("H1a")
    assert (np.diff(drawn.effect["H1a"]) >= 0).all()


@pytest.mark.parametrize("rows", [[0.1, 0.2], [0.1, 0.0, 0.3], [0.1, np.nan, 0.3]])
def test_a_likelihood_that_is_none_is_refused(rows):
    with pytest.raises(QuantityError, match="likelihood under H1a"):
        replace(made([[8], [9], [10]], [1, 1, 1]), likelihood={"H1a": np.array(rows)})


def test_members_change_nothing_but_their_values(ensemble):
    (rat, *_) = ensemble.members(3)
    own = load("lewis").entries
    assert {name for name, entry in rat.entries.items() if entry != own[name]} == set(ensemble.names)
    for name in ensemble.names:
        assert (rat.entries[name].spread, rat.entries[name].unit) == (own[name].spread, own[name].unit)
    assert rat.changes == ()
    assert rat.warnings() == []


def test_what_the_user_set_wins():
    rat = load("lewis").replace(divisions=7)
    ensemble = made([[8, 20], [9, 30]], [1, 1], ("divisions", "precursor_number"), rat)
    for member, precursors in zip(ensemble.members(2), (20, 30), strict=True):
        assert member.entries["divisions"].value == 7
        assert member.entries["precursor_number"].value == precursors
        assert [entry.name for entry in member.changes] == ["divisions"]


def test_the_median_member_is_a_member_in_the_middle():
    values = [[1, 400], [2, 300], [3, 200], [4, 100], [50, 1]]
    names = ("divisions", "precursor_number")
    assert made(values, [1] * 5, names).median().entries["precursor_number"].value == 200
    assert made(values, [9, 1, 1, 1, 1], names).median().entries["precursor_number"].value == 400
    # Parameters that do not differ have no say.
    assert made([[1, 5], [2, 5], [9, 5]], [1, 1, 1], names).median().entries["divisions"].value == 2


@pytest.mark.parametrize(
    ("names", "values", "weight", "error", "message"),
    [
        (("divison",), [[8]], [1], UnknownNameError, 'did you mean "divisions"'),
        (("divisions", "divisions"), [[8, 9]], [1], QuantityError, "twice"),
        (("divisions",), [[np.nan]], [1], QuantityError, "divisions has a value"),
        (("divisions",), [[8], [-1]], [1, 1], QuantityError, "0 or more"),
        (("divisions",), [[8], [9]], [1, 0], QuantityError, "above 0"),
        (("divisions",), [[8], [9]], [1, np.inf], QuantityError, "above 0"),
        (("divisions",), [[8], [9]], [1], QuantityError, "one value for each"),
        (("divisions",), np.empty((0, 1)), [], QuantityError, "at least one member"),
        ((), np.empty((2, 0)), [1, 1], QuantityError, "at least one member"),
    ],
)
def test_an_ensemble_that_makes_no_sense_is_refused(names, values, weight, error, message):
    with pytest.raises(error, match=rf"^[^\n]*{message}[^\n]*$"):
        made(values, weight, names)


def test_a_count_that_is_none_is_refused(ensemble):
    for count in (0, -1, 2.0, True):
        with pytest.raises(QuantityError, match="members"):
            ensemble.members(count)


# Files


def test_an_ensemble_comes_back_as_it_was_written(ensemble, fit_folder):
    found = read_ensemble(fit_folder)
    assert found.names == ensemble.names
    assert np.array_equal(found.values, ensemble.values)
    assert np.array_equal(found.weight, ensemble.weight)
    assert found.fingerprint == ensemble.fingerprint
    assert dict(found.about) == {"rat": "lewis", "title": load("lewis").title, "strain": "lewis"} | dict(
        ensemble.about
    )
    table = pd.read_parquet(fit_folder / "mine.ensemble.parquet")
    assert list(table.columns) == ["member", "weight", *ensemble.names]
    assert table["member"].tolist() == list(range(30))


def test_the_fingerprint_differs_with_any_number(ensemble):
    values = ensemble.values.copy()
    values[3, 2] *= 1 + 1e-15
    assert replace(ensemble, values=values).fingerprint != ensemble.fingerprint
    assert replace(ensemble, weight=ensemble.weight + 1e-15).fingerprint != ensemble.fingerprint


def test_what_the_rat_had_beside_the_shipped_one_comes_back_too(tmp_path):
    rat = load("lewis").replace(precursor_number=40)
    write_ensemble(
        tmp_path, "own", replace(made([[8], [9]], [1, 1], rat=rat), about={"command": "c", "seed": 1})
    )
    found = read_ensemble(tmp_path)
    assert found.rat.entries["precursor_number"].value == 40
    assert found.names == ("divisions", "precursor_number")


def test_a_fits_folder_can_be_named_wherever_a_rat_can(fit_folder, ensemble, monkeypatch):
    rat = ea.load(str(fit_folder))
    assert (rat.name, rat.strain, rat.ensemble) == ("mine", "lewis", str(fit_folder))
    assert rat.entries["priming_rate"].value in ensemble.values[:, ensemble.names.index("priming_rate")]
    assert "eaesim fit --seed 5" in str(rat)
    assert Study(str(fit_folder), arms=ARMS).rat == rat
    text = study_text(Study(rat.replace(divisions=8), arms=ARMS))
    file = fit_folder.parent / "study.toml"
    file.write_text(text, encoding="utf-8")
    study, _ = read_plain_study(file)
    assert study.rat.entries == rat.replace(divisions=8).entries
    assert study.rat.ensemble == str(fit_folder)
    # A name is a name, whatever stands in the folder where the program runs.
    monkeypatch.chdir(fit_folder.parent)
    Path("da").mkdir()
    assert ea.load("da").ensemble == ""
    assert ea.load(fit_folder.name).name == "mine"


def test_an_ensemble_of_another_model_is_read_with_a_warning(ensemble, tmp_path, monkeypatch):
    folder = tmp_path / "fit"
    Store(folder, {"verb": "fit"}).write(lambda to: write_ensemble(to, "mine", ensemble))
    rat = ea.load(str(folder))  # of this model: a warning would be an error here
    (tmp_path / "bare").mkdir()
    for file in folder.glob("mine*"):  # a manifest that does not list a file says nothing of it
        (tmp_path / "bare" / file.name).write_bytes(file.read_bytes())
    monkeypatch.setattr("eaesim.study.claim.fingerprint", lambda: "other")
    said = re.escape(f"{folder} was made by eaesim {ea.__version__} with another model or other data: ")
    for read in (ea.load, read_ensemble, lambda name: Study(name, arms=ARMS).rat):
        with pytest.warns(UserWarning, match=f"^{said}"):
            read(str(folder))
    with pytest.warns(UserWarning, match="with another model"):
        ea.load(str(folder / "mine"))
    assert ea.load(str(tmp_path / "bare")).name == "mine"
    assert len(ensemble_of(rat)) == 30  # what was said once is not said again


def test_a_folder_without_one_ensemble_is_explained(tmp_path, ensemble):
    with pytest.raises(UnknownNameError, match='"lewi" is not a rat; did you mean "lewis"'):
        ea.load("lewi")
    with pytest.raises(FileError, match=r"holds no ensemble; name the folder of a fit"):
        ea.load(str(tmp_path))
    for name in ("a", "b"):
        write_ensemble(tmp_path, name, ensemble)
    with pytest.raises(FileError, match=r"holds 2 ensembles; name one of them: .*a\.$"):
        ea.load(str(tmp_path))
    chosen = ea.load(str(tmp_path / "b"))
    assert (chosen.name, chosen.ensemble) == ("b", str(tmp_path / "b"))
    assert len(chosen_members(chosen, None)) == 30
    with pytest.raises(UnknownNameError, match="is not an ensemble"):
        read_ensemble(tmp_path / "nowhere")


# Which members a run has


def test_a_shipped_ensemble_is_that_of_its_rat_alone(tmp_path, ensemble, monkeypatch):
    monkeypatch.setattr(module, "SHIPPED", tmp_path / "missing")
    assert shipped_ensemble(load("lewis")) is None
    write_ensemble(tmp_path, "lewis", ensemble)
    monkeypatch.setattr(module, "SHIPPED", tmp_path)
    found = shipped_ensemble(load("lewis"))
    assert found.fingerprint == read_ensemble("lewis").fingerprint == ensemble.fingerprint
    assert found.rat == load("lewis")
    own = load("lewis").replace(priming_rate=1)
    assert {rat.entries["priming_rate"].value for rat in chosen_members(own, None)} == {1}
    assert shipped_ensemble(load("da")) is None
    # A member, or any rat with values from elsewhere, is another rat: it keeps its values.
    for rat in (found.members(2)[0], load("lewis").with_values({"divisions": 8}, source="elsewhere")):
        assert ensemble_of(rat) is None
        assert chosen_members(rat, None) == (rat,)


# Runs


def run(folder, **options):
    study = Study(ea.load(str(folder)).replace(score_noise=0.3), arms=ARMS, until=25)
    return study.run(
        **{"animals": 11, "seed": 3, "members": 4, "workers": 1, "accuracy": "courses"} | options
    )


@pytest.fixture(scope="module")
def result(fit_folder):
    return run(fit_folder)


def test_every_rat_is_that_of_its_member_alone(result, fit_folder):
    members = chosen_members(result.rat, 4)
    assert len({rat.entries["priming_rate"].value for rat in members}) == 4
    animals = result.animals_table()
    for place, rat in enumerate(members):
        assert rat.entries["score_noise"].value == 0.3
        alone = Study(rat, arms=ARMS, until=25).run(animals=11, seed=3, workers=1)
        assert alone.members == 1
        own = alone.animals_table().assign(member=place)
        chosen = animals["animal"] % 4 == place
        same(animals[chosen], own[chosen])


def test_tables_have_the_member_of_every_rat(result):
    for table in (result.animals_table(), result.scores_table(), result.courses_table()):
        assert (table["member"] == table["animal"] % 4).all()
        assert table["member"].dtype == np.int64


def test_no_bit_depends_on_chunks_threads_or_how_many_rats_there_are(result, fit_folder, monkeypatch):
    more = run(fit_folder, animals=14)
    for table in ("animals_table", "scores_table", "courses_table"):
        first = getattr(more, table)().query("animal < 11").reset_index(drop=True)
        same(first, getattr(result, table)())
    assert run(fit_folder, workers=2).table().equals(result.table())
    for numbers in (1, 20_000):
        monkeypatch.setattr(simulation, "CHUNK", numbers)
        parts = run(fit_folder, courses=False)
        plasma = ["igg_plasma_peak", "igg_plasma_area"]  # read where courses are kept
        same(parts.animals_table(), result.animals_table().drop(columns=plasma))
        same(parts.table(), result.table())


def test_one_member_is_the_rat_as_it_stands(fit_folder):
    rat = ea.load(str(fit_folder))
    plain = replace(rat, ensemble="")
    one, typical = (Study(each, arms=ARMS[:2], until=20) for each in (rat, plain))
    same(
        one.run(animals=4, members=1, workers=1).animals_table(),
        typical.run(animals=4, workers=1).animals_table(),
    )


def test_members_widen_the_interval_and_leave_that_of_the_rats(fit_folder):
    table = run(fit_folder, animals=80, members=20).table().loc[("day 0", "peak_score")]
    assert table["low"] < table["animal_low"] < table["mean"] < table["animal_high"] < table["high"]
    assert table["difference_low"] < table["difference_animal_low"]
    assert table["difference_animal_high"] < table["difference_high"] <= 0
