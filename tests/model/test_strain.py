"""Strains of the user: from a table and from a file, what they change, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eaesim.errors import EaesimError
from eaesim.model import Rat, load
from eaesim.protocol import Arm, Bolus
from eaesim.study import Study, study_text
from eaesim.study import load as load_any
from eaesim.study.ensemble import ensemble_of
from eaesim.study.membership import chosen_members
from eaesim.workbench.studyfile import read_study

ENTRY = {"value": "0.9 1/day", "source": "assumed"}
TEXT = """
title = "Wistar"
base = "lewis"
source = "assumed"
[parameters.expansion_rate]
value = "0.9 1/day"
source = "assumed"
"""
ARMS = [Arm("vehicle"), Arm("early", Bolus("1 g/kg").at(day=0))]


def wistar(**changes: Any) -> Rat:
    table = {"title": "Wistar", "base": "lewis", "source": "assumed", "parameters": {"expansion_rate": ENTRY}}
    return Rat.from_table("wistar", **(table | changes))


def test_a_strain_without_differences_is_its_base() -> None:
    assert dict(wistar(parameters={}).entries) == dict(load("lewis").entries)


def test_a_strain_runs_as_its_base_with_the_same_values_does(tmp_path: Path) -> None:
    (tmp_path / "wistar.toml").write_text(TEXT, encoding="utf-8")
    rats = [wistar(), load_any(str(tmp_path / "wistar.toml")), load("lewis").replace(expansion_rate=0.9)]
    scores = [
        Study(rat, until=20, arms=ARMS).run(animals=6, members=1).simulation.score for rat in (*rats, "lewis")
    ]
    for own in scores[1:3]:
        np.testing.assert_array_equal(scores[0], own)
    assert (scores[0] != scores[3]).any()
    assert [rat.entries["expansion_rate"].source for rat in rats] == ["assumed", "assumed", "set by the user"]


def test_its_own_values_hold_in_every_parameter_set_of_its_base() -> None:
    sets = chosen_members(wistar(), 8)
    values = np.array([one.parameters("H1a") for one in sets])
    own = load("lewis").parameters("none")._fields.index("expansion_rate")
    assert (values[:, own] == 0.9).all()
    base = np.array([one.parameters("H1a") for one in chosen_members(load("lewis"), 8)])
    np.testing.assert_array_equal(np.delete(values, own, axis=1), np.delete(base, own, axis=1))
    ensemble = ensemble_of(wistar())
    assert ensemble is not None
    assert "expansion_rate" not in ensemble.names


def test_its_study_file_gives_the_same_animals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("wistar.toml").write_text(TEXT, encoding="utf-8")
    for rat in (wistar(), load_any("wistar.toml")):
        study = Study(rat.replace(spreading_rate=0), until=20, arms=ARMS)
        Path("study.toml").write_text(study_text(study), encoding="utf-8")
        again = read_study("study.toml")[0].rat
        assert again.parameters("H1a") == study.rat.parameters("H1a")
    assert 'rat = "wistar.toml"' in Path("study.toml").read_text(encoding="utf-8")


def test_findings_on_other_strains_are_not_compared_unless_asked() -> None:
    assert wistar().strain == "wistar"
    assert wistar(strain="lewis").strain == "lewis"


def test_bounds_of_its_own_make_room_for_a_value() -> None:
    slow = {"value": "0.3 1/day", "low": "0.2 1/day", "high": "0.5 1/day", "source": "assumed"}
    entry = wistar(parameters={"expansion_rate": slow}).entries["expansion_rate"]
    assert (entry.low, entry.value, entry.high) == (0.2, 0.3, 0.5)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"base": "lewiss"}, 'did you mean "lewis"'),
        ({"titel": "x"}, 'did you mean "title"'),
        ({"parameters": {"expansion_rat": ENTRY}}, 'did you mean "expansion_rate"'),
        ({"parameters": {"expansion_rate": {"value": 0.9}}}, "has a value and no source"),
        ({"parameters": {"expansion_rate": {"source": "assumed"}}}, "value"),
        ({"parameters": {"expansion_rate": ENTRY | {"value": "0.9 mg"}}}, "mg"),
        ({"parameters": {"expansion_rate": ENTRY | {"value": "9 1/day"}}}, "give low and high of its own"),
        ({"parameters": {"expansion_rate": ENTRY | {"valeu": 1}}}, 'did you mean "value"'),
        ({"parameters": {"expansion_rate": 0.9}}, "is not a table"),
        (
            {"parameters": {"expansion_rate": ENTRY | {"key": ["Nobody1900"], "support": "derived"}}},
            "Nobody1900",
        ),
    ],
)
def test_what_is_wrong_is_said_in_one_line(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(EaesimError, match=said) as caught:
        wistar(**changes)
    assert "\n" not in str(caught.value)


def test_a_strain_needs_a_name_a_title_and_a_base_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(EaesimError, match="lewis is a rat of the package"):
        Rat.from_table("lewis", title="x", base="da", source="assumed")
    with pytest.raises(EaesimError, match="no name of a strain"):
        Rat.from_table("own strain", title="x", base="da", source="assumed")
    with pytest.raises(EaesimError, match="title"):
        Rat.from_table("own", base="da", source="assumed")
    (tmp_path / "broken.toml").write_text('title = "x"\nbase = "da"\n', encoding="utf-8")
    with pytest.raises(EaesimError, match=r"broken\.toml.*source"):
        load_any(str(tmp_path / "broken.toml"))
    with pytest.raises(EaesimError, match=r"nowhere\.toml"):
        load_any("nowhere.toml")
