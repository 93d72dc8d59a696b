"""The lean rats: what is free of them, and a small fit of them."""

from __future__ import annotations

import pytest

from eaesim.errors import ProtocolError, QuantityError, UnknownNameError
from eaesim.estimation.ensembles import read_ensembles
from eaesim.estimation.fit import published_simulator
from eaesim.estimation.prior import read_prior
from eaesim.model import FULL, LEAN, load
from eaesim.questions.fit.answer import fit
from eaesim.study.ensemble import read_ensemble, write_ensemble

MOST_NUMBERS = 20


def prior(names):
    return read_prior({load(name).strain: load(name) for name in names})


def test_a_lean_rat_has_few_free_numbers_and_none_of_a_part_that_is_off():
    free = prior(LEAN).free
    assert 0 < len(free) <= MOST_NUMBERS
    assert not {each.name for each in free} & set(load("lewis_lean").off)
    assert set(prior(LEAN).labels) <= set(prior(FULL).labels)


def test_lean_rats_see_the_same_rows_as_the_full_ones():
    one, other = (published_simulator(names, animals=4, seed=1) for names in (LEAN, FULL))
    assert one.targets == other.targets
    assert list(one.prior.rats) == list(other.prior.rats) == ["lewis", "da"]
    assert [rat.name for rat in one.prior.rats.values()] == list(LEAN)


def test_both_lean_rats_have_the_same_parts_off():
    assert load("lewis_lean").off == load("da_lean").off
    assert {rat.entries[name].value for rat in map(load, LEAN) for name in rat.off} == {0.0}


@pytest.mark.parametrize(
    ("names", "error", "said"),
    [
        (["lewis", "da_lean"], QuantityError, "estimated together, not with others"),
        (["lewis_lean", "lewis_lean"], ProtocolError, "each once"),
        (["lewis_lena"], UnknownNameError, "lewis_lean"),
        (["da_antibody"], UnknownNameError, "rat with published data"),
    ],
)
def test_what_cannot_be_estimated_together_is_refused(names, error, said):
    with pytest.raises(error, match=said) as caught:
        fit(rat=names)
    assert "\n" not in str(caught.value)


@pytest.mark.slow
def test_lean_rats_are_fitted_written_and_read_like_the_full_ones(few_rows, tmp_path):
    found = fit(few_rows, rat=LEAN, start="prior", particles=8, chains=1, animals=4, moves=1)
    made = found.ensembles()
    assert {strain: ensemble.rat.name for strain, ensemble in made.items()} == dict(
        zip(FULL, LEAN, strict=True)
    )
    for ensemble in made.values():
        write_ensemble(tmp_path, ensemble.rat.name, ensemble)
    back = read_ensembles(tmp_path)
    assert [ensemble.rat.name for ensemble in back.values()] == list(LEAN)
    one = read_ensemble(tmp_path / "da_lean").members(3)[0]
    assert one.strain == "da"
    assert all(one.entries[name].value == 0.0 for name in one.off)
    with pytest.raises(Exception, match="holds no ensemble of lewis;"):
        read_ensembles(tmp_path, rats=["lewis"])
