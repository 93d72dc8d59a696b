"""A fixture of the tests of verbs."""

from __future__ import annotations

import runpy
from pathlib import Path

TESTS = Path(__file__).parents[1]
PLOT, CLI = (runpy.run_path(str(TESTS / room / "conftest.py")) for room in ("workbench/figure", "cli"))
texts, collisions, assert_answered = PLOT["texts"], PLOT["collisions"], CLI["assert_answered"]
make_timing, default_timing, page_faults = (
    PLOT[name] for name in ("make_timing", "default_timing", "page_faults")
)
