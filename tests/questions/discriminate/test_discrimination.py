"""What experiments tell: limits, order, members without a value, and words."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest

from eaesim.evidence import finding, load_findings
from eaesim.questions.discriminate.proposals import read_proposals
from eaesim.questions.discriminate.request import DiscriminateRequest
from eaesim.questions.discriminate.result import ANIMALS_PER_ARM, DiscriminationResult

NAMES = ("H1a", "H1b", "H7")


def result(
    differences, *, variance=1.0, rivals=NAMES, weight=(1.0, 1.0, 1.0), proposals=None
) -> DiscriminationResult:
    """Build a result from differences alone, shape (experiments, mechanisms, members)."""
    found = np.asarray(differences, dtype=float)
    unpublished = {name: one for name, one in read_proposals().items() if not one.repeats}
    proposals = dict(list((proposals or unpublished).items())[: len(found)])
    return DiscriminationResult(
        DiscriminateRequest(mechanism=NAMES, animals=10),
        proposals,
        differences=found,
        variances=np.full(found.shape, variance),
        effects=-found / 3,
        weight=np.array(weight),
        rivals=rivals,
    )


ALIKE, APART, PAIR = [[0.0, 1.0]] * 3, [[0, 0], [50, 50], [100, 100]], [[0.0, 0.0], [0.0, 0.0], [1.0, 1.2]]


def test_limits_of_what_there_is_to_know():
    table = result([ALIKE, APART]).table()
    assert len(table) == 2 * len(ANIMALS_PER_ARM)
    assert table["bits"].to_numpy() == pytest.approx([0] * 3 + [np.log2(3)] * 3, abs=1e-9)
    assert (table["bits_per_animal"] == table["bits"] / (2 * table["animals_per_arm"])).all()
    assert table["prediction"].all()


def test_more_animals_tell_more_and_the_best_stands_first():
    found = result([ALIKE, PAIR])
    bits = found.table().set_index("design")["bits"]
    assert (np.diff(bits.iloc[3:]) > 0).all()
    assert found.ranked()["design"].tolist() == list(found.proposals)[::-1]
    assert list(found.proposals.values())[1].title in found.sentence()


def test_designs_that_repeat_a_finding_are_listed_and_not_ranked():
    proposals = read_proposals()
    repeats = [name for name, one in proposals.items() if one.repeats]
    # The repeats tell all there is to know, and still are not recommended.
    found = result(
        [APART if name in repeats else ALIKE for name in proposals], proposals=proposals, variance=0.1
    )
    assert set(found.ranked()["design"]) == set(proposals) - set(repeats)
    assert found.repeated()["design"].tolist() == repeats
    assert found.repeated()["finding"].str.match("[AE]").all()
    assert (found.table().groupby("design")["prediction"].first()[repeats] == False).all()  # noqa: E712
    assert proposals[repeats[0]].title not in found.sentence()
    assert [note for note in found.notes() if "not ranked" in note and proposals[repeats[0]].title in note]


def test_a_new_finding_takes_its_design_off_the_ranking(monkeypatch):
    """Which designs are published is read from the evidence."""
    module = sys.modules["eaesim.questions.discriminate.proposals"]
    one = read_proposals()["da_relapse_with_adjuvant"]
    assert one.repeats == ()
    found = {"id": "X1", "induction": "relapse", "adjuvant": "complete", "endpoint": "clinical_score"}
    added = replace(finding("A1"), **found)
    monkeypatch.setattr(module, "load_findings", lambda: (*load_findings(), added))
    assert one.repeats == ("X1",)
    assert read_proposals()["da_relapse_without_adjuvant"].repeats == ()


def test_pairs_need_as_many_animals_as_their_difference_asks_for():
    row = result([PAIR]).table().iloc[0]
    assert 2 <= row["animals_H1a_H7"] <= 10
    assert np.isnan(row["animals_H1a_H1b"])
    assert [note for note in result([PAIR]).notes() if "H1a from H1b" in note]


def test_only_rivals_count_where_findings_contradict_the_others():
    both = result([PAIR], rivals=("H1a", "H1b")).table()
    assert both["bits_rivals"].to_numpy() == pytest.approx(0, abs=1e-9)
    assert (both["bits"] > 0.1).all()
    alone = result([PAIR], rivals=("H7",))
    assert alone.table()["bits_rivals"].isna().all()
    assert [note for note in alone.notes() if "only H7 disagrees with no finding" in note]


def test_an_improbable_mechanism_adds_little():
    even, uneven = result([PAIR]), result([PAIR], weight=(1, 1, 1e-6))
    assert uneven.bits(0, list(NAMES), 10) < 0.001 < even.bits(0, list(NAMES), 10)


def test_members_without_a_value_are_left_out_and_named():
    holes = [[*row, np.nan] for row in PAIR]
    found = result([holes])
    assert found.table()["bits"].tolist() == result([PAIR]).table()["bits"].tolist()
    assert [note for note in found.notes() if next(iter(found.proposals)) in note]
    empty = replace(found, differences=np.full((1, 3, 3), np.nan), effects=np.full((1, 3, 3), np.nan))
    assert empty.table()["bits"].isna().all()
    assert empty.sentence() == "No unpublished experiment has a value in any member."


def test_experiments_on_rats_that_are_hardly_ill_are_named():
    found = result([PAIR, ALIKE])
    assert not [note for note in found.notes() if "untreated" in note]
    effects = found.effects.copy()
    effects[1] = np.nan
    (note,) = [note for note in replace(found, effects=effects).notes() if "untreated" in note]
    ill, hardly = found.proposals
    assert hardly in note
    assert ill not in note


def test_a_table_is_the_callers_own():
    found = result([PAIR])
    own = found.table()
    own["bits"] = 9.0
    assert found.table()["bits"].max() < 9
