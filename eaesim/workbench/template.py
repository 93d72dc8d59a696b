"""Files to start from: a study, and the table of a question with every key explained."""

from __future__ import annotations

from pathlib import Path

from eaesim.errors import ProtocolError
from eaesim.protocol.studyfile import new_study_text
from eaesim.workbench.question import question

# What [study] says for every question.
_OF_THE_STUDY = ("animals", "seed")


def new_text(name: str, asked: str | None = None) -> str:
    """Return a commented study file, or with a question its table as well.

    Parameters
    ----------
    name
        Of the study.
    asked
        A question; one that is asked of no study has a file of its own.

    Raises
    ------
    UnknownNameError
        If there is no such question.
    ProtocolError
        If the name is not one line of text, or the question has no table.

    Examples
    --------
    >>> "# Power that is wanted." in new_text("first", "power")
    True
    """
    if asked is None:
        return new_study_text(name)
    request = question(asked).request
    if request.input == "data":
        raise ProtocolError(f"{asked} is asked of data and has no table; eaesim new scores writes such data.")
    if request.input in ("study", "table"):
        return f"{new_study_text(name)}\n{request.commented(_OF_THE_STUDY)}"
    return f"# {name}: what is asked\n\n{request.commented()}"


def usage(path: Path, asked: str | None) -> str:
    """Return the command that a file to start from is for.

    Examples
    --------
    >>> usage(Path("first.toml"), "optimise")
    'eaesim schedule first.toml --optimise'
    """
    return question(asked).asked_of(path) if asked else f"eaesim run {path}"
