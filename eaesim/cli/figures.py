"""Regenerate all figures of the experiments."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from eaesim.solver import Progress


@click.command(name="figures", short_help="Regenerate the figures of the experiments.")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option(
    "--experiments",
    type=click.Path(path_type=Path),
    default=Path("experiments"),
    help="Folder of the experiments; default: experiments.",
)
@click.option("--out", type=click.Path(path_type=Path), default=Path("figures"), help="Default: figures.")
@click.option("--quiet", is_flag=True, help="No progress bar.")
def command(names: tuple[str, ...], experiments: Path, out: Path, quiet: bool) -> None:
    """Make the figure of every experiment, or of the named ones, as PNG and SVG."""
    from eaesim.errors import FileError, check_names
    from eaesim.workbench.figure.save import save
    from eaesim.workbench.progress import BAR, NONE, progress

    there = {file.parent.name: file for file in sorted(experiments.glob("*/study.toml"))}
    if not there:
        raise FileError(
            f"{experiments} holds no experiment; run this in the source folder, or give --experiments."
        )
    check_names(names, "experiment", there)
    if out.exists() and not out.is_dir():
        raise FileError(f"{out} is a file; --out names a folder.")
    for name in names or there:
        with progress(name, way=NONE if quiet else BAR) as shown:
            figure = _figure(there[name], shown)
        try:
            out.mkdir(parents=True, exist_ok=True)
            save(figure, out / name)
        except OSError as error:
            raise FileError(f"{out} cannot be written: {error.strerror}.") from error
        click.echo(f"{out / name}.png")


def _figure(file: Path, progress: Progress | None) -> Figure:
    from eaesim.solver import Effort
    from eaesim.workbench.figure.drawings import drawing_of
    from eaesim.workbench.figure.save import plot
    from eaesim.workbench.studyfile import asked, asked_in, own_question, read_study, request_of

    drawing = drawing_of(file)
    if drawing is not None:
        return drawing()
    alone = own_question(file)
    if alone is not None:
        subject, request, _ = asked(alone, file)
        return alone.answer(alone.plan(subject, request), Effort(progress=progress)).figure()
    study, settings = read_study(file)
    for one in asked_in(settings):
        planned = one.plan(study, request_of(one, settings))
        return one.answer(planned, Effort(progress=progress)).figure()
    return plot(study.run(animals=settings.animals, seed=settings.seed, progress=progress))
