"""Bad input that is dear to read is refused in one line and leaves nothing; benchmarks measure its cost."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

BENCHMARK = runpy.run_path(str(Path(__file__).parents[2] / "benchmarks/refusals.py"))
QUICK, HEAVY, run = (BENCHMARK[name] for name in ("QUICK", "HEAVY", "run"))


def check(names: list[str], place: Path) -> None:
    folders = {name: place / str(number) for number, name in enumerate(names)}
    for folder in folders.values():
        folder.mkdir()
    found = run(folders)
    for name, folder in folders.items():
        assert name in found, f"{name}: the process was stopped"
        _, status, out, err = found[name]
        assert status == 2, (err or out)[-300:]
        assert out == ""
        assert err.startswith("eaesim: ")
        assert err.count("\n") == 1
        assert err.strip().isprintable()
        assert len(err) < 2_000
        assert len(list(folder.iterdir())) <= 1


def test_refusals_are_one_line_and_leave_nothing(tmp_path: Path) -> None:
    check([*QUICK], tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", HEAVY)
def test_a_refusal_of_a_large_file_is_one_line_and_leaves_nothing(name: str, tmp_path: Path) -> None:
    check([name], tmp_path)
