"""JavaScript run by Node, or by Chromium where there is no Node."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

NODE = shutil.which("node")
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def run_javascript(program: str, folder: Path) -> Any:
    """Return what ``answer()`` of a program returns; the test is skipped where nothing can run it."""
    if NODE is not None:
        file = folder / "program.js"
        file.write_text(f"{program}\nprocess.stdout.write(JSON.stringify(answer()));", encoding="utf-8")
        done = subprocess.run([NODE, file], capture_output=True, timeout=600, check=False)
        assert done.returncode == 0, done.stderr.decode("utf-8")[-2000:]
        return json.loads(done.stdout)
    if BROWSER is None:
        pytest.skip("neither Node nor Chromium on this machine")
    file = folder / "program.html"
    end = "document.body.textContent = 'answer:' + JSON.stringify(answer()) + ':end';"
    file.write_text(f"<!DOCTYPE html><body><script>\n{program}\n{end}\n</script>", encoding="utf-8")
    options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'profile'}"]
    done = subprocess.run(
        [BROWSER, *options, "--dump-dom", file.as_uri()], capture_output=True, timeout=600, check=True
    )
    found = re.search(r"<body>answer:(.*):end", html.unescape(done.stdout.decode("utf-8")), re.DOTALL)
    assert found
    return json.loads(found[1])
