"""Files to start from: a study, and the table of a question with every key explained."""

from __future__ import annotations

from pathlib import Path

from eaesim.errors import ProtocolError
from eaesim.protocol.studyfile import new_study_text
from eaesim.workbench.question import command, question

# What [study] says for every question.
_OF_THE_STUDY = ("animals", "seed")


def new_text(name: str, asked: str | None = None) -> str:
    """Return a commented study file, or with a question its table as well.

    Parameters
    ----------
    name
        Name of the study.
    asked
        A question; one that takes no study has its own file.

    Raises
    ------
    UnknownNameError
        If there is no such question.
    ProtocolError
        If the name is not one line of text, or the question has no table.

    Examples
    --------
    >>> "# Target power." in new_text("first", "power")
    True
    """
    if asked is None:
        return new_study_text(name)
    request = question(asked).request
    if request.input == "data":
        raise ProtocolError(f"{asked} takes data and has no table; eaesim new scores writes such data.")
    if request.input in ("study", "table"):
        return f"{new_study_text(name)}\n{request.commented(_OF_THE_STUDY)}"
    return f"# {name}: settings\n\n{request.commented()}"


def usage(path: Path, asked: str | None) -> str:
    """Return the command that a file to start from is for.

    Examples
    --------
    >>> usage(Path("first.toml"), "optimise")
    'eaesim schedule first.toml --optimise'
    """
    return question(asked).asked_of(path) if asked else command("run", path)
