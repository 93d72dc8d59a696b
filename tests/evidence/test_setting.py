"""Which published rats these rats can be compared with."""

import numpy as np
import pytest

from eaesim.evidence import finding
from eaesim.evidence.setting import Setting, arm_setting, concerns, is_prediction, mismatch
from eaesim.protocol import Arm, Bolus, Design, Immunisation, Relapse


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


def onset_setting(days, *again):
    """Return the setting of Lewis rats dosed at onset, on these days, perhaps induced again."""
    arm = Arm("onset", Bolus("1 g/kg").at(onset="score >= 1"))
    design = Design(60, [Immunisation(), *again], [Arm("vehicle"), arm])
    triggered = None if days is None else {("onset", 0): np.array(days, dtype=float)}
    return arm_setting(arm, design=design, strain="lewis", triggered=triggered)


def test_a_dose_at_onset_was_tested_by_a_finding_on_every_day_from_an_earlier_one_on():
    late = onset_setting([8] * 5 + [12] * 90 + [np.nan] * 40)
    assert concerns(finding("A5"), late)
    assert not is_prediction(late)
    # One rat in twenty may be earlier, and what was not run is not known.
    assert concerns(finding("A5"), onset_setting([3] * 4 + [9] * 96))
    for days in ([3] * 6 + [9] * 94, [6] * 100, [np.nan] * 10, None):
        assert not concerns(finding("A5"), onset_setting(days))
    # A dose at onset is never one at immunisation, even if given on that day.
    assert not concerns(finding("A4"), onset_setting([0] * 10))


def test_days_of_a_dose_at_onset_count_from_the_induction_of_a_relapse():
    again = onset_setting([40] * 20, Relapse(35))
    assert again.day == 5
