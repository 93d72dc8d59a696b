"""The figure of the model's parts: all are drawn, as the table says."""

from __future__ import annotations

import math

import pytest

from eaesim.model.structure import Part, structure
from eaesim.questions.ablation.answer import Ablation
from eaesim.workbench.figure.save import plot

LONG = Part("a part with a very long name " * 4, {"divisions": 9.0}, -3.0, -4.0, -2.0, ("B3.duration", "A1"))
SET = Part("both", {"divisions": 9.0, "treg_growth": 0.0}, 0.1, -0.1, 0.2)
OTHER = Part("another", {"treg_growth": 0.0}, 0.1, -30.0, 30.0)


def test_every_part_has_its_chains_and_mean_as_factors(page_faults):
    found = Ablation(structure())
    figure = plot(found)
    drawn = [
        float(line.get_xdata()[0]) for axes in figure.axes for line in axes.lines if line.get_zorder() == 3
    ]
    expected = [
        min(math.exp(-value), 1e4)  # beyond, an arrow
        for part in found.parts
        for value in (part.high, part.low, part.log_evidence)
    ]
    assert sorted(drawn) == pytest.approx(sorted(expected))
    assert page_faults(figure) == []


def test_a_set_of_other_parts_stands_below_the_rule(texts):
    figure = plot(Ablation((LONG, SET, OTHER)))
    assert len(figure.axes) == 2
    assert texts(figure).index("both") > texts(figure).index("another")


def test_what_suffers_stands_beside_it_in_words(texts):
    assert "Lewis: duration (B3); DA: clinical score (A1)" in " ".join(
        " ".join(texts(plot(Ablation((LONG,))))).split()
    )


@pytest.mark.parametrize("parts", [(LONG,), (LONG, OTHER, SET), (LONG,) * 8])
def test_nothing_leaves_the_page(parts, page_faults):
    assert page_faults(plot(Ablation(parts))) == []
