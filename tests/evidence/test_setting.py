"""Which published rats these rats can be compared with."""

import pytest

from eaesim.evidence import finding
from eaesim.evidence.setting import Setting, concerns, mismatch


@pytest.mark.parametrize("adjuvant", ["complete", "incomplete", "none"])
@pytest.mark.parametrize("strain", ["lewis", "da"])
def test_a_second_attack_with_or_without_adjuvant_stands_beside_every_adjuvant(strain, adjuvant):
    setting = Setting(strain=strain, induction="relapse", adjuvant=adjuvant)
    assert concerns(finding("B15"), setting)
    assert mismatch(finding("B15"), setting) is None


def test_a_row_that_states_its_adjuvant_stands_beside_no_other():
    for adjuvant in ("complete", "incomplete"):
        setting = Setting(strain="da", induction="immunisation", adjuvant=adjuvant)
        assert not concerns(finding("B16.first"), setting)
        assert concerns(finding("B6.course"), setting) == (adjuvant == "incomplete")


def test_a_row_from_da_rats_is_not_held_against_lewis_rats():
    setting = Setting(strain="lewis", induction="immunisation", adjuvant="complete")
    assert mismatch(finding("B5.remission_day"), setting) == "another strain (da)"
    assert mismatch(finding("B5.peak_day_vendor"), setting) is None
