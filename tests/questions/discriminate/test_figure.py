"""The figure of experiments: bars, marks and effects are those of the table."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from eaesim.model import MECHANISMS
from eaesim.questions.discriminate.answer import Discrimination
from eaesim.questions.discriminate.figure import APART, WEAKEST
from eaesim.questions.discriminate.figure import figure as discriminate_figure
from eaesim.questions.discriminate.proposals import read_proposals
from eaesim.questions.discriminate.request import DiscriminateRequest
from eaesim.workbench.figure.save import plot
from eaesim.workbench.figure.style import PREDICTION


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


def drawn(found, animals=10):
    return pd.concat([found.ranked(animals), found.repeated(animals)], ignore_index=True)


@pytest.fixture(scope="module")
def found():
    return result()


def test_bars_and_marks_are_those_of_the_table(found):
    bars, _ = discriminate_figure(found).axes
    rows = drawn(found)
    assert [patch.get_width() for patch in bars.patches] == pytest.approx(rows["bits"].tolist())
    for animals in (5, 20):
        (line,) = [line for line in bars.lines if line.get_label() == str(animals)]
        others = drawn(found, animals).set_index("design")["bits"]
        assert line.get_xdata() == pytest.approx(others.loc[rows["design"]].to_numpy())


def test_what_repeats_a_finding_stands_apart_below(found, texts):
    figure = discriminate_figure(found)
    labels = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    count = len(found.ranked())
    done = [re.search(r" \[[AE]\d", label) is not None for label in labels]
    assert not any(done[:count])
    assert len(labels) > count
    assert all(done[count:])
    assert "Repeats of published experiments, not ranked" in texts(figure)


def test_effects_stand_beside_their_experiment(found):
    _, effects = discriminate_figure(found).axes
    rows = drawn(found)
    for name in found.mechanisms:
        (line,) = [line for line in effects.lines if line.get_label() == name]
        assert line.get_xdata() == pytest.approx(rows[f"effect_{name}"].clip(lower=WEAKEST))
        apart = np.where(rows["prediction"], 0.0, APART)
        assert np.round(line.get_ydata() - apart).tolist() == list(range(len(rows)))


def test_it_is_marked_as_a_prediction_and_names_what_was_done(found, texts):
    said = texts(discriminate_figure(found))
    assert PREDICTION in said
    assert found.sentence() in said
    assert [text for text in said if text.startswith("Lewis, at immunisation [A4, A8]")]
    assert "H1a or\nH7" in said


def test_pairs_that_were_not_asked_for_are_not_drawn(texts):
    assert not [text for text in texts(discriminate_figure(result(("H2", "H3")))) if " or\n" in text]


@pytest.mark.parametrize("mechanisms", [tuple(MECHANISMS), ("H1a", "H7"), ("H1a+H2", "H3")])
def test_nothing_overlaps(mechanisms, collisions):
    assert collisions(plot(result(mechanisms))) == []
