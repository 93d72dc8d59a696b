"""A sweep, from a study file to its parts and figure; what is done stays done."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from eaesim.cli.options import cohort_options, endpoints_option, given, names, output_options

if TYPE_CHECKING:
    import pandas as pd

    from eaesim.analysis import SweepResult

SHOWN, MOST_ROWS = "peak_score", 24


@click.command(name="sweep", short_help="A study at many settings: a grid, or a sample of them.")
@click.argument("study_file", type=click.Path(path_type=Path), metavar="STUDY.toml")
@click.option("--workers", type=int, metavar="N", help="Processes; default: as many as there are cores.")
@click.option("--cluster", metavar="ADDRESS", help='Of a Dask scheduler; "local" starts one.')
@click.option(
    "--member-count",
    "members",
    type=int,
    metavar="N",
    help="Parameter sets of the rat's ensemble; default: 1, the typical rat, without parameter uncertainty.",
)
@endpoints_option
@cohort_options
@output_options
def command(
    study_file: Path,
    workers: int | None,
    cluster: str | None,
    endpoints: str | None,
    out: Path | None,
    force: bool,
    quiet: bool,
    **options: Any,
) -> None:
    """Run a study at every combination of the values in its [sweep] table, or at a sample of them.

    Writes settings.parquet, the folder sweep with means and effects of every arm at every point, and the
    figure. The same rats stand at every point. Interrupted, the same command goes on where it stopped.
    """
    from eaesim.analysis.sweep import chosen_workers, run_sweep
    from eaesim.analysis.sweepnotes import cost_line, path_lines, sweep_notes
    from eaesim.analysis.sweepparts import SweepFolder
    from eaesim.analysis.sweepplan import plan_sweep
    from eaesim.cli.console import print_table, progress_bar, warn
    from eaesim.endpoints import DEAD_RULES
    from eaesim.errors import ProtocolError
    from eaesim.plot import plot, save
    from eaesim.protocol.tables import within
    from eaesim.study import Store
    from eaesim.workbench.studyfile import read_study

    study, file = read_study(study_file)
    study = study.reading(*(names(endpoints) or ()))
    if file.sweep is None:
        raise ProtocolError(f"{study_file} has no [sweep] table; eaesim new NAME writes one to start from.")
    rats: dict[str, Any] = {"animals": file.animals, "seed": file.seed, "dead": "score"} | given(**options)
    with within(str(study_file)):
        plan = plan_sweep(study, file.sweep, **rats)
    store = Store(out or Path(f"{study_file.stem}-sweep"), plan.settings(), force)
    workers = chosen_workers(plan, workers=workers, cluster=cluster)
    store.check()
    for text in [*study.warnings(), *sweep_notes(plan)]:
        warn(text)
    click.echo("\n".join([*path_lines(plan), cost_line(plan, workers=workers or 1)]))
    try:
        with progress_bar("rats", quiet=quiet) as progress:
            result = run_sweep(
                plan, folder=SweepFolder(store, plan), workers=workers, cluster=cluster, progress=progress
            )
        image, _ = store.add(lambda folder: save(plot(result), folder / "sweep"))
    except KeyboardInterrupt as error:
        raise KeyboardInterrupt(
            f"interrupted; what is done is kept in {store.folder}, and the same command goes on from there."
        ) from error
    points, failed = result.failed()
    if failed:
        warn(f"at {points} of {plan.sweep.points} points some rats failed and were left out.")
    shown = next(iter(plan.study.design.endpoints), SHOWN)
    if len(table := _shown(result, shown)) <= MOST_ROWS:
        print_table(table, title=f"{shown}; {store.folder / 'sweep'} has every endpoint and column")
    click.echo(
        f"{plan.animals} rats, {plan.parameter_sets}; the same at every point and in every arm; "
        f"{DEAD_RULES[plan.dead]}."
    )
    click.echo(f"Figure: {image}")
    click.echo(result.sentence(shown))


def _shown(result: SweepResult, endpoint: str) -> pd.DataFrame:
    """Return one endpoint in few columns."""
    treated = result.plan.treated
    ends = ("effect", "effect_low", "effect_high") if treated else ("mean", "low", "high")
    columns = [*result.paths, "arm", *ends]
    return result.table(endpoint=endpoint, arm=treated or None, columns=columns)
