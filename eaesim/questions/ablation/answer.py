"""Ablation: how much each part of the model improves the fit."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from eaesim.endpoints import Floats
from eaesim.errors import NothingComputedError, ProtocolError
from eaesim.estimation.ensembles import fingerprints
from eaesim.estimation.fit import leave, likelihood_at, whole_fit, without_part
from eaesim.estimation.population import LEAST_SHOWN, Simulator
from eaesim.estimation.record import claim_records
from eaesim.evidence.judge import AGREES, DISAGREES, INCONCLUSIVE, VERDICTS
from eaesim.model.structure import Part, structure
from eaesim.questions.ablation.request import AblationRequest
from eaesim.solver import Effort
from eaesim.study import Store
from eaesim.study.ensemble import Ensemble
from eaesim.workbench.answer import Answer, Shown
from eaesim.workbench.ensembles import EnsemblePlan
from eaesim.workbench.request import asks

if TYPE_CHECKING:
    import pandas as pd

# A row suffers where its misfit grows by so many of its own errors; so many of these are named.
SUFFERS, NAMED = 0.5, 3


@dataclass(frozen=True)
class AblationPlan(EnsemblePlan):
    """Parts of the model to be left out."""

    request: AblationRequest

    def __post_init__(self) -> None:
        """Refuse settings of a new run together with the stored results."""
        super().__post_init__()
        more = [name for name in self.request.changed() if name != "shipped"]
        if self.request.shipped and more:
            raise ProtocolError(f"shipped shows what was found already; leave {more[0]} out.")

    @property
    def parts(self) -> Mapping[str, Mapping[str, float]]:
        """What each part hangs on, by its title: what the settings hold, else all that the package lists."""
        held = self.request.parameters
        return (
            {", ".join(f"{name}={value:g}" for name, value in held.items()): held} if held else read_parts()
        )

    def summary(self) -> str:
        """Return in a few words what would be done."""
        return (
            "stored results of the shipped ensembles" if self.request.shipped else f"{len(self.parts)} parts"
        )


def read_parts() -> dict[str, dict[str, float]]:
    """Return what each part of the model hangs on, by its title.

    Examples
    --------
    >>> read_parts()["memory cells"]
    {'memory_fraction': 0.0}
    """
    content = tomllib.loads(Path(__file__).with_name("parts.toml").read_text(encoding="utf-8"))
    return {table["title"]: dict(table["held"]) for table in content["part"]}


plan = AblationPlan.of


@dataclass(frozen=True)
class Ablation(Answer):
    """Ablation of the model's parts, the part that the rows support most first.

    Examples
    --------
    >>> len(ablation(None, shipped=True).parts)
    22
    """

    parts: tuple[Part, ...]
    figure_of: ClassVar[str] = "an ablation has no endpoint"

    def table(self) -> pd.DataFrame:
        """Return one row per part: ``part, held, log_evidence, low, high, verdict, suffers``."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "part": part.title,
                    "held": part.setting,
                    **{name: round(getattr(part, name), 2) for name in ("log_evidence", "low", "high")},
                    "verdict": part.verdict,
                    "suffers": "; ".join(part.suffers),
                }
                for part in self.parts
            ]
        )

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the table by the name of its CSV file."""
        return {"ablation": self.table()}

    def shown(self) -> list[Shown]:
        """Return what the terminal prints."""
        title = "log evidence of the rows without each component, relative to the whole model"
        first = ["part", "log_evidence", "low", "high", "verdict"]
        return [Shown(title, table=self.table()[first])]

    def sentence(self) -> str:
        """Return the result in one sentence."""
        said = {word: [part.title for part in self.parts if part.verdict == word] for word in VERDICTS}
        named = {
            word: f"{len(titles)}{': ' * bool(titles)}{'; '.join(titles)}" for word, titles in said.items()
        }
        count = len(self.parts)
        return (
            f"Of {count} component{'s' * (count != 1)} of the model, the published data agree with "
            f"{named[AGREES]}; they disagree with {named[DISAGREES]}; "
            f"they are inconclusive on {len(said[INCONCLUSIVE])}."
        )


def answer(plan: AblationPlan, effort: Effort, store: Store | None = None) -> Ablation:
    """Estimate the model again without each of its parts.

    What was computed is kept in `store`, so that an interrupted run resumes; None keeps nothing.

    Raises
    ------
    QuantityError
        If the ensembles do not say how they were made, or are weighted.
    NothingComputedError
        If no set of values gives the rows any chance without a part.
    """
    asked, parts = plan.request, plan.parts
    if asked.shipped:
        return Ablation(structure())
    folder = None if store is None else store.keep()
    whole, chains = whole_fit(plan.ensembles, effort.workers)
    smaller = [without_part(whole, held) for held in parts.values()]
    claim_records(
        folder,
        whole.targets,
        question="ablation",
        ensembles=fingerprints(plan.ensembles),
        parts=[{name: float(value) for name, value in sorted(held.items())} for held in parts.values()],
        animals=whole.animals,
        seed=asked.seed,
    )
    before, judged = _missed(whole, np.concatenate(chains)), []
    at_first = [likelihood_at(whole, ..., folder and folder / f"whole-{at}") for at in range(len(chains))]
    known = [likely(places) for likely, places in zip(at_first, chains, strict=True)]
    for number, ((title, held), without) in enumerate(zip(parts.items(), smaller, strict=True)):
        change, left = [], []
        for chain, places in enumerate(chains):
            changed, found = leave(
                whole,
                without,
                places,
                particles=asked.particles,
                moves=asked.moves,
                seed=asked.seed * 1_000 + chain,
                folder=None if folder is None else folder / f"{number:02d}-{chain}",
                known=known[chain],
            )
            if not np.isfinite(changed):
                raise NothingComputedError(f"without {title} no set of values gives the rows any chance.")
            change.append(changed)
            left.append(found)
            if effort.progress is not None:
                effort.progress(number * len(chains) + chain + 1, len(parts) * len(chains))
        suffers = _suffers(whole, _missed(without, np.concatenate(left)) - before)
        together = max(change) + float(np.log(np.exp(np.array(change) - max(change)).mean()))
        judged.append(Part(title, dict(held), together, min(change), max(change), suffers))
    return Ablation(tuple(sorted(judged, key=lambda part: part.log_evidence)))


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


@asks(AblationRequest)
def ablation(ensembles: Mapping[str, Ensemble] | None, request: AblationRequest) -> Ablation:
    """Estimate the model again without each of its parts, from the posterior of the whole one.

    Parameters
    ----------
    ensembles
        Ensembles of the whole model, by strain, as `eaesim.fit` makes them; None: those that the settings
        name.

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
    >>> found = ablation(shipped=True)
    >>> found.parts[0].title, found.parts[0].verdict
    ('infiltrate that is not specific for myelin', 'agrees')
    """
    return answer(plan(ensembles, request), request.effort)
