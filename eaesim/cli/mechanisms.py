"""Mechanisms compete: from ensembles to verdicts on every finding."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from eaesim.cli.options import ensemble_option, fixed_option, held, output_options, rats_option
from eaesim.cli.options import names as named


@click.command(name="mechanisms", short_help="Which mechanisms agree with the published findings.")
@rats_option
@ensemble_option
@click.option("--mechanism", metavar="ID,...", help="Default: each, and every pair; H1a+H2 for two at once.")
@click.option("--member-count", type=int, metavar="N", help="Of the ensemble; default: 64.")
@click.option("--animals", type=int, default=48, metavar="N", help="Rats in each population; default: 48.")
@click.option("--seed", type=int, default=1, metavar="S", help="Of the rats; default: 1.")
@fixed_option
@click.option(
    "--given",
    multiple=True,
    metavar="FINDING=DOSE",
    help='What its rats were given, such as "A1=0.2 g/kg every 1 day x 5"; default: 1 g/kg where not stated.',
)
@output_options
def command(
    rats: str | None,
    ensemble: Path | None,
    mechanism: str | None,
    member_count: int | None,
    animals: int,
    seed: int,
    fix: tuple[str, ...],
    given: tuple[str, ...],
    out: Path | None,
    force: bool,
    quiet: bool,
) -> None:
    """Give each mechanism its strength by the calibrating rows, and hold it to every finding.

    Writes rows.csv (every row of tables A, B and E, those on untreated rats and on other drugs among them:
    published, predicted, verdict, or why it is not simulated), mechanisms.csv (finding by mechanism: agrees,
    disagrees, inconclusive), validation.csv (findings that no fit has seen), ranking.csv and the figures.
    """
    from eaesim.analysis.estimation.ensembles import fingerprints, read_ensembles
    from eaesim.analysis.estimation.ensembles import member_count as chosen_count
    from eaesim.analysis.estimation.mechanisms import MEMBERS, mechanisms
    from eaesim.analysis.estimation.rowtable import judge_rows
    from eaesim.cli.console import print_file, progress_bar
    from eaesim.cli.fitfiles import write_mechanisms
    from eaesim.solver import choose_engine
    from eaesim.study import Store

    ensembles = read_ensembles(ensemble, rats=named(rats))
    members = chosen_count(ensembles.values(), member_count, default=MEMBERS)
    names = None if mechanism is None else [part.strip() for part in mechanism.split(",")]
    settings: dict[str, Any] = {
        "verb": "mechanisms",
        "ensembles": fingerprints(ensembles),
        "mechanisms": names,
        "members": members,
        "animals": animals,
        "seed": seed,
        "fixed": held(fix),
        "doses": dict(map(_dose, given)),
        "engine": choose_engine().name,
    }
    store = Store(out or Path("eaesim-mechanisms"), settings, force)
    store.check()
    with progress_bar("mechanisms", quiet=quiet) as progress:
        found = mechanisms(
            ensembles,
            names=names,
            fixed=settings["fixed"],
            doses=settings["doses"],
            members=members,
            animals=animals,
            seed=seed,
            progress=progress,
        )
    with progress_bar("rows", quiet=quiet) as progress:
        rows = judge_rows(found, ensembles, fixed=settings["fixed"], seed=seed, progress=progress)
    sentences = [*found.words(), *rows.words()]
    files = store.write(lambda folder: write_mechanisms(found, rows, folder), sentence=" ".join(sentences))
    title = "mechanisms, the likeliest first: how many findings agree with each"
    print_file(files, "ranking.csv", title=title)
    click.echo(f"Figure: {next(path for path in files if path.name == 'mechanisms.png')}")
    for line in sentences:
        click.echo(line)


def _dose(text: str) -> tuple[str, str]:
    identity, equals, dose = text.partition("=")
    if not equals:
        raise click.UsageError(f'--given "{text}" cannot be read; write FINDING=DOSE.')
    return identity.strip(), dose.strip()
