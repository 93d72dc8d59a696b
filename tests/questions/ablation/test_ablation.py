"""The model without a part: against importance sampling of the same thing, and against what must hold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from eaesim.errors import NothingComputedError, ProtocolError, QuantityError, UnknownNameError
from eaesim.estimation import fit as parts
from eaesim.estimation.ensembles import member_places, read_ensembles
from eaesim.estimation.fit import published_simulator
from eaesim.estimation.target import log_likelihood
from eaesim.model import load
from eaesim.model.structure import Part, structure
from eaesim.questions.ablation import answer as module
from eaesim.questions.ablation.answer import ablation, answer, plan, read_parts
from eaesim.questions.ablation.request import AblationRequest
from eaesim.solver import Effort
from eaesim.study import Store

SMALL = {"particles": 4, "moves": 1}
LABELS = published_simulator(("lewis", "da"), animals=4, seed=1).prior.labels


@pytest.fixture
def few_last_moves(monkeypatch):
    """Leave out most of the moves after the evidence is known."""
    monkeypatch.setattr(parts, "LAST_MOVES", 3)


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

    monkeypatch.setattr(parts, "likelihood_at", likelihood)
    monkeypatch.setattr(module, "likelihood_at", likelihood)
    monkeypatch.setattr(module, "_missed", lambda *_: np.zeros(40))

    def whole(ensembles, workers):
        simulator = published_simulator(tuple(ensembles), animals=4, seed=1)
        random = np.random.default_rng(5)
        places = random.random((600, len(simulator.prior.labels)))
        drawn = 0.5 + width * random.standard_normal(2_000)
        places[:, LABELS.index("divisions")] = drawn[(drawn > 0) & (drawn < 1)][:600]
        return simulator, [places[:300], places[300:]]

    monkeypatch.setattr(module, "whole_fit", whole)
    return width


@pytest.mark.parametrize("value", [9.0, 9.8, 11.0])
def test_the_change_of_the_evidence_is_the_density_at_what_is_held(known, value):
    from scipy.stats import norm

    found = ablation(parameters={"divisions": value}, particles=40, moves=10)
    at = np.log(value / 8.0) / np.log(11.5 / 8.0)
    inside = norm.cdf(0.5 / known) - norm.cdf(-0.5 / known)
    exact = norm.logpdf(at, 0.5, known) - np.log(inside)
    (part,) = found.parts
    assert part.log_evidence == pytest.approx(exact, abs=0.15)
    assert part.low <= part.log_evidence <= part.high


def weighed(ensembles, held):
    """Return for each chain the mean of the ratio of likelihoods over its members, and the effective members.

    That is the ratio of the evidences too, as far as few members do not decide it.
    """
    about = ensembles["da"].about
    given = {"animals": about["animals"]}
    whole = published_simulator(("lewis", "da"), **given)
    without = published_simulator(("lewis", "da"), fixed=held, **given)
    places = member_places(ensembles, whole.prior)
    columns = [whole.prior.labels.index(label) for label in without.prior.labels]
    ratio = np.exp(
        log_likelihood(without.targets, without.read(places[:, columns]))
        - log_likelihood(whole.targets, whole.read(places))
    )
    chain = np.array(about["chain"])
    chains = [ratio[chain == each] for each in np.unique(chain)]
    return [(np.log(one.mean()), one.sum() ** 2 / (one**2).sum()) for one in chains]


@pytest.mark.slow
def test_where_little_changes_members_weighed_anew_say_the_same(few_last_moves, few_members):
    """All of the difference is let in at once, so that it is the same mean, to the last digits."""
    held = {"score_threshold_4": load("lewis").entries["score_threshold_4"].value}
    (part,) = ablation(few_members, parameters=held, **SMALL).parts
    each = [value for value, _ in weighed(few_members, held)]
    assert (part.low, part.high) == pytest.approx((min(each), max(each)), abs=1e-9)
    assert part.log_evidence == pytest.approx(np.logaddexp.reduce(each) - np.log(len(each)), abs=1e-9)


@pytest.mark.slow
def test_where_much_changes_the_way_leads_to_what_weighing_says_roughly(few_last_moves, some_members):
    held = {"maturation_without_adjuvant": 0.0}
    (part,) = ablation(some_members, parameters=held, particles=16, moves=8).parts
    each = weighed(some_members, held)
    error = max(1 / np.sqrt(effective) for _, effective in each)
    assert part.low == pytest.approx(min(value for value, _ in each), abs=4 * error)
    assert part.high == pytest.approx(max(value for value, _ in each), abs=4 * error)
    assert part.high < -4
    assert set(part.suffers) >= {"B16.first", "B16.again"}


def test_a_part_that_does_nothing_changes_nothing(few_last_moves, few_members):
    """No row is about treated rats, so what IVIG would do is worth nothing to them."""
    found = ablation(few_members, parameters={"lesion_priming_reach": 1.0}, **SMALL)
    (part,) = found.parts
    assert (part.low, part.log_evidence, part.high) == (0, 0, 0)
    assert part.verdict == "inconclusive"


@pytest.mark.slow
def test_the_whole_model_is_asked_once_for_all_parts(tmp_path, monkeypatch, few_last_moves, few_members):
    two = {"x": {"axon_loss_weight": 0.0}, "y": {"memory_fraction": 0.0}}
    monkeypatch.setattr(module, "read_parts", lambda: two)
    store = Store(tmp_path, {"verb": "ablation"})
    answer(plan(few_members, AblationRequest(**SMALL)), Effort(), store)
    assert [len(list(store.keep().glob(f"whole-{chain}/*.npz"))) for chain in (0, 1)] == [1, 1]


def test_it_goes_on_where_it_was_stopped(tmp_path, monkeypatch, few_last_moves, few_members):
    asked = plan(few_members, AblationRequest(parameters={"lesion_priming_reach": 1.0}, **SMALL))
    store = Store(tmp_path, {"verb": "ablation"})
    first = answer(asked, Effort(), store)
    assert len(list(store.keep().rglob("*.npz"))) > 2
    monkeypatch.setattr(parts, "log_likelihood", None)
    assert answer(asked, Effort(), store) == first


def test_every_part_that_is_read_was_judged_and_no_other():
    assert {part.title: dict(part.held) for part in structure()} == read_parts()


def test_the_table_says_what_is_held_and_what_suffers():
    part = Part(
        "memory", {"memory_fraction": 0.0, "treg_growth": 0.0}, -2.0, -3.0, -1.5, ("A1", "B3.duration")
    )
    found = module.Ablation((part,))
    assert found.table().iloc[0].to_dict() == {
        "part": "memory",
        "held": "memory_fraction=0, treg_growth=0",
        "log_evidence": -2.0,
        "low": -3.0,
        "high": -1.5,
        "verdict": "agrees",
        "suffers": "A1; B3.duration",
    }
    said = (
        "Of 1 component of the model, the published data agree with 1: memory; they disagree with 0; "
        "they are inconclusive on 0."
    )
    assert found.sentence() == said


@pytest.mark.parametrize("likelihood", [-np.inf, np.nan])
def test_a_part_without_which_nothing_is_possible_is_named(monkeypatch, known, likelihood):
    made = parts.likelihood_at

    def nothing(simulator, columns, folder):
        if columns is ...:
            return made(simulator, columns, folder)
        return lambda places: np.full(len(places), likelihood)

    monkeypatch.setattr(parts, "likelihood_at", nothing)
    with pytest.raises(NothingComputedError, match="without divisions=9 no set of values"):
        ablation(parameters={"divisions": 9.0}, **SMALL)


def test_a_parameter_that_does_not_exist_is_named():
    with pytest.raises(UnknownNameError, match="memory_fraction"):
        ablation(parameters={"memory_fractoin": 0.0})


@pytest.mark.parametrize("missing", ["animals", "chain"])
def test_ensembles_that_do_not_say_how_they_were_made_are_refused(missing):
    lacking = {
        name: replace(each, about={key: value for key, value in each.about.items() if key != missing})
        for name, each in read_ensembles().items()
    }
    with pytest.raises(QuantityError, match="do not say"):
        ablation(lacking)


def test_members_of_unequal_weight_are_refused():
    weighted = {
        name: replace(each, weight=np.linspace(1, 2, len(each))) for name, each in read_ensembles().items()
    }
    with pytest.raises(QuantityError, match="differ in weight"):
        ablation(weighted)


def test_what_was_found_already_is_asked_nothing_more():
    assert ablation(shipped=True).parts == structure()
    with pytest.raises(ProtocolError, match="leave seed out"):
        ablation(shipped=True, seed=2)
