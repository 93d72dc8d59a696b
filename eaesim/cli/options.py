"""Options that several verbs share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


class Folder(click.Path):
    """A folder by its name, which is not empty: an empty name would be the folder where one stands."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the folder."""
        if isinstance(value, str) and not value.strip():
            raise click.UsageError("--out is empty; it names a folder.")
        return super().convert(value, param, ctx)


def output_options(function: Command) -> Command:
    """Add ``--out``, ``--force`` and ``--quiet``."""
    for option in (
        click.option("--quiet", is_flag=True, help="No progress bar."),
        click.option("--force", is_flag=True, help="Replace the files of another run in that folder."),
        click.option(
            "--out",
            type=Folder(path_type=Path),
            metavar="DIR",
            help="Folder for the files.",
        ),
    ):
        function = option(function)
    return function


def _named_rule(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    from eaesim.endpoints import dead_rule

    return None if value is None else dead_rule(value)


def dead_option(function: Command) -> Command:
    """Add ``--dead``."""
    option = click.option(
        "--dead",
        metavar="RULE",
        callback=_named_rule,
        help="How the dead are scored: score (default; that of death from that day on), carry (their last "
        "score), or exclude.",
    )
    return option(function)


def cohort_options(function: Command) -> Command:
    """Add ``--animals``, ``--seed`` and ``--dead``."""
    for option in (
        dead_option,
        click.option("--seed", type=int, metavar="S", help="Seed of the rats."),
        click.option("--animals", type=int, metavar="N", help="Rats, the same ones in every arm."),
    ):
        function = option(function)
    return function


def fixed_option(function: Command) -> Command:
    """Add ``--fix``."""
    option = click.option(
        "--fix",
        multiple=True,
        metavar="NAME=VALUE",
        help="Hold a value in every rat; 0 switches a part off. May be given again.",
    )
    return option(function)


def held(fix: tuple[str, ...]) -> dict[str, float]:
    """Return what ``--fix`` holds."""
    values = {}
    for text in fix:
        name, _, value = text.partition("=")
        try:
            values[name.strip()] = float(value)
        except ValueError:
            raise click.UsageError(f'--fix "{text}" cannot be read; write NAME=VALUE.') from None
    return values


def names(text: str | None) -> tuple[str, ...] | None:
    """Return the names in a list with commas, each once; None where the option was not given."""
    if text is None:
        return None
    found = tuple(part.strip() for part in text.split(","))
    twice = next((name for place, name in enumerate(found) if name in found[:place]), None)
    if twice is not None:
        raise click.UsageError(f'"{twice}" stands twice in "{text}"; name each once.')
    return found


def endpoints_option(function: Command) -> Command:
    """Add ``--endpoints``."""
    option = click.option(
        "--endpoints",
        metavar="NAME,...",
        help="With a window of days, read beside the usual ones: cumulative_score[12:42], peak_score[:15].",
    )
    return option(function)


def given(**options: Any) -> dict[str, Any]:
    """Return the options that were given."""
    return {name: value for name, value in options.items() if value is not None}
