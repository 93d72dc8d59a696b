"""The figure of competing mechanisms: marks are the table's verdicts, and no pair disappears unsaid."""

from __future__ import annotations

import numpy as np
import pytest

from eaesim.estimation.potency import Potencies
from eaesim.evidence.judge import VERDICTS
from eaesim.model import MECHANISMS
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


def marks(figure):
    """Return the columns of the marks of each verdict."""
    axes = figure.axes[1]
    return {
        verdict: sorted(float(line.get_xdata()[0]) for line in axes.lines if line.get_label() == verdict)
        for verdict in VERDICTS
    }


def test_marks_are_the_verdicts_on_whole_findings(found):
    table = found.table()
    table["row"] = table["finding"].str.partition(".")[0]
    whole = table[table["mechanism"].isin(["H1a", "H3"])].drop_duplicates(["row", "mechanism"])
    assert {"agrees", "disagrees"} <= set(whole["finding_verdict"])
    expected = {
        verdict: sorted(
            float(name == "H3") for name in whole.loc[whole["finding_verdict"] == verdict, "mechanism"]
        )
        for verdict in VERDICTS
    }
    assert marks(mechanisms_figure(found)) == expected


def test_singles_are_drawn_and_pairs_are_counted(found, texts):
    said = texts(mechanisms_figure(found))
    assert {"H1a", "H3"} <= set(said)
    assert "H1a+\nH3" not in said
    assert any("2 pairs: ranking.csv." in text for text in said)
    assert any(text.startswith("H1a agrees with all 11 findings") for text in said)


def test_what_set_the_strength_stands_apart(found, texts):
    said = texts(mechanisms_figure(found))
    rows = [text for text in said if text.startswith(("Set the", "A1 ", "A4 ", "Never", "A5 "))]
    assert [row.split()[0] for row in rows] == ["Set", "A1", "A4", "Never", "A5"]


def test_a_mechanism_without_a_value_has_a_dash(found):
    found.effects["H3", "A5"][:] = np.nan
    assert marks(mechanisms_figure(found))["not comparable"] == [1.0]


def test_bars_are_factors_below_the_best(found):
    ranking = found.ranking().set_index("mechanism")["score"]
    bars = mechanisms_figure(found).axes[2]
    tops = [patch.get_y() + patch.get_height() for patch in bars.patches]
    expected = [min(np.exp(ranking["H1a"] - ranking[name]), 1000) for name in ("H1a", "H3")]
    assert tops == pytest.approx(expected)


@pytest.mark.parametrize(
    "names", [("H1a",), ("H1a+H2", "H3+H4"), ("H1a", "H1b", "H2", "H1a+H2"), tuple(MECHANISMS)]
)
def test_the_page_has_no_faults(names, page_faults):
    assert page_faults(mechanisms_figure(result(names, agree=names[:1]))) == []
