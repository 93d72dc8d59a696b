"""JavaScript run by Node, or by Chromium where there is no Node."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

NODE = shutil.which("node")
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
Evaluate = Callable[[str], Any]


@pytest.fixture
def evaluate(tmp_path: Path) -> Evaluate:
    """Return a function that runs a program, and returns what its last expression, ``answer()``, returns."""
    if NODE is None and BROWSER is None:
        pytest.skip("neither Node nor Chromium on this machine")

    def run(program: str) -> Any:
        if NODE is not None:
            file = tmp_path / "program.js"
            file.write_text(f"{program}\nprocess.stdout.write(JSON.stringify(answer()));", encoding="utf-8")
            done = subprocess.run([NODE, file], capture_output=True, timeout=600, check=False)
            assert done.returncode == 0, done.stderr.decode("utf-8")[-2000:]
            return json.loads(done.stdout)
        file = tmp_path / "program.html"
        end = "document.body.textContent = 'answer:' + JSON.stringify(answer()) + ':end';"
        file.write_text(f"<!DOCTYPE html><body><script>\n{program}\n{end}\n</script>", encoding="utf-8")
        options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}"]
        done = subprocess.run(
            [BROWSER or "", *options, "--dump-dom", file.as_uri()],
            capture_output=True,
            timeout=600,
            check=True,
        )
        found = re.search(r"<body>answer:(.*):end", html.unescape(done.stdout.decode("utf-8")), re.DOTALL)
        assert found
        return json.loads(found[1])

    return run
