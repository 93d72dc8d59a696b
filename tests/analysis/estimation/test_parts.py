"""The model without a part: against importance sampling of the same thing, and against what must hold."""

from __future__ import annotations

import numpy as np
import pytest

from eaesim.analysis.estimation import parts as module
from eaesim.analysis.estimation.ensembles import member_places, read_ensembles
from eaesim.analysis.estimation.fit import published_simulator
from eaesim.analysis.estimation.parts import judge_parts, read_parts
from eaesim.analysis.estimation.target import log_likelihood
from eaesim.errors import QuantityError, UnknownNameError
from eaesim.model import load
from eaesim.model.structure import structure

SMALL = {"runs": 1, "particles": 4, "moves": 1}
LABELS = published_simulator(("lewis", "da"), animals=4, seed=1).prior.labels


@pytest.fixture
def known(monkeypatch):
    """Replace the simulated rats by a normal density in one number, whose integral is known."""
    width = 0.2

    def likelihood(simulator, columns, folder):
        held = load("lewis").entries["divisions"]
        fixed = simulator.prior.rats["lewis"].entries["divisions"].value
        at = (np.log(fixed) - np.log(held.low)) / (np.log(held.high) - np.log(held.low))
        free = "divisions" in simulator.prior.labels
        number = LABELS.index("divisions")
        return lambda places: (
            -0.5 * (((places[:, number] if free else at) - 0.5) / width) ** 2 + 0 * places[:, 0]
        )

    monkeypatch.setattr(module, "_likelihood", likelihood)
    monkeypatch.setattr(module, "_missed", lambda *_: np.zeros(40))

    def whole(ensembles, workers):
        simulator = published_simulator(tuple(ensembles), animals=4, seed=1)
        random = np.random.default_rng(5)
        places = random.random((600, len(simulator.prior.labels)))
        drawn = 0.5 + width * random.standard_normal(2_000)
        places[:, LABELS.index("divisions")] = drawn[(drawn > 0) & (drawn < 1)][:600]
        return simulator, places

    monkeypatch.setattr(module, "_whole", whole)
    return width


@pytest.mark.parametrize("value", [9.0, 9.8, 11.0])
def test_the_change_of_the_evidence_is_the_density_at_what_is_held(known, value):
    from scipy.stats import norm

    found = judge_parts(read_ensembles(), parts={"x": {"divisions": value}}, particles=40, moves=10)
    at = np.log(value / 8.0) / np.log(11.5 / 8.0)
    inside = norm.cdf(0.5 / known) - norm.cdf(-0.5 / known)
    exact = norm.logpdf(at, 0.5, known) - np.log(inside)
    (part,) = found.parts
    assert part.log_evidence == pytest.approx(exact, abs=0.15)
    assert part.low <= part.log_evidence <= part.high


@pytest.mark.slow
def test_it_agrees_with_the_same_members_weighed_anew():
    """Where little changes, the mean of the ratio of likelihoods over the posterior is the same number."""
    ensembles, held = read_ensembles(), {"memory_fraction": 0.0}
    about = ensembles["da"].about
    given = {"animals": about["animals"], "seed": about["seed"]}
    whole = published_simulator(("lewis", "da"), **given)
    without = published_simulator(("lewis", "da"), fixed=held, **given)
    places = member_places(ensembles, whole.prior)
    columns = [whole.prior.labels.index(label) for label in without.prior.labels]
    ratio = np.exp(
        log_likelihood(without.targets, without.read(places[:, columns]))
        - log_likelihood(whole.targets, whole.read(places))
    )
    weighed = np.log(ratio.mean())
    error = ratio.std() / ratio.mean() / np.sqrt(len(ratio))
    found = judge_parts(ensembles, parts={"memory": held}, runs=1, particles=24, moves=16)
    assert found.parts[0].log_evidence == pytest.approx(weighed, abs=4 * error)


def test_a_part_that_does_nothing_changes_nothing():
    """No row is about treated rats, so what IVIG would do is worth nothing to them."""
    found = judge_parts(
        read_ensembles(), parts={"x": {"lesion_priming_reach": 1.0}}, runs=1, particles=48, moves=1
    )
    assert found.parts[0].log_evidence == 0
    assert found.parts[0].verdict == "not decided"
    assert found.parts[0].suffers == ()


def test_it_goes_on_where_it_was_stopped(tmp_path, monkeypatch):
    asked = {"parts": {"x": {"axon_loss_weight": 0.0}}, "folder": tmp_path, **SMALL}
    first = judge_parts(read_ensembles(), **asked)
    assert len(list(tmp_path.rglob("*.npz"))) > 2
    monkeypatch.setattr(module, "log_likelihood", None)
    assert judge_parts(read_ensembles(), **asked) == first


def test_every_part_that_is_read_was_judged():
    judged = {part.title: dict(part.held) for part in structure()}
    assert {title: judged.get(title) for title in read_parts()} == read_parts()


def test_the_table_says_what_is_held_and_what_suffers():
    table = module.Structure(structure()).table()
    assert list(table["part"]) == [part.title for part in structure()]
    assert module.Structure(structure()).sentence().startswith(f"Of {len(table)} parts the published rows")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"runs": 0}, "runs = 0; it must be at least 1"),
        ({"runs": 1000}, "only 384 members"),
        ({"moves": 0}, "moves = 0"),
        ({"particles": -1}, "particles = -1"),
    ],
)
def test_bad_numbers_are_refused(changed, said):
    with pytest.raises(QuantityError, match=said):
        judge_parts(read_ensembles(), **changed)


def test_a_parameter_that_does_not_exist_is_named():
    with pytest.raises(UnknownNameError, match="memory_fraction"):
        judge_parts(read_ensembles(), parts={"x": {"memory_fractoin": 0.0}}, **SMALL)


def test_ensembles_that_do_not_say_how_they_were_made_are_refused():
    from dataclasses import replace

    nameless = {name: replace(each, about={"command": "x"}) for name, each in read_ensembles().items()}
    with pytest.raises(QuantityError, match="do not say"):
        judge_parts(nameless, **SMALL)
