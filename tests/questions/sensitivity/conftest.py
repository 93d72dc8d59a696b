"""A fixture of the tests of verbs."""

from __future__ import annotations

import runpy
from pathlib import Path

assert_printed = runpy.run_path(str(Path(__file__).parents[2] / "cli" / "conftest.py"))["assert_printed"]
