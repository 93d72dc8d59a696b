"""What the README says is what happens."""

import re
import tomllib
from pathlib import Path

import pytest

import eaesim as ea
from eaesim.protocol.studyfile import new_study_text
from eaesim.questions.sweep.answer import answer, plan
from eaesim.questions.sweep.request import SweepRequest
from eaesim.solver import Effort
from eaesim.workbench.template import new_text

ROOT = Path(__file__).parents[1]
README, STUDY_PAGE = ((ROOT / name).read_text("utf-8") for name in ("README.md", "docs/start/study_file.md"))


def blocks(language: str, text: str = README) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)


@pytest.mark.slow
def test_the_python_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    scope: dict[str, object] = {}
    exec(compile(blocks("python")[0], "README.md", "exec"), scope)
    result, timing = scope["result"], scope["timing"]
    assert (result.number, result.arms[-1]) == (200, "at onset")
    at = timing.rows(timing.panels[0]).set_index("day")["effect"]
    assert at[0] > 0.5
    assert at[7] < 0.15


def test_the_study_file_example_can_be_read(tmp_path: Path) -> None:
    from eaesim import read_study

    (tmp_path / "study.toml").write_text(blocks("toml", STUDY_PAGE)[0], encoding="utf-8")
    study, _ = read_study(tmp_path / "study.toml")
    assert study.design.arms[1].regimen.total() == {"ivig": 2000.0}


def effects(text: str, tmp_path: Path, *, animals: int = 60) -> dict[str, float]:
    """Return the effect of every treated arm of a study file on the peak score, of the typical rat."""
    (tmp_path / "shown.toml").write_text(text, encoding="utf-8")
    study, _ = ea.read_study(tmp_path / "shown.toml")
    result = study.run(animals=animals, members=1, courses=False)
    control = result.design.control
    return {arm: result.effect(arm, control, "peak_score").value for arm in result.arms if arm != control}


@pytest.mark.parametrize("source", ["the page on study files", "eaesim new"])
def test_examples_of_study_files_show_an_effect_and_that_it_is_lost(source: str, tmp_path: Path) -> None:
    text = blocks("toml", STUDY_PAGE)[0] if source == "the page on study files" else new_study_text("first")
    found = effects(text, tmp_path)
    assert found["at immunisation"] > 0.3
    assert found["at onset"] < 0.1


@pytest.mark.slow
@pytest.mark.parametrize("source", ["the page on study files", "eaesim new"])
def test_examples_of_sweeps_show_an_effect_that_changes(source: str, tmp_path: Path) -> None:
    text = (
        blocks("toml", STUDY_PAGE)[0] + blocks("toml", STUDY_PAGE)[1]
        if source == "the page on study files"
        else new_text("first", "sweep")
    )
    (tmp_path / "swept.toml").write_text(text, encoding="utf-8")
    study, file = ea.read_study(tmp_path / "swept.toml")
    request = SweepRequest.from_table(file.questions["sweep"] | {"animals": 8})
    found = answer(plan(study, request), Effort(workers=1))
    rows = found.table(endpoint="peak_score", arm="at immunisation")
    for path in found.paths:
        assert rows.groupby(path)["effect"].mean().agg(lambda means: means.max() - means.min()) > 0.2


def test_continuous_integration_runs_the_readme_test_command() -> None:
    (command,) = [
        line for line in "\n".join(blocks("sh")).splitlines() if "pytest" in line and ".[test]" in line
    ]
    assert command in (ROOT / ".ci" / "run").read_text("utf-8")


def test_every_verb_stands_in_the_readme() -> None:
    from eaesim.cli.main import VERBS

    assert all(f"`eaesim {verb}" in README for verb in VERBS)


def test_every_figure_it_shows_is_there() -> None:
    shown = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README)
    assert shown
    assert all((ROOT / path).is_file() for path in shown)


def test_what_is_built_carries_the_pictures_beside_the_readme() -> None:
    targets = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]["targets"]
    shown = dict(re.findall(r"!\[([^]]*)\]\(([^)]+)\)", README)).items()
    carried = targets["wheel"]["shared-data"]
    folder = carried["README.md"].removesuffix("README.md")
    assert len(shown) == README.count("![") == len(carried) - 1
    for words, picture in shown:
        assert (ROOT / picture).is_file()
        assert carried[picture] == f"{folder}{picture}"
        assert picture.partition("/")[0] in targets["sdist"]["include"]
        assert len(words) > 80  # shown in its place where there is no picture
