"""The figure of the model's parts: all are drawn, as the table says."""

from __future__ import annotations

from eaesim.model.structure import Part, structure
from eaesim.questions.ablation.answer import Ablation
from eaesim.workbench.figure.save import plot


def test_every_part_has_its_line_and_no_text_meets_another(collisions):
    found = Ablation(structure())
    figure = plot(found)
    (axes,) = figure.axes
    spans = [line.get_xdata() for line in axes.lines if len(line.get_xdata()) == 2][1:]
    assert [tuple(span) for span in spans] == [(part.low, part.high) for part in found.parts]
    assert [label.get_text() for label in axes.get_yticklabels()] == [part.title for part in found.parts]
    assert collisions(figure) == []


def test_what_suffers_stands_beside_it(texts):
    parts = (Part("x", {"divisions": 9.0}, -3.0, -4.0, -2.0, ("B3.duration", "A1")),)
    assert "agrees: B3.duration, A1" in texts(plot(Ablation(parts)))


def test_a_long_list_of_what_is_held_does_not_leave_the_figure(collisions):
    part = Part("divisions=9, treg_growth=0, " * 8, {"divisions": 9.0}, -3.0, -4.0, -2.0)
    assert collisions(plot(Ablation((part,)))) == []
