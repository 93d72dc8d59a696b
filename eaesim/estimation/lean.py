"""The lean rat: which numbers stay free once parts are off, and where the others are held.

The rows constrain few numbers of a full rat. Those stay free, as many as requested; all others are fixed at
the parameter set under which the rows are likeliest. The choice is made among parameter sets of the full rat
that were led to the rat without the parts, all numbers moving on the way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import tomlkit

from eaesim.endpoints import Floats
from eaesim.errors import NothingComputedError
from eaesim.estimation.budget import check_budget
from eaesim.estimation.ensembles import fingerprints
from eaesim.estimation.fit import leave, whole_fit, without_part
from eaesim.estimation.population import Simulator
from eaesim.estimation.prior import DATA, SHARED, Free
from eaesim.estimation.record import claim_records
from eaesim.estimation.target import log_likelihood
from eaesim.model import LEAN, load
from eaesim.model.parameter_file import DATA as RATS
from eaesim.solver import Progress
from eaesim.study.ensemble import Ensemble

NUMBERS = 20
PARTICLES, MOVES, _LEAST_PARTICLES = 96, 24, 4
# Moves once the parts are off, in those of a step: what is sought is a choice, not a posterior.
_LAST = 4
# Variance of an even distribution from 0 to 1.
_EVEN = 1 / 12
# The likeliest set is sought with so many times the rats of the fit, and other rats.
_MORE_RATS = 8
SOURCE = "assumed: held where the published data are likeliest without the parts that are off"


@dataclass(frozen=True)
class LeanChoice:
    """Which numbers of the lean rats are free, and the values of all.

    Attributes
    ----------
    free
        The numbers that stay free, as their labels, the one that the rows narrow most first.
    narrowed
        By label, the variance of every number's place among the rows' parameter sets over its prior's.
    values
        By label, the value at the likeliest set, of what is free and what is held.
    log_likelihood
        Log-likelihood of the rows in that set, in more and other rats than those that led to it.
    """

    free: tuple[str, ...]
    narrowed: Mapping[str, float]
    values: Mapping[str, float]
    log_likelihood: float

    @property
    def held(self) -> dict[str, float]:
        """By label, the values of the fixed numbers."""
        return {label: value for label, value in self.values.items() if label not in self.free}


def lean_choice(
    ensembles: Mapping[str, Ensemble],
    *,
    numbers: int = NUMBERS,
    particles: int = PARTICLES,
    moves: int = MOVES,
    seed: int = 1,
    folder: Path | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> LeanChoice:
    """Choose the numbers that the published data narrow most once the parts of the lean rats are off.

    Parameters
    ----------
    ensembles
        Ensembles of the full rats, by strain, as `eaesim fit` made them, or what `Fit.ensembles` returns.
    numbers
        How many stay free.
    particles, moves
        From each chain of the fit, and their moves at every step, as for `eaesim.ablation`.
    seed
        Random seed of the draws.
    folder
        Where likelihoods are kept, so that an interrupted run resumes; None keeps nothing.
    workers
        Threads; they change no result.
    progress
        Called with the chains done and their total.

    Raises
    ------
    QuantityError
        If a number is too small, or the ensembles do not say how they were made, or are weighted.
    NothingComputedError
        If no set of values gives the rows any chance without the parts.

    Examples
    --------
    >>> from eaesim.estimation.ensembles import read_ensembles
    >>> lean_choice(read_ensembles(), numbers=0)
    Traceback (most recent call last):
    ...
    eaesim.errors.QuantityError: numbers = 0; it must be at least 1.
    """
    check_budget(particles=(particles, _LEAST_PARTICLES), numbers=numbers, moves=moves, seed=seed)
    whole, chains = whole_fit(ensembles, workers)
    off = lean_parts()
    claim_records(
        folder,
        whole.targets,
        question="lean rats",
        ensembles=fingerprints(ensembles),
        off=sorted(off.items()),
        animals=whole.animals,
        seed=int(whole.seed),
    )
    without = without_part(whole, off)
    found = []
    for number, places in enumerate(chains):
        kept = None if folder is None else folder / f"lean-{number}"
        changed, led = leave(
            whole,
            without,
            places,
            particles=particles,
            moves=moves,
            last_moves=_LAST * moves,
            seed=seed * 1_000 + number,
            folder=kept,
        )
        if not np.isfinite(changed):
            raise NothingComputedError("without the parts no set of values gives the rows any chance.")
        found.append(led)
        if progress is not None:
            progress(number + 1, len(chains))
    return choose(without, np.concatenate(found), numbers=numbers)


def choose(simulator: Simulator, places: Floats, *, numbers: int = NUMBERS) -> LeanChoice:
    """Choose among parameter sets of a posterior: what it narrows most, and where the rest is held.

    Parameters
    ----------
    simulator
        Simulator of the rats without the parts.
    places
        Places of the sets in its prior, shape (sets, numbers).
    numbers
        How many stay free.
    """
    others = replace(simulator, animals=simulator.animals * _MORE_RATS, seed=simulator.seed + 1)
    different = np.unique(places, axis=0)
    likelihood = log_likelihood(others.targets, others.read(different))
    best = int(np.argmax(np.where(np.isnan(likelihood), -np.inf, likelihood)))
    labels = simulator.prior.labels
    narrowed = places.var(axis=0) / _EVEN
    order = np.argsort(narrowed, kind="stable")[:numbers]
    values = simulator.prior.values(different[best : best + 1])[0].tolist()
    return LeanChoice(
        tuple(labels[place] for place in order),
        dict(zip(labels, narrowed.tolist(), strict=True)),
        {each.label: _short(value, each) for each, value in zip(simulator.prior.free, values, strict=True)},
        float(likelihood[best]),
    )


def _short(value: float, free: Free) -> float:
    """Return a value as it is written in a file; rounding does not lead out of its bounds."""
    return min(max(float(f"{value:.6g}"), free.low), free.high)


def lean_parts() -> dict[str, float]:
    """Return what is held in the lean rats where a part does nothing.

    Examples
    --------
    >>> lean_parts()["memory_fraction"]
    0.0
    """
    return {name: rat.entries[name].value for rat in map(load, LEAN) for name in rat.off}


def ship_lean(choice: LeanChoice) -> tuple[Path, ...]:
    """Write a choice where the lean rats read it: their parameter files, and the list of what is free.

    The new values count from the next start of the program.
    """
    written = [_write(Path(str(DATA / "free_lean.toml")), free_text(choice.free))]
    for name in LEAN:
        path = Path(str(RATS / f"{name}.toml"))
        strain = load(name).strain
        written.append(_write(path, rat_text(path.read_text("utf-8"), choice.values, strain)))
    return tuple(written)


def free_text(labels: tuple[str, ...]) -> str:
    """Return ``free_lean.toml`` with other numbers.

    Examples
    --------
    >>> print(free_text(("divisions", "da.treg_loss")).splitlines()[-1])
    da = ["treg_loss"]
    """
    document = tomlkit.parse((DATA / "free_lean.toml").read_text("utf-8"))
    strains = {load(name).strain: name for name in LEAN}
    own: dict[str, list[str]] = {SHARED: [], "strain": [], **{strain: [] for strain in strains}}
    for label in labels:
        strain, _, name = label.rpartition(".")
        own[strain or SHARED].append(name)
    for key, names in own.items():
        document[key] = tomlkit.array(str(names).replace("'", '"')).multiline(len(names) > 4)
    return tomlkit.dumps(document)


def rat_text(text: str, values: Mapping[str, float], strain: str) -> str:
    r"""Return a lean rat's file with other values, as far as they are the strain's.

    Examples
    --------
    >>> text = '[parameters.divisions]\nvalue = 9.0\nsource = "assumed"\n'
    >>> print(rat_text(text, {"divisions": 8.12346, "da.treg_loss": 0.1}, "lewis"))
    [parameters.divisions]
    value = 8.12346
    source = "assumed: held where the published data are likeliest without the parts that are off"
    <BLANKLINE>
    """
    document = tomlkit.parse(text)
    table = tomlkit.table(is_super_table=True)
    for label, value in values.items():
        owner, _, name = label.rpartition(".")
        if owner in ("", strain):
            entry = tomlkit.table()
            entry.update({"value": value, "source": SOURCE})
            table[name] = entry
    document["parameters"] = table
    return tomlkit.dumps(document)


def _write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8", newline="\n")
    return path
