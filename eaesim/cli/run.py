"""One study, from its file to its tables and figure."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from eaesim.cli.options import cohort_options, endpoints_option, given, member_option, names, output_options

if TYPE_CHECKING:
    import pandas as pd

    from eaesim.study import Result

SHOWN = ("incidence", "onset_day", "peak_score", "cumulative_score", "mortality", "relapse_peak_score")


@click.command(name="run", short_help="Run a study file.")
@click.argument("study_file", type=click.Path(path_type=Path), metavar="STUDY.toml")
@click.option("--record", metavar="STATE,...", help="States to keep day by day, for courses.parquet.")
@endpoints_option
@member_option
@cohort_options
@output_options
def command(
    study_file: Path,
    record: str | None,
    endpoints: str | None,
    animals: int | None,
    seed: int | None,
    dead: str | None,
    members: int | None,
    out: Path | None,
    force: bool,
    quiet: bool,
) -> None:
    """Run every arm of a study with the same rats.

    Writes the table of means and paired differences, every rat's endpoints, scores and courses, and the
    figure.
    """
    import pandas as pd

    from eaesim.analysis import compare, comparison_summary
    from eaesim.cli.console import print_file, print_table, progress_bar, warn
    from eaesim.cli.files import run_settings, write_run
    from eaesim.study import Store
    from eaesim.study.study import RECORD
    from eaesim.workbench.studyfile import read_study

    study, file = read_study(study_file)
    study = study.reading(*(names(endpoints) or ()))
    settings: dict[str, Any] = {
        "animals": file.animals,
        "seed": file.seed,
        "members": members,
        "dead": "score",
    }
    settings |= given(animals=animals, seed=seed, dead=dead)
    states = RECORD if record is None else tuple(part.strip() for part in record.split(","))
    store = Store(
        out or Path(f"{study_file.stem}-run"), run_settings(study, record=states, **settings), force
    )
    store.check()
    for text in study.warnings():
        warn(text)
    for name in file.questions:
        verb = {"optimise": "schedule --optimise", "mistiming": "schedule --mistiming"}.get(name, name)
        warn(f"the [{name}] table is not run here; see eaesim {verb}.")
    with progress_bar("rats", quiet=quiet) as progress:
        result = study.run(record=states, progress=progress, **settings)
    files = store.write(lambda folder: write_run(result, folder))
    failures = result.failures()
    if failures:
        empty = [arm for arm in result.arms if result.failed(arm) == result.number]
        none_left = f" No rat is left in: {', '.join(empty)}." if empty else ""
        runs = result.simulation.status.size
        warn(f"{len(failures)} of {runs} runs failed; the first: {failures[0]}.{none_left}")
    for text in result.notes():
        warn(text)
    table = result.table().reset_index()
    shown = table[table["endpoint"].isin((*SHOWN, *study.design.endpoints))]
    shown = pd.DataFrame(
        {
            "arm": shown["arm"],
            "endpoint": shown["endpoint"],
            "mean (95 %)": _with_interval(shown, "mean", "low", "high"),
            "difference (95 %)": _with_interval(shown, "difference", "difference_low", "difference_high"),
        }
    )
    print_file(files, "summary.csv", title=_title(result))
    print_table(shown, title=f"main endpoints, rounded to 4 digits; {_title(result)}")
    click.echo(f"Against published findings: {comparison_summary(compare(result))}")
    click.echo(f"Figure: {next(path for path in files if path.suffix == '.png')}")


def _title(result: Result) -> str:
    from eaesim.endpoints import DEAD_RULES

    sets = f" of {result.members} members" if result.members > 1 else ""
    return f"{result.rat.name}, {result.number} rats{sets} an arm; {DEAD_RULES[result.dead]}"


def _with_interval(table: pd.DataFrame, value: str, low: str, high: str) -> list[str]:
    rows = table[[value, low, high]].itertuples(index=False)
    return [_interval(*row) for row in rows]


def _interval(mean: float, low: float, high: float) -> str:
    """Return a mean and its interval, which too few rats do not have."""
    if mean != mean:
        return ""
    return f"{mean:.4g}" if low != low else f"{mean:.4g} ({low:.4g} to {high:.4g})"
