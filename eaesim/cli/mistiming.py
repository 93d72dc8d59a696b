"""Not knowing when: what ``eaesim schedule --mistiming`` does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from eaesim.analysis import Mistiming
    from eaesim.protocol import StudyFile
    from eaesim.study import Study


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
    """Ask what not knowing when costs, write what came of it, and say it in a sentence."""
    from eaesim.analysis.mistiming.question import mistiming, table_settings
    from eaesim.cli.console import print_file, print_table, progress_bar
    from eaesim.solver import choose_engine
    from eaesim.study import Store, study_text
    from eaesim.study.membership import member_settings

    if dead != "score":
        raise click.UsageError("--dead is not for --mistiming; the dead score 5.")
    for name in options:
        raise click.UsageError(f"--{name} is not for --mistiming; it reads the relapse's peak.")
    table = dict(file.questions.get("mistiming", {}))
    settings = {
        "verb": "schedule --mistiming",
        "study": study_text(study, animals=animals, seed=seed),
        "mistiming": table,
        **member_settings(study.rat, members),
        "engine": choose_engine().name,
    }
    asked = table_settings(table)
    store = Store(out, settings, force)
    store.check()
    with progress_bar("rats", quiet=quiet) as progress:
        found = mistiming(
            study.rat,
            mechanism=study.design.mechanism,
            animals=animals,
            seed=seed,
            members=members,
            progress=progress,
            **asked,
        )
    files = store.write(lambda folder: _write(found, folder), sentence=found.sentence())
    print_file(files, "uncertainty.csv", title="what survives of the best effect")
    worst = found.maintenance_table()
    if len(worst):
        worst = worst.loc[worst.groupby(["antibodies", "interval"])["effect"].idxmin()]
        print_file(files, "maintenance.csv", title="maintenance, in every phase")
        print_table(
            worst.drop(columns=["animal_low", "animal_high"]), title="maintenance, in its worst phase"
        )
    click.echo(f"Figure: {next(path for path in files if path.suffix == '.png')}")
    click.echo(found.sentence())


def _write(found: Mistiming, folder: Path) -> None:
    from eaesim.plot import plot, save
    from eaesim.workbench.csvfile import write_csv

    write_csv(found.table(), folder / "mistiming.csv")
    write_csv(found.uncertainty_table(), folder / "uncertainty.csv")
    write_csv(found.maintenance_table(), folder / "maintenance.csv")
    save(plot(found), folder / "mistiming")
