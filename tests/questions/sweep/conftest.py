"""Fixtures of the tests of figures."""

from __future__ import annotations

import runpy
from pathlib import Path

PLOT = runpy.run_path(str(Path(__file__).parents[2] / "plot" / "conftest.py"))
texts, collisions = PLOT["texts"], PLOT["collisions"]
