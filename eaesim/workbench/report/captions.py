"""The caption of a figure, and its alternative text."""

from __future__ import annotations

from eaesim.workbench.question import questions
from eaesim.workbench.report.folder import RunFolder
from eaesim.workbench.report.pictures import Picture


def caption(run: RunFolder, picture: Picture) -> str:
    """Return the text below a figure."""
    text = _own(picture.stem) or f"{_words(picture.stem)}, as drawn by eaesim {run.verb}."
    return f"{text}{_numbers(run, picture)}"


def _own(stem: str) -> str:
    return next((one.captions[stem] for one in questions().values() if stem in one.captions), "")


def alternative(run: RunFolder, picture: Picture) -> str:
    """Return the alternative text of a figure: its own description, or what kind of figure it is."""
    return picture.description or _own(picture.stem) or f"Figure {picture.stem} of eaesim {run.verb}."


def _numbers(run: RunFolder, picture: Picture) -> str:
    table = f"{picture.stem}.csv"
    return f" Numbers: {table}." if any(file.name == table for file in run.files) else ""


def _words(stem: str) -> str:
    words = stem.rpartition("/")[2].replace("_", " ").replace("-", " ")
    return words[:1].upper() + words[1:]
