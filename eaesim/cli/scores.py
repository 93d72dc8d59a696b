"""A laboratory's own daily scores: endpoints, statistics and figure."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from eaesim.cli.options import output_options
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


@click.command(name="scores", short_help="Endpoints and statistics of your own daily scores.")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@score_file_options
@click.option(
    "--dead",
    default="five",
    metavar="RULE",
    help="How the dead are scored: five (5 from that day on), last (their last score), or exclude.",
)
@output_options
def command(
    file: Path,
    dead: str,
    out: Path | None,
    force: bool,
    quiet: bool,
    **options: Any,
) -> None:
    """Read daily scores (.csv, .tsv, .txt, .xlsx), and say what they show; nothing is simulated.

    A row is one reading (animal, arm, day, score), or an animal with a column a day; eaesim new scores writes
    one to start from. Writes animals.csv, summary.csv, tests.csv and a figure; --quiet prints no table.
    """
    from eaesim.cli.console import print_table, warn
    from eaesim.cli.files import scores_settings, write_scores
    from eaesim.endpoints import DEAD_RULES
    from eaesim.evidence import LaboratoryResult
    from eaesim.evidence.laboratorywords import laboratory_notes, laboratory_sentence
    from eaesim.study import Store

    reading = given_score_options(options)
    scores = read_score_file(file, reading)
    result = LaboratoryResult(scores, dead)
    store = Store(
        out or Path(f"{file.stem}-scores"),
        scores_settings(file, reading | {"control": scores.control}, dead=dead),
        force,
    )
    store.check()
    notes = laboratory_notes(result)
    files = store.write(lambda folder: write_scores(result, folder), sentence=laboratory_sentence(result))
    for note in notes:
        warn(note)
    if not quiet:
        animals = sum(len(scores.animals(arm)) for arm in scores.arms)
        print_table(_shown(result), title=f"{file.name}: {animals} animals; {DEAD_RULES[dead]}")
        if result.treated:
            click.echo("p values are two-sided, and not corrected for how many there are.")
    click.echo(f"Figure: {next(path for path in files if path.suffix == '.png')}")
    click.echo(laboratory_sentence(result))


def _shown(result: LaboratoryResult) -> pd.DataFrame:
    """Return the means of the main endpoints with their intervals and tests."""
    import pandas as pd

    from eaesim.evidence.laboratorywords import p_words

    rows = []
    for arm in result.arms:
        for name, test in SHOWN.items():
            found, mean = result.tests.get((arm, test, name)), result.mean(arm, name)
            tested = found is not None and found.p_value == found.p_value
            rows.append(
                {
                    "arm": arm,
                    "endpoint": name,
                    "mean (95 %)": _interval(mean.value, mean.low, mean.high),
                    "against control": f"{test}, {p_words(found.p_value)}" if found and tested else "",
                }
            )
    return pd.DataFrame(rows)


def _interval(value: float, low: float, high: float) -> str:
    """Return a mean with its interval, of which one animal has none."""
    if value != value:
        return ""
    return f"{value:.2f}" if low != low else f"{value:.2f} ({low:.2f} to {high:.2f})"
