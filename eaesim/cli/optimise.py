"""The best schedule: what ``eaesim schedule --optimise`` does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from eaesim.analysis import Optimum
    from eaesim.protocol import StudyFile
    from eaesim.study import Study

SHOWN = ("schedule", "total", "effect", "effect_low", "effect_high", "behind_best_low", "behind_best_high")


def run(
    study: Study,
    file: StudyFile,
    *,
    animals: int,
    seed: int,
    dead: str,
    members: int | None,
    out: Path,
    force: bool,
    quiet: bool,
    **options: Any,
) -> None:
    """Search the best schedule, write what came of it, and say it in a sentence."""
    from eaesim.analysis.optimise import optimise
    from eaesim.analysis.optimise.question import FRESH
    from eaesim.cli.console import print_file, print_table, progress_bar
    from eaesim.solver import choose_engine
    from eaesim.study import Store, study_text
    from eaesim.study.membership import member_settings

    if dead != "score":
        raise click.UsageError("--dead is not for --optimise; the dead score 5.")
    asked = (
        {"animals": max(animals, FRESH), "seed": seed} | dict(file.questions.get("optimise", {})) | options
    )
    settings = {
        "verb": "schedule --optimise",
        "study": study_text(study, animals=animals, seed=seed),
        **asked,
        **member_settings(study.rat, members),
        "engine": choose_engine().name,
    }
    store = Store(out, settings, force)
    store.check()
    with progress_bar("search", quiet=quiet) as progress:
        found = optimise(study, members=members, progress=progress, **asked)
    files = store.write(lambda folder: _write(found, folder), sentence=found.sentence())
    title = f"schedules by {found.evaluation.endpoint}, on fresh rats"
    print_file(files, "schedules.csv", title=title)
    print_file(files, "optimum.csv", title="the best, and the days to which each dose can go")
    print_table(found.table()[list(SHOWN)], title=title)
    click.echo(f"Figure: {next(path for path in files if path.suffix == '.png')}")
    click.echo(found.sentence())


def _write(found: Optimum, folder: Path) -> None:
    from eaesim.plot import plot, save
    from eaesim.workbench.csvfile import write_csv

    write_csv(found.doses_table(), folder / "optimum.csv")
    write_csv(found.table(), folder / "schedules.csv")
    write_csv(found.flatness_table(), folder / "flatness.csv")
    write_csv(found.front_table(), folder / "budgets.csv")
    save(plot(found), folder / "optimum")
