"""Estimating rats: from published rows, or from a laboratory's own scores."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from eaesim.cli.options import fixed_option, given, held, lost_options, output_options
from eaesim.cli.scoreoptions import NAMES, given_score_options, read_score_file, score_file_options

if TYPE_CHECKING:
    import pandas as pd

    from eaesim.analysis.estimation.laboratory import LaboratoryFit

_PUBLISHED = ("start", "particles", "chains", "moves", "animals", "sets")
_RULES = ("lost", "signs")
_OWN = (*NAMES, *_RULES)
# The rat that a laboratory's fit makes.
LABORATORY = "laboratory"


@click.command(name="fit", short_help="Estimate the rats, or your own from daily scores: an ensemble.")
@click.option(
    "--rat", metavar="NAME,...", help="Default: lewis,da, or lewis with --scores; or lewis_lean,da_lean."
)
@click.option("--scores", type=click.Path(path_type=Path), metavar="FILE", help="Your own daily scores.")
@score_file_options
@lost_options
@click.option("--start", metavar="WHERE", help="Of the chains: emulator (default) or prior.")
@click.option("--particles", type=int, metavar="N", help="Of each chain; default: 256; 128 from the prior.")
@click.option("--chains", type=int, metavar="N", help="Independent runs that must agree; default: 2.")
@click.option("--moves", type=int, metavar="N", help="Once all rows count; default: 96; 1500 from the prior.")
@click.option("--sets", type=int, metavar="N", help="Simulated to train the emulator; default: 52000.")
@fixed_option
@click.option("--animals", type=int, metavar="N", help="Rats in each simulated population; default: 64.")
@click.option("--calibrate", type=int, metavar="N", help="Fit N synthetic sets of rows whose truth is known.")
@click.option("--seed", type=int, default=1, metavar="S", help="Of everything; default: 1.")
@output_options
def command(
    rat: str | None,
    scores: Path | None,
    seed: int,
    fix: tuple[str, ...],
    out: Path | None,
    force: bool,
    quiet: bool,
    **options: Any,
) -> None:
    """Estimate rats from the published rows marked to calibrate; the result is an ensemble, never one set.

    Writes NAME.ensemble.parquet for each rat, rows.csv (published against predicted), identifiability.csv,
    posterior.parquet and the figure. A run that was stopped goes on where it was. With --scores the strain's
    ensemble is moved as far as your control animals ask for, each as far as it was watched: then eaesim
    timing --rat FOLDER/laboratory.
    The chains start where a network leads that is trained on simulated sets first (it needs the extra fit);
    with --start prior they come from afar, and rarely agree.
    With --calibrate it tells how often the fit's intervals hold a truth that is known.
    """
    from eaesim.model.species import DEFAULT

    given_rats = (DEFAULT[0] if scores else ",".join(DEFAULT)) if rat is None else rat
    strains = [part.strip() for part in given_rats.split(",")]
    asked = {name: value for name, value in given(**options).items() if value != ()}
    if fix and scores is not None:
        raise click.UsageError("--fix is not for a fit of --scores.")
    wrong = [name for name in asked if name in (_PUBLISHED if scores else _OWN)]
    if wrong:
        name = wrong[0].replace("_", "-")
        raise click.UsageError(f"--{name} is not for a fit {'of' if scores else 'without'} --scores.")
    calibrated = asked.pop("calibrate", None)
    if calibrated is not None:
        if scores is not None or fix:
            raise click.UsageError("--calibrate is not for a fit of --scores, nor with --fix.")
        unknown = [name for name in ("start", "chains", *_OWN) if name in asked]
        if unknown:
            raise click.UsageError(f"--{unknown[0].replace('_', '-')} is not for --calibrate.")
        _calibrate(strains, calibrated, seed, asked, out or Path("eaesim-fit-calibration"), force, quiet)
    elif scores is None:
        asked |= {"fixed": held(fix)} if fix else {}
        _fit_published(strains, seed, asked, out or Path("eaesim-fit"), force, quiet)
    else:
        if len(strains) != 1:
            raise click.UsageError("--rat names one strain with --scores.")
        _fit_scores(scores, strains[0], seed, asked, out or Path(f"{scores.stem}-fit"), force, quiet)


def _fit_published(
    strains: list[str], seed: int, asked: dict[str, Any], out: Path, force: bool, quiet: bool
) -> None:
    from eaesim.analysis.estimation.chain import fit_way
    from eaesim.analysis.estimation.fit import ANIMALS, CHAINS, START, fit
    from eaesim.analysis.estimation.start import SETS
    from eaesim.cli.console import print_file, print_table, progress_bar, warn
    from eaesim.cli.fitfiles import fit_about, write_fit
    from eaesim.solver import choose_engine
    from eaesim.study import Store

    start = str(asked.get("start", START))
    way = fit_way(start, particles=asked.get("particles"), moves=asked.get("moves"))
    if start == "prior" and "sets" in asked:
        raise click.UsageError("--sets is not for --start prior.")
    budget: dict[str, Any] = {
        "start": start,
        "particles": way.particles,
        "chains": CHAINS,
        "moves": way.moves,
    }
    budget |= {"animals": ANIMALS, **({} if start == "prior" else {"sets": SETS}), **asked}
    settings = {"verb": "fit", "rats": strains, "seed": seed, **budget, "engine": choose_engine().name}
    store = Store(out, settings, force)
    store.check()
    with progress_bar("parts of the way", quiet=quiet) as progress:
        found = fit(strains, **budget, seed=seed, folder=store.keep(), progress=progress)
    about = fit_about(f"eaesim fit --rat {','.join(strains)}", budget, seed)
    files = store.write(lambda folder: write_fit(found, about, folder), sentence=found.sentence())
    for note in found.notes():
        warn(note)
    title = "published rows, and what the members predict (median, 90 %)"
    print_file(files, "rows.csv", title=title)
    print_table(_shown(found.rows), title=title)
    for path in files:
        if path.suffix == ".png":
            click.echo(f"Figure: {path}")
    click.echo(f"Chains: {found.disagreement}")
    click.echo(found.sentence())


def _calibrate(
    strains: list[str], data_sets: int, seed: int, asked: dict[str, Any], out: Path, force: bool, quiet: bool
) -> None:
    from eaesim.analysis.estimation.fit import ANIMALS
    from eaesim.analysis.estimation.fitcalibration import MOVES, PARTICLES, calibrate_fit
    from eaesim.analysis.estimation.start import SETS
    from eaesim.cli.console import progress_bar
    from eaesim.cli.fitfiles import write_calibration
    from eaesim.solver import choose_engine
    from eaesim.study import Store

    budget: dict[str, Any] = {"data_sets": data_sets, "particles": PARTICLES, "moves": MOVES}
    budget |= {"animals": ANIMALS, "sets": SETS} | asked
    settings = {"verb": "fit", "rats": strains, "seed": seed, **budget, "engine": choose_engine().name}
    store = Store(out, settings, force)
    store.check()
    with progress_bar("data sets", quiet=quiet) as progress:
        found = calibrate_fit(strains, **budget, seed=seed, folder=store.keep(), progress=progress)
    files = store.write(lambda folder: write_calibration(found, folder), sentence=found.sentence())
    for path in files:
        if path.suffix == ".png":
            click.echo(f"Figure: {path}")
    click.echo(found.sentence())


def _shown(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the table in few columns, so that it fits a terminal."""
    short = rows["published"].str.split(",").str[0]
    return rows[["finding", "reading"]].assign(published=short, **rows[["predicted", "low", "high"]])


