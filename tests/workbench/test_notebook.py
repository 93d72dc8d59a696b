"""What a notebook and a log see of a long run, and Parquet."""

from __future__ import annotations

import html
import sys
import types
import warnings
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import eaesim
from eaesim.errors import EaesimWarning
from eaesim.protocol import Arm, Bolus
from eaesim.study import Study
from eaesim.workbench.progress import LINES, in_notebook, progress


@pytest.fixture(scope="module")
def schedules() -> Any:
    study = Study("lewis", until=20, arms=[Arm("vehicle <1>"), Arm("early", Bolus("1 g/kg").at(day=0))])
    with pytest.warns(EaesimWarning):
        return eaesim.schedule(study, animals=4, parameter_sets=2)


def test_an_answer_shows_its_sentence_its_figure_and_a_table(schedules: Any) -> None:
    page = schedules._repr_html_()
    assert page.index(html.escape(schedules.sentence())) < page.index("<svg") < page.index("<table")
    assert "vehicle <1>" not in page


def test_a_figure_shows_itself_with_its_letters_as_text(schedules: Any) -> None:
    # A notebook looks for this method; Matplotlib has its own only where pyplot was imported.
    drawing = eaesim.plot(schedules)._repr_svg_()  # type: ignore[attr-defined]
    assert drawing.count("<svg") == 1
    assert drawing.index("<title>") < drawing.index("<text")
    assert drawing == eaesim.plot(schedules)._repr_svg_()  # type: ignore[attr-defined]


def test_a_study_and_a_rat_show_themselves_with_names_escaped() -> None:
    study = Study("lewis", until=20, arms=[Arm("vehicle <1>")])
    assert "vehicle &lt;1&gt;" in study._repr_html_()
    assert eaesim.load("lewis")._repr_html_().startswith("<pre>")


def test_parquet_holds_the_tables(schedules: Any, tmp_path: Path) -> None:
    (path,) = schedules.to_parquet(tmp_path / "made")
    pd.testing.assert_frame_equal(pd.read_parquet(path), schedules.tables()["schedule"], check_dtype=False)


def test_lines_come_first_last_and_seldom(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    monkeypatch.setattr("eaesim.workbench.progress.time.monotonic", lambda: now)
    with progress("rats", way=LINES) as tell:
        assert tell is not None
        for step in range(1, 31):
            now = float(step)
            tell(step, 30)
    said = capsys.readouterr().err.splitlines()
    assert said[0].startswith("rats: 1 of 30, 3 %")
    assert said[-1].startswith("rats: 30 of 30, 100 %")
    assert [line.split()[1] for line in said] == ["1", "11", "21", "30"]


def test_a_notebook_is_known_by_its_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not in_notebook()
    shell = type("ZMQInteractiveShell", (), {})()
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: shell))  # type: ignore[arg-type]
    assert in_notebook()


def test_a_notebook_without_widgets_shows_no_bar_and_no_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eaesim.workbench.progress.in_notebook", lambda: True)
    monkeypatch.setattr("eaesim.workbench.progress.find_spec", lambda name: None)
    with progress("rats") as tell:
        assert tell is None
    monkeypatch.setattr("eaesim.workbench.progress.find_spec", lambda name: name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Rich looks for the real widgets
        with progress("rats") as tell:
            assert tell is not None
