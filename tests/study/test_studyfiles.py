"""A study says the same in Python and in TOML."""

from pathlib import Path

import numpy as np
import pytest

import eaesim as ea
from eaesim.errors import EaesimError


def example() -> ea.Study:
    rat = ea.load("da").replace(spreading_rate=0.0, igg_volume_plasma="0.045 L/kg")
    transfer = [ea.Transfer(cells="1e5 cell"), ea.Relapse(12, adjuvant="incomplete")]
    return ea.Study(
        rat,
        until=14,
        mechanism="H1a+H2",
        arms=[
            ea.Arm("vehicle"),
            ea.Arm(
                "both",
                ea.Infusion("0.4 g/kg", over="4 h", every="1 day", doses=3).at(day=2)
                + ea.Bolus("1 g/kg").at(onset="score >= 1", after=1),
            ),
            ea.Arm(
                "cells", ea.Bolus("1 mg/kg", drug="late_acting", route="ip").at(day=1), inductions=transfer
            ),
        ],
    )


def test_python_and_toml_say_the_same(tmp_path: Path) -> None:
    study = example()
    path = tmp_path / "study.toml"
    path.write_text(ea.study_text(study, animals=3, seed=9), encoding="utf-8")
    again, file = ea.read_study(path)
    assert again.design == study.design
    assert again.rat.parameters() == study.rat.parameters()
    assert (file.animals, file.seed) == (3, 9)
    first, second = study.run(animals=2, seed=9), again.run(animals=2, seed=9)
    assert np.array_equal(first.simulation.severity, second.simulation.severity)


def test_a_parameter_that_is_not_known_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    text = ea.study_text(example()).replace("spreading_rate", "spreding_rate")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(EaesimError, match='did you mean "spreading_rate"'):
        ea.read_study(path)
