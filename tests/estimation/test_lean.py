"""The lean rats: what is free of them, how that is chosen, and a small fit of them."""

from __future__ import annotations

import shutil
import tomllib
from types import SimpleNamespace

import numpy as np
import pytest

from eaesim.errors import NothingComputedError, ProtocolError, QuantityError, UnknownNameError
from eaesim.estimation import lean as module
from eaesim.estimation.ensembles import read_ensembles
from eaesim.estimation.fit import published_simulator
from eaesim.estimation.lean import LeanChoice, choose, free_text, lean_choice, lean_parts, ship_lean
from eaesim.estimation.prior import DATA, read_prior
from eaesim.model import FULL, LEAN, load
from eaesim.model.parameter_file import DATA as RATS
from eaesim.questions.fit.answer import fit
from eaesim.study.ensemble import read_ensemble, write_ensemble

MOST_NUMBERS = 20


def prior(names, **options):
    return read_prior({load(name).strain: load(name) for name in names}, **options)


def test_a_lean_rat_has_few_free_numbers_and_none_of_a_part_that_is_off():
    free = prior(LEAN).free
    assert 0 < len(free) <= MOST_NUMBERS
    assert not {each.name for each in free} & set(load("lewis_lean").off)
    assert set(prior(LEAN).labels) <= set(prior(FULL).labels)


def test_lean_rats_see_the_same_rows_as_the_full_ones():
    one, other = (published_simulator(names, animals=4, seed=1) for names in (LEAN, FULL))
    assert one.targets == other.targets
    assert list(one.prior.rats) == list(other.prior.rats) == ["lewis", "da"]
    assert [rat.name for rat in one.prior.rats.values()] == list(LEAN)


def test_both_lean_rats_have_the_same_parts_off():
    assert load("lewis_lean").off == load("da_lean").off
    assert set(lean_parts().values()) == {0.0}


@pytest.mark.parametrize(
    ("names", "error", "said"),
    [
        (["lewis", "da_lean"], QuantityError, "estimated together, not with others"),
        (["lewis_lean", "lewis_lean"], ProtocolError, "each once"),
        (["lewis_lena"], UnknownNameError, "lewis_lean"),
        (["da_antibody"], UnknownNameError, "rat with published data"),
    ],
)
def test_what_cannot_be_estimated_together_is_refused(names, error, said):
    with pytest.raises(error, match=said) as caught:
        fit(rat=names)
    assert "\n" not in str(caught.value)


@pytest.fixture
def known(monkeypatch):
    """Return a simulator whose likelihood is known: the nearer a set is to 0.7, the better."""
    free = prior(FULL, fixed=lean_parts())
    monkeypatch.setattr(module, "replace", lambda simulator, **_: simulator)
    monkeypatch.setattr(module, "log_likelihood", lambda _, readings: readings)
    return SimpleNamespace(
        prior=free, animals=4, seed=1, targets=(), read=lambda places: -((places - 0.7) ** 2).sum(axis=1)
    )


def test_the_narrowest_numbers_are_free_and_the_others_held_at_the_best_set(known):
    random = np.random.default_rng(4)
    labels = known.prior.labels
    width = random.permutation(len(labels)) / len(labels)
    places = 0.5 + width * (random.random((4_000, len(labels))) - 0.5)
    places[17] = 0.7
    found = choose(known, places, numbers=5)
    assert set(found.free) == {labels[place] for place in np.argsort(width)[:5]}
    assert list(found.narrowed) == list(found.values) == list(labels)
    assert found.narrowed[found.free[0]] == min(found.narrowed.values())
    assert found.narrowed[labels[int(width.argmax())]] == pytest.approx(width.max() ** 2, rel=0.1)
    assert found.log_likelihood == pytest.approx(0.0)
    best = known.prior.values(np.full((1, len(labels)), 0.7))[0]
    assert list(found.values.values()) == pytest.approx(best.tolist(), rel=1e-5)
    assert set(found.held) == set(labels) - set(found.free)


def test_a_set_that_is_best_at_a_bound_stays_within_it(known):
    known.read = lambda places: places.sum(axis=1)
    found = choose(known, np.vstack([np.zeros(len(known.prior.free)), np.ones(len(known.prior.free))]))
    assert all(each.low <= found.values[each.label] <= each.high for each in known.prior.free)
    assert found.values["divisions"] == load("lewis").entries["divisions"].high


