"""The model without each of its parts, estimated again: how much less likely the published rows are then.

From the posterior of the whole model each smaller one is reached by letting the difference of the two in
little by little, all numbers moving on the way. That gives the ratio of the two evidences with far less
noise than two fits from the prior, whose difference it is.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from eaesim.analysis.estimation.budget import check_budget
from eaesim.analysis.estimation.ensembles import fingerprints, member_places
from eaesim.analysis.estimation.fit import published_simulator
from eaesim.analysis.estimation.population import LEAST_SHOWN, Simulator
from eaesim.analysis.estimation.prior import DATA
from eaesim.analysis.estimation.record import Record, claim_records
from eaesim.analysis.estimation.sampler import Start, sample
from eaesim.analysis.estimation.target import log_likelihood
from eaesim.endpoints import Floats
from eaesim.errors import NothingComputedError, QuantityError
from eaesim.evidence.judge import AGREES, DISAGREES, INCONCLUSIVE, VERDICTS
from eaesim.model.structure import Part
from eaesim.solver import Progress
from eaesim.study.ensemble import Ensemble

if TYPE_CHECKING:
    import pandas as pd

PARTICLES, MOVES = 48, 24
_LEAST_PARTICLES = 4
# Moves once the part is gone.
LAST_MOVES = 50
# A row suffers where it is missed by so many of its own errors more; so many of these are named.
SUFFERS, NAMED = 0.5, 3


@dataclass(frozen=True)
class Structure:
    """What each part of the model buys.

    Attributes
    ----------
    parts
        The one that the rows support most first.
    """

    parts: tuple[Part, ...]

    def table(self) -> pd.DataFrame:
        """Return a row a part: ``part, held, log_evidence, low, high, verdict, suffers``."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "part": part.title,
                    "held": part.setting,
                    "log_evidence": round(part.log_evidence, 2),
                    "low": round(part.low, 2),
                    "high": round(part.high, 2),
                    "verdict": part.verdict,
                    "suffers": "; ".join(part.suffers),
                }
                for part in self.parts
            ]
        )

    def sentence(self) -> str:
        """Return the result in one sentence."""
        said = {
            verdict: [part.title for part in self.parts if part.verdict == verdict] for verdict in VERDICTS
        }
        named = {
            verdict: f"{len(titles)}{': ' * bool(titles)}{'; '.join(titles)}"
            for verdict, titles in said.items()
        }
        count = len(self.parts)
        return (
            f"Of {count} part{'s' * (count != 1)} of the model, the published rows agree with "
            f"{named[AGREES]}; they disagree with {named[DISAGREES]}; "
            f"they are inconclusive on {len(said[INCONCLUSIVE])}."
        )


def read_parts(path: Path = DATA / "parts.toml") -> dict[str, dict[str, float]]:
    """Return what each part of the model hangs on, by its title.

    Examples
    --------
    >>> read_parts()["memory cells"]
    {'memory_fraction': 0.0}
    """
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    return {table["title"]: dict(table["held"]) for table in content["part"]}


