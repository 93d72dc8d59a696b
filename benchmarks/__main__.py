"""One command: every library that is installed, the tables, the figures."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import click

from benchmarks.adaptors import LIBRARIES
from benchmarks.suite import FULL, PARTS, QUICK, SuiteError, run_suite

RESULTS = Path(__file__).parent / "results"


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--quick", is_flag=True, help="Fewer rats and rounds: two minutes instead of fifteen.")
@click.option("--only", multiple=True, type=click.Choice(LIBRARIES), help="A library; repeat for more.")
@click.option("--skip", multiple=True, type=click.Choice(PARTS), help="A part to leave out; repeat for more.")
@click.option("--rats", type=click.IntRange(1), help="Random rats; default: 128, or 32 with --quick.")
@click.option("--rounds", type=click.IntRange(1), help="Rounds of measuring; default: 4, or 2 with --quick.")
@click.option("--most", type=click.IntRange(1), help="Rats of the largest trial; default: 10000000.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=RESULTS, show_default=True)
def command(
    quick: bool,
    only: Sequence[str],
    skip: Sequence[str],
    rats: int | None,
    rounds: int | None,
    most: int | None,
    out: Path,
) -> None:
    """Compare the lane engine with other libraries, on this package's own rat and at equal error."""
    extent = QUICK if quick else FULL
    extent = replace(extent, rats=rats or extent.rats, rounds=rounds or extent.rounds).up_to(most)
    start = time.perf_counter()

    def say(text: str) -> None:
        click.echo(f"[{time.perf_counter() - start:4.0f} s] {' '.join(text.split())}", err=True)

    # Made beside the folder and moved in when whole: an interrupted run leaves the last results as they were.
    making = out.with_name(f".{out.name}.{uuid4().hex}")
    making.mkdir(parents=True)
    try:
        run_suite(making, earlier=out, extent=extent, libraries=only or LIBRARIES, skip=skip, say=say)
        out.mkdir(exist_ok=True)
        for file in making.iterdir():
            file.replace(out / file.name)
    except SuiteError as error:
        raise click.ClickException(str(error)) from error
    finally:
        shutil.rmtree(making, ignore_errors=True)
    click.echo((out / "README.md").read_text("utf-8"))


if __name__ == "__main__":
    command(prog_name="python -m benchmarks")
