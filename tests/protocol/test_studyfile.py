from __future__ import annotations

import tomllib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eaesim.errors import EaesimError, FileError, ProtocolError, QuantityError, UnknownNameError
from eaesim.protocol import Arm, Bolus, Immunisation, Relapse, StudyFile, Transfer, read_study_file
from eaesim.protocol.design import Design
from eaesim.protocol.dose import parse_dose
from eaesim.protocol.studyfile import new_study_text, study_file_text

STUDY = '[study]\nrat = "lewis"\nuntil = 40\n'
VEHICLE = '[[arm]]\nname = "vehicle"\n'
DESIGN = Design(40, [Immunisation()], [Arm("vehicle"), Arm("a"), Arm("a.b")])


def read(folder: Path, text: str | bytes) -> StudyFile:
    path = folder / "study.toml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_study_file(path)


@given(data=st.data())
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_python_to_file_to_python(data: st.DataObject, generated: SimpleNamespace, tmp_path: Path) -> None:
    study_file = data.draw(generated.study_files)
    text = study_file_text(study_file)
    assert read(tmp_path, text) == study_file
    assert study_file_text(read(tmp_path, text)) == text


def test_the_new_file_is_the_one_of_the_contract(tmp_path: Path) -> None:
    slow = parse_dose("1 g/kg over 4 h").at(day=0)
    onset = parse_dose("1 g/kg").at(onset="score >= 1")
    maintenance = parse_dose("0.4 g/kg every 7 day x 4").at(onset="score >= 1", after=2)
    arms = [Arm("vehicle"), Arm("at immunisation", slow), Arm("at onset", onset)]
    arms += [Arm("loading and maintenance", Bolus("1 g/kg").at(day=0), maintenance)]
    expected = StudyFile("lewis", Design(40, [Immunisation()], arms), animals=320, seed=7)
    assert read(tmp_path, new_study_text("first")) == expected
    assert new_study_text("first").startswith("# first")


@pytest.mark.parametrize("name", ["", "a\nb"])
def test_a_new_file_needs_a_name_of_one_line(name: str) -> None:
    with pytest.raises(ProtocolError):
        new_study_text(name)


def test_what_is_not_written_takes_its_default(tmp_path: Path) -> None:
    read_back = read(tmp_path, STUDY + VEHICLE)
    assert read_back == StudyFile(
        "lewis", Design(40, [Immunisation()], [Arm("vehicle")]), animals=320, seed=1
    )
    assert read_back.questions == {}


def test_no_induction_is_said_by_an_empty_list(tmp_path: Path) -> None:
    assert read(tmp_path, "induction = []\n" + STUDY + VEHICLE).design.inductions == ()


def test_every_key_of_an_arm(tmp_path: Path) -> None:
    text = """
[[arm]]
name = "x"
mechanism = "H2"
dose = "2 mg/kg every 12 h x 3"
relapse = "score rise >= 1"
after = 3
drug = "late_acting"
route = "sc"
[[arm.induction]]
kind = "transfer"
cells = "1e5 cell"
[[arm.induction]]
kind = "relapse"
day = "20 day"
adjuvant = "incomplete"
amount = 0.5
"""
    dose = Bolus("2 mg/kg", drug="late_acting", route="sc", every=0.5, doses=3)
    inductions = [Transfer(cells=1e5), Relapse(20, adjuvant="incomplete", amount=0.5)]
    arm = Arm("x", dose.at(relapse="score rise >= 1", after=3), mechanism="H2", inductions=inductions)
    assert read(tmp_path, STUDY + text).design.arms == (arm,)


