"""A small fit, whole: reproducible, resumed, and held to bad input."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from eaesim.errors import EaesimError, FileError, ProtocolError
from eaesim.estimation import chain, potency
from eaesim.estimation.ensembles import read_ensembles
from eaesim.estimation.target import Target
from eaesim.questions.fit import answer as run
from eaesim.questions.fit.answer import answer, plan
from eaesim.questions.fit.request import FitRequest
from eaesim.solver import Effort
from eaesim.study import read_ensemble, write_ensemble

SMALL = {"start": "prior", "particles": 8, "chains": 2, "animals": 4, "moves": 2}
ROW = Target(finding="A1", experiment="da_immunised", reading="peak_score", low=2.0, high=2.0, laboratory=0.5)


def fit(targets=None, *, folder=None, workers=None, progress=None, **settings):
    planned = plan(targets, FitRequest(**settings))
    return run.run_fit(planned.request, planned.simulator, Effort("auto", workers, progress=progress), folder)


@pytest.fixture(scope="module", autouse=True)
def few_moves():
    """Let particles move only a little on the way, and try few strengths of each mechanism."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chain, "WAYS", {**chain.WAYS, "prior": chain.Way(8, 4, 2)})
        patch.setattr(potency, "TRIED", 3)
        yield


@pytest.fixture(scope="module")
def small(few_rows):
    return SMALL | {"targets": few_rows}


@pytest.fixture(scope="module")
def found(small):
    return fit(**small, seed=3)


def test_members_lie_within_the_bounds_and_strains_belong_together(found):
    ensembles = found.ensembles()
    assert list(ensembles) == ["lewis", "da"]
    for name, ensemble in ensembles.items():
        entries = ensemble.rat.entries
        for column, values in zip(ensemble.names, ensemble.values.T, strict=True):
            assert (values >= entries[column].low * (1 - 1e-9)).all(), (name, column)
            assert (values <= entries[column].high * (1 + 1e-9)).all(), (name, column)
    lewis, da = ensembles.values()
    place = [each.names.index("priming_rate") for each in (lewis, da)]
    assert (lewis.values[:, place[0]] == da.values[:, place[1]]).all()
    strength = [each.names.index("potency_maturation") for each in (lewis, da)]
    assert (lewis.values[:, strength[0]] == da.values[:, strength[1]]).all()


@pytest.mark.slow
def test_the_same_command_and_seed_give_the_same_ensemble_whatever_the_threads(found, small):
    again = fit(**small, seed=3, workers=1)
    assert again.places.tobytes() == found.places.tobytes()
    for mechanism, potencies in found.potencies.items():
        assert again.potencies[mechanism].values.tobytes() == potencies.values.tobytes()


@pytest.mark.slow
def test_another_seed_gives_another(found, small):
    other = fit(**small, seed=4)
    assert other.places.shape == found.places.shape
    assert not (other.places == found.places).any()


@pytest.mark.slow
def test_other_rows_give_another(found, small):
    fewer = fit(**small | {"targets": small["targets"][1:]}, seed=3)
    assert fewer.simulator.targets == found.simulator.targets[1:]
    assert not np.array_equal(fewer.places, found.places)


@pytest.mark.slow
def test_a_fit_that_was_stopped_goes_on(found, small, tmp_path):
    class StoppedError(Exception):
        pass

    def stop(done, _):
        if done > 300:
            raise StoppedError

    with pytest.raises(StoppedError):
        fit(**small, seed=3, folder=tmp_path, progress=stop)
    assert list(tmp_path.rglob("*.npz"))
    with pytest.raises(FileError, match="begun with other settings"):
        fit(**SMALL, seed=3, folder=tmp_path)
    again = fit(**small, seed=3, folder=tmp_path)
    assert again.places.tobytes() == found.places.tobytes()


def test_tables_have_a_row_for_each(found):
    assert len(found.rows) == len(found.simulator.targets)
    assert set(found.identifiability["status"]) <= {
        "estimated",
        "bounded from below",
        "bounded from above",
        "bounded on both sides",
        "not estimable",
    }
    assert len(found.posterior()) == found.places[..., 0].size
    assert "published data" in found.sentence()


