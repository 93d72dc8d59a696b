"""The figure of all rows: a dot for each judged reading, where the table says, in its verdict's colour."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_hex

from eaesim.evidence import finding, judge, load_findings
from eaesim.questions.mechanisms.figurerows import DOT_COLOURS, rows_figure
from eaesim.questions.mechanisms.judged import Judged, Rows

SETS = 20


def result(*, mechanisms=("H1a", "H3"), seed=1) -> Rows:
    """Return every row with draws of its own; rows on IVIG under each mechanism."""
    random, judged = np.random.default_rng(seed), []
    for one in load_findings():
        if one.table not in "ABE" or judge(one, np.linspace(0, 1, SETS)).share is None:
            continue
        for mechanism in mechanisms if one.drug == "ivig" else ("",):
            draws = random.uniform(-0.2, 1.0) + 0.2 * random.standard_normal(SETS)
            judged.append(Judged(finding=one.id, mechanism=mechanism, verdict=judge(one, draws)))
    names = {each.finding for each in judged}
    left = {one.id: "no reason" for one in load_findings() if one.table in "ABE" and one.id not in names}
    return Rows(tuple(judged), left, mechanisms)


@pytest.fixture
def found() -> Rows:
    return result()


def test_every_judged_reading_has_its_dot_where_the_table_says(found):
    figure, table = rows_figure(found), found.table()
    for axes, use in zip(figure.axes, ("validate", "calibrate"), strict=True):
        own = table[(table["use"] == use) & table["share"].notna() & table["mechanism"].isin(["", "H1a"])]
        assert len(axes.get_yticks()) == len(own)
        for verdict, colour in DOT_COLOURS.items():
            (dots,) = [line for line in axes.lines if line.get_label() == verdict]
            assert to_hex(dots.get_color()) == colour
            shares = 100 * own.loc[own["verdict"] == verdict, "share"]
            assert dots.get_xdata() == pytest.approx(shares)


def test_names_begin_with_the_id_and_what_is_not_simulated_is_named(found, texts):
    figure = rows_figure(found)
    names = [label.get_text() for axes in figure.axes for label in axes.get_yticklabels()]
    assert any(name.startswith("E14: signs almost completely") for name in names)
    note = " ".join(" ".join(texts(figure)).split())
    for row in ("E5b", "E6c", "E32"):
        assert row in note.partition("Not simulated:")[2]
    assert "IVIG: H1a" in note


def test_readings_that_do_not_count_are_not_drawn(found):
    more = Judged(
        finding="E14", label="x", counts=False, verdict=judge(finding("E14"), np.linspace(0, 1, SETS))
    )
    both = Rows((*found.judged, more), found.left_out, found.mechanisms)
    assert [len(axes.get_yticks()) for axes in rows_figure(both).axes] == [
        len(axes.get_yticks()) for axes in rows_figure(found).axes
    ]


def test_without_a_verdict_there_is_still_a_figure(collisions):
    nothing = Rows((), {one.id: "x" for one in load_findings() if one.table in "ABE"}, ("H1a",))
    assert collisions(rows_figure(nothing)) == []


@pytest.mark.parametrize("mechanisms", [("H1a",), ("H1a+H7", "H3"), ()])
def test_nothing_overlaps(mechanisms, collisions):
    assert collisions(rows_figure(result(mechanisms=mechanisms))) == []
