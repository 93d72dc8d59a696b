"""A laboratory's own daily scores: endpoints, statistics and figure."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from eaesim.cli.options import dead_option, given, lost_options, output_options
from eaesim.cli.scoreoptions import given_score_options, read_score_file, score_file_options

if TYPE_CHECKING:
    import pandas as pd

    from eaesim.evidence import LaboratoryResult

SHOWN = {
    "incidence": "Fisher",
    "onset_day": "log-rank",
    "peak_score": "Mann-Whitney",
    "cumulative_score": "Mann-Whitney",
    "mean_score": "Mann-Whitney",
    "mortality": "Fisher",
}
WEIGHT = "lowest_weight"


@click.command(name="scores", short_help="Endpoints and statistics of your own daily scores.")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@score_file_options
@dead_option
@lost_options
@output_options
def command(
    file: Path,
    out: Path | None,
    force: bool,
    quiet: bool,
    **options: Any,
) -> None:
    """Read daily scores (.csv, .tsv, .txt, .xlsx), and say what they show; nothing is simulated.

    A row is one reading (animal, arm, day, score), or an animal with a column a day; eaesim new scores writes
    one to start from. Every animal counts as far as it was watched. Writes animals.csv, summary.csv,
    tests.csv and a figure; --quiet prints no table.
    """
    from eaesim.cli.console import print_file, print_table, warn
    from eaesim.cli.files import scores_settings, write_scores
    from eaesim.evidence import LaboratoryResult
    from eaesim.evidence.laboratorywords import laboratory_notes, laboratory_sentence
    from eaesim.study import Store

    reading = given_score_options(options)
    rules = {"dead": "score"} | given(**{name: options[name] for name in ("dead", "lost", "signs")})
    scores = read_score_file(file, reading)
    result = LaboratoryResult(scores, **rules)
    store = Store(
        out or Path(f"{file.stem}-scores"),
        scores_settings(file, reading | {"control": scores.control}, rules),
        force,
    )
    store.check()
    notes = laboratory_notes(result)
    sentence = laboratory_sentence(result)
    files = store.write(lambda folder: write_scores(result, folder), sentence=sentence)
    for note in notes:
        warn(note)
    if not quiet:
        animals = sum(len(scores.animals(arm)) for arm in scores.arms)
        said = f"{animals} animals; {result.signs_words}; {result.dead_words}"
        title = f"{file.name}: {said}"
        print_file(files, "summary.csv", title=title)
        if result.treated:
            print_file(files, "tests.csv", title=f"against {scores.control}; {result.signs_words}")
        print_table(_shown(result), title=f"means rounded to 2 decimals; {title}")
        if result.treated:
            tests = _tested(result)
            until = sorted({result.common_day(arm) for arm in result.treated})
            days = f"day {until[0]}" if len(until) == 1 else "the last day in common"
            print_table(tests, title=f"against {scores.control}, up to {days}; {result.signs_words}")
            click.echo("p values are two-sided, and not corrected for how many there are.")
    click.echo(f"Figure: {next(path for path in files if path.suffix == '.png')}")
    click.echo(sentence)


def _shown(result: LaboratoryResult) -> pd.DataFrame:
    """Return the means of the main endpoints with their intervals, up to the last day of each arm."""
    import pandas as pd

    rows = []
    for arm in result.arms:
        for name in (*SHOWN, *(each for each in result.endpoints if each == WEIGHT)):
            mean = result.mean(arm, name)
            rows.append(
                {
                    "arm": arm,
                    "endpoint": name,
                    "to day": result.until(arm),
                    "n": result.number(arm, name),
                    "mean (95 %)": "withheld: --lost"
                    if result.withheld(arm, name)
                    else _interval(mean.value, mean.low, mean.high),
                }
            )
    return pd.DataFrame(rows)


def _tested(result: LaboratoryResult) -> pd.DataFrame:
    """Return the tests of the main endpoints."""
    import pandas as pd

    from eaesim.evidence.laboratorywords import p_words

    rows = []
    for arm in result.treated:
        for name, test in (SHOWN | {WEIGHT: "Mann-Whitney"}).items():
            found = result.tests.get((arm, test, name))
            if found is None:
                continue
            rows.append(
                {
                    "arm": arm,
                    "endpoint": name,
                    "to day": result.common_day(arm),
                    "test": test,
                    "n": f"{found.animals} v. {found.control_animals}",
                    "p": "none" if math.isnan(found.p_value) else p_words(found.p_value).removeprefix("p = "),
                }
            )
    return pd.DataFrame(rows)


def _interval(value: float, low: float, high: float) -> str:
    """Return a mean with its interval, of which one animal has none."""
    if value != value:
        return ""
    return f"{value:.2f}" if low != low else f"{value:.2f} ({low:.2f} to {high:.2f})"
