"""The command of a question, made from the settings that its request declares."""

from __future__ import annotations

import shlex
from contextlib import nullcontext
from dataclasses import replace
from functools import partial, reduce
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import click
from click.shell_completion import CompletionItem

from eaesim.cli.options import output_options
from eaesim.files import Content
from eaesim.protocol.settings import AnyKind, AnySetting, option_name

if TYPE_CHECKING:
    from eaesim.workbench.question import Question
    from eaesim.workbench.run import Run

#: What click gives for an option.
Option: TypeAlias = str | bool | Path | tuple[str, ...] | None
# Argument of a verb, as its help shows it, and whether it is required.
_ARGUMENTS = {
    "study": ("[STUDY.toml]", False),
    "table": ("[STUDY.toml]", False),
    "nothing": ("[{name}.toml]", False),
    "data": ("FILE", True),
}


# Questions of a study may be asked of another drug in it.
_OF_STUDY, DRUG = ("study", "table"), "drug"
_INSTEAD = "Drug that is given instead of IVIG in every dose of the study"


class QuestionCommand(click.Command):
    """The command of a question; its options are made when it is used."""

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
        place = "" if one is question else f"With {one.flag}: "
        for name, setting in one.request.settings().items():
            made = _options(name, setting, place="" if name == one.chosen_by else place)
            found |= {option.name: option for option in made if option.name not in found}
    nested = [_asking(one) for one in question.nested if one.chosen_by not in found]
    # They are refused with what to use instead, so the parser has to know them.
    refused = [name for name in question.request.refused if name not in found]
    metavar, required = _ARGUMENTS[question.request.input]
    # A question without an input may be asked instead; the verb's own says itself that its input is missing.
    required = required and not any(one.request.input == "nothing" for one in question.nested)
    argument = click.Argument(
        ["file"],
        type=click.Path(path_type=Path),
        required=required,
        metavar=metavar.format(name=question.name.upper()),
        shell_complete=partial(_complete_data, question),
    )
    if question.request.input in _OF_STUDY and DRUG not in found:
        found[DRUG] = click.Option(["--drug"], metavar="NAME", help=f"{_INSTEAD}.")
    return [
        argument,
        *nested,
        *found.values(),
        *(click.Option([option_name(name), name], hidden=True) for name in refused),
        *output_options(),
    ]


def _asking(one: Question) -> click.Option:
    """Return the option that asks a nested question: a flag, or one that names its data."""
    if one.request.input == "data":
        file = click.Path(path_type=Path)
        return click.Option([one.flag, one.name], type=file, metavar="FILE", help=one.summary)
    return click.Option([one.flag, one.name], is_flag=True, help=one.summary)


def _options(name: str, one: AnySetting, *, place: str = "") -> list[click.Option]:
    """Return the option of a setting, and hidden ones of its former names; `place` says where it counts."""
    if not one.flag:
        return []
    kind = one.kind
    option = (
        partial(click.Option, is_flag=True, default=None)
        if kind.is_flag
        else partial(click.Option, metavar=kind.metavar, multiple=kind.joined is not None)
    )
    option = partial(option, shell_complete=partial(_complete, kind))
    former = [option([option_name(old), old], hidden=True) for old in one.formerly]
    return [option([one.flag, name], help=place + _help(one)), *former]


