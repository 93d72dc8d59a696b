"""What is estimated, and its bounds."""

from __future__ import annotations

import numpy as np
import pytest

from eaesim.errors import UnknownNameError
from eaesim.estimation.prior import Free, read_prior
from eaesim.model import load

RATS = {name: load(name) for name in ("lewis", "da")}


@pytest.mark.parametrize(("low", "high"), [(0.1, 10.0), (0.0, 5.0), (0.0, 1.0)])
def test_places_and_values_are_each_others_inverse(low, high):
    free = Free("x", "shared", low, high)
    places = np.linspace(0, 1, 7)
    values = free.value(places)
    assert values[[0, -1]] == pytest.approx([low, high])
    assert [free.place(float(value)) for value in values] == pytest.approx(places)


def test_strains_share_what_is_shared_and_nothing_else():
    prior = read_prior(RATS)
    places = np.random.default_rng(1).random((5, len(prior.free)))
    values = prior.values(places)
    lewis, da = (prior.parameters(values, strain=name) for name in RATS)
    for one, other in zip(lewis, da, strict=True):
        assert one.priming_rate == other.priming_rate
        assert one.expansion_rate != other.expansion_rate
    assert {one.maturation_without_adjuvant for one in lewis} == {0.0}
    assert len({one.maturation_without_adjuvant for one in da}) == 5
    assert all(one.potency_maturation == 0 for one in lewis)


def test_what_is_held_is_not_estimated():
    prior = read_prior(RATS, fixed={"memory_fraction": 0.0, "treg_loss": 0.1})
    assert not {"memory_fraction", "lewis.treg_loss", "da.treg_loss"} & set(prior.labels)
    assert len(prior.free) == len(read_prior(RATS).free) - 3
    for strain in RATS:
        (rat,) = prior.parameters(prior.values(np.full((1, len(prior.free)), 0.5)), strain=strain)
        assert (rat.memory_fraction, rat.treg_loss) == (0.0, 0.1)
    with pytest.raises(UnknownNameError, match="memory_fraction"):
        read_prior(RATS, fixed={"memory_fracton": 0.0})


def test_every_bound_is_the_parameter_files():
    for each in read_prior(RATS).free:
        entry = RATS["lewis"].entries[each.name]
        assert (each.low, each.high) == (entry.low, entry.high)


def test_no_drug_setting_is_estimated_with_the_untreated_rat():
    assert {RATS["lewis"].entries[each.name].kind for each in read_prior(RATS).free} <= {
        "biology",
        "reading",
        "protocol",
    }


def test_a_name_that_is_no_parameter_is_an_error(tmp_path):
    path = tmp_path / "free.toml"
    path.write_text('shared = ["primming_rate"]\nstrain = []\n', encoding="utf-8")
    with pytest.raises(UnknownNameError, match="priming_rate"):
        read_prior(RATS, path=path)
