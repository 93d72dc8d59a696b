"""The command of a question, made from the settings that its request declares."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from functools import partial, reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from eaesim.cli.options import output_options
from eaesim.protocol.settings import Setting, option_name

if TYPE_CHECKING:
    from eaesim.workbench.question import Question
    from eaesim.workbench.run import Run


# What a verb is asked of, as its help shows it, and whether it has to be given.
_ARGUMENTS = {
    "study": ("STUDY.toml", True),
    "table": ("STUDY.toml", True),
    "nothing": ("[{name}.toml]", False),
    "data": ("FILE", True),
}


class QuestionCommand(click.Command):
    """The command of a question; its options are made when somebody asks it."""

    def __init__(self, question: Question) -> None:
        super().__init__(question.name, callback=partial(_ask, question), short_help=question.summary)
        self._question = question

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the argument and the options."""
        if not self.params:
            self.help, self.params = self._question.help, _parameters(self._question)
        return super().get_params(ctx)


def _parameters(question: Question) -> list[click.Parameter]:
    """Return the argument and the options of a verb: its own, and those of the questions it asks too."""
    found: dict[str | None, click.Parameter] = {}
    for one in (question, *question.nested):
        place = "" if one is question else f"With --{one.name}: "
        for name, setting in one.request.settings().items():
            made = _options(name, setting, place=place)
            found |= {option.name: option for option in made if option.name not in found}
    nested = [click.Option([f"--{one.name}"], is_flag=True, help=one.summary) for one in question.nested]
    # They are refused with what to use instead, so the parser has to know them.
    refused = [name for name in question.request.refused if name not in found]
    metavar, required = _ARGUMENTS[question.request.input]
    argument = click.Argument(
        ["file"],
        type=click.Path(path_type=Path),
        required=required,
        metavar=metavar.format(name=question.name.upper()),
    )
    return [
        argument,
        *nested,
        *found.values(),
        *(click.Option([option_name(name), name], hidden=True) for name in refused),
        *output_options(click.Command("output")).params,
    ]


def _options(name: str, one: Setting[Any, Any], *, place: str = "") -> list[click.Option]:
    """Return the option of a setting, and hidden ones of its former names; `place` says where it counts."""
    if not one.flag:
        return []

    joined = one.kind.joined

    def read(_context: click.Context, _parameter: click.Parameter, text: str | Sequence[str] | None) -> Any:
        texts = [text] if isinstance(text, str) else text or ()
        given = [one.kind.from_text(each) for each in texts]
        return (reduce(joined, given) if joined else given[0]) if given else None

    common: dict[str, Any] = (
        {"is_flag": True, "default": None}
        if one.kind.is_flag
        else {"metavar": one.kind.metavar, "callback": read, "multiple": joined is not None}
    )
    former = [click.Option([option_name(old), old], hidden=True, **common) for old in one.formerly]
    return [click.Option([one.flag, name], help=place + _help(one), **common), *former]


def _help(one: Setting[Any, Any]) -> str:
    if one.default is None or one.kind.is_flag or "default" in one.help:
        return one.help
    written = one.kind.write(one.default)
    items = written if isinstance(written, list | tuple) else [written]
    texts = [f"{item:g}" if isinstance(item, float) else str(item) for item in items]
    return f"{one.help.removesuffix('.')}; default: {','.join(texts)}."


def _ask(
    question: Question,
    file: Path | None,
    *,
    out: Path | None,
    force: bool,
    quiet: bool,
    **options: Any,
) -> None:
    from eaesim.cli.console import progress_bar, warn
    from eaesim.protocol.tables import within
    from eaesim.workbench.run import open_store, run
    from eaesim.workbench.studyfile import asked

    question = _chosen(question, options)
    subject, request, others = asked(question, file)
    request = request.with_options(options)
    with within(str(file)) if request.input == "table" else nullcontext():
        plan = question.plan(subject, request)
    stem = "eaesim" if file is None else file.stem
    store = open_store(question, plan, out=out or Path(f"{stem}-{question.name}"), force=force)
    said = [*plan.warnings(), *plan.left_out(others)]
    for text in said:
        warn(text)
    for line in plan.opening():
        click.echo(line)
    with progress_bar(question.steps, quiet=quiet) as progress:
        done = run(question, plan, request.with_values(progress=progress).effort, store=store)
    _print(done, said)


def _print(done: Run, said: list[str]) -> None:
    """Print what came of a question: what to know and was not said, its tables, texts, figure, and result."""
    from eaesim.cli.console import print_file, print_table, warn

    for note in done.answer.notes():
        if note not in said:
            warn(note)
    for shown in done.answer.shown():
        if shown.file:
            print_file(done.files, shown.file, title=shown.title)
        elif shown.table is not None:
            print_table(shown.table, title=shown.title)
        if shown.note:
            click.echo(shown.note)
    for text in done.answer.texts().values():
        click.echo(text)
    click.echo(f"Figure: {done.figure}")
    for line in (done.answer.sentence(), *done.answer.closing()):
        click.echo(line)


def _chosen(question: Question, options: dict[str, Any]) -> Question:
    """Return the question that is asked, of a verb's own and those that its options choose."""
    asked = [one for one in question.nested if options.pop(one.name, False)]
    if len(asked) > 1:
        two = " and ".join(f"--{one.name}" for one in asked[:2])
        raise click.UsageError(f"{two} are two questions; ask one at a time.")
    chosen = asked[0] if asked else question
    known = {*chosen.request.settings(), *chosen.request.former()}
    for name in list(options):
        if options[name] is None:
            del options[name]
        elif name not in known:
            flag = option_name(name)
            chosen.request.check_refused(name, flag)
            raise click.UsageError(f"{flag} is not for {f'--{chosen.name}' if asked else chosen.verb}.")
    return chosen
