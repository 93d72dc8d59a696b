"""The example of every public name runs, in the package as it is installed."""

import doctest
import importlib
import inspect
from pathlib import Path

import pytest

import eaesim

SOURCE = Path(eaesim.__file__).parent
PATHS = [path for path in sorted(SOURCE.rglob("*.py")) if ">>> " in path.read_text("utf-8")]
MODULES = [path.relative_to(SOURCE.parent).with_suffix("").as_posix().replace("/", ".") for path in PATHS]


# Fits, trials, what JAX compiles, and what compiles the equations anew for many drugs, targets or mechanisms.
SLOW = (
    *("eaesim.estimation.fit", "eaesim.estimation.emulator", "eaesim.estimation.start"),
    *("eaesim.questions.discriminate.answer", "eaesim.questions.mechanisms.answer"),
    *("eaesim.questions.fit.patient.answer", "eaesim.estimation.humankinetics"),
    *("eaesim.questions.fit.laboratory.answer", "eaesim.questions.fit.laboratory.result"),
    *("eaesim.estimation.agreement", "eaesim.interop.antimony"),
    *("eaesim.questions.fit.answer", "eaesim.questions.mechanisms.predicted"),
    *("eaesim.questions.targets.answer", "eaesim.questions.schedule.mistiming.answer"),
    *("eaesim.questions.trial.answer", "eaesim.questions.trial.doses.answer"),
    *("eaesim.questions.trial.sizes.answer", "eaesim.questions.timing.attack.answer"),
)
NAMES = [name.removesuffix(".__init__") for name in MODULES]


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if name in SLOW else name for name in NAMES]
)
def test_examples_of_a_module_run(name: str) -> None:
    failed, tried = doctest.testmod(
        importlib.import_module(name), optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    )
    assert failed == 0
    assert tried > 0


def test_every_public_name_has_an_example() -> None:
    without = [one for one in eaesim.__all__ if ">>> " not in (inspect.getdoc(getattr(eaesim, one)) or "")]
    assert without == []
