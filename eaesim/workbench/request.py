"""Settings of every question about a study, and functions whose keywords are the settings."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import wraps
from inspect import Parameter, Signature, cleandoc, signature
from typing import Any, ParamSpec, Protocol, TypeVar, overload

from eaesim.endpoints import dead_rule
from eaesim.errors import EaesimWarning, ProtocolError, unknown_name
from eaesim.files import Content
from eaesim.protocol.kinds import Count, MaybeCount, MaybeText, Text, choice, count, optional, text
from eaesim.protocol.quantity import shown
from eaesim.protocol.settings import Kind, Setting, Settings
from eaesim.solver import ACCURACIES, ENGINES, Effort, Progress
from eaesim.solver.effort import MOST_WORKERS, chosen_accuracy
from eaesim.study.ensemble import MOST_MEMBERS
from eaesim.workbench.answer import Answer as Base
from eaesim.workbench.madestudy import MadeRat
from eaesim.workbench.progress import BAR, NONE, in_notebook, progress

Asked = ParamSpec("Asked")
Request = TypeVar("Request")
Input = TypeVar("Input")
Answer = TypeVar("Answer")
Given = TypeVar("Given", contravariant=True)
Found = TypeVar("Found", covariant=True)


class Asking(Protocol[Given, Asked, Found]):
    """A function of an input, which the settings may make instead, and of settings."""

    @overload
    def __call__(self, given: Given, /, *args: Asked.args, **settings: Asked.kwargs) -> Found: ...

    @overload
    def __call__(self, *args: Asked.args, **settings: Asked.kwargs) -> Found: ...


PATIENT_SETS: MaybeCount = Setting(
    optional(count(1, 1000)),
    None,
    "Parameter sets of the patient; default: all. 1: the typical patient only.",
)
#: Patients of each parameter set where none are asked: of one set, and of several.
ONE_SET, EACH_SET = 2000, 400
# Where the parameters end in a docstring.
_NEXT_SECTION = re.compile(r"(?=\n\n(?:Returns|Raises|Examples)\n-|\Z)")
# Settings that say which rats.
_RATS = ("seed", "parameter_sets", "animals", "dead")


def _progress() -> Kind[Progress | None, Progress | None]:
    return Kind(read=lambda value, _: value, metavar="", schema={})


@dataclass(frozen=True, kw_only=True)
class WorkRequest(Settings):
    """Base of requests that simulate: seed, workers and progress.

    Examples
    --------
    >>> WorkRequest(workers=2).effort.workers
    2
    """

    seed: Count = Setting(
        count(0, 2**63 - 1), 1, "Random seed of the rats; default: that of the study file, or 1."
    )
    workers: MaybeCount = Setting(
        optional(count(1, MOST_WORKERS)),
        None,
        "Threads or processes; default: as many as there are cores.",
        is_in_file=False,
    )
    progress: Setting[Progress | None, Progress | None] = Setting(
        _progress(), None, "Called with the steps done and their total.", is_in_file=False, option=""
    )

    @property
    def effort(self) -> Effort:
        """How it is computed."""
        return Effort(workers=self.workers, progress=self.progress)

    def own(self) -> dict[str, Content]:
        """Return what differs from the defaults, without the rats, which manifests state apart."""
        return {name: value for name, value in self.changed().items() if name not in _RATS}

    @classmethod
    def given_by(cls, study: Mapping[str, int]) -> dict[str, int]:
        """Return what the ``[study]`` table says about these settings."""
        return {name: value for name, value in study.items() if name in cls.settings()}


@dataclass(frozen=True, kw_only=True)
class RatRequest(WorkRequest):
    """Base of requests about rats: parameter sets and the engine too.

    Examples
    --------
    >>> RatRequest(seed=2).effort.engine
    'auto'
    """

    parameter_sets: MaybeCount = Setting(
        optional(count(1, MOST_MEMBERS)),
        None,
        "Parameter sets of the rat's ensemble; default: 64, or 1 without one. 1: the typical rat only.",
        formerly=("members", "member_count"),
    )
    engine: Text = Setting(
        choice("engine", ("auto", *ENGINES)),
        "auto",
        "Solver: lanes or reference.",
        is_in_file=False,
        option="",
    )
    accuracy: Text = Setting(
        choice("accuracy", ("auto", *ACCURACIES)),
        "auto",
        "What is solved exactly: courses of states, or scores only, several times as fast; default: courses "
        "where states are recorded.",
        is_in_file=False,
    )

    @property
    def solved(self) -> str:
        """What is solved exactly: one of `eaesim.solver.ACCURACIES`."""
        return chosen_accuracy(self.accuracy, has_states=bool(getattr(self, "record", ())))

    @property
    def effort(self) -> Effort:
        """How it is computed."""
        return Effort(self.engine, self.accuracy, self.workers, progress=self.progress)


@dataclass(frozen=True, kw_only=True)
class StudyRequest(RatRequest):
    """Base of requests about a study: adds the score of the dead.

    Examples
    --------
    >>> StudyRequest(dead="last").dead
    'carry'
    """

    dead: Text = Setting(
        text(dead_rule, metavar="RULE"),
        "score",
        "Score of the dead: score (that of death from that day on), carry (their last score), or exclude.",
    )


@dataclass(frozen=True, kw_only=True)
class ClusterRequest(StudyRequest):
    """Base of requests whose work may be done on a cluster.

    Examples
    --------
    >>> ClusterRequest(cluster="local").effort.cluster
    'local'
    """

    cluster: MaybeText = Setting(
        optional(text(metavar="ADDRESS")),
        None,
        'Address of a Dask scheduler whose workers are used; "local" starts one.',
        is_in_file=False,
    )

    @property
    def effort(self) -> Effort:
        """How it is computed, and where."""
        return replace(super().effort, cluster=self.cluster)


def asks(
    request: Callable[Asked, Request],
    *,
    of: type | None = None,
    others: Callable[[Any], Callable[..., Any] | None] = lambda _: None,
) -> Callable[[Callable[[Input, Request], Answer]], Asking[Input, Asked, Answer]]:
    """Make a function of an input and a request one of the input and every setting of the request.

    Type checkers see each setting; `help` shows them with their defaults, and what each is.

    Parameters
    ----------
    request
        The class of the request.
    of
        What the input has to be; by default the function says so itself, and may be called without one.
    others
        Returns the function that answers for such an input instead; None where there is none.

    Examples
    --------
    >>> @asks(StudyRequest, of=str)
    ... def seeds(study: str, request: StudyRequest) -> int:
    ...     "Return the seed."
    ...     return request.seed
    >>> seeds("a study", seed=3)
    3
    >>> seeds(5)
    Traceback (most recent call last):
    ...
    eaesim.errors.ProtocolError: seeds takes a str; given: 5.
    """

    def made(function: Callable[[Input, Request], Answer]) -> Asking[Input, Asked, Answer]:
        first = next(iter(signature(function).parameters))

        @wraps(function)
        def call(given: Any = None, /, *args: Asked.args, **settings: Asked.kwargs) -> Answer:
            given = settings.pop(first, None) if given is None else given
            if (instead := others(given)) is not None:
                return instead(given, *args, **settings)  # type: ignore[no-any-return]
            asked: Any = request(*args, **_named(request, settings, function.__name__))
            given, asked = asked.of(given) if isinstance(asked, MadeRat) else (given, asked)
            if of is not None and not isinstance(given, of):
                also = ", or settings that make one, such as rat" if isinstance(asked, MadeRat) else ""
                raise ProtocolError(
                    f"{function.__name__} takes a {of.__name__}{also}; given: {shown(given)}."
                )
            is_shown = in_notebook() and isinstance(asked, WorkRequest) and asked.progress is None
            with progress("steps", way=BAR if is_shown else NONE) as shown_by:
                found = function(given, asked if shown_by is None else asked.with_values(progress=shown_by))
            for note in found.notes() if isinstance(found, Base) else ():
                warnings.warn(note, EaesimWarning, stacklevel=2)
            return found

        is_needed = of is not None and not (isinstance(request, type) and issubclass(request, MadeRat))
        _describe(call, function, request, is_needed=is_needed)
        return call

    return made


def _named(request: Any, settings: dict[str, Any], function: str) -> dict[str, Any]:
    known = request.settings()
    for name in settings:
        if name not in (*known, *request.former(), *request.refused):
            raise unknown_name(name, f"setting of {function}", known)
    named: dict[str, Any] = request.named_today(settings)
    return named


def _describe(call: Any, function: Callable[..., Any], request: Any, *, is_needed: bool) -> None:
    """Give a function the signature and the docstring that its request makes."""
    own = signature(function)
    first, _ = own.parameters.values()
    default = Parameter.empty if is_needed else None
    settings = {name: one for name, one in request.settings().items() if name != first.name}
    names = [
        Parameter(name, _kind(request, name), default=one.default, annotation=_given(request, name))
        for name, one in settings.items()
    ]
    call.__signature__ = Signature(
        [first.replace(kind=Parameter.POSITIONAL_ONLY, default=default), *names],
        return_annotation=own.return_annotation,
    )
    lines = "".join(f"\n{name}\n    {one.help}" for name, one in settings.items())
    # Newer Pythons take the indentation out of a docstring, others leave it.
    call.__doc__ = _NEXT_SECTION.sub(lambda _: lines, cleandoc(function.__doc__ or ""), count=1)


def _kind(request: Any, name: str) -> Any:
    is_keyword = request.__dataclass_fields__[name].kw_only
    return Parameter.KEYWORD_ONLY if is_keyword else Parameter.POSITIONAL_OR_KEYWORD


def _given(request: Any, name: str) -> Any:
    return next(base.__annotations__[name] for base in request.__mro__ if name in base.__annotations__)
