"""What a user types, and the folder that it is typed in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from eaesim.cli.main import main


def call(*arguments: str) -> int:
    """Run the command and return its exit status."""
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    return int(caught.value.code or 0)


def folder_with(texts: Mapping[str, str] | None = None, **environment: str) -> Any:
    """Return a fixture that makes every test of a file begin in a folder of its own with these files."""

    @pytest.fixture(autouse=True)
    def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, few_dots: None) -> Path:
        monkeypatch.chdir(tmp_path)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        for name, text in (texts or {}).items():
            Path(name).write_text(text, encoding="utf-8")
        return tmp_path

    return folder


def study_file(*, until: int, rat: str = "lewis", treated: str = "early", **settings: int) -> str:
    """Return the text of a study of rats without treatment, and of rats that are given IVIG on day 0."""
    more = "".join(f"{name} = {value}\n" for name, value in settings.items())
    return f"""
[study]
rat = "{rat}"
until = {until}
{more}
[[arm]]
name = "vehicle"

[[arm]]
name = "{treated}"
dose = "1 g/kg"
day = 0
"""