def _typed(options: dict[str, Any]) -> str:
    """Return options as they are typed."""
    import shlex

    each = [
        (name, one)
        for name, value in options.items()
        for one in (value if isinstance(value, tuple) else (value,))
    ]
    return "".join(f" --{name.replace('_', '-')} {shlex.quote(str(value))}" for name, value in each)


def _fit_scores(
    path: Path, name: str, seed: int, asked: dict[str, Any], out: Path, force: bool, quiet: bool
) -> None:
    import hashlib

    from eaesim.analysis.estimation.ensembles import read_ensembles
    from eaesim.analysis.estimation.laboratory import fit_scores
    from eaesim.cli.console import print_file, progress_bar, warn
    from eaesim.cli.fitfiles import fit_about, write_laboratory_fit
    from eaesim.errors import unknown_name
    from eaesim.evidence import LaboratoryResult
    from eaesim.evidence.firstlook import first_look
    from eaesim.evidence.laboratorywords import arm_note
    from eaesim.model import FULL, LEAN, load
    from eaesim.solver import choose_engine
    from eaesim.study import Store

    if name not in (*FULL, *LEAN):
        raise unknown_name(name, "rat with an ensemble", (*FULL, *LEAN))
    strain, ensembles = load(name).strain, read_ensembles(rats=[name])
    own, rules = given_score_options(asked), {rule: asked[rule] for rule in _RULES if rule in asked}
    result = LaboratoryResult(read_score_file(path, own), **rules)
    notes = [
        *result.scores.notes,
        arm_note(result, result.scores.control),
        *first_look(result, strain=strain),
    ]
    if result.scores.mice:
        notes.append(f'the file speaks of mice ("{result.scores.mice}"); the rat model is fitted to them.')
    settings = {
        "verb": "fit",
        "scores": hashlib.sha256(path.read_bytes()).hexdigest(),
        "rat": name,
        "ensemble": ensembles[strain].fingerprint,
        "seed": seed,
        **own,
        **rules,
        "engine": choose_engine().name,
    }
    store = Store(out, settings, force)
    store.check()
    with progress_bar("rats tried", quiet=quiet) as progress:
        found: LaboratoryFit = fit_scores(result, ensembles[strain], seed=seed, progress=progress)
    about = fit_about(f"eaesim fit --scores {path.name} --rat {name}{_typed(own | rules)}", {}, seed)
    files = store.write(
        lambda folder: write_laboratory_fit(found, about, LABORATORY, folder), sentence=found.sentence()
    )
    for note in filter(None, [*notes, *found.notes]):
        warn(note)
    title = "your control animals, your rat, and its strain (median, 90 %)"
    print_file(files, "rows.csv", title=title)
    click.echo(f"Figure: {next(path for path in files if path.suffix == '.png')}")
    click.echo(found.sentence())
    click.echo(f"Next: eaesim timing --induction immunisation --rat {out / LABORATORY}")
