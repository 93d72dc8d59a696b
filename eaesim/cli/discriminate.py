"""Which experiment would tell the mechanisms apart: from ensembles to a ranked table and its figure."""

from __future__ import annotations

from pathlib import Path

import click

from eaesim.cli.options import ensemble_option, names, output_options, rats_option

SHOWN = ("title", "given", "animals_per_arm", "bits", "bits_rivals")


@click.command(
    name="discriminate", short_help="Which experiment would tell the mechanisms apart, per animal."
)
@rats_option
@ensemble_option
@click.option("--member-count", "members", type=int, metavar="N", help="Members of them; default: 64.")
@click.option("--animals", type=int, metavar="N", help="Rats in each simulated population; default: 48.")
@click.option("--seed", type=int, default=1, metavar="S", help="Seed of the rats; default: 1.")
@output_options
def command(
    rats: str | None,
    ensemble: Path | None,
    members: int | None,
    animals: int | None,
    seed: int,
    out: Path | None,
    force: bool,
    quiet: bool,
) -> None:
    """Rank experiments that a laboratory could run by what they are expected to tell about the mechanism.

    Each mechanism gets its strength from published rows, in every member of the ensembles. Designs that
    repeat a published experiment are listed apart. Writes discriminate.csv and the figure.
    """
    from eaesim.analysis.estimation.discriminate import discriminate
    from eaesim.analysis.estimation.discrimination import RANKED
    from eaesim.analysis.estimation.ensembles import member_count, read_ensembles
    from eaesim.analysis.estimation.mechanisms import ANIMALS, MEMBERS
    from eaesim.cli.console import print_file, print_table, progress_bar, warn
    from eaesim.cli.files import discriminate_settings, write_discrimination
    from eaesim.study import Store

    ensembles = read_ensembles(ensemble, rats=names(rats))
    members = member_count(ensembles.values(), members, default=MEMBERS)
    animals = ANIMALS if animals is None else animals
    settings = discriminate_settings(ensembles, members=members, animals=animals, seed=seed)
    store = Store(out or Path("eaesim-discriminate"), settings, force)
    store.check()
    with progress_bar("steps", quiet=quiet) as progress:
        result = discriminate(ensembles, members=members, animals=animals, seed=seed, progress=progress)
    files = store.write(lambda folder: write_discrimination(result, folder), sentence=result.sentence())
    for note in result.notes():
        warn(note)
    print_file(files, "discriminate.csv", title="every design, with each number of animals an arm")
    print_table(result.ranked()[list(SHOWN)], title=f"not published yet, with {RANKED} animals an arm")
    repeated = result.repeated()
    if len(repeated):
        print_table(repeated[["finding", *SHOWN]], title="repeats of published findings, not ranked")
    click.echo(f"Figure: {next(path for path in files if path.suffix == '.png')}")
    click.echo(result.sentence())