def test_a_byte_order_mark_and_windows_line_ends_are_text(tmp_path: Path) -> None:
    assert read(tmp_path, b"\xef\xbb\xbf" + (STUDY + VEHICLE).replace("\n", "\r\n").encode()).rat == "lewis"


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        # the file
        (b"", FileError, "empty"),
        (b" \n\n", FileError, "empty"),
        (b"\xff\xfe\x00\x01PNG", FileError, "not a text file"),
        (b"\x00\x01", FileError, "broken TOML"),
        ("[study]\nrat = \n", FileError, "line 2"),
        ("[study\n", FileError, "line 1"),
        ("x = " + "[" * 100_000, FileError, "broken TOML"),
        ("x = " + "9" * 5000, FileError, "broken TOML"),
        # tables
        ("# nothing\n", ProtocolError, '"study"'),
        (STUDY, ProtocolError, '"arm"'),
        (VEHICLE, ProtocolError, '"study"'),
        ("study = 3\n" + VEHICLE, ProtocolError, "table"),
        (STUDY + '[arm]\nname = "vehicle"\n', ProtocolError, "two brackets"),
        (STUDY + "[induction]\n" + VEHICLE, ProtocolError, "two brackets"),
        ("arm = []\n" + STUDY, ProtocolError, "at least one arm"),
        ("arm = [3]\n" + STUDY, ProtocolError, "two brackets"),
        # [study]
        ("[study]\nuntil = 40\n" + VEHICLE, ProtocolError, '"rat"'),
        ('[study]\nrat = "lewis"\n' + VEHICLE, ProtocolError, '"until"'),
        (STUDY + "untill = 40\n" + VEHICLE, UnknownNameError, 'did you mean "until"'),
        (STUDY + 'animals = "many"\n' + VEHICLE, QuantityError, "animals"),
        (STUDY + "animals = 0\n" + VEHICLE, QuantityError, "animals"),
        (STUDY + "animals = -5\n" + VEHICLE, QuantityError, "animals"),
        (STUDY + "animals = 2.5\n" + VEHICLE, QuantityError, "animals"),
        (STUDY + "animals = true\n" + VEHICLE, QuantityError, "animals"),
        (STUDY + "seed = -1\n" + VEHICLE, QuantityError, "seed"),
        (STUDY + "seed = " + "9" * 30 + "\n" + VEHICLE, FileError, "seed"),
        (STUDY + 'control = "vehicel"\n' + VEHICLE, UnknownNameError, 'did you mean "vehicle"'),
        (STUDY + 'control = "two\\nlines"\n' + VEHICLE, UnknownNameError, "vehicle"),
        (STUDY + 'mechanism = "H1"\n' + VEHICLE, UnknownNameError, "H1a"),
        (STUDY + "mechanism = 3\n" + VEHICLE, UnknownNameError, "H1a"),
        (STUDY.replace("40", "-40") + VEHICLE, QuantityError, "until"),
        (STUDY.replace("40", "nan") + VEHICLE, QuantityError, "until"),
        (STUDY.replace("40", "1" * 400) + VEHICLE, FileError, "until"),
        (STUDY.replace("40", '"forty"') + VEHICLE, QuantityError, "until"),
        (STUDY.replace('"lewis"', "3") + VEHICLE, ProtocolError, "rat"),
        (STUDY.replace('"lewis"', '""') + VEHICLE, ProtocolError, "rat"),
        # [[induction]]
        (STUDY + "[[induction]]\nday = 0\n" + VEHICLE, ProtocolError, '"kind"'),
        (STUDY + '[[induction]]\nkind = "relaps"\n' + VEHICLE, UnknownNameError, 'did you mean "relapse"'),
        (STUDY + '[[induction]]\nkind = ["relapse"]\n' + VEHICLE, UnknownNameError, "transfer"),
        (STUDY + '[[induction]]\nkind = "relapse"\n' + VEHICLE, ProtocolError, '"day"'),
        (STUDY + '[[induction]]\nkind = "immunisation"\ncells = 3\n' + VEHICLE, UnknownNameError, "adjuvant"),
        (
            STUDY + '[[induction]]\nkind = "transfer"\nadjuvant = "none"\n' + VEHICLE,
            UnknownNameError,
            "cells",
        ),
        (
            STUDY + '[[induction]]\nkind = "immunisation"\nadjuvant = 1\n' + VEHICLE,
            UnknownNameError,
            "complete",
        ),
        (STUDY + '[[induction]]\nkind = "immunisation"\nday = 5\n' + VEHICLE, ProtocolError, "day 0"),
        # [[arm]]
        (STUDY + "[[arm]]\n", ProtocolError, '"name"'),
        (STUDY + "[[arm]]\nname = 3\n", ProtocolError, "name of an arm"),
        (STUDY + VEHICLE + VEHICLE, ProtocolError, "vehicle"),
        (STUDY + VEHICLE + "dosse = 1\n", UnknownNameError, 'did you mean "dose"'),
        (STUDY + VEHICLE + 'dose = "1 g/kg"\n', ProtocolError, "given: none"),
        (STUDY + VEHICLE + "day = 0\n", ProtocolError, 'no "dose"'),
        (
            STUDY + VEHICLE + 'dose = "1 g/kg"\nday = 0\nonset = "score >= 1"\n',
            ProtocolError,
            "day and onset",
        ),
        (STUDY + VEHICLE + 'dose = "1 g/kg"\nday = 0\nafter = 2\n', ProtocolError, "after"),
        (STUDY + VEHICLE + 'dose = "1 g/kg"\nday = 41\n', ProtocolError, "until day 40"),
        (STUDY + VEHICLE + 'dose = "1 g/kg"\nday = true\n', QuantityError, "day"),
        (STUDY + VEHICLE + 'dose = "1 g/kg"\nday = 2020-01-01\n', QuantityError, "day"),
        (STUDY + VEHICLE + 'dose = "300 mg"\nday = 0\n', QuantityError, "mg/kg"),
        (STUDY + VEHICLE + 'dose = "-1 g/kg"\nday = 0\n', QuantityError, "negative"),
        (STUDY + VEHICLE + 'dose = "inf g/kg"\nday = 0\n', QuantityError, "finite"),
        (STUDY + VEHICLE + "dose = 1\nday = 0\n", QuantityError, "1 g/kg"),
        (
            STUDY + VEHICLE + 'dose = "1 g/kg"\nday = 0\ndrug = "ivg"\n',
            UnknownNameError,
            'did you mean "ivig"',
        ),
        (STUDY + VEHICLE + 'dose = "1 g/kg"\nday = 0\nroute = "im"\n', UnknownNameError, "ip"),
        (STUDY + VEHICLE + 'dose = "1 g/kg over 4 h"\nday = 0\nroute = "ip"\n', ProtocolError, "bolus"),
        (
            STUDY + VEHICLE + 'doses = [{ dose = "1 g/kg", dat = 0 }]\n',
            UnknownNameError,
            'did you mean "day"',
        ),
        (STUDY + VEHICLE + "dose = [{ day = 0 }]\n", ProtocolError, "doses"),
        (STUDY + VEHICLE + '[[arm.dose]]\ndose = "1 g/kg"\nday = 0\n', ProtocolError, "doses"),
        (STUDY + VEHICLE + "doses = [{ day = 0 }]\n", ProtocolError, '"dose"'),
        (STUDY + VEHICLE + 'doses = ["1 g/kg"]\n', ProtocolError, "table"),
        (STUDY + VEHICLE + 'doses = "1 g/kg"\n', ProtocolError, "list"),
        (STUDY + VEHICLE + 'doses = [{ dose = "1 g/kg", day = 0 }]\nday = 0\n', ProtocolError, "conflicts"),
        (STUDY + VEHICLE + '[[arm.induction]]\nkind = "x"\n', UnknownNameError, "transfer"),
        (STUDY + VEHICLE + "[arm.induction]\n", ProtocolError, "two brackets"),
    ],
)
def test_bad_files(text: str | bytes, error: type[EaesimError], words: str, tmp_path: Path) -> None:
    with pytest.raises(EaesimError) as caught:
        read(tmp_path, text)
    message = str(caught.value)
    assert type(caught.value) is error
    assert message.startswith(f"{tmp_path / 'study.toml'}: ")
    assert words in message
    assert len(message.splitlines()) == 1


