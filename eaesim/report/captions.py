"""What stands below a figure, and what is read out instead of it."""

from __future__ import annotations

from eaesim.report.folder import RunFolder
from eaesim.report.pictures import Picture
from eaesim.workbench.question import questions

_CAPTIONS = {
    "fit": "Predicted beside published readings, and what the data say of the parameters.",
    "structure": "How much less likely the published rows are without each part of the model.",
    "mechanisms": "Each mechanism beside every published finding.",
    "rows": "Every row of the evidence: how many parameter sets are on its side, and its verdict.",
    "discriminate": "What each experiment is expected to tell about the mechanism.",
    "scores": "The laboratory's daily scores by arm, and the days of onset.",
    "courses": "The control animals of a laboratory over the rat that was estimated from them.",
}
_BANDS = " Dark bands: between rats; pale ones: members of the ensemble as well."


def caption(run: RunFolder, picture: Picture) -> str:
    """Return the text below a figure."""
    bands = _BANDS if picture.stem in ("summary", "schedule", "mistiming") else ""
    text = _own(picture.stem) or _CAPTIONS.get(
        picture.stem, f"{_words(picture.stem)}, as drawn by eaesim {run.verb}."
    )
    return f"{text}{bands}{_numbers(run, picture)}"


def _own(stem: str) -> str:
    return next((one.caption for one in questions().values() if one.picture == stem), "")


def alternative(run: RunFolder, picture: Picture) -> str:
    """Return what is read out where a figure is not seen."""
    text = _own(picture.stem) or _CAPTIONS.get(picture.stem, f"Figure {picture.stem} of eaesim {run.verb}.")
    result = f" Result: {run.sentence}" if run.sentence and picture.stem == run.verb else ""
    return f"{text}{result}{_numbers(run, picture)}"


def _numbers(run: RunFolder, picture: Picture) -> str:
    table = f"{picture.stem}.csv"
    return f" Numbers: {table}." if any(file.name == table for file in run.files) else ""


def _words(stem: str) -> str:
    words = stem.rpartition("/")[2].replace("_", " ").replace("-", " ")
    return words[:1].upper() + words[1:]
