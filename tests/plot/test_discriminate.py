"""The figure of experiments: bars, marks and effects are those of the table."""

from __future__ import annotations

import numpy as np
import pytest

from eaesim.analysis.estimation.discrimination import Discrimination
from eaesim.analysis.estimation.proposals import read_proposals
from eaesim.model import MECHANISMS
from eaesim.plot import plot
from eaesim.plot.discriminate import WEAKEST, discriminate_figure
from eaesim.plot.style import PREDICTION


def result(mechanisms=tuple(MECHANISMS), *, members=6) -> Discrimination:
    random, proposals = np.random.default_rng(4), read_proposals()
    shape = (len(proposals), len(mechanisms), members)
    effects = random.uniform(0, 1, shape[:2])[..., None] + 0.05 * random.standard_normal(shape)
    effects[0, 0] = -7.0
    return Discrimination(
        proposals=proposals,
        mechanisms=mechanisms,
        differences=-2.5 * effects,
        variances=np.full(shape, 2.0),
        effects=effects,
        weight=np.ones(len(mechanisms)),
        rivals=mechanisms[:2],
        prior="equal",
        animals=10,
        seed=1,
    )


@pytest.fixture(scope="module")
def found():
    return result()


def test_bars_and_marks_are_those_of_the_table(found):
    bars, _ = discriminate_figure(found).axes
    ranked = found.ranked()
    assert [patch.get_width() for patch in bars.patches] == pytest.approx(ranked["bits"].tolist())
    for animals in (5, 20):
        (line,) = [line for line in bars.lines if line.get_label() == str(animals)]
        others = found.ranked(animals).set_index("design")["bits"]
        assert line.get_xdata() == pytest.approx(others.loc[ranked["design"]].to_numpy())


def test_effects_stand_beside_their_experiment(found):
    _, effects = discriminate_figure(found).axes
    ranked = found.ranked()
    for name in found.mechanisms:
        (line,) = [line for line in effects.lines if line.get_label() == name]
        assert line.get_xdata() == pytest.approx(ranked[f"effect_{name}"].clip(lower=WEAKEST))
        assert np.round(line.get_ydata()).tolist() == list(range(len(ranked)))


def test_it_is_marked_as_a_prediction_and_names_what_was_done(found, texts):
    said = texts(discriminate_figure(found))
    assert PREDICTION in said
    assert found.sentence() in said
    assert [text for text in said if text.startswith("Lewis, at immunisation [A4]")]
    assert "H1a or\nH7" in said


def test_pairs_that_were_not_asked_for_are_not_drawn(texts):
    assert not [text for text in texts(discriminate_figure(result(("H2", "H3")))) if " or\n" in text]


@pytest.mark.parametrize("mechanisms", [tuple(MECHANISMS), ("H1a", "H7"), ("H1a+H2", "H3")])
def test_nothing_overlaps(mechanisms, collisions):
    assert collisions(plot(result(mechanisms))) == []
