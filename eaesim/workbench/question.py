"""A question is a folder of `eaesim.questions`, found by name; its parts are imported when used."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import import_module
from inspect import cleandoc, signature
from os import PathLike
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any, TypeAlias

from eaesim.errors import unknown_name
from eaesim.files import Content, Table
from eaesim.protocol.settings import option_name
from eaesim.workbench.answer import Answer, Plan

if TYPE_CHECKING:
    from eaesim.protocol.settings import Settings
    from eaesim.solver import Effort
    from eaesim.study import Store, Study

_FOLDER = "eaesim.questions"
#: What a question is asked of: a study, the path of data, what its own file names, or nothing.
Subject: TypeAlias = "Study | Path | Content"


def command(*words: str | PathLike[str]) -> str:
    """Return a command as a shell takes it.

    Examples
    --------
    >>> command("run", "my study.toml")
    "eaesim run 'my study.toml'"
    """
    return shlex.join(["eaesim", *map(str, words)])


@dataclass(frozen=True)
class Question:
    """A question, found by its folder.

    Attributes
    ----------
    path
        Path of its folder: ``"schedule"``, or ``"schedule.optimise"`` for one that another verb asks.
    """

    path: str

    @property
    def name(self) -> str:
        """Its name, which is that of its folder and of its table in a study file."""
        return self.path.rpartition(".")[2]

    @property
    def verb(self) -> str:
        """Return the command: ``"schedule --optimise"``."""
        verb, _, nested = self.path.partition(".")
        return f"{verb} {self.flag}" if nested else verb

    @property
    def flag(self) -> str:
        """The option by which another verb asks it."""
        return option_name(self.request.asked_by or self.name)

    @property
    def chosen_by(self) -> str:
        """Name of the setting whose option asks it; its own name where that is a flag or names its data."""
        own = self.request.settings().items()
        return next((name for name, one in own if one.flag == self.flag), self.name)

    @cached_property
    def request(self) -> type[Settings]:
        """Its settings: the class of ``request.py`` with this name as its table."""
        from eaesim.protocol.settings import Settings

        module = self._part("request")
        return next(
            found
            for found in vars(module).values()
            if isinstance(found, type) and issubclass(found, Settings) and found.table == self.name
        )

    def asked_of(self, path: Path) -> str:
        """Return the command that asks it of a file."""
        verb, _, option = self.verb.partition(" ")
        if self.request.input == "data":
            return command(*self.verb.split(), path)
        return command(verb, path, *([] if self.request.input == "nothing" else option.split()))

    @property
    def title(self) -> str:
        """Title of its page."""
        return self.request.title

    @property
    def summary(self) -> str:
        """One line of ``eaesim --help``: the docstring of its folder."""
        return cleandoc(import_module(f"{_FOLDER}.{self.path}").__doc__ or "")

    @property
    def help(self) -> str:
        """Text of its own ``--help``: the docstring up to the sections of reference."""
        return cleandoc(self.request.__doc__ or "").split("\n\nExamples\n")[0]

    @property
    def picture(self) -> str:
        """Name of the files of its figure, without their endings."""
        return str(getattr(self._part("words"), "PICTURE", self.name))

    @property
    def folder(self) -> str:
        """Suffix of the name of its input in the name of its output folder."""
        return str(getattr(self._part("words"), "FOLDER", self.name))

    @property
    def caption(self) -> str:
        """Text below its figure."""
        text: str = self._part("words").CAPTION
        return text

    @property
    def captions(self) -> dict[str, str]:
        """Text below each of its figures, by the names of their files."""
        more: dict[str, str] = getattr(self._part("words"), "MORE_CAPTIONS", {})
        return {self.picture: self.caption, **dict.fromkeys(self.request.former_names, self.caption), **more}

    @property
    def nested(self) -> list[Question]:
        """Questions that its verb asks too, each by an option."""
        return [one for one in questions().values() if one.path.startswith(f"{self.path}.")]

    @property
    def methods(self) -> str:
        """How its animals were simulated and compared, for a supplement."""
        text: str = self._part("words").METHODS
        return text

    def animals(self, settings: Table) -> str:
        """Return which animals were simulated, from a manifest's settings; empty: the same in every arm."""
        own = getattr(self._part("words"), "animals", None)
        return str(own(settings)) if own else ""

    def sentence(self, folder: Path) -> str:
        """Return the result of a run whose manifest states none, from its folder; empty if it cannot."""
        own = getattr(self._part("words"), "sentence", None)
        return str(own(folder)) if own else ""

    def terms(self, settings: Table) -> list[tuple[str, str]]:
        """Return what was done, from a manifest's settings, as terms with their values."""
        own = getattr(self._part("words"), "terms", None)
        return list(own(settings)) if own else []

    @property
    def steps(self) -> str:
        """What its progress counts."""
        return str(getattr(self._part("words"), "STEPS", "rats"))

    @property
    def resumes(self) -> bool:
        """Whether its runs keep finished parts, so that an interrupted one resumes."""
        return "store" in signature(self._part("answer").answer).parameters

    def plan(self, subject: Subject, request: Settings) -> Plan:
        """Return what is to be done; raises where it cannot be.

        Parameters
        ----------
        subject
            Its input: a study; the path of a data file; None where the settings say all.
        request
            The settings.
        """
        made: Plan = self._part("answer").plan(subject, request)
        return made

    def answer(self, plan: Plan, effort: Effort, store: Store | None = None) -> Answer:
        """Compute the answer; a long run keeps finished parts in `store`, and resumes there."""
        found: Answer = self._part("answer").answer(plan, effort, *((store,) if self.resumes else ()))
        return found

    def _part(self, name: str) -> Any:
        return import_module(f"{_FOLDER}.{self.path}.{name}")


@cache
def questions() -> dict[str, Question]:
    """Return every question by name.

    Examples
    --------
    >>> questions()["power"].summary
    'Number of animals in each arm that would show the effect.'
    >>> questions()["optimise"].verb
    'schedule --optimise'
    """
    found = [Question(path) for path in _folders(_FOLDER)]
    return {one.name: one for one in found}


def _folders(package: str) -> list[str]:
    """Return the folders in a package and in those, as paths below that of all questions."""
    names = [found.name for found in iter_modules(import_module(package).__path__) if found.ispkg]
    inner = {name: _folders(f"{package}.{name}") for name in names}
    return [path for name in names for path in (name, *(f"{name}.{each}" for each in inner[name]))]


def asked_by(verb: str) -> Question | None:
    """Return the question that a verb asks, as manifests state it; None for other verbs."""
    return next((one for one in questions().values() if one.verb == verb), None) or formerly(verb)


def formerly(name: str) -> Question | None:
    """Return the question that had another name, of its verb and its table, until this version.

    Examples
    --------
    >>> formerly("structure").name
    'ablation'
    """
    every = questions()
    return next((one for one in every.values() if name in one.request.former_names), None)


def question(name: str) -> Question:
    """Return a question.

    Raises
    ------
    UnknownNameError
        If there is none of that name.
    """
    every = questions()
    if name not in every:
        raise unknown_name(name, "question", every)
    return every[name]
