"""From a request to the files of a run, the same for every question."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from eaesim.errors import EaesimError
from eaesim.files import Content, Table
from eaesim.model.drug import OWN_DRUGS
from eaesim.solver import Effort, choose_engine
from eaesim.study import Store
from eaesim.study.rats import OWN_STRAINS
from eaesim.workbench.answer import Answer, Plan
from eaesim.workbench.figure.save import save
from eaesim.workbench.question import Question
from eaesim.workbench.request import RatRequest, WorkRequest

if TYPE_CHECKING:
    import pandas as pd

# A spreadsheet takes a text that begins like this for a formula, and runs it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
# Not a number with a sign, alone or before words that call nothing, such as "-1 day (median)".
_SIGNED = re.compile(r"[-+](\d+\.?\d*|\.\d+)(e[-+]?\d+)?(\s(?!.*\w\()[\w\s().,;:%<>/-]*)?", re.IGNORECASE)


Item = TypeVar("Item")


@dataclass(frozen=True)
class Run:
    """Output of a question.

    Attributes
    ----------
    answer
        Its answer.
    files
        Every file but the manifest.
    """

    answer: Answer
    files: list[Path]

    @property
    def figure(self) -> Path:
        """The figure that a terminal names."""
        return next(path for path in self.files if path.suffix == ".png")


def open_store(question: Question, plan: Plan, *, out: Path, force: bool) -> Store:
    """Return the folder of a run, after checking that it can be written.

    Raises
    ------
    FileError
        If it cannot, or holds another run.
    """
    settings = {"verb": question.verb, **plan.settings()}
    if drugs := own_drugs(settings):
        settings["drugs"] = drugs
    if strains := own_strains(settings):
        settings["strains"] = strains
    if issubclass(question.request, WorkRequest):
        asked = getattr(plan, "request", None)
        settings.setdefault("engine", choose_engine().name)
        settings.setdefault("accuracy", asked.solved if isinstance(asked, RatRequest) else "scores")
    store = Store(out, settings, force)
    store.check()
    return store


def own_drugs(settings: Table) -> dict[str, Content]:
    """Return a hash of the values of each drug of the user that settings name.

    Examples
    --------
    >>> own_drugs({"dose": "1 g/kg"})
    {}
    """
    # An arm may have the same name, so only what is said to be a drug counts.
    text = _text(settings)
    return {
        name: drug.fingerprint
        for name, drug in sorted(OWN_DRUGS.items())
        if re.search(rf"drug\W+{re.escape(name)}\b", text)
    }


def own_strains(settings: Table) -> dict[str, Content]:
    """Return a hash of the values of each strain of the user whose file settings name.

    Examples
    --------
    >>> own_strains({"rat": "lewis"})
    {}
    """
    text = _text(settings)
    # With its opening quote, so that a path is not found at the end of another.
    return {path: each for path, each in sorted(OWN_STRAINS.items()) if json.dumps(path)[:-1] in text}


def _text(settings: Table) -> str:
    return json.dumps(settings, default=str)


def run(question: Question, plan: Plan, effort: Effort, *, store: Store) -> Run:
    """Answer a question, and write its tables, texts and figures.

    Raises
    ------
    NothingComputedError
        If every animal failed.
    FileError
        If the folder cannot be written.
    """
    with resumable(store) if question.resumes else nullcontext():
        found = question.answer(plan, effort, store)
    write = partial(_write, question, found)
    if found.is_begun:
        with resumable(store):
            return Run(found, store.add(write))
    return Run(found, store.write(write, sentence=" ".join(found.sentence().split())))


@contextmanager
def resumable(store: Store) -> Iterator[None]:
    """Say on an interrupt that finished parts are kept; leave nothing of a run that is refused at once."""
    try:
        yield
    except EaesimError:
        store.leave()
        raise
    except KeyboardInterrupt as error:
        # What is kept until the files are written lies in a hidden folder, of no use to a reader.
        where = "" if store.kept.exists() else f" in {store.folder}"
        raise KeyboardInterrupt(
            f"interrupted; finished parts are kept{where}, and the same command resumes."
        ) from error


def _write(question: Question, answer: Answer, folder: Path) -> None:
    for stem, table in answer.tables().items():
        write_csv(table, folder / f"{stem}.csv")
    for name, text in answer.texts().items():
        (folder / name).write_text(text, encoding="utf-8")
    answer.write(folder)
    for stem, figure in {question.picture: answer.figure(), **answer.more_figures()}.items():
        save(figure, folder / stem)


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write a table with commas; an index with a name is written as columns.

    A text that a spreadsheet would run as a formula, such as an arm named ``=cmd``, gets an apostrophe before
    it; numbers, and texts that begin with one, stay as they are.

    Parameters
    ----------
    frame
        The table.
    path
        The file.

    Examples
    --------
    >>> import pandas as pd, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_csv(pd.DataFrame({"arm": ["=1+1", "-3"], "mean": [-0.5, 2]}), Path(folder, "a.csv"))
    ...     print(Path(folder, "a.csv").read_text(encoding="utf-8"), end="")
    arm,mean
    '=1+1,-0.5
    -3,2.0
    """
    named = [name for name in frame.index.names if name is not None]
    shown = frame.reset_index() if named else frame.copy(deep=False)
    for place, kind in enumerate(shown.dtypes):
        if kind.kind not in "fiubM":
            shown.isetitem(place, [_harmless(value) for value in shown.iloc[:, place]])
    shown.columns = [_harmless(name) for name in shown.columns]
    shown.to_csv(path, index=False, lineterminator="\n")


def _harmless(value: Item) -> Item | str:
    if not isinstance(value, str) or not value.startswith(_FORMULA) or _SIGNED.fullmatch(value):
        return value
    return f"'{value}"
