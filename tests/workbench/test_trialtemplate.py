"""The template and the schema of trial files against the parser."""

from __future__ import annotations

import copy

import jsonschema
import pytest

from eaesim.errors import EaesimError
from eaesim.files import parse_toml
from eaesim.protocol.trialfile import FOLDER, trial_names, trial_of
from eaesim.workbench.trialtemplate import new_trial_text, trial_schema

TEMPLATE = parse_toml(new_trial_text("own"))


def test_the_template_is_a_trial_with_and_without_its_comments():
    text = new_trial_text("own")
    assert trial_of(parse_toml(text), name="own").title == "own"
    rows = text[text.index("# [[trial.published]]") :]
    shown = text.replace(rows, rows.replace("\n# ", "\n").removeprefix("# "))
    assert trial_of(parse_toml(shown), name="own").published[0].value == 0.41
    attacks = (
        shown.replace("# size", "size").replace("# microbial", "microbial").replace("# lasting", "lasting")
    )
    assert trial_of(parse_toml(attacks), name="own").attacks.lasting == 365


@pytest.mark.parametrize("name", trial_names())
def test_the_schema_takes_every_shipped_trial(name):
    jsonschema.validate(parse_toml((FOLDER / f"{name}.toml").read_text("utf-8")), trial_schema())


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("study", "untill"), 40), (("study", "until"), None), (("study", "run_in"), 2),
        (("attacks", "rate"), -1), (("attacks", "rate"), "calibrated"), (("attacks", "microbial"), 1.5),
        (("arm", 0, "patients"), 0), (("arm", 0, "patients"), None), (("arm", 0, "patient"), 3),
        (("arm", 1, "doses"), "1 g/kg"), (("arm",), []), (("trial", "entry", "relapse"), 2),
        (("trial", "placebo", "endpoint"), "relapse_rat"), (("trial", "placebo", "value"), None),
        (("trial", "published"), [{"endpoint": "relapse_rate"}]), (("trial", "sequence"), "IVIG"),
    ],
)  # fmt: skip
def test_schema_and_parser_refuse_what_is_malformed(path, value):
    content = copy.deepcopy(dict(TEMPLATE))
    place = content
    for key in path[:-1]:
        place = place[key]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(content, trial_schema())
    with pytest.raises(EaesimError):
        trial_of(content, name="own")


@pytest.mark.parametrize("name", ["", "two\nlines", 'a "quoted" one'])
def test_a_name_that_is_none_is_refused(name):
    with pytest.raises(EaesimError, match="one line of text"):
        new_trial_text(name)
