"""What tests of the page share."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from javascript import run_javascript


@pytest.fixture
def evaluate(tmp_path: Path) -> Callable[[str], Any]:
    """Return a function that runs a program, and returns what its ``answer()`` returns."""
    return partial(run_javascript, folder=tmp_path)
