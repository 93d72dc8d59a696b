"""The schema of study files against the parser: both take every experiment, and refuse what is malformed."""

from __future__ import annotations

import copy
import json
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from eaesim.cli.main import main
from eaesim.errors import EaesimError
from eaesim.protocol.studyfile import new_study_text
from eaesim.workbench.question import questions
from eaesim.workbench.schema import study_schema
from eaesim.workbench.studyfile import read_study
from eaesim.workbench.template import new_text

EXPERIMENTS = sorted((Path(__file__).parents[2] / "experiments").glob("*/study.toml"))
STUDY = tomllib.loads(new_study_text("first"))
# Where a value of the study is replaced, and by what; None removes it.
MALFORMED: list[tuple[tuple[str | int, ...], Any]] = [
    (("study",), None), (("study",), []), (("study", "rat"), None), (("study", "rat"), 3),
    (("study", "rat"), ""), (("study", "until"), None), (("study", "until"), 0), (("study", "until"), True),
    (("study", "until"), [40]), (("study", "untill"), 40), (("study", "animals"), 0),
    (("study", "animals"), 2_000_000), (("study", "animals"), "many"), (("study", "animals"), 1.5),
    (("study", "seed"), -1), (("study", "seed"), "one"), (("study", "mechanism"), 1),
    (("study", "control"), ["vehicle"]), (("study", "endpoints"), "peak_score"),
    (("study", "endpoints"), [1]), (("parameters",), 3), (("parameters",), {"spreading_rate": True}),
    (("parameters",), {"spreading_rate": [0]}), (("induction",), {"kind": "immunisation"}),
    (("induction", 0, "kind"), "imunisation"), (("induction", 0, "kind"), None),
    (("induction", 0, "day"), [0]), (("induction", 0, "adjuvant"), "none at all"),
    (("induction", 0, "cells"), 1), (("induction", 0, "amount"), -1), (("induction", 0), {"kind": "relapse"}),
    (("arm",), None), (("arm",), []), (("arm",), {"name": "vehicle"}), (("arm", 1, "name"), None),
    (("arm", 1, "name"), 5), (("arm", 1, "dose"), 1), (("arm", 1, "dose"), ""), (("arm", 1, "day"), [0]),
    (("arm", 1, "dosee"), "1 g/kg"), (("arm", 2, "onset"), 1), (("arm", 3, "doses"), {"dose": "1 g/kg"}),
    (("arm", 3, "doses", 0, "dose"), None), (("arm", 3, "doses", 0, "route"), 2),
    (("arm", 3, "doses", 0, "when"), 2), (("arm", 3, "induction"), "immunisation"),
    (("arm", 3, "parameters"), ["a"]), (("tming",), {}), (("power",), 3), (("power",), {"sizes": "5"}),
    (("schedule",), {"level": "3"}),
]  # fmt: skip


@pytest.fixture(scope="module")
def schema() -> Any:
    found = jsonschema.Draft202012Validator(study_schema())
    found.check_schema(found.schema)
    return found


@pytest.mark.parametrize("file", EXPERIMENTS, ids=lambda file: file.parent.name)
def test_every_experiment_is_valid(schema: Any, file: Path) -> None:
    schema.validate(tomllib.loads(file.read_text("utf-8")))


@pytest.mark.parametrize(("place", "value"), MALFORMED, ids=str)
def test_what_is_malformed_is_refused_by_both(
    schema: Any, place: tuple[Any, ...], value: Any, tmp_path: Path
) -> None:
    import tomlkit

    study = copy.deepcopy(STUDY)
    schema.validate(study)
    table = study
    for key in place[:-1]:
        table = table[key]
    if value is None:
        del table[place[-1]]
    else:
        table[place[-1]] = value
    with pytest.raises(jsonschema.ValidationError):
        schema.validate(study)
    file = tmp_path / "study.toml"
    file.write_text(tomlkit.dumps(study), encoding="utf-8")
    with pytest.raises(EaesimError):
        read_study(file)


@pytest.mark.parametrize("name", [name for name, one in questions().items() if one.request.input != "data"])
def test_a_file_to_start_from_is_valid_and_explains_every_key(schema: Any, name: str) -> None:
    text = new_text("first", name)
    schema.validate(tomllib.loads(text))
    request = questions()[name].request
    for key, setting in request.settings().items():
        if setting.is_in_file:
            assert f"\n{key} = " in text or f"\n# {key} = " in text
    bare = "\n".join(
        line[2:] if line.startswith("# ") and " = " in line else line for line in text.splitlines()
    )
    given = tomllib.loads(bare[bare.index(f"[{name}]") :])[name]
    assert set(given) >= {key for key, setting in request.settings().items() if setting.is_in_file}
    request.from_table(given)


def test_new_writes_the_schema_beside_the_file(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit, match="0"):
        main(["new", "first", "--for", "power"])
    assert Path("first.toml").read_text("utf-8").startswith("#:schema eaesim.schema.json\n# first")
    assert json.loads(Path("eaesim.schema.json").read_text("utf-8")) == study_schema()
    with pytest.raises(SystemExit, match="0"):
        main(["check", "first.toml"])
    with pytest.raises(SystemExit, match="2"):
        main(["new", "second", "--for", "powr"])
    assert 'did you mean "power"' in capsys.readouterr().err
    assert not Path("second.toml").exists()
