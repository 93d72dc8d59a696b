"""Global sensitivity: from a study file to indices and their figure."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from eaesim.cli.options import cohort_options, given, output_options

if TYPE_CHECKING:
    import pandas as pd

    from eaesim.analysis import Sensitivity

SHOWN = 10
_OUTPUT = ("arm", "against", "relative")


@click.command(name="sensitivity", short_help="Which unknowns decide an endpoint, or the effect of a dose.")
@click.argument("study_file", type=click.Path(path_type=Path), metavar="STUDY.toml")
@click.option(
    "--method", metavar="NAME", help="morris (default): many unknowns; sobol: shares of variance, for a few."
)
@click.option("--endpoint", metavar="NAME", help="Default: peak_score.")
@click.option("--arm", metavar="NAME", help="Default: the effect of every arm against the control.")
@click.option("--against", metavar="NAME", help="What --arm takes away from this arm, instead of its mean.")
@click.option("--relative", is_flag=True, default=None, help="As a share of the control's mean.")
@click.option(
    "--parameters", metavar="NAME,...", help="Parameters, or their kinds; default: all whose bounds differ."
)
@click.option("--trajectories", type=int, metavar="N", help="For morris; default: 20.")
@click.option("--samples", type=int, metavar="N", help="For sobol, a power of 2; default: 256.")
@click.option("--workers", type=int, metavar="N", help="Processes; default: as many as there are cores.")
@click.option("--cluster", metavar="ADDRESS", help='Of a Dask scheduler; "local" starts one.')
@cohort_options
@output_options
def command(
    study_file: Path,
    parameters: str | None,
    workers: int | None,
    cluster: str | None,
    animals: int | None,
    seed: int | None,
    dead: str | None,
    out: Path | None,
    force: bool,
    quiet: bool,
    **options: Any,
) -> None:
    """Vary all unknowns together, and say which of them an endpoint or an effect depends on.

    Writes sensitivity.csv, convergence.csv and the figure. A [sensitivity] table in the study file may give
    the settings; options come before it. The same rats stand at every set of values.
    """
    from eaesim.analysis.sensitivity import run_sensitivity
    from eaesim.analysis.sensitivityplan import plan_sensitivity, table_settings
    from eaesim.cli.console import print_file, print_table, progress_bar, warn
    from eaesim.cli.files import sensitivity_settings, write_sensitivity
    from eaesim.endpoints import DEAD_RULES
    from eaesim.study import Store
    from eaesim.workbench.studyfile import read_study

    study, file = read_study(study_file)
    asked = given(
        **options, parameters=None if parameters is None else [part.strip() for part in parameters.split(",")]
    )
    plan = plan_sensitivity(study, **_merged(table_settings(file.questions.get("sensitivity", {})), asked))
    rats: dict[str, Any] = {"animals": file.animals, "seed": file.seed, "dead": "score"}
    rats |= given(animals=animals, seed=seed, dead=dead)
    store = Store(out or Path(f"{study_file.stem}-sensitivity"), sensitivity_settings(plan, **rats), force)
    store.check()
    for text in plan.study.warnings():
        warn(text)
    with progress_bar("rats", quiet=quiet) as progress:
        result = run_sensitivity(plan, workers=workers, cluster=cluster, progress=progress, **rats)
    files = store.write(lambda folder: write_sensitivity(result, folder), sentence=result.sentence())
    for note in result.notes():
        warn(note)
    print_file(files, "sensitivity.csv", title="every unknown")
    for output in plan.outputs:
        print_table(_shown(result, result.rows(output)), title=f"the first {SHOWN} for {output.text()}")
    click.echo(
        f"{plan.way.title}; {len(plan.factors)} factors, {plan.samples} sets of values, the same "
        f"{result.animals} rats at each; what is not varied is that of the typical rat; "
        f"{DEAD_RULES[result.dead]}."
    )
    click.echo(f"Figure: {next(path for path in files if path.suffix == '.png')}")
    click.echo(result.sentence())


def _merged(table: dict[str, Any], asked: dict[str, Any]) -> dict[str, Any]:
    """Put the options before the table of the file; an output that is asked for replaces all of its."""
    own = any(key in asked for key in _OUTPUT)
    kept = {key: value for key, value in table.items() if not (own and key in ("outputs", *_OUTPUT))}
    if "endpoint" in asked and "outputs" in kept:
        kept["outputs"] = [{**output, "endpoint": asked["endpoint"]} for output in kept["outputs"]]
    if "parameters" in asked:
        kept.pop("ranges", None)
    return kept | asked


def _shown(result: Sensitivity, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the first rows with a value, in few columns."""
    leading, beside = result.plan.way.leading, result.plan.way.beside
    rows = rows[rows[leading] > 0].head(SHOWN)
    columns = ["parameter", leading, f"{leading}_low", f"{leading}_high", beside]
    return rows[["rank", *columns] if rows["rank"].notna().any() else columns]
