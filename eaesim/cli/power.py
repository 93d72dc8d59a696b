"""Power: from a study file to the number of animals that shows an effect."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from eaesim.cli.options import dead_option, given, member_option, names, output_options

SHOWN = ("arm", "endpoint", "animals", "power", "low", "high", "member_low", "member_high")
LONGEST_NUMBER = 18


@click.command(name="power", short_help="How many animals in each arm would show the effect.")
@click.argument("study_file", type=click.Path(path_type=Path), metavar="STUDY.toml")
@click.option(
    "--endpoints",
    metavar="NAME,...",
    help="Of peak_score, cumulative_score, mean_score, incidence, onset_day, mortality; also with a window "
    "of days, such as cumulative_score[12:42]; the first decides.",
)
@click.option("--arms", metavar="NAME,...", help="Compared with the control; default: all.")
@click.option("--animals", metavar="N,...", help="Animals in each arm to try; default: 5,8,10,15,20.")
@click.option("--studies", type=int, metavar="N", help="Simulated for each number; default: 4000.")
@click.option("--pool", type=int, metavar="N", help="Virtual rats they are drawn from; default: 20000.")
@click.option("--wanted", type=float, metavar="POWER", help="Default: 0.8.")
@click.option("--alpha", type=float, metavar="LEVEL", help="Of each two-sided test; default: 0.05.")
@click.option("--dropout", metavar="SHARE", help='Lost by the last day, "10 %", or "1 % per day".')
@click.option("--correction", metavar="NAME", help="For several arms: none (default), holm, bonferroni.")
@click.option("--seed", type=int, metavar="S", help="Of the rats and the studies.")
@dead_option
@click.option("--course", is_flag=True, help="Also fit an ordinal model to a typical study's whole course.")
@member_option
@output_options
def command(
    study_file: Path,
    endpoints: str | None,
    arms: str | None,
    animals: str | None,
    seed: int | None,
    course: bool,
    out: Path | None,
    force: bool,
    quiet: bool,
    **options: Any,
) -> None:
    """Draw many studies from virtual rats, and say how many animals in each arm would show the effect.

    Writes power.csv, needed.csv, expected.csv, paragraph.txt and the figure. A [power] table in the study
    file may give the settings; options come before it.
    """
    from eaesim.analysis.power.paragraph import power_paragraph
    from eaesim.analysis.power.plan import plan_power
    from eaesim.analysis.power.question import run_power
    from eaesim.cli.console import print_file, print_table, progress_bar, warn
    from eaesim.cli.powerfiles import power_settings, write_power
    from eaesim.study import Store, read_study
    from eaesim.study.cohort import check_animals

    study, file = read_study(study_file)
    asked = given(
        endpoints=names(endpoints),
        arms=names(arms),
        animals=_numbers(animals),
        **options,
    )
    plan = plan_power(study, **(dict(file.questions.get("power", {})) | asked))
    seed = file.seed if seed is None else seed
    check_animals(1, seed=seed)
    store = Store(
        out or Path(f"{study_file.stem}-power"), power_settings(plan, seed=seed, course=course), force
    )
    store.check()
    for text in plan.study.warnings():
        warn(text)
    with progress_bar("rats", quiet=quiet) as progress:
        result = run_power(plan, seed=seed, progress=progress)
    files = store.write(lambda folder: write_power(result, folder, course=course), sentence=result.sentence())
    for note in result.notes():
        warn(note)
    first = result.table()
    first = first[first["endpoint"] == plan.endpoints[0]]
    ends = "low, high: Monte Carlo; member_low, member_high: 90 % of parameter sets"
    needed = f"animals in each arm for a power of {plan.wanted:g}"
    print_file(files, "power.csv", title=f"power ({ends})")
    print_file(files, "needed.csv", title=needed)
    print_file(files, "expected.csv", title=f"expected with {result.chosen} animals in each arm")
    print_table(first[list(SHOWN)], title=f"power ({ends})")
    print_table(result.needed_words(), title=needed)
    click.echo(power_paragraph(result))
    click.echo(f"Figure: {next(path for path in files if path.suffix == '.png')}")
    click.echo(result.sentence())


def _numbers(text: str | None) -> list[Any] | None:
    """Return numbers; what is none stays as it is, for the plan to say so."""
    parts = names(text)
    return None if parts is None else [int(part) if _is_number(part) else part for part in parts]


def _is_number(text: str) -> bool:
    # No count is longer, and Python reads no number of thousands of digits.
    return text.isdecimal() and len(text) <= LONGEST_NUMBER
