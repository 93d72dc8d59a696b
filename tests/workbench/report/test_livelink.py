"""The link from a timing's report to the live page."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from click.testing import CliRunner

from eaesim.cli.main import group
from eaesim.workbench.report import page, read_folder
from eaesim.workbench.report.livelink import LIVE_PAGE, live_link

Make = Callable[..., Path]
SETTINGS: dict[str, Any] = {
    "rat": None,
    "induction": "immunisation",
    "dose": ["0.4 g/kg over 4 h every 1 day x 5"],
    "drug": "ivig",
    "days": [-7.0, -1.0, 3.0],
    "mechanism": ["H1b"],
    "parameters": {},
    "animals": 4,
    "members": [{"rat": "lewis", "members": 2, "ensemble": ""}],
}


def test_the_command_writes_a_page_that_knows_what_the_run_asked(make_run: Make) -> None:
    folder = make_run({}, **SETTINGS | {"verb": "timing"})
    link = live_link(read_folder(folder))
    assert link is not None
    assert link.address == ""
    # A command that names an option that the verb does not have would not be parsed.
    words = shlex.split(link.command)[1:]
    target = folder / LIVE_PAGE
    done = CliRunner().invoke(group, [*words, "--quiet", "--out", str(target)])
    assert done.exit_code == 0, done.output
    link = live_link(read_folder(folder))
    assert link is not None
    name, _, asked = link.address.partition("#")
    assert name == LIVE_PAGE
    found = {key: values[0] for key, values in parse_qs(asked).items()}
    assert found == {
        "subject": "lewis",
        "panel": "immunisation",
        "day": "-1",
        "dose": "400",
        "times": "5",
        "every": "1",
        "over": "4",
    }
    text = target.read_text("utf-8")
    assert all(f'"{name}"' in text for name in ("lewis", "ivig-H1b", "immunisation"))
    assert 'href="eaesim-live.html#subject=lewis' in page(read_folder(folder))


def test_the_page_of_a_patient_opens_with_what_the_run_asked(make_run: Make) -> None:
    own = {"verb": "timing --attack", "subject": "patient", "days": [-3.0, 2.0], "seed": 4, "drug": "ivig"}
    own |= {"dose": ["0.4 g/kg"], "mechanism": ["H1b"], "patients": 20, "parameter_sets": 2}
    folder = make_run({}, **own)
    link = live_link(read_folder(folder))
    assert link is not None
    target = folder / LIVE_PAGE
    words = shlex.split(link.command)[1:]
    done = CliRunner().invoke(group, [*words, "--quiet", "--out", str(target)])
    assert done.exit_code == 0, done.output
    link = live_link(read_folder(folder))
    assert link is not None
    found = parse_qs(link.address.partition("#")[2])
    assert (found["subject"], found["panel"], found["day"]) == (["patient"], ["attack"], ["2"])
    text = target.read_text("utf-8")
    assert '"animals":40' in text
    assert '"ivig-H1b"' in text


@pytest.mark.parametrize("changed", [{"verb": "power"}, {"parameters": {"spreading_rate": 0.0}}])
def test_there_is_none_where_the_page_could_not_show_the_run(make_run: Make, changed: dict[str, Any]) -> None:
    assert live_link(read_folder(make_run({}, **SETTINGS | {"verb": "timing"} | changed))) is None
