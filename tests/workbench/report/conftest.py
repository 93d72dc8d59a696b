"""Run folders to report on: small ones made by hand, and one that the package made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from eaesim.study import Store

TABLE = "arm,day,mean\nvehicle,0,1.23456789\n"
DRAWING = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 4"><path id="a" d="M0 0L8 4" stroke="red"/></svg>'
)


@pytest.fixture
def make_run(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes the folder of a run from its files by name."""

    def make(files: Mapping[str, str | bytes], *, sentence: str = "", **settings: Any) -> Path:
        def fill(folder: Path) -> None:
            for name, content in files.items():
                content = content.encode() if isinstance(content, str) else content
                (folder / name).write_bytes(content)

        folder = tmp_path / "made"
        Store(folder, {"verb": "unheard", "seed": 1, **settings}, force=True).write(fill, sentence=sentence)
        return folder

    return make


@pytest.fixture(scope="session")
def timing_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a small timing result, with its report."""
    from eaesim.cli.main import main

    folder = tmp_path_factory.mktemp("runs") / "timing"
    for arguments in (
        [
            "timing",
            "--days=-4:4:4",
            "--animals",
            "12",
            "--parameter-sets",
            "2",
            "--quiet",
            "--out",
            str(folder),
        ],
        ["report", str(folder)],
    ):
        with pytest.raises(SystemExit) as caught:
            main(arguments)
        assert not caught.value.code
    return folder
