"""The figure of experiments: chances and effects are those of the result."""

from __future__ import annotations

import numpy as np
import pytest

from eaesim.model import MECHANISMS
from eaesim.questions.discriminate.answer import Discrimination
from eaesim.questions.discriminate.figure import SIZES
from eaesim.questions.discriminate.figure import figure as discriminate_figure
from eaesim.questions.discriminate.proposals import read_proposals
from eaesim.questions.discriminate.request import DiscriminateRequest
from eaesim.workbench.figure.save import plot


def result(mechanisms=tuple(MECHANISMS), *, members=6) -> Discrimination:
    random, proposals = np.random.default_rng(4), read_proposals()
    shape = (len(proposals), len(mechanisms), members)
    effects = random.uniform(0, 1, shape[:2])[..., None] + 0.05 * random.standard_normal(shape)
    effects[0, 0] = -7.0
    return Discrimination(
        DiscriminateRequest(mechanism=mechanisms, animals=10),
        proposals,
        differences=-2.5 * effects,
        variances=np.full(shape, 2.0),
        effects=effects,
        weight=np.ones(len(mechanisms)),
        rivals=mechanisms[:2],
    )


@pytest.fixture(scope="module")
def found():
    return result()


def test_chances_are_those_of_the_best_designs(found):
    above = discriminate_figure(found).axes[:3]
    names = list(found.proposals)
    ranked = [names.index(name) for name in found.ranked()["design"]]
    for axes, pair in zip(above, (("H1a", "H7"), ("H1a", "H1b"), ("H1a", "H2")), strict=True):
        (line,) = [line for line in axes.lines if line.get_linewidth() == 1.5]
        best = max(ranked, key=lambda place: found.chance(place, pair, 10))
        expected = [100 * found.chance(best, pair, animals) for animals in SIZES]
        assert line.get_ydata() == pytest.approx(expected)


def test_effects_are_in_percent_in_designs_that_nobody_published(found, texts):
    figure = discriminate_figure(found)
    titles = {each.title: place for place, each in enumerate(found.proposals.values())}
    said = [" ".join(text.split())[2:] for text in texts(figure)]
    places = [titles[text] for text in said if text in titles]
    assert not any(list(found.proposals.values())[place].repeats for place in places)
    for axes, place in zip(figure.axes[3:], places, strict=True):
        drawn = [float(line.get_xdata()[0]) for line in axes.lines if line.get_marker() == "o"]
        expected = 100 * np.median(found.effects[place], axis=1)
        assert drawn == pytest.approx(expected[expected >= axes.get_xlim()[0]])


def test_it_says_that_it_is_a_prediction_and_what_was_done(found, texts):
    said = texts(discriminate_figure(found))
    assert any(text.startswith("Prediction; 6 parameter sets") for text in said)
    assert "H1a or H7?" in said


def test_pairs_that_were_not_asked_for_are_not_drawn(texts):
    titles = [text for text in texts(discriminate_figure(result(("H2", "H3")))) if text.endswith("?")]
    assert titles == ["H2 or H3?"]


@pytest.mark.parametrize(
    ("mechanisms", "members"),
    [(tuple(MECHANISMS), 6), (("H1a", "H7"), 1), (("H1a+H2", "H3"), 6), (("H1a", "H1b", "H7"), 1)],
)
def test_the_page_has_no_faults(mechanisms, members, page_faults):
    assert page_faults(plot(result(mechanisms, members=members))) == []


def test_a_result_without_any_value_is_still_a_page(page_faults):
    found = result()
    for values in (found.differences, found.variances, found.effects):
        values[:] = np.nan
    assert page_faults(plot(found)) == []
