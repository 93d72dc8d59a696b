"""Until the next version `structure` is another name of the verb and of the table."""

from __future__ import annotations

import json
from pathlib import Path

from shell import call

from eaesim.study import Store
from eaesim.workbench.report.description import title
from eaesim.workbench.report.folder import read_folder
from eaesim.workbench.report.page import _own


def test_the_old_verb_and_table_are_taken_with_a_warning(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("old.toml").write_text("[structure]\nshipped = true\n", encoding="utf-8")
    assert call("structure", "old.toml", "--out", "here") == 0
    said = capsys.readouterr().err
    assert "eaesim structure is now called eaesim ablation" in said
    assert "[structure] is now called [ablation]" in said
    assert json.loads(Path("here/manifest.json").read_text("utf-8"))["settings"]["verb"] == "ablation"


def test_a_run_of_the_old_verb_has_its_title_and_caption(tmp_path):
    Store(tmp_path, {"verb": "structure"}).write(lambda to: (to / "structure.csv").write_text("part\n"))
    assert title(read_folder(tmp_path)) == "Ablation of model components"
    assert _own("structure").startswith("How much less likely")
