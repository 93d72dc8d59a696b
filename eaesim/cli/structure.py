"""What each part of the model buys: the fit again without it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from eaesim.cli.options import ensemble_option, fixed_option, given, held, names, output_options, rats_option


@click.command(name="structure", short_help="What each part of the model buys: the fit again without it.")
@rats_option
@ensemble_option
@click.option("--particles", type=int, metavar="N", help="From each chain of the fit; default: 32.")
@click.option("--moves", type=int, metavar="N", help="Of the particles at every step; default: 8.")
@click.option("--seed", type=int, default=1, metavar="S", help="Of the draws; default: 1.")
@fixed_option
@output_options
def command(
    rats: str | None,
    ensemble: Path | None,
    seed: int,
    fix: tuple[str, ...],
    out: Path | None,
    force: bool,
    quiet: bool,
    **options: Any,
) -> None:
    """Estimate the model again without each of its parts: how much less likely the published rows are.

    Every smaller model is reached from the posterior of the whole one. With --fix only what is held there is
    judged. Writes structure.csv (a row a part) and the figure. A run that was stopped goes on where it was.
    """
    from eaesim.analysis.estimation.ensembles import fingerprints, read_ensembles
    from eaesim.analysis.estimation.parts import MOVES, PARTICLES, judge_parts, read_parts
    from eaesim.cli.console import print_file, progress_bar
    from eaesim.cli.fitfiles import write_structure
    from eaesim.solver import choose_engine
    from eaesim.study import Store

    ensembles = read_ensembles(ensemble, rats=names(rats))
    parts = {", ".join(fix): held(fix)} if fix else read_parts()
    budget = {"particles": PARTICLES, "moves": MOVES} | given(**options)
    settings: dict[str, Any] = {
        "verb": "structure",
        "ensembles": fingerprints(ensembles),
        "parts": parts,
        **budget,
        "seed": seed,
        "engine": choose_engine().name,
    }
    store = Store(out or Path("eaesim-structure"), settings, force)
    store.check()
    with progress_bar("fits without a part", quiet=quiet) as progress:
        found = judge_parts(
            ensembles, parts=parts, **budget, seed=seed, folder=store.keep(), progress=progress
        )
    files = store.write(lambda folder: write_structure(found, folder), sentence=found.sentence())
    title = "log evidence of the rows without each part, against the whole model's"
    print_file(files, "structure.csv", title=title)
    click.echo(f"Figure: {next(path for path in files if path.suffix == '.png')}")
    click.echo(found.sentence())
