"""The figure of competing mechanisms: cells are the table's verdicts, and no pair disappears unsaid."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle

from eaesim.estimation.potency import Potencies
from eaesim.questions.mechanisms.figure import VERDICT_COLOURS
from eaesim.questions.mechanisms.figure import figure as mechanisms_figure
from eaesim.questions.mechanisms.result import MechanismsResult
from eaesim.questions.mechanisms.trials import finding_trials

MEMBERS = 12
# Effects that agree with every finding; of E11 to E13 it is the share of rats ill.
AGREE = {"A1": 0.74, "A4": 0.5, "A7": 0.4, "A8.clinical_score": 0.5, "E10": 0.39}
MORE = ("E10", "E11", "E12", "E13")


def result(names, *, agree=()) -> MechanismsResult:
    random = np.random.default_rng(1)
    effects = {}
    for name in names:
        for identity in (*finding_trials(), *MORE):
            middle = AGREE.get(identity, 0.0) if name in agree else 0.5
            effects[name, identity] = middle + 0.02 * random.standard_normal(MEMBERS)
    potencies = {
        name: Potencies(name, ("x",), np.ones((MEMBERS, 1)), -float(place), np.ones(MEMBERS))
        for place, name in enumerate(names)
    }
    return MechanismsResult(potencies, effects, MEMBERS, 20)


@pytest.fixture
def found():
    return result(("H1a", "H3", "H1a+H3", "H1a+H2"), agree=("H1a", "H1a+H2"))


def cells(figure):
    return [patch for patch in figure.axes[0].patches if isinstance(patch, Rectangle)]


def test_cells_have_the_colours_of_their_verdicts(found):
    shown = sorted(to_hex(patch.get_facecolor()) for patch in cells(mechanisms_figure(found)))
    table = found.table()
    kept = table[table["mechanism"].isin(["H1a", "H3", "H1a+H2"])]
    assert {"agrees", "disagrees"} <= set(kept["verdict"])
    assert shown == sorted(VERDICT_COLOURS[verdict] for verdict in kept["verdict"])


def test_singles_stand_first_and_pairs_left_out_are_counted(found, texts):
    figure = mechanisms_figure(found)
    names = [label.get_text().split()[0] for label in figure.axes[0].get_yticklabels()]
    assert names == ["H1a", "H3", "H1a+H2"]
    note = " ".join(" ".join(texts(figure)).split())
    assert "1 pair is not drawn" in note
    assert "Agrees with every finding: H1a, H1a+H2." in note


def test_every_heading_says_how_the_finding_is_used(found):
    headings = [label.get_text() for label in mechanisms_figure(found).axes[0].get_xticklabels()]
    assert [text.split("\n")[0] for text in headings][:2] == ["A1", "A4"]
    assert [text.split("\n")[-1] for text in headings] == ["calibrates"] * 2 + ["validates"] * 12


def test_a_mechanism_without_a_value_says_so(found, texts):
    found.effects["H3", "A5"][:] = np.nan
    assert texts(mechanisms_figure(found)).count("no value") == 1


def test_scores_are_counted_from_the_best(found):
    ranking = found.ranking().set_index("mechanism")["score"]
    widths = [patch.get_width() for patch in mechanisms_figure(found).axes[1].patches]
    assert widths == pytest.approx([ranking[name] - ranking.max() for name in ("H1a", "H3", "H1a+H2")])


@pytest.mark.parametrize("names", [("H1a",), ("H1a+H2", "H3+H4"), ("H1a", "H1b", "H2", "H1a+H2")])
@pytest.mark.parametrize("agree", [True, False])
def test_nothing_overlaps(names, agree, collisions):
    assert collisions(mechanisms_figure(result(names, agree=names if agree else ()))) == []
