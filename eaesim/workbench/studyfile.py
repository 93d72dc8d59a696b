"""Study files with the tables of every question, each checked by the settings that its request declares."""

from __future__ import annotations

from os import PathLike
from typing import Any

from eaesim.errors import unknown_name
from eaesim.protocol import StudyFile
from eaesim.protocol.questions import QUESTIONS
from eaesim.protocol.studyfile import OWN_TABLES
from eaesim.protocol.tables import within
from eaesim.study import Study
from eaesim.study import read_study as read_plain_study
from eaesim.workbench.question import Question, questions


def read_study(path: str | PathLike[str]) -> tuple[Study, StudyFile]:
    """Read a study file.

    Parameters
    ----------
    path
        A TOML file.

    Returns
    -------
    tuple
        The study, and the file: its `animals` and `seed`, and the tables of questions.

    Raises
    ------
    EaesimError
        If the file cannot be read, does not make a study, or a table of a question cannot be used.
    """
    study, file = read_plain_study(path)
    known = questions()
    with within(str(path)):
        for name, table in file.questions.items():
            if name in known:
                known[name].request.from_table(table)
            elif name not in QUESTIONS:
                raise unknown_name(name, "table of a study", (*OWN_TABLES, *QUESTIONS, *known))
    return study, file


def request_of(question: Question, file: StudyFile) -> Any:
    """Return what a study file asks with a question; where its table is silent, what it says of the study.

    Raises
    ------
    EaesimError
        If a value cannot be read.
    """
    request: Any = question.request
    study = request.given_by({"animals": file.animals, "seed": file.seed})
    return request.from_table(file.questions.get(question.name, {}), **study)


def asked_in(file: StudyFile) -> list[Question]:
    """Return the questions that a study file has a table of."""
    return [question for name, question in questions().items() if name in file.questions]
