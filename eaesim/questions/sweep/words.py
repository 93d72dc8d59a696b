"""A sweep in words."""

from __future__ import annotations

import warnings
from pathlib import Path

from eaesim.errors import EaesimError
from eaesim.questions.sweep.answer import read_sweep

CAPTION = "One endpoint against what was varied."
METHODS = (
    "The study was run at every point with the same virtual rats; effects and intervals are those of a "
    "study at that point."
)


def sentence(folder: Path) -> str:
    """Return the result of a run in one sentence, read from its folder; empty where that is not possible."""
    try:
        with warnings.catch_warnings(action="ignore"):  # the page says which model made the run
            return read_sweep(folder).sentence()
    except EaesimError:
        return ""
