"""The Python interface: every public name, by the room that it belongs to."""

from __future__ import annotations

import inspect
from collections.abc import Sequence

import eaesim
from pages.markdown import page

_ROOMS = {
    "protocol": ("What the experimenter does", "Doses, regimens, inductions and arms."),
    "model": ("Animals, drugs and mechanisms", ""),
    "study": ("Studies and results", "A rat and arms are a study; a study that was run is a result."),
    "questions": (
        "Questions",
        "One function for each verb of the command line, and the answer that it returns.",
    ),
    "evidence": ("Evidence", ""),
    "estimation": ("Comparison with findings", ""),
    "endpoints": ("Endpoints", ""),
    "workbench": ("Figures, reports and study files", ""),
    "livepage": ("The live page", ""),
    "interop": ("Exchange", ""),
    "errors": (
        "Errors",
        "Every error is an `EaesimError` of one line: what was given, what is allowed, the closest name.",
    ),
}
_FIRST = """\
`import eaesim as ea` is quick: each name is imported when it is first used. A function that asks a question
takes its settings as keywords; they are those of the verb's options and of the table in a study file, and
are refused in the same words."""


def pages() -> dict[str, str]:
    """Return the pages of the interface by path."""
    found = {f"reference/python/{room}.md": _room(room, own) for room, own in _by_room().items()}
    tree = [
        "```{toctree}",
        ":maxdepth: 2",
        "",
        *(path.removeprefix("reference/").removesuffix(".md") for path in found),
        "```",
    ]
    return found | {"reference/python.md": page("Python interface", _FIRST, "\n".join(tree))}


def _by_room() -> dict[str, list[str]]:
    """Return the public names by room, in the order of the rooms above."""
    found: dict[str, list[str]] = {room: [] for room in _ROOMS}
    for name in eaesim.__all__:
        found.setdefault(getattr(eaesim, name).__module__.split(".")[1], []).append(name)
    return {room: sorted(own, key=_functions_first) for room, own in found.items() if own}


def _functions_first(name: str) -> tuple[bool, str]:
    return (inspect.isclass(getattr(eaesim, name)), name.casefold())


def _room(room: str, names: Sequence[str]) -> str:
    title, intro = _ROOMS.get(room, (room.capitalize(), ""))
    more = [_errors()] if room == "errors" else []
    return page(title, intro, *(f"## {name}\n\n{_entry(name)}" for name in names), *more)


def _errors() -> str:
    """Return an entry for each error below the root, which all are named after what was wrong."""
    from eaesim import errors

    found = [
        name
        for name, one in vars(errors).items()
        if inspect.isclass(one) and issubclass(one, errors.EaesimError) and one is not errors.EaesimError
    ]
    entries = "\n".join(f".. autoexception:: eaesim.errors.{name}" for name in sorted(found))
    return f"## Kinds of errors\n\n```{{eval-rst}}\n{entries}\n```"


def _entry(name: str) -> str:
    one = getattr(eaesim, name)
    if not inspect.isclass(one):
        return f"```{{eval-rst}}\n.. autofunction:: eaesim.{name}\n```"
    options = "" if issubclass(one, Exception) else "\n   :members:\n   :inherited-members: tuple, Exception"
    return f"```{{eval-rst}}\n.. autoclass:: eaesim.{name}{options}\n```"
