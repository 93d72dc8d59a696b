"""Study files with the tables of every question, each checked by the settings that its request declares."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from os import PathLike
from pathlib import Path

from eaesim.errors import EaesimError, EaesimWarning, ProtocolError, unknown_name
from eaesim.files import Content, Table, within
from eaesim.model.pharmacy import drugs_from
from eaesim.protocol import StudyFile
from eaesim.protocol.settings import Settings
from eaesim.protocol.studyfile import OWN_TABLES, is_trial, read_tables
from eaesim.study import Study, read_plain_study
from eaesim.workbench.figure.drawings import names_drawing
from eaesim.workbench.question import Question, Subject, formerly, questions
from eaesim.workbench.request import WorkRequest

#: What a question of data is asked of, in its own file.
OF = "of"


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

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from eaesim.protocol import Arm
    >>> from eaesim.study import study_text
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "study.toml")
    ...     _ = path.write_text(study_text(Study("da", until=20, arms=[Arm("vehicle")]), animals=8))
    ...     study, file = read_study(path)
    >>> study.rat.name, file.animals
    ('da', 8)
    """
    try:
        study, file = read_plain_study(path)
    except EaesimError:
        if (own := own_question(path)) is not None:
            raise ProtocolError(f"{path}: a file with [{own.name}] is for eaesim {own.verb}.") from None
        if names_drawing(path):
            raise ProtocolError(f"{path}: a file with [drawing] is for eaesim figures.") from None
        raise
    known = {name: one for name, one in questions().items() if one.request.input in ("study", "table")}
    with within(str(path)), drugs_from(Path(path).parent):
        for name, table in file.questions.items():
            if name not in known:
                raise unknown_name(name, "table of a study", (*OWN_TABLES, *known))
            known[name].request.from_table(table)
    return study, file


def request_of(question: Question, file: StudyFile) -> Settings:
    """Return the settings of a question in a study file; where its table is silent, those of the study.

    Raises
    ------
    EaesimError
        If a value cannot be read.
    """
    request = question.request
    given = {"animals": file.animals, "seed": file.seed}
    study = request.given_by(given) if issubclass(request, WorkRequest) else {}
    return request.from_table(file.questions.get(question.name, {}), **study)


def asked(question: Question, path: Path | None) -> tuple[Subject, Settings, Sequence[str]]:
    """Read the input of a question, and its settings in a file.

    Parameters
    ----------
    question
        The question.
    path
        Path of a study file; of a file with the question's own table, which may be missing; or of data.

    Returns
    -------
    tuple
        A study, None, or the path of the data; the request; and names of a study file's other tables.

    Raises
    ------
    EaesimError
        If the file cannot be read or used.
    """
    kind, request = question.request.input, question.request
    if kind == "data":
        # Another file than TOML is data, such as a sheet of scores.
        if path is None or path.suffix != ".toml" or not path.is_file() or own_question(path) != question:
            return path, request(), ()
        return own_subject(path), own_request(question, path), ()
    if path is None:
        return None, request(), ()
    if kind == "nothing":
        return None, own_request(question, path), ()
    study, file = read_study(path)
    if kind == "table" and question.name not in file.questions:
        new = f"eaesim new NAME --for {question.name}"
        raise ProtocolError(f"{path} has no [{question.name}] table; {new} writes one to start from.")
    with within(str(path)), drugs_from(path.parent):
        others = [name for name in file.questions if name != question.name]
        return study, request_of(question, file), others


def own_request(question: Question, path: str | PathLike[str]) -> Settings:
    """Read a file with the table of one question that takes no study.

    Raises
    ------
    EaesimError
        If the file cannot be read, holds another table, or a value cannot be used.
    """
    request, tables = question.request, _named_today(read_tables(path))
    with within(str(path)), drugs_from(Path(path).parent):
        if question.name not in tables:
            about, verb = (" about patients", "trial") if is_trial(tables) else ("", "run")
            raise ProtocolError(
                f"there is no [{question.name}] table; a file with [study]{about} is for eaesim {verb}."
            )
        own = tables[question.name]
        if request.input == "data" and isinstance(own, dict):
            tables[question.name] = {name: value for name, value in own.items() if name != OF}
        made = request.from_file(tables)
    beside = {
        name: Path(path).parent / value for name, value in vars(made).items() if isinstance(value, Path)
    }
    return made.with_values(**beside)


def own_question(path: str | PathLike[str]) -> Question | None:
    """Return the question whose own file this is; None for a study file.

    It takes no study, or what it is asked of stands in its table as `OF`.

    Raises
    ------
    FileError
        If the file cannot be read.
    """
    tables = _named_today(read_tables(path))
    found = (one for name, one in questions().items() if name in tables)
    inputs = {"nothing": True, "data": _of(tables) is not None}
    return next((one for one in found if inputs.get(one.request.input)), None)


def own_subject(path: str | PathLike[str]) -> Content:
    """Return what a question is asked of in its own file, `OF`; None if it takes nothing."""
    return _of(read_tables(path))


def _of(tables: Table) -> Content:
    """Return `OF` of the only table of a file; None without it."""
    only = next(iter(tables.values())) if len(tables) == 1 else None
    return only.get(OF) if isinstance(only, dict) else None


def _named_today(tables: Table) -> dict[str, Content]:
    """Return tables by the current names of questions, with a warning for each former name."""
    found = dict[str, Content]()
    for name, table in tables.items():
        renamed = formerly(name)
        if renamed is not None:
            warnings.warn(f"[{name}] is now called [{renamed.name}].", EaesimWarning, stacklevel=2)
        found[name if renamed is None else renamed.name] = table
    return found


def asked_in(file: StudyFile) -> list[Question]:
    """Return the questions that have a table in a study file."""
    return [question for name, question in questions().items() if name in file.questions]
