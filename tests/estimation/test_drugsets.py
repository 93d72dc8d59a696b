"""Parameters of a drug in every parameter set: bounds, strata, and the same draws in any crowd."""

from __future__ import annotations

import numpy as np

from eaesim.model import Drug
from eaesim.model.pharmacy import load_drug
from eaesim.questions.mechanisms.trials import drug_values

MEMBERS = 50
BLOCKER = Drug.from_table(
    "blocker",
    title="blocker",
    source="assumed",
    disposition={
        "volume": "40 mL/kg",
        "elimination": {"value": "0.1 1/day", "low": "0 1/day", "high": "0.4 1/day"},
    },
    action=[
        {
            "on": "cns_entry",
            "does": "inhibit",
            "half_effect": {"value": "0.2 mg/mL", "low": "0.01 mg/mL", "high": "1 mg/mL"},
        }
    ],
)


def test_values_fill_their_bounds_evenly_on_their_scale():
    found = dict(zip(BLOCKER.parameters, drug_values(BLOCKER, members=MEMBERS, seed=3).T, strict=True))
    assert (found["blocker_volume"] == 40.0).all()
    half = np.log(found["blocker_half_effect"] / 0.01) / np.log(100)
    rate = found["blocker_elimination"] / 0.4
    for share in (half, rate):
        # One value in each of as many strata.
        assert sorted(np.floor(share * MEMBERS).astype(int)) == list(range(MEMBERS))
    assert abs(np.corrcoef(half, rate)[0, 1]) < 0.4


def test_one_set_has_the_values_of_the_file_and_seeds_differ():
    (own,) = drug_values(BLOCKER, members=1, seed=3)
    assert own.tolist() == [entry.value for entry in BLOCKER.parameters.values()]
    first, same, other = (drug_values(BLOCKER, members=8, seed=seed) for seed in (3, 3, 4))
    assert (first == same).all()
    assert (first != other).any()
    assert drug_values(load_drug("ivig"), members=4, seed=1).shape == (4, 0)