def judge_parts(
    ensembles: Mapping[str, Ensemble],
    *,
    parts: Mapping[str, Mapping[str, float]] | None = None,
    particles: int = PARTICLES,
    moves: int = MOVES,
    seed: int = 1,
    folder: Path | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Structure:
    """Estimate the model again without each of its parts.

    Parameters
    ----------
    ensembles
        Of the whole model, by strain, as `eaesim fit` made them.
    parts
        By title, what is held; by default what `read_parts` reads.
    particles, moves
        As for `eaesim.analysis.estimation.sampler.sample`.
    seed
        Of the draws; the rats are those of the fit.
    folder
        Where likelihoods are kept, so that a run that was stopped goes on; None keeps nothing.
    workers
        Threads; they change no result.
    progress
        Called with the runs done and their total; there is one from each chain of the fit.

    Raises
    ------
    QuantityError
        If a number is too small, or the ensembles do not say how they were made, or are weighted.
    NothingComputedError
        If no set of values gives the rows any chance without a part.
    UnknownNameError
        If a parameter does not exist.

    Examples
    --------
    >>> from eaesim.analysis.estimation.ensembles import read_ensembles
    >>> found = judge_parts(
    ...     read_ensembles(),
    ...     parts={"axon loss": {"axon_loss_weight": 0.0}},
    ...     particles=4,
    ...     moves=1,
    ... )
    >>> found.parts[0].verdict
    'inconclusive'
    """
    check_budget(particles=(particles, _LEAST_PARTICLES), moves=moves, seed=seed)
    whole, chains = whole_fit(ensembles, workers)
    asked = read_parts() if parts is None else parts
    smaller = [without_part(whole, held) for held in asked.values()]
    claim_records(
        folder,
        whole.targets,
        question="structure",
        ensembles=fingerprints(ensembles),
        parts=[{name: float(value) for name, value in sorted(held.items())} for held in asked.values()],
        animals=whole.animals,
        seed=int(seed),
    )
    before, judged = _missed(whole, np.concatenate(chains)), []
    for number, ((title, held), without) in enumerate(zip(asked.items(), smaller, strict=True)):
        change, left = [], []
        for chain, places in enumerate(chains):
            changed, found = leave(
                whole,
                without,
                places,
                particles=particles,
                moves=moves,
                seed=seed * 1_000 + chain,
                folder=None if folder is None else folder / f"{number:02d}-{chain}",
            )
            if not np.isfinite(changed):
                raise NothingComputedError(f"without {title} no set of values gives the rows any chance.")
            change.append(changed)
            left.append(found)
            if progress is not None:
                progress(number * len(chains) + chain + 1, len(asked) * len(chains))
        suffers = _suffers(whole, _missed(without, np.concatenate(left)) - before)
        together = max(change) + float(np.log(np.exp(np.array(change) - max(change)).mean()))
        judged.append(Part(title, dict(held), together, min(change), max(change), suffers))
    return Structure(tuple(sorted(judged, key=lambda part: part.log_evidence)))


def whole_fit(ensembles: Mapping[str, Ensemble], workers: int | None) -> tuple[Simulator, list[Floats]]:
    """Return the fit that ensembles are of, and where the members of each of its chains lie in its prior."""
    one = next(iter(ensembles.values()))
    try:
        animals = int(one.about["animals"])
        chain = np.array(one.about["chain"], dtype=np.int64)
    except (KeyError, ValueError, TypeError):
        chain = np.empty(0, dtype=np.int64)
    if chain.shape != one.weight.shape:
        raise QuantityError(
            "the ensembles do not say from how many animals and which chains they were made; "
            "make them again with eaesim fit."
        )
    if np.ptp(one.weight) > 0:
        raise QuantityError("the members of the ensembles differ in weight; those of eaesim fit do not.")
    names = [ensemble.rat.name for ensemble in ensembles.values()]
    simulator = published_simulator(names, animals=animals, workers=workers)
    places = member_places(ensembles, simulator.prior)
    return simulator, [places[chain == each] for each in np.unique(chain)]


def without_part(whole: Simulator, held: Mapping[str, float]) -> Simulator:
    """Return the simulator of a model in which some parameters are held."""
    names = [rat.name for rat in whole.prior.rats.values()]
    return published_simulator(names, animals=whole.animals, workers=whole.workers, fixed=held)


def leave(
    whole: Simulator,
    without: Simulator,
    places: Floats,
    *,
    particles: int,
    moves: int,
    seed: int,
    folder: Path | None,
    last_moves: int | None = None,
) -> tuple[float, Floats]:
    """Go from the whole model to one without a part: how the evidence changes, and where its places are."""
    columns = [whole.prior.labels.index(label) for label in without.prior.labels]
    found, _, stages = sample(
        _likelihood(without, columns, folder and folder / "without"),
        numbers=places.shape[1],
        particles=particles,
        moves=moves,
        last_moves=LAST_MOVES if last_moves is None else last_moves,
        seed=seed,
        start=Start(places, _likelihood(whole, ..., folder and folder / "whole")),
    )
    arrived = stages[-1].share == 1.0
    return stages[-1].log_evidence if arrived else -np.inf, found[:, columns]


def _likelihood(simulator: Simulator, columns: Any, folder: Path | None) -> Callable[[Floats], Floats]:
    """Return how likely the rows are at places of the whole model; only some of its numbers are asked for."""
    return Record(
        lambda places: log_likelihood(simulator.targets, simulator.read(places[:, columns])), folder
    )


def _missed(simulator: Simulator, places: Floats) -> Floats:
    """Return by how many of its errors each row is missed, in other and more rats than those of the fit."""
    others = replace(simulator, animals=max(LEAST_SHOWN, simulator.animals), seed=simulator.seed + 1)
    readings = others.read(places)
    missed = [
        abs(float(target.off(np.nanmedian(seen)))) if np.isfinite(seen).any() else np.inf
        for target, seen in zip(simulator.targets, readings.T, strict=True)
    ]
    return np.array(missed)


def _suffers(whole: Simulator, worse: Floats) -> tuple[str, ...]:
    """Return the rows that are missed by more, the worst first."""
    worst = [place for place in np.argsort(-worse, kind="stable") if worse[place] > SUFFERS]
    return tuple(dict.fromkeys(whole.targets[place].title for place in worst))[:NAMED]
