"""The figures of all rows: a mark for each judged reading, as the table says."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from eaesim.evidence import finding, judge, load_findings
from eaesim.questions.mechanisms.figurerows import rows_figures
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


def marks(rows, stem):
    """Return how many marks of each verdict the pages of a kind have."""
    pages = [figure for name, figure in rows_figures(rows).items() if name.removesuffix("_2") == stem]
    return Counter(
        line.get_label() for page in pages for line in page.axes[1].lines if line.get_marker() != "None"
    )


@pytest.mark.parametrize(("stem", "use"), [("rows", "validate"), ("rows_fitted", "calibrate")])
def test_every_judged_reading_has_its_mark(found, stem, use):
    table = found.table()
    own = table[(table["use"] == use) & table["share"].notna() & table["mechanism"].isin(["", "H1a"])]
    assert marks(found, stem) == Counter(own["verdict"])


def test_readings_are_named_and_the_mechanism_is_said(found, texts):
    said = texts(rows_figures(found)["rows"])
    assert any(text.startswith("Lewis with anti-LFA-1") for text in said)
    assert any("under H1a" in text for text in said)
    assert "by interval" in said


def test_readings_that_do_not_count_are_not_drawn(found):
    more = Judged(
        finding="E14", label="x", counts=False, verdict=judge(finding("E14"), np.linspace(0, 1, SETS))
    )
    both = Rows((*found.judged, more), found.left_out, found.mechanisms)
    assert marks(both, "rows") == marks(found, "rows")


def test_without_a_verdict_there_is_still_a_page(page_faults):
    nothing = Rows((), {one.id: "x" for one in load_findings() if one.table in "ABE"}, ("H1a",))
    figures = rows_figures(nothing)
    assert [fault for figure in figures.values() for fault in page_faults(figure)] == []


@pytest.mark.parametrize("mechanisms", [("H1a+H7", "H3"), ()])
def test_the_pages_have_no_faults(mechanisms, page_faults):
    figures = rows_figures(result(mechanisms=mechanisms))
    assert [fault for figure in figures.values() for fault in page_faults(figure)] == []
