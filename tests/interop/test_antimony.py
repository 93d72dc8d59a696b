from __future__ import annotations

import sys
from collections.abc import Callable

import antimony
import numpy as np
import pytest

from eaesim.errors import EaesimError, MissingLibraryError
from eaesim.interop import antimony_text, sbml_text
from eaesim.interop.animal import typical_animal
from eaesim.protocol import Arm, Bolus, Infusion, Relapse
from eaesim.protocol.induction import Immunisation
from eaesim.study import Study

ROUNDS = Study(
    "da",
    until=40,
    inductions=[Immunisation(), Relapse(20)],
    arms=[Arm("given", Infusion("1 g/kg", over="4 h").at(day=-1), Bolus("1 g/kg", route="ip").at(day=20))],
)


def back(text: str) -> str:
    """Return the SBML that Antimony makes of a text."""
    assert antimony.loadAntimonyString(text) >= 0, antimony.getLastError()
    return str(antimony.getSBMLString(antimony.getMainModuleName()))


@pytest.mark.slow
@pytest.mark.parametrize("study", [ROUNDS, Study("lewis", arms=[Arm("vehicle")])], ids=["events", "rat"])
def test_to_antimony_and_back_simulates_the_same(
    study: Study,
    simulator: Callable[[Study, str], np.ndarray],
    error: Callable[[Study, np.ndarray, np.ndarray], float],
) -> None:
    there = simulator(study, sbml_text(study))
    assert error(study, simulator(study, back(antimony_text(study))), there) <= 1e-7


def test_units_and_sources_stay_in_the_text() -> None:
    text, volume = antimony_text("lewis"), typical_animal("lewis").entries["igg_volume_plasma"]
    assert "igg_volume_plasma has mL_per_kg" in text
    assert "igg_volume_plasma notes" in text
    assert f"source: {volume.basis}" in " ".join(text.split())


def test_the_same_text_every_time_whatever_was_read_before() -> None:
    first = antimony_text("da")
    antimony_text("lewis")
    assert antimony_text("da") == first


def test_what_antimony_cannot_read_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eaesim.interop.antimony.sbml_text", lambda *_, **__: "<nothing/>")
    with pytest.raises(EaesimError, match="Antimony cannot read") as caught:
        antimony_text("lewis")
    assert "\n" not in str(caught.value)


def test_without_the_library_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "antimony", None)
    with pytest.raises(
        MissingLibraryError,
        match=r'pip install "eaesim\[exchange\]" \(in the .* pip install "\.\[exchange\]"',
    ):
        antimony_text("lewis")
