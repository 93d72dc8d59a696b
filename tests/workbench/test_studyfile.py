"""Study files with tables of questions."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from eaesim.errors import EaesimError, ProtocolError, UnknownNameError
from eaesim.study import Study
from eaesim.workbench.question import questions
from eaesim.workbench.studyfile import asked_in, own_request, read_study
from eaesim.workbench.template import usage

STUDY = '[study]\nrat = "lewis"\nuntil = 20\n\n[[arm]]\nname = "vehicle"\n'


def write(folder: Path, more: str) -> Path:
    path = folder / "study.toml"
    path.write_text(more.partition("|")[0] + STUDY + more.partition("|")[2], encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("more", "kind", "message"),
    [
        ("|[swep]\n", UnknownNameError, 'did you mean "sweep"'),
        ("|[powr]\nsizes = [5]\n", UnknownNameError, 'did you mean "power"'),
        ('rat = "lewis"\n|', UnknownNameError, '"rat" is not a table of a study'),
        ("power = 3\n|", ProtocolError, "[power] is not a table"),
        ("|[timing]\n", UnknownNameError, '"timing" is not a table of a study'),
        ("|[[power]]\nsizes = [5]\n", ProtocolError, "[power] is not a table"),
        ("|[power]\nsize = [5]\n", UnknownNameError, 'did you mean "sizes"'),
        ("|[power]\nsizes = [1]\n", EaesimError, "[power] sizes 1 is not a whole number from 2 to 1000"),
        ("|[schedule]\nlevle = 3\n", UnknownNameError, 'did you mean "level"'),
    ],
)
def test_a_bad_table_is_named_with_its_file(tmp_path: Path, more: str, kind: type, message: str) -> None:
    path = write(tmp_path, more)
    with pytest.raises(kind) as caught:
        read_study(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("study", "message"),
    [
        ('subject = "patient"', "a file with [study] about patients is for eaesim trial."),
        ('rat = "da"', "a file with [study] is for eaesim run."),
    ],
)
def test_a_file_for_another_verb_is_sent_there(tmp_path: Path, study: str, message: str) -> None:
    path = tmp_path / "one.toml"
    path.write_text(f"[study]\n{study}\nuntil = 40\n", encoding="utf-8")
    with pytest.raises(ProtocolError) as caught:
        own_request(questions()["timing"], path)
    assert str(caught.value) == f"{path}: there is no [timing] table; {message}"


def test_the_questions_of_a_file_are_found(tmp_path: Path) -> None:
    study, file = read_study(write(tmp_path, "|[power]\nsizes = [5]\n"))
    assert isinstance(study, Study)
    assert [question.name for question in asked_in(file)] == ["power"]
    assert asked_in(read_study(write(tmp_path, "|"))[1]) == []


@pytest.mark.parametrize("asked", [None, "run", "power", "optimise", "trial"])
def test_a_printed_command_is_one_that_a_shell_takes(asked: str | None) -> None:
    path = Path("my folder", "it's mine.toml")
    assert str(path) in shlex.split(usage(path, asked))
