"""Schedules: side by side, the best one, or how much it matters not to know when."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import click

from eaesim.cli.options import cohort_options, given, member_option, output_options

SHOWN = (
    "arm",
    "antibodies",
    "mean",
    "effect",
    "effect_low",
    "effect_high",
    "grams",
    "doses",
    "volume",
    "igg_peak",
    "effect_per_gram",
    "conclusion",
)


@click.command(name="schedule", short_help="Other schedules: side by side, the best one, or mistimed.")
@click.argument("study_file", type=click.Path(path_type=Path), metavar="STUDY.toml")
@click.option("--optimise", is_flag=True, help="Search the best schedule; see the [optimise] table.")
@click.option("--mistiming", is_flag=True, help="Not knowing when; see the [mistiming] table.")
@click.option("--endpoint", metavar="NAME", help="Schedules are ranked by it; default: cumulative_score.")
@click.option(
    "--antibodies",
    metavar="RATE",
    help="Extra clearance by antibodies against IgG that repeated schedules are shown with; "
    'default: "1 1/day".',
)
@click.option("--level", metavar="AMOUNT", help='Of plasma IgG above which days count; default: "3 mg/mL".')
@cohort_options
@member_option
@output_options
def command(
    study_file: Path,
    optimise: bool,
    mistiming: bool,
    endpoint: str | None,
    antibodies: str | None,
    level: str | None,
    **common: Any,
) -> None:
    """Run the arms of a study as schedules, on the same rats, and say what each does and costs.

    Writes schedule.csv and the figure. A schedule with several doses is also run in rats that make antibodies
    against the given IgG. A [schedule] table in the study file may give the settings; options come before it.
    """
    from eaesim.workbench.studyfile import read_study

    if optimise and mistiming:
        raise click.UsageError("--optimise and --mistiming are two questions; ask one at a time.")
    own = given(endpoint=endpoint, antibodies=antibodies, level=level)
    study, file = read_study(study_file)
    cohort = {name: common.pop(name) for name in ("animals", "seed", "dead")}
    rats = {"animals": file.animals, "seed": file.seed, "dead": "score"} | given(**cohort)
    question = "optimise" if optimise else "mistiming" if mistiming else "schedule"
    common["out"] = common["out"] or Path(f"{study_file.stem}-{question}")
    if question == "schedule":
        _compare(study, file.questions.get(question, {}), own, rats, **common)
        return
    for name in own:
        if name != "endpoint":
            raise click.UsageError(f"--{name} is not for --{question}.")
    import_module(f"eaesim.cli.{question}").run(study, file, **rats, **own, **common)


def _compare(
    study: Any,
    table: Any,
    own: dict[str, str],
    rats: dict[str, Any],
    *,
    members: int | None,
    out: Path,
    force: bool,
    quiet: bool,
) -> None:
    from eaesim.analysis.schedule import plan_schedules, run_schedules
    from eaesim.cli.console import print_file, print_table, progress_bar, warn
    from eaesim.cli.schedulefiles import schedule_settings, write_schedules
    from eaesim.endpoints import DEAD_RULES
    from eaesim.protocol.scheduletable import check_schedule
    from eaesim.study import Store

    plan = plan_schedules(study, **(dict(table) | check_schedule(own)))
    store = Store(out, schedule_settings(plan, members=members, **rats), force)
    store.check()
    for text in study.warnings():
        warn(text)
    with progress_bar("rats", quiet=quiet) as progress:
        result = run_schedules(plan, members=members, progress=progress, **rats)
    files = store.write(lambda folder: write_schedules(result, folder), sentence=result.sentence())
    for note in result.notes():
        warn(note)
    print_file(files, "schedule.csv", title="every schedule and endpoint")
    shown = result.table()
    shown = shown[(shown["endpoint"] == plan.endpoint) & (shown["arm"] != result.control)]
    print_table(shown[list(SHOWN)], title=f"schedules by {plan.endpoint}")
    click.echo(
        f"{DEAD_RULES[rats['dead']]}; volume: the largest at once, mL/kg; grams: IVIG in all, g/kg; "
        "igg_peak: of given IgG in the plasma of the typical rat, mg/mL."
    )
    click.echo(f"Figure: {next(path for path in files if path.suffix == '.png')}")
    click.echo(result.sentence())
