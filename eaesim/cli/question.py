"""The command of a question, made from the settings that its request declares."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from eaesim.cli.options import output_options
from eaesim.protocol.settings import Setting, Settings

if TYPE_CHECKING:
    from eaesim.workbench.question import Question


class QuestionCommand(click.Command):
    """The command of a question about a study file; its options are made when somebody asks it."""

    def __init__(self, question: Question) -> None:
        super().__init__(question.name, callback=partial(_ask, question), short_help=question.summary)
        self._question = question

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the argument and the options."""
        if not self.params:
            self.help, self.params = self._question.help, _parameters(self._question.request)
        return super().get_params(ctx)


def _parameters(request: type[Settings]) -> list[click.Parameter]:
    output = output_options(click.Command("output"))
    return [
        click.Argument(["study_file"], type=click.Path(path_type=Path), metavar="STUDY.toml"),
        *(option for name, one in request.settings().items() for option in _options(name, one)),
        *(_refused(request, name) for name in request.refused),
        *output.params,
    ]


def _options(name: str, one: Setting[Any, Any]) -> list[click.Option]:
    """Return the option of a setting, and hidden ones of its former names."""
    if not one.flag:
        return []

    def read(_context: click.Context, parameter: click.Parameter, text: Any) -> Any:
        del parameter
        return text if text is None or one.kind.is_flag else one.kind.from_text(text)

    common: dict[str, Any] = {"callback": read, "expose_value": True}
    common |= {"is_flag": True, "default": None} if one.kind.is_flag else {"metavar": one.kind.metavar}
    shown = [click.Option([one.flag, name], help=_help(one), **common)]
    return shown + [
        click.Option([f"--{old.replace('_', '-')}", old], hidden=True, **common) for old in one.formerly
    ]


def _help(one: Setting[Any, Any]) -> str:
    if one.default is None or one.kind.is_flag or "default" in one.help:
        return one.help
    written = one.kind.write(one.default)
    items = written if isinstance(written, list | tuple) else [written]
    texts = [f"{item:g}" if isinstance(item, float) else str(item) for item in items]
    return f"{one.help.removesuffix('.')}; default: {','.join(texts)}."


def _refused(request: type[Settings], name: str) -> click.Option:
    flag = f"--{name.replace('_', '-')}"

    def refuse(_context: click.Context, _parameter: click.Parameter, value: Any) -> None:
        if value is not None:
            request.check_refused(name, flag)

    return click.Option([flag], hidden=True, expose_value=False, callback=refuse)


def _ask(
    question: Question, study_file: Path, *, out: Path | None, force: bool, quiet: bool, **options: Any
) -> None:
    from eaesim.cli.console import print_file, print_table, progress_bar, warn
    from eaesim.protocol.tables import within
    from eaesim.study import read_study
    from eaesim.workbench.run import open_store, run

    study, file = read_study(study_file)
    with within(str(study_file)):
        asked = question.request.from_table(file.questions.get(question.name, {}), seed=file.seed)
    request: Any = asked.with_options(options)
    plan = question.plan(study, request)
    store = open_store(question, plan, out=out or Path(f"{study_file.stem}-{question.name}"), force=force)
    for text in plan.warnings():
        warn(text)
    with progress_bar("rats", quiet=quiet) as progress:
        done = run(question, plan, request.with_values(progress=progress).effort, store=store)
    for note in done.answer.notes():
        warn(note)
    for shown in done.answer.shown():
        if shown.file:
            print_file(done.files, shown.file, title=shown.title)
        elif shown.table is not None:
            print_table(shown.table, title=shown.title)
    for text in done.answer.texts().values():
        click.echo(text)
    click.echo(f"Figure: {done.figure}")
    click.echo(done.answer.sentence())
