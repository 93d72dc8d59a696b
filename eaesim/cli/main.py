"""The command line: verbs are found by name and imported when used."""

from __future__ import annotations

import gc
import os
import shlex
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module

import click
from click.shell_completion import shell_complete

from eaesim.cli.signals import interrupts
from eaesim.cli.streams import OutputError, safe_streams
from eaesim.command import COMMAND
from eaesim.errors import (
    EaesimError,
    EaesimWarning,
    NothingComputedError,
    UnknownNameError,
    one_line,
    unknown_name,
)

# Verbs that are no question; each is the module of its name, but for list, which is a word of Python.
VERBS = ("report", "check", "show", "list", "new", "export", "live", "figures", "doctor")
_MODULES = {"list": "names"}
# Verbs by what a user wants of them; questions that are not named here are listed with the first.
GROUPS = {
    "Simulate": ("timing", "targets", "run", "sweep", "schedule"),
    "Plan an experiment": ("power", "discriminate"),
    "Use your own data": ("scores", "fit"),
    "Question the model": ("mechanisms", "sensitivity", "ablation", "show", "list"),
    "Files": ("new", "check", "report", "live", "export", "figures", "doctor"),
}

_MOST_THREADS = 1_024
# Set by a shell that asks what completes a command.
_COMPLETE = "_EAESIM_COMPLETE"


class Verbs(click.Group):
    """A group whose verbs are imported when needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the verbs, the main question first."""
        return [name for names in _groups().values() for name in names]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the verbs in groups, with a line each."""
        for title, names in _groups().items():
            with formatter.section(title):
                commands = {name: self.get_command(ctx, name) for name in names}
                formatter.write_dl(
                    [(name, one.get_short_help_str(limit=200)) for name, one in commands.items() if one]
                )

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import and return a verb."""
        if cmd_name not in VERBS:
            return _question(cmd_name)
        command: click.Command = import_module(f"eaesim.cli.{_MODULES.get(cmd_name, cmd_name)}").command
        return command


def _verbs() -> list[str]:
    from eaesim.workbench.question import questions

    return [*(one.name for one in questions().values() if one.path == one.name), *VERBS]


def _groups() -> dict[str, list[str]]:
    """Return the verbs by group, each in its order; verbs without a group are in the first."""
    every = _verbs()
    named = {name for names in GROUPS.values() for name in names}
    groups = {title: [name for name in names if name in every] for title, names in GROUPS.items()}
    next(iter(groups.values())).extend(name for name in every if name not in named)
    return groups


def _question(name: str) -> click.Command:
    """Return the command of a question."""
    from eaesim.cli.question import QuestionCommand
    from eaesim.workbench.question import formerly, questions

    if name in _verbs():
        return QuestionCommand(questions()[name])
    renamed = formerly(name)
    if renamed is None:
        if name == "help":
            raise UnknownNameError(
                '"help" is not a verb; eaesim --help, or eaesim VERB --help, is what it does.'
            )
        raise unknown_name(name, "verb", _verbs())
    warnings.warn(f"eaesim {name} is now called eaesim {renamed.verb}.", EaesimWarning, stacklevel=2)
    return QuestionCommand(renamed)


@click.command(
    cls=Verbs, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(package_name="eaesim")
@click.pass_context
def group(context: click.Context) -> None:
    """Simulate rat EAE and ask when intravenous immunoglobulin has to be given.

    Start with: eaesim timing
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its status.

    0 done, 1 nothing could be computed, 2 bad input, 130 interrupted.

    Parameters
    ----------
    arguments
        Arguments after ``eaesim``; by default those of this process.
    """
    if asked := os.environ.get(_COMPLETE):
        sys.exit(shell_complete(group, {}, "eaesim", _COMPLETE, asked))
    # Most of what an answer is made of is kept to its end: searched for garbage often, it takes 8 % longer.
    gc.set_threshold(100_000, 20, 20)
    with interrupts(), safe_streams(), _plain_surroundings():
        status = _status(list(sys.argv[1:] if arguments is None else arguments))
    sys.exit(status)


@contextmanager
def _plain_surroundings() -> Iterator[None]:
    """Keep settings that other programs left in the environment, and warnings of libraries, from the user."""
    os.environ["MPLBACKEND"] = "agg"  # figures go to files; another program's choice may not even exist
    threads = os.environ.get("NUMBA_NUM_THREADS", "1")
    if not threads.isdecimal() or not 0 < int(threads[:6]) <= _MOST_THREADS:
        del os.environ["NUMBA_NUM_THREADS"]
        _say(f'warning: NUMBA_NUM_THREADS = "{threads}" is not a whole number above 0; it is ignored.')
    said = set[str]()

    def say_once(message: Warning | str, *_: object, **__: object) -> None:
        if str(message) not in said:
            said.add(str(message))
            _say(f"warning: {message}")

    with warnings.catch_warnings():
        warnings.simplefilter("always", EaesimWarning)
        warnings.showwarning = say_once
        yield


# Options that do not affect the result; some are followed by a word.
_ASIDE = {"--out": 1, "--quiet": 0, "--force": 0, "--workers": 1, "--cluster": 1, "--progress": 1}


def command_text(given: Sequence[str]) -> str:
    """Return a command as it is typed again: without the folder, and what says nothing about the result.

    Examples
    --------
    >>> command_text(["power", "my study.toml", "--out", "there", "--quiet", "--alpha", "0.01"])
    "eaesim power 'my study.toml' --alpha 0.01"
    """
    kept, words = list[str](), iter(given)
    for word in words:
        if (name := word.partition("=")[0]) not in _ASIDE:
            kept.append(word)
        elif "=" not in word and _ASIDE[name]:
            next(words, None)
    return shlex.join(["eaesim", *kept])


def _status(given: list[str]) -> int:
    asked = COMMAND.set(command_text(given))
    try:
        return _outcome(given)
    finally:
        COMMAND.reset(asked)


def _outcome(given: list[str]) -> int:
    try:
        with group.make_context("eaesim", given) as context:
            group.invoke(context)
    except click.exceptions.Exit as asked:
        return asked.exit_code
    except NothingComputedError as error:
        return _complain(str(error), status=1)
    except EaesimError as error:
        return _complain(str(error), status=2)
    except click.ClickException as error:
        from eaesim.cli.usage import usage_message

        return _complain(usage_message(error, given, group), status=2)
    except (KeyboardInterrupt, click.Abort) as error:
        return _complain(str(error) or "interrupted; nothing was written.", status=130)
    except OutputError as error:
        return _complain(f"{error.strerror}.", status=1)
    except MemoryError:
        return _complain("this needs more memory than there is; use fewer rats, arms or days.", status=1)
    except OSError as error:  # a full disk, a name too long: not foreseen where it happened
        place = f": {error.filename}" if error.filename else ""
        return _complain(f"{error.strerror or error}{place}.", status=2)
    return 0


def _complain(message: str, *, status: int) -> int:
    _say(f"eaesim: {message}")
    return status


def _say(message: str) -> None:
    with suppress(OSError):  # a full disk behind standard error
        click.echo(one_line(message), err=True)