def test_a_set_without_a_likelihood_is_not_chosen(known):
    known.read = lambda places: np.where(places[:, 0] > 0.5, np.nan, -places[:, 0])
    size = len(known.prior.free)
    assert np.isfinite(choose(known, np.vstack([np.full(size, 0.2), np.full(size, 0.9)])).log_likelihood)


def test_a_choice_is_written_where_the_lean_rats_read_it(known, tmp_path, monkeypatch):
    for name in LEAN:
        shutil.copy(str(RATS / f"{name}.toml"), tmp_path)
    shutil.copy(DATA / "free_lean.toml", tmp_path)
    monkeypatch.setattr(module, "DATA", tmp_path)
    monkeypatch.setattr(module, "RATS", tmp_path)
    random = np.random.default_rng(1)
    found = choose(known, random.random((9, len(known.prior.free))), numbers=7)
    for _ in range(2):  # and once more over what it wrote
        ship_lean(found)
        names = prior(LEAN, path=tmp_path / "free_lean.toml").labels
        assert set(names) == set(found.free)
        for name in LEAN:
            before = tomllib.loads((RATS / f"{name}.toml").read_text("utf-8"))
            after = tomllib.loads((tmp_path / f"{name}.toml").read_text("utf-8"))
            strain = after["strain"]
            assert after.keys() == before.keys()
            assert after["off"] == before["off"]
            own = {
                label.rpartition(".")[2]: value
                for label, value in found.values.items()
                if label.rpartition(".")[0] in ("", strain)
            }
            assert {each: entry["value"] for each, entry in after["parameters"].items()} == own
            assert all(entry["source"].startswith("assumed") for entry in after["parameters"].values())


def test_every_label_comes_back_from_the_list():
    labels = ("divisions", "lewis.treg_loss", "da.treg_loss", "da.maturation_without_adjuvant")
    content = tomllib.loads(free_text(labels))
    assert content == {
        "shared": ["divisions"],
        "strain": [],
        "lewis": ["treg_loss"],
        "da": ["treg_loss", "maturation_without_adjuvant"],
    }


def test_a_rat_that_cannot_do_without_the_parts_is_said(monkeypatch, known):
    places = np.full((4, len(known.prior.free)), 0.5)
    monkeypatch.setattr(module, "whole_fit", lambda *_: (known, [places]))
    monkeypatch.setattr(module, "without_part", lambda *_: known)
    monkeypatch.setattr(module, "leave", lambda *_, **__: (-np.inf, places))
    with pytest.raises(NothingComputedError, match="without the parts"):
        lean_choice(read_ensembles())


@pytest.mark.slow
def test_a_choice_is_made_from_the_shipped_ensembles(monkeypatch, few_members):
    monkeypatch.setattr("eaesim.estimation.fit.LAST_MOVES", 1)
    monkeypatch.setattr(module, "_MORE_RATS", 1)
    found = lean_choice(few_members, particles=4, moves=1)
    assert isinstance(found, LeanChoice)
    assert len(found.free) == 20
    assert np.isfinite(found.log_likelihood)
    assert not set(found.values) & set(lean_parts())


@pytest.mark.slow
def test_lean_rats_are_fitted_written_and_read_like_the_full_ones(few_rows, tmp_path):
    found = fit(few_rows, rat=LEAN, start="prior", particles=8, chains=1, animals=4, moves=1)
    made = found.ensembles()
    assert {strain: ensemble.rat.name for strain, ensemble in made.items()} == dict(
        zip(FULL, LEAN, strict=True)
    )
    for ensemble in made.values():
        write_ensemble(tmp_path, ensemble.rat.name, ensemble)
    back = read_ensembles(tmp_path)
    assert [ensemble.rat.name for ensemble in back.values()] == list(LEAN)
    one = read_ensemble(tmp_path / "da_lean").members(3)[0]
    assert one.strain == "da"
    assert all(one.entries[name].value == 0.0 for name in one.off)
    with pytest.raises(Exception, match="holds no ensemble of lewis;"):
        read_ensembles(tmp_path, rats=["lewis"])