def test_an_ensemble_is_written_and_read_back(found, tmp_path):
    ensemble = found.ensembles()["lewis"]
    write_ensemble(tmp_path, "lewis", ensemble)
    again = read_ensemble(tmp_path)
    assert again.values.tobytes() == ensemble.values.tobytes()
    assert again.names == ensemble.names


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"rat": ["lewis", "da_lean"]}, "lean rats"),
        ({"sets": 700}, "sets train an emulator"),
        ({"particles": 10_000, "animals": 10_000}, "rats at once"),
        ({"parameters": {"memory_fracton": 0}}, 'did you mean "memory_fraction"'),
        ({"targets": ()}, "no row is about lewis, da"),
        ({"targets": [replace(ROW, experiment="lewis_imunised")]}, 'did you mean "lewis_immunised"'),
        ({"targets": [replace(ROW, experiment="lewis_immunised")], "rat": ["da"]}, "no row is about da"),
        ({"targets": [replace(ROW, reading="peak_scor")]}, 'did you mean "peak_score"'),
    ],
)
def test_bad_input_is_said_before_anything_runs(changes, said, monkeypatch):
    for work in ("learn", "_chain"):
        monkeypatch.setattr(run, work, lambda *_, **__: pytest.fail("it ran"))
    with pytest.raises(EaesimError, match=said):
        fit(**SMALL | changes)


def test_one_chain_has_no_agreement_to_show(found):
    alone = replace(found, places=found.places[:1])
    assert np.isnan(alone.identifiability["rhat"]).all()
    assert np.isnan(alone.agreement)


def test_chains_that_agree_hold_nine_tenths_of_each_other_and_others_are_not_shipped(found):
    random, numbers = np.random.default_rng(1), found.places.shape[2]
    agreed = replace(found, places=random.random((2, 1_000, numbers)))
    assert agreed.agreement == pytest.approx(0.9, abs=0.01)
    assert agreed.shippable
    places = agreed.places.copy()
    places[1, :, 3] *= 0.5
    apart = replace(found, places=places)
    # The mean hardly sees one number that differs; the worst names it.
    assert apart.agreement == pytest.approx(0.9, abs=0.02)
    assert not apart.shippable
    label = found.simulator.prior.labels[3]
    assert any("not to be shipped" in note and f"({label})" in note for note in apart.notes())
    assert not any("shipped" in note for note in agreed.notes())


def test_rows_are_shown_on_other_rats_than_those_of_the_fit(found, monkeypatch):
    read, seen = type(found.simulator).read, []

    def noted(simulator, places):
        seen.append((simulator.animals, simulator.seed))
        return read(simulator, places)

    monkeypatch.setattr(type(found.simulator), "read", noted)
    assert len(replace(found, log_likelihood=found.log_likelihood).rows) == len(found.simulator.targets)
    assert seen == [(48, found.simulator.seed + 1)]


def test_the_shipped_fit_is_that_of_the_shipped_ensembles():
    rats = ["lewis_lean", "da_lean"]
    planned = plan(None, FitRequest(rat=rats, shipped=True))
    found, ensembles = answer(planned, Effort()), read_ensembles(rats=rats)
    posterior = found.posterior()
    assert sorted(posterior["priming_rate"]) == pytest.approx(sorted(ensembles["da"].column("priming_rate")))
    assert found.ensembles().keys() == ensembles.keys()
    kept = found.drug.names.index("igg_uptake")
    assert (found.drug.values[:, kept] == ensembles["lewis"].column("igg_uptake")).all()
    # What the ensembles do not keep is not said.
    assert "evidence" not in found.sentence() + found.disagreement


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"seed": 2}, "leave seed out"),
        ({"rat": ["da"]}, "give lewis,da, not da alone"),
        ({"targets": [ROW]}, "leave targets out"),
    ],
)
def test_the_shipped_fit_takes_nothing_of_a_new_one(given, said):
    targets = given.pop("targets", None)
    with pytest.raises(ProtocolError, match=said):
        plan(targets, FitRequest(shipped=True, **given))
