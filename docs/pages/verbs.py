"""The command line: a page for each verb, with every argument and option."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import click

from pages.files import files_of
from pages.markdown import directive, page, prose, table

if TYPE_CHECKING:
    from eaesim.workbench.question import Question

_STATUS = table(
    ["status", "meaning"],
    [["0", "done"], ["1", "nothing could be computed"], ["2", "bad input"], ["130", "interrupted"]],
)


def pages() -> dict[str, str]:
    """Return the pages of the command line by path."""
    found = {f"reference/verbs/{name}.md": _verb(name) for names in groups().values() for name in names}
    return found | {"reference/verbs.md": _index()}


@cache
def groups() -> dict[str, list[str]]:
    """Return the verbs by what a user wants of them, as the help of the command groups them."""
    from eaesim.cli.main import GROUPS, group

    every = group.list_commands(click.Context(group))
    named = {name for names in GROUPS.values() for name in names}
    found = {title: [name for name in names if name in every] for title, names in GROUPS.items()}
    next(iter(found.values())).extend(name for name in every if name not in named)
    return found


def parameters(name: str) -> tuple[str, list[click.Parameter]]:
    """Return the help of a verb and its arguments and options, without ``--help`` and hidden ones."""
    from eaesim.cli.main import group

    command = group.get_command(click.Context(group), name)
    if command is None:
        raise LookupError(name)
    given = command.get_params(click.Context(command, info_name=name))
    shown = [one for one in given if not getattr(one, "hidden", False) and "--help" not in one.opts]
    return command.help or command.get_short_help_str(limit=200), shown


def _index() -> str:
    from eaesim.cli.main import group

    parts = []
    for title, names in groups().items():
        rows = []
        for name in names:
            command = group.get_command(click.Context(group), name)
            text = command.get_short_help_str(limit=200) if command else ""
            rows.append([f"[`eaesim {name}`](verbs/{name}.md)", prose(text)])
        parts += [f"## {title}", table(["verb", "what it does"], rows)]
    every = [f"verbs/{name}" for names in groups().values() for name in names]
    tree = "\n".join(["```{toctree}", ":hidden:", "", *every, "```"])
    intro = (
        "`eaesim VERB --help` prints the options in a terminal; `python -m eaesim` is the same command. "
        "A verb that "
        "computes leaves a folder with its tables, figures and a manifest; `eaesim report FOLDER` makes "
        "a page of it."
    )
    return page("Command line", intro, *parts, "## Exit status", _STATUS, tree)


def _verb(name: str) -> str:
    from eaesim.workbench.question import questions

    text, given = parameters(name)
    asked = questions().get(name)
    options = [one for one in given if isinstance(one, click.Option)]
    parts = [
        *(prose(part) for part in text.split("\n\n")),
        directive("program", f"eaesim {name}"),
        "## Usage",
        directive("code-block", "sh", usage(name, given)),
        "## Options" if options else "",
        *(_option(one) for one in options),
        *(_question(one) for one in ([asked, *asked.nested] if asked else [])),
    ]
    return page(f"eaesim {name}", *parts)


def usage(name: str, given: Sequence[click.Parameter]) -> str:
    """Return how a verb is typed."""
    arguments = [
        str(one.metavar or one.human_readable_name) for one in given if isinstance(one, click.Argument)
    ]
    has_options = any(isinstance(one, click.Option) for one in given)
    return " ".join(["eaesim", name, *arguments, *(["[OPTIONS]"] if has_options else [])])


def _option(one: click.Option) -> str:
    takes = "" if one.is_flag else f" {_metavar(one)}"
    return directive("option", f"{', '.join(one.opts)}{takes}", prose(one.help or ""))


def _metavar(one: Any) -> str:
    return str(one.metavar or one.type.name.upper())


def _question(one: Question) -> str:
    """Return what a question needs beside its options: its table, its files and its methods."""
    own = "" if " " not in one.verb else f" (`eaesim {one.verb}`)"
    parts = []
    if one.request.input != "data":
        parts.append(
            f"Its settings may be written in the table [`[{one.name}]`](../keys/{one.name}.md) of a "
            f"study file{own}."
        )
    if files_of(one.name):
        parts.append(f"The files that it writes, with every column: [{one.name}](../files/{one.name}.md).")
    parts.append(f"How it is computed. {prose(one.methods)}")
    return "\n\n".join([f"## {prose(one.title)}", *parts])
