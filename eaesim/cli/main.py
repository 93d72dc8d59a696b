"""The command line: verbs are found by name and imported when used."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module

import click

from eaesim.cli.signals import interrupts
from eaesim.errors import EaesimError, NothingComputedError, unknown_name

# Verb, and the module that holds it.
VERBS = {
    "timing": "timing",
    "run": "run",
    "sweep": "sweep",
    "sensitivity": "sensitivity",
    "discriminate": "discriminate",
    "schedule": "schedule",
    "power": "power",
    "fit": "fit",
    "structure": "structure",
    "mechanisms": "mechanisms",
    "scores": "scores",
    "report": "report",
    "check": "check",
    "show": "show",
    "list": "names",
    "new": "new",
    "export": "export",
    "figures": "figures",
    "doctor": "doctor",
}


class Verbs(click.Group):
    """A group whose verbs are imported when asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the verbs, the main job first."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import and return a verb."""
        if cmd_name not in VERBS:
            raise unknown_name(cmd_name, "verb", VERBS)
        command: click.Command = import_module(f"eaesim.cli.{VERBS[cmd_name]}").command
        return command


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
    """Run the command line and leave with its exit status.

    0 done, 1 nothing could be computed, 2 bad input, 130 interrupted.

    Parameters
    ----------
    arguments
        What stands after ``eaesim``; by default that of this process.
    """
    with interrupts():
        status = _status(arguments)
    sys.exit(status)


def _status(arguments: Sequence[str] | None) -> int:
    given = list(sys.argv[1:] if arguments is None else arguments)
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
        return _complain(error.format_message(), status=2)
    except (KeyboardInterrupt, click.Abort) as error:
        return _complain(str(error) or "interrupted; nothing was written.", status=130)
    except BrokenPipeError:
        return 0
    except OSError as error:  # a full disk, a name too long: not foreseen where it happened
        return _complain(f"{error.strerror}{f': {error.filename}' if error.filename else ''}.", status=2)
    return 0


def _complain(message: str, *, status: int) -> int:
    click.echo(f"eaesim: {' '.join(message.split())}", err=True)
    return status
