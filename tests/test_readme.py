"""What the README says is what happens."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


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

    (tmp_path / "study.toml").write_text(blocks("toml")[0], encoding="utf-8")
    study, _ = read_study(tmp_path / "study.toml")
    assert study.design.arms[1].regimen.total() == {"ivig": 2000.0}


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
