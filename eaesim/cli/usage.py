"""What was wrong with the options and arguments of a command line, in one line."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

import click

#: Dashes that text editors write in place of the hyphens of an option.
_DASHES = ("\u2013", "\u2014", "\u2212")
_NEEDED = {
    "STUDY.toml": "a study file; eaesim new NAME writes one to start from, or options that make one, "
    "such as --rat lewis",
    "FILE": "a file of scores; eaesim new scores writes one to start from",
}


def usage_message(error: click.ClickException, given: Sequence[str], verbs: click.Group) -> str:
    """Return what was given, and what is allowed instead.

    Parameters
    ----------
    error
        What click says of the command line.
    given
        The words of the command line, the verb first.
    verbs
        The command that holds the verbs.

    Examples
    --------
    >>> from eaesim.cli.main import group
    >>> given = ["scores", "a.csv", "--optimise"]
    >>> print(usage_message(click.NoSuchOption("--optimise"), given, group))
    scores has no option --optimise; eaesim schedule has it. eaesim scores --help lists its own.
    """
    verb = given[0] if given else ""
    for word in given:
        if word.startswith(_DASHES) or (word[:1] == "-" and word[1:2].isalpha() and len(word) > 2):
            bare = word.lstrip("-" + "".join(_DASHES))
            return f'"{word}" is not an option; an option begins with two hyphens: --{bare}.'
    if isinstance(error, click.NoSuchOption):
        return _no_option(error.option_name, verb, verbs)
    if isinstance(error, click.MissingParameter) and error.param is not None:
        needed = str(error.param.metavar or error.param.name)
        return f"{verb} needs {_NEEDED.get(needed, needed)}."
    message = error.format_message()
    if message.startswith("Got unexpected extra argument"):
        extra = message.partition("(")[2].removesuffix(")")
        return f'{verb} takes no further "{extra}"; a text with a space stands between quotation marks.'
    return message


def _no_option(name: str, verb: str, verbs: click.Group) -> str:
    options = {each: _options(each, verbs) for each in verbs.list_commands(click.Context(verbs))}
    if verb not in options:
        bare = name.lstrip("-")
        return f"there is no option {name}" + (f"; write eaesim {bare}." if bare in options else ".")
    others = [f"eaesim {each}" for each, own in options.items() if name in own]
    close = get_close_matches(name, options[verb], n=1, cutoff=0.6 if not others else 0.8)
    hint = ""
    if close:
        hint = f" did you mean {close[0]}?"
    elif others:
        hint = f" {', '.join(others[:3])} {'has' if len(others) == 1 else 'have'} it."
    return f"{verb} has no option {name};{hint} eaesim {verb} --help lists its own."


def _options(verb: str, verbs: click.Group) -> list[str]:
    """Return the options of a verb that its help shows."""
    command = verbs.get_command(click.Context(verbs), verb)
    if command is None:
        return []
    every = command.get_params(click.Context(command, info_name=verb))
    return [
        name for one in every if not getattr(one, "hidden", False) for name in one.opts if name[:2] == "--"
    ]


def unquoted(file: str, given: Sequence[str]) -> str:
    """Return the option whose text a shell has split at its space, with the text in quotation marks; else "".

    Examples
    --------
    >>> unquoted("g/kg", ["timing", "--dose", "1", "g/kg"])
    '--dose "1 g/kg"'
    """
    place = given.index(file) if file in given else 0
    if place < 2 or given[place - 1].startswith("-") or not given[place - 2].startswith("--"):
        return ""
    return f'{given[place - 2]} "{given[place - 1]} {file}"'
