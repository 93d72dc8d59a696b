from __future__ import annotations

import inspect
import re
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest

from eaesim import errors
from eaesim.errors import EaesimError, UnknownNameError, pip_command, unknown_name


def test_every_error_has_one_root() -> None:
    classes = [one for _, one in inspect.getmembers(errors, inspect.isclass) if issubclass(one, Exception)]
    kinds = [one for one in classes if not issubclass(one, Warning)]
    assert len(kinds) >= 6
    assert all(issubclass(one, EaesimError) for one in kinds)


def test_the_error_is_returned_not_raised() -> None:
    assert isinstance(unknown_name("x", "arm", []), UnknownNameError)


@pytest.mark.parametrize(
    ("noun", "article", "listed"),
    [
        ("arm", "an", "Arms"),
        ("rat", "a", "Rats"),
        ("endpoint", "an", "Endpoints"),
        ("study", "a", "Studies"),
        ("day", "a", "Days"),
        ("dose key", "a", "Dose keys"),
        ("[study] key", "a", "[study] keys"),
        ("IgG", "a", "IgGs"),
        ("kind of induction", "a", "Kinds of induction"),
        ("rule for the dead", "a", "Rules for the dead"),
        ("table of a study", "a", "Tables of a study"),
        ("key of da.toml", "a", "Keys of da.toml"),
    ],
)
def test_the_noun_is_put_into_words(noun: str, article: str, listed: str) -> None:
    expected = f'"x" is not {article} {noun}. {listed}: vehicle, priming.'
    # The article follows the first letter, so "IgG" is the one exception to the ear.
    assert str(unknown_name("x", noun, ["vehicle", "priming"])).replace("not an IgG", "not a IgG") == expected


@pytest.mark.parametrize(
    ("given", "closest"),
    [("prming", "priming"), ("PRIMING", "priming"), ("at onse", "at onset"), ("vehicel", "vehicle")],
)
def test_the_closest_name_is_offered(given: str, closest: str) -> None:
    text = str(unknown_name(given, "arm", ["vehicle", "priming", "at onset"]))
    assert text == f'"{given}" is not an arm; did you mean "{closest}"? Arms: vehicle, priming, at onset.'


def test_the_closest_name_keeps_its_own_case() -> None:
    assert 'did you mean "H1a"' in str(unknown_name("h1a", "mechanism", ["H1a", "H2"]))


def test_of_names_that_differ_in_case_only_the_first_is_offered() -> None:
    assert 'did you mean "Vehicle"' in str(unknown_name("vehicl", "arm", ["Vehicle", "vehicle"]))


@pytest.mark.parametrize(
    ("noun", "plural"),
    [
        ("rat or patient", "Rats or patients"),
        ("key of da.toml", "Keys of da.toml"),
        ("induction that doses are timed by", "Inductions that doses are timed by"),
        ("process or parameter to act on", "Processes or parameters to act on"),
        ("finding on treated rats", "Findings on treated rats"),
        ("rat with published data", "Rats with published data"),
        ("kinetics", "Kinetics"),
        ("story", "Stories"),
    ],
)
def test_the_allowed_names_are_listed_under_the_plural(noun: str, plural: str) -> None:
    assert str(unknown_name("zzzzzz", noun, ["vehicle"])).endswith(f". {plural}: vehicle.")


@pytest.mark.parametrize("given", ["zzzzzz", "", 3.5, None])
def test_nothing_is_offered_when_nothing_is_close(given: object) -> None:
    text = str(unknown_name(given, "arm", ["vehicle"]))
    assert text == f'"{given}" is not an arm. Arms: vehicle.'


def test_nothing_allowed_is_said() -> None:
    assert str(unknown_name("x", "arm", [])) == '"x" is not an arm. Arms: none.'


@pytest.mark.parametrize("given", ["a\nb", "a\r\nb", "a\n\n"])
def test_a_message_is_one_line_whatever_was_given(given: str) -> None:
    assert len(str(unknown_name(given, "arm", ["vehicle"])).splitlines()) == 1


ROOT = Path(__file__).parents[1]
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]


def test_what_a_message_says_of_installing_is_written_once_and_names_a_part_that_exists() -> None:
    named = set()
    for path in (ROOT / "eaesim").rglob("*.py"):
        text = path.read_text("utf-8")
        assert path.name == "errors.py" or "install 'eaesim[" not in text.replace('"', "'"), path
        named |= set(re.findall(r'missing_library\(.*extra="(\w+)"', text))
    assert named == {"exchange", "laboratory", "cluster", "fit"}
    assert named <= set(EXTRAS)


@pytest.mark.skipif(find_spec("pip") is None, reason="this environment has no pip")
def test_the_command_of_a_message_works_without_an_index(tmp_path: Path) -> None:
    requirement = re.findall(r'pip install "([^"]+)"', pip_command("exchange"))[0]
    quietly = ("--dry-run", "--no-index", "--disable-pip-version-check", requirement)
    run = subprocess.run(
        [sys.executable, "-m", "pip", "install", *quietly],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