def _complete(kind: AnyKind, _context: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    """Return the names that complete a partial text; in a list, its last item."""
    before, comma, last = begun.rpartition(",") if kind.metavar.endswith("...") else ("", "", begun)
    return [f"{before}{comma}{name}" for name in kind.names() if name.startswith(last)]


def _complete_data(
    question: Question, _context: click.Context, _parameter: click.Parameter, begun: str
) -> list[CompletionItem]:
    """Return the names of data that complete a partial text, or the shell's own files."""
    every = (name for one in (question, *question.nested) for name in one.request.data_names())
    found = [CompletionItem(name) for name in every if begun and name.startswith(begun)]
    return found or [CompletionItem(begun, type="file")]


def _help(one: AnySetting) -> str:
    if one.default in (None, ()) or one.kind.is_flag or "default" in one.help:
        return one.help
    written = one.kind.write(one.default)
    items = written if isinstance(written, list | tuple) else [written]
    texts = [f"{item:g}" if isinstance(item, float) else str(item) for item in items]
    return f"{one.help.removesuffix('.')}; default: {','.join(texts)}."


def _ask(
    question: Question,
    file: Path | None,
    *,
    folders: tuple[Path, ...],
    out: Path | None,
    force: bool,
    way: str,
    quiet: bool,
    **options: Option,
) -> None:
    from eaesim.model.pharmacy import drugs_from
    from eaesim.workbench.progress import NONE

    if file is not None and not file.exists():
        _refuse_slip(question, str(file))
    # Drugs in the folder of the file are known, or without one those of the working directory.
    nearby = (Path(),) if file is None else (file.parent,) if file.parent.is_dir() else ()
    with drugs_from(*nearby, *folders):
        _answer(question, file, options, out=out, force=force, way=NONE if quiet else way)


def _refuse_slip(question: Question, name: str) -> None:
    """Refuse what is no file but the rest of a text without quotation marks, or a rat or a trial.

    Raises
    ------
    FileError
        If it is.
    """
    from eaesim.cli.usage import unquoted
    from eaesim.command import COMMAND
    from eaesim.errors import FileError
    from eaesim.model import rat_names
    from eaesim.protocol.trialfile import trial_names

    if split := unquoted(name, shlex.split(COMMAND.get())[1:]):
        raise FileError(f"{name}: no such file; a text with a space stands between quotation marks: {split}.")
    if name in rat_names():
        raise FileError(f'{name}: no such file; {name} is a rat: rat = "{name}" in a study, or --rat {name}.')
    if name in trial_names() and question.name != "trial":
        raise FileError(f"{name}: no such file; {name} is a trial, for eaesim trial {name}.")


def _answer(
    question: Question,
    file: Path | None,
    options: dict[str, Option],
    *,
    out: Path | None,
    force: bool,
    way: str,
) -> None:
    from eaesim.cli.console import say, warn
    from eaesim.cli.memory import keep_freed
    from eaesim.files import within
    from eaesim.solver import Effort
    from eaesim.study import Study
    from eaesim.workbench.madestudy import MadeInduced, MadeRat
    from eaesim.workbench.progress import progress
    from eaesim.workbench.run import open_store, run
    from eaesim.workbench.studyfile import asked

    keep_freed()
    question, file, given = _chosen(question, file, options)
    instead = given.pop(DRUG, None) if DRUG not in question.request.settings() else None
    subject, request, others = asked(question, file)
    request = request.with_options(given)
    if isinstance(request, MadeRat):
        subject, request = request.of(subject, are_options=True)
    if subject is None and request.input in _OF_STUDY:
        raise click.MissingParameter(param=click.Argument(["file"], metavar="STUDY.toml"))
    if isinstance(instead, str) and isinstance(subject, Study):
        subject = subject.giving(instead)
    with within(str(file)) if request.input == "table" and file is not None else nullcontext():
        plan = question.plan(subject, request)
    stem = "eaesim" if file is None else file.stem
    store = open_store(question, plan, out=out or Path(f"{stem}-{question.folder}"), force=force)
    said = [*plan.warnings(), *plan.left_out(others)]
    for text in said:
        warn(text)
    for line in plan.opening():
        click.echo(line)
    with progress(question.steps, way=way) as shown:
        effort = replace(getattr(request, "effort", Effort()), progress=shown)
        done = run(question, plan, effort, store=store)
    _print(done, said)
    if file is None and isinstance(request, MadeInduced):
        say(f"For arms of your own: eaesim new NAME --for {question.name} writes a study file to start from.")


def _print(done: Run, said: list[str]) -> None:
    """Print the answer of a question: notes not shown yet, tables, texts, where the rest is, and the result.

    The result stands last, so that it is seen without scrolling back.
    """
    from eaesim.cli.console import print_table, say, warn

    for note in done.answer.notes():
        if note not in said:
            warn(note)
    for shown in done.answer.shown():
        if shown.table is not None:
            print_table(shown.table, title=shown.title)
        if shown.note:
            say(shown.note)
    for text in done.answer.texts().values():
        say(text)
    if tables := [path.name for path in done.files if path.suffix == ".csv"]:
        say(f"Every row and digit, in {done.figure.parent}: {', '.join(tables)}")
    say(f"Figure: {done.figure}")
    say(done.answer.sentence())
    for line in done.answer.closing():
        say(line.replace("{folder}", shlex.quote(str(done.figure.parent))))


def _chosen(
    question: Question, file: Path | None, options: dict[str, Option]
) -> tuple[Question, Path | None, dict[str, Content]]:
    """Return the chosen question, of a verb's own and those that its options or a file choose.

    Its file is returned with it, that of its data where an option names it, and its settings as in a file.
    """
    from eaesim.workbench.studyfile import own_question

    for one in question.nested:
        if str(file) in one.request.data_names():
            file, options[one.chosen_by] = None, file
    asked = [one for one in question.nested if options.get(one.chosen_by) not in (None, False)]
    if len(asked) > 1:
        two = " and ".join(one.flag for one in asked[:2])
        raise click.UsageError(f"{two} are two questions; ask one at a time.")
    chosen = asked[0] if asked else question
    if (
        file is not None
        and (chosen.request.input == "nothing" or (chosen.request.input == "data" and file.is_file()))
        and any(one.request.input == "nothing" for one in (chosen, *question.nested))
        and (alone := own_question(file)) in question.nested
    ):
        chosen = alone
    known = {*chosen.request.settings(), *chosen.request.former()}
    for one in question.nested:
        value = None if one.chosen_by in known else options.pop(one.chosen_by)
        if one == chosen and one.request.input == "data" and isinstance(value, Path):
            if file is not None:
                raise click.UsageError(f"{file} is not for {chosen.flag}.")
            file = value
    given = dict[str, Content]()
    for name, value in options.items():
        if value in (None, ()):
            continue
        is_settled = name in (*known, *chosen.request.refused)
        if name == DRUG and not is_settled and chosen.request.input in _OF_STUDY:
            given[name] = str(value)
        elif name not in known:
            requests = [one.request for one in (question, *question.nested)]
            flag = next((one.flag(name) for one in requests if name in one.settings()), option_name(name))
            chosen.request.check_refused(name, flag)
            raise click.UsageError(f"{flag} is not for {chosen.flag if asked else chosen.verb}.")
        else:
            today = chosen.request.former().get(name, name)
            given[name] = _typed(chosen.request.settings()[today], value)
    return chosen, file, given


def _typed(setting: AnySetting, given: Option) -> Content:
    """Return what a file would give instead of the texts of an option."""
    kind = setting.kind
    if kind.is_flag:
        return given if isinstance(given, bool) else str(given)
    # An option of several values may belong to another question of the same verb.
    parts = [kind.from_text(text) for text in (given if isinstance(given, tuple) else (str(given),))]
    if kind.joined is None and len(parts) > 1:
        raise click.UsageError(f"{setting.flag} is given once here.")
    if kind.joined is None or len(parts) == 1:
        return parts[0]
    return next((part for part in parts if isinstance(part, str)), None) or reduce(kind.joined, parts)
