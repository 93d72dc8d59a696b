"""Every experiment has a study file that can be read, a page, and a figure."""

from pathlib import Path

import pytest

from eaesim.workbench.figure.drawings import drawing_of
from eaesim.workbench.studyfile import own_question, own_request, read_study

ROOT = Path(__file__).parents[1]
EXPERIMENTS = sorted((ROOT / "experiments").iterdir())


def test_there_are_experiments() -> None:
    assert len(EXPERIMENTS) >= 7


@pytest.mark.parametrize("folder", EXPERIMENTS, ids=lambda folder: folder.name)
def test_an_experiment_is_whole(folder: Path) -> None:
    file = folder / "study.toml"
    own = own_question(file)
    asked = (own and own_request(own, file)) or drawing_of(file)
    assert asked is not None or read_study(file)[0].design.arms
    page = (folder / "README.md").read_text("utf-8")
    assert "## What it asks" in page
    assert "## What it shows" in page
    for kind in ("png", "svg"):
        assert (ROOT / "figures" / f"{folder.name}.{kind}").is_file()
    if "relapse" in folder.name or folder.name == "00_timing":
        assert "prediction" in page
