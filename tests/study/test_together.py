"""Studies that are run together have the results that each has alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from eaesim.errors import NothingComputedError
from eaesim.model import load
from eaesim.protocol import Arm, Bolus, Immunisation, Relapse, Transfer
from eaesim.study import Study, Subjects
from eaesim.study.together import run_together

DOSE = Bolus("1 g/kg")
ONSET = DOSE.at(onset="score >= 1")


def studies():
    """Return studies unlike in days, strength, arms, mechanism, end, inductions and read-outs."""
    found = [
        Study(
            load("da").replace(potency_maturation=strength),
            until=20,
            arms=[Arm("vehicle"), Arm("dosed", DOSE.at(day=day))],
        )
        for day in (0, 7)
        for strength in (0.5, 1.1)
    ]
    found.append(Study("da", until=20, arms=[Arm("vehicle"), Arm("at onset", ONSET)]))
    found.append(Study("da", until=24, arms=[Arm("vehicle"), Arm("at onset", ONSET)]))
    found.append(
        Study("lewis", until=20, arms=[Arm("vehicle"), Arm("dosed", DOSE.at(day=0))], mechanism="H7")
    )
    found.append(Study("da", until=20, arms=[Arm("vehicle")], endpoints=["cumulative_score[5:15]"]))
    cells = Transfer(donor="donor", harvest=11)
    found.append(Study("lewis", until=20, arms=[Arm("donor"), Arm("recipient", inductions=[cells])]))
    relapse = [Immunisation(), Relapse(12)]
    found.append(Study("da", until=20, arms=[Arm("vehicle"), Arm("again", inductions=relapse)]))
    return found


@pytest.mark.parametrize("sets", [1, 3])
def test_together_is_alone(sets):
    subjects = Subjects(animals=7, seed=5, parameter_sets=sets)
    together = run_together(studies(), subjects=subjects)
    for study, found in zip(studies(), together, strict=True):
        alone = study.run(animals=7, seed=5, members=sets, record=(), courses=False, workers=1)
        pd.testing.assert_frame_equal(found.table(), alone.table(), check_exact=True)
        pd.testing.assert_frame_equal(found.animals_table(), alone.animals_table(), check_exact=True)
        assert np.array_equal(found.simulation.dosed, alone.simulation.dosed)
        assert found.simulation.triggered.keys() == alone.simulation.triggered.keys()


def test_few_runs_at_once_change_nothing(monkeypatch):
    subjects = Subjects(animals=5, parameter_sets=1)
    whole = run_together(studies()[:4], subjects=subjects)
    monkeypatch.setattr("eaesim.study.together.MOST_RUNS", 10)
    parts = run_together(studies()[:4], subjects=subjects)
    for one, other in zip(whole, parts, strict=True):
        pd.testing.assert_frame_equal(one.table(), other.table(), check_exact=True)


def test_a_study_without_a_result_leaves_the_others_alone():
    bad = Study(load("da").replace(treg_number=1e300), until=20, arms=[Arm("vehicle")])
    good = Study("da", until=20, arms=[Arm("vehicle")])
    found = run_together([good, bad, good], subjects=Subjects(animals=3, parameter_sets=1))
    if isinstance(found[1], Exception):
        assert isinstance(found[1], NothingComputedError)
    pd.testing.assert_frame_equal(found[0].table(), found[2].table(), check_exact=True)