def test_a_folder_instead_of_a_file(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="folder"):
        read_study_file(tmp_path)


def test_a_missing_file_names_a_close_one(tmp_path: Path) -> None:
    (tmp_path / "study.toml").touch()
    with pytest.raises(FileError, match=r"did you mean study\.toml"):
        read_study_file(tmp_path / "stdy.toml")
    with pytest.raises(FileError, match="no such file"):
        read_study_file(tmp_path / "no folder" / "x.toml")


@pytest.mark.parametrize("arguments", [{"animals": 0}, {"seed": 1.5}, {"rat": "a\nb"}])
def test_python_is_checked_like_the_file(arguments: dict[str, Any]) -> None:
    with pytest.raises(EaesimError):
        StudyFile(**({"rat": "lewis", "design": DESIGN} | arguments))


def test_the_text_is_plain_toml_that_a_person_would_write() -> None:
    doses = Bolus("1 g/kg").at(day=0) + Bolus("0.4 g/kg", every=7, doses=4).at(onset="score >= 1", after=2)
    text = study_file_text(StudyFile("da", Design(40, [], [Arm("x", doses)])))
    assert tomllib.loads(text)["arm"] == [
        {
            "name": "x",
            "doses": [
                {"dose": "1 g/kg", "day": 0},
                {"dose": "0.4 g/kg every 7 day x 4", "onset": "score >= 1", "after": 2},
            ],
        }
    ]
    assert '    {dose = "1 g/kg", day = 0},\n' in text


def test_the_room_imports_nothing_heavy() -> None:
    import subprocess
    import sys

    code = "import sys, eaesim.protocol; print(sorted({'pint','tomlkit','numpy','scipy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.strip() == "[]"
