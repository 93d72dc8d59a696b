"""Every experiment has a study file that can be read, a page, and a figure."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from eaesim.workbench.figure.drawings import drawing_of
from eaesim.workbench.figure.page import DOUBLE, HIGHEST, LONGEST_ALT, SINGLE, SMALLEST
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


@pytest.mark.parametrize("folder", EXPERIMENTS, ids=lambda folder: folder.name)
def test_a_figure_is_a_page_that_can_be_read_aloud(folder: Path) -> None:
    text = (ROOT / "figures" / f"{folder.name}.svg").read_text("utf-8")
    drawing = ElementTree.fromstring(text)
    width, height = (
        float(drawing.attrib[side].removesuffix("pt")) * 25.4 / 72 for side in ("width", "height")
    )
    assert min(abs(width - SINGLE), abs(width - DOUBLE)) < 0.01
    assert height <= HIGHEST
    assert (
        min(
            float(size)
            for size in re.findall(r"font-size: ([\d.]+)px|font: ([\d.]+)px", text)
            for size in size
            if size
        )
        >= SMALLEST
    )
    title, description = (drawing[place].text or "" for place in (0, 1))
    assert len(title.replace(" %", "%").split()) <= 13
    assert 40 < len(description) <= LONGEST_ALT
    (alternative,) = re.findall(r"!\[([^]]*)\]", (folder / "README.md").read_text("utf-8"))
    assert 40 < len(alternative) <= LONGEST_ALT + 40
