"""Timing of another drug: its own mechanisms, no findings on IVIG, and the day that its target asks for."""

from __future__ import annotations

from typing import Any

import pytest

import eaesim as ea
from eaesim.errors import UnknownNameError

SETTINGS: dict[str, Any] = {
    "induction": "immunisation",
    "animals": 12,
    "parameter_sets": 1,
    "workers": 1,
    "days": [0, 9],
}


def asked(**options: Any) -> ea.Timing:
    return ea.timing("lewis", **(SETTINGS | options))


@pytest.fixture(scope="module")
def late() -> ea.Timing:
    return asked(drug="late_acting", dose="1 mg/kg")


def test_a_late_acting_drug_works_late(late: ea.Timing) -> None:
    effect = late.rows(late.panels[0]).set_index("day")["effect"]
    assert effect[9] > effect[0] + 0.2


def test_it_is_named_and_compared_with_no_finding_on_ivig(late: ea.Timing) -> None:
    assert "1 mg/kg of late-acting comparator" in late.sentence()
    assert late.sentence().startswith("Predicted")
    assert not len(late.tables()["comparison"].query("verdict == 'agrees'"))
    assert late.table["prediction"].all()
    assert late.low_end is None


def test_the_page_has_no_faults(late: ea.Timing, page_faults: Any) -> None:
    assert page_faults(ea.plot(late)) == []
    assert "IVIG" not in ea.plot(late).texts[0].get_text()


def test_its_mechanisms_are_asked_one_at_a_time() -> None:
    found = asked(drug="methylprednisolone", dose="10 mg/kg", mechanism=["cytokine", "t_cells"])
    assert list(dict.fromkeys(found.table["mechanism"])) == ["cytokine", "t_cells"]


def test_a_mechanism_that_it_has_not_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="mechanism of fingolimod"):
        asked(drug="fingolimod", dose="1 mg/kg", mechanism="H2")
    with pytest.raises(UnknownNameError, match='did you mean "fingolimod"'):
        asked(drug="fingolimo")
