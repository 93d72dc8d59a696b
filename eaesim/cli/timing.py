"""The main job: effect of IVIG against dosing day."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from eaesim.cli.options import cohort_options, endpoints_option, given, member_option, names, output_options


@click.command(name="timing", short_help="Effect of IVIG against dosing day: the main job.")
@click.argument("file", type=click.Path(path_type=Path), required=False, metavar="[TIMING.toml]")
@click.option(
    "--rat", metavar="NAME", help="Or a fit's folder. Default: lewis around immunisation, da around relapse."
)
@click.option("--around", metavar="EVENT", help="immunisation, relapse or both (default).")
@click.option("--dose", metavar="TEXT", multiple=True, help='Default "1 g/kg"; several to compare them.')
@click.option("--days", metavar="A:B[:STEP]", help="Dosing days, both ends included; default -7:14.")
@click.option(
    "--mechanism", metavar="ID,...", help='Default H1a; "all" for every one; "H1a+H2" for both at once.'
)
@click.option("--set", "settings", metavar="NAME=VALUE", multiple=True, help="A parameter of your own.")
@endpoints_option
@member_option
@cohort_options
@output_options
def command(
    file: Path | None,
    dose: tuple[str, ...],
    days: str | None,
    mechanism: str | None,
    settings: tuple[str, ...],
    endpoints: str | None,
    out: Path | None,
    force: bool,
    quiet: bool,
    **options: Any,
) -> None:
    """Simulate one dose of IVIG at different days around immunisation and relapse induction.

    Writes timing.csv, the comparison with published findings, what the low end of the effect rests on, and
    the figure. What it shows around a relapse
    is a prediction: no experiment found has tested it. A file with a [timing] table may give the settings;
    options come before it.
    """
    from eaesim.analysis import compare, comparison_summary
    from eaesim.analysis.timingfile import TimingRequest, needed_timing_file, parse_days
    from eaesim.cli.console import progress_bar, warn
    from eaesim.cli.files import timing_settings, write_timing
    from eaesim.endpoints import DEAD_RULES
    from eaesim.study import Store

    request = TimingRequest()
    if file is not None:
        request = needed_timing_file(file)
    request = replace(
        request,
        **given(**options),
        **given(
            dose=dose or None,
            days=None if days is None else parse_days(days),
            mechanism=names(mechanism),
            endpoints=names(endpoints),
        ),
        parameters={**request.parameters, **dict(map(_setting, settings))},
    )
    for text in dict.fromkeys(text for study in request.studies() for text in study.rat.warnings()):
        warn(text)
    store = Store(
        out or Path("eaesim-timing" if file is None else f"{file.stem}-timing"),
        timing_settings(request),
        force,
    )
    store.check()
    with progress_bar("rats", quiet=quiet) as progress:
        result = request.run(progress=progress)
    files = store.write(lambda folder: write_timing(result, folder), sentence=result.sentence())
    failed = int(result.table["failed"].max())
    if failed:
        warn(f"{failed} of {result.animals} rats failed in some arm and were left out of its pairs.")
    for note in result.notes():
        warn(note)
    click.echo(f"{result.animals} rats, the same on every dosing day; {DEAD_RULES[result.dead]}.")
    click.echo(f"Against published findings: {comparison_summary(compare(result))}")
    click.echo(f"Figure: {next(path for path in files if path.suffix == '.png')}")
    click.echo(result.sentence())
    if (low_end := result.low_end()) is not None:
        click.echo(low_end.words())


def _setting(text: str) -> tuple[str, float | str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip() or not value.strip():
        raise click.UsageError(
            f'--set "{text}" cannot be read; write NAME=VALUE, such as lesion_priming_reach=1.'
        )
    try:
        return name.strip(), float(value)
    except ValueError:
        return name.strip(), value.strip()
