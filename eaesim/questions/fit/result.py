"""Result of a fit: parameter sets, how they reproduce the rows, identifiability, and convergence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from eaesim.command import COMMAND
from eaesim.endpoints import Floats
from eaesim.estimation.agreement import LARGEST_RHAT, disagreement, held_shares, rhat
from eaesim.estimation.ensembles import read_ensembles
from eaesim.estimation.kinetics import Kinetics
from eaesim.estimation.population import LEAST_SHOWN, Simulator
from eaesim.estimation.potency import Potencies
from eaesim.estimation.prior import Free
from eaesim.estimation.sampler import Stage
from eaesim.evidence import finding
from eaesim.files import Content
from eaesim.protocol.settings import Settings
from eaesim.questions.fit.request import FitRequest
from eaesim.study.ensemble import Ensemble, write_ensemble
from eaesim.workbench.answer import Answer, Row, Shown

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

# Standard deviation of an even distribution from 0 to 1.
_EVEN = 1 / np.sqrt(12)
# A number is estimated where its posterior is at most half as wide as its prior; it is bounded on a side
# where nineteen of twenty parameter sets lie off the outer sixth of the prior there.
ESTIMATED, OUTER = 0.5, 1 / 6
_LIBRARIES = ("eaesim", "numpy", "scipy", "numba")


def made_by(request: Settings, *, seed: int, animals: int | None = 0) -> dict[str, Content]:
    """Return what an ensemble says about how it was made, with the rats in each simulated population."""
    return {
        "command": COMMAND.get() or f"eaesim fit: {request.changed()}",
        "seed": seed,
        "animals": animals,
        "versions": {name: version(name) for name in _LIBRARIES},
    }


@dataclass(frozen=True)
class Fit(Answer):
    """An ensemble of parameter sets for one or several strains.

    Attributes
    ----------
    request
        What was asked.
    simulator
        The prior, the rows and the experiments.
    places
        Members of equal weight in the unit cube of the prior, shape (chains, particles, numbers).
    log_likelihood
        Log-likelihood of each particle, shape (chains, particles).
    stages
        How each chain came from the prior to the data; empty of the shipped fit, which keeps neither these
        nor likelihoods.
    drug
        IgG in the parameter sets of the ensemble.
    potencies
        By mechanism, its strength in the parameter sets of the ensemble.
    log
        When each step of a run that is kept was done.

    Examples
    --------
    >>> from eaesim import fit
    >>> from eaesim.estimation.target import read_targets
    >>> row = next(row for row in read_targets()[0] if row.finding == "B1.onset_day")
    >>> found = fit([row], rat=["lewis"], start="prior", particles=8, chains=1, animals=4, moves=1)
    >>> sorted(found.tables())
    ['identifiability', 'igg', 'rows']
    """

    request: FitRequest
    simulator: Simulator
    places: Floats
    log_likelihood: Floats
    stages: tuple[tuple[Stage, ...], ...]
    drug: Kinetics | None = None
    potencies: Mapping[str, Potencies] = field(default_factory=dict)
    log: str = ""

    def members(self, count: int) -> Floats:
        """Return so many parameter sets, evenly out of all chains, shape (count, numbers)."""
        everyone = self.places.transpose(1, 0, 2).reshape(-1, self.places.shape[2])
        return everyone[self._chosen(count)]

    def _chosen(self, count: int) -> npt.NDArray[np.int64]:
        """Return the indices of so many parameter sets, counted through the chains by turns."""
        return np.linspace(0, self.places[..., 0].size - 1, count).round().astype(np.int64)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables by the names of their CSV files."""
        import pandas as pd

        igg = {} if self.drug is None else {"igg": pd.DataFrame(self.drug.rows())}
        return {"rows": self.rows, **igg, "identifiability": self.identifiability}

    def write(self, folder: Path) -> None:
        """Write the ensembles, the posterior and the log."""
        for ensemble in self.ensembles().values():
            write_ensemble(folder, ensemble.rat.name, ensemble)
        self.posterior().to_parquet(folder / "posterior.parquet", index=False)
        (folder / "fit.log").write_text(self.log, encoding="utf-8")

    def shown(self) -> list[Shown]:
        """Return what the terminal prints."""
        title, rows = "published data and predictions (median, 90 %)", self.rows
        short = rows[["finding", "reading"]].assign(
            published=rows["published"].str.split(",").str[0], **rows[["predicted", "low", "high"]]
        )
        return [Shown(title, table=short, note=f"Chains: {self.disagreement}")]

    def more_figures(self) -> dict[str, Figure]:
        """Draw further pages of readings, and the width of every posterior relative to its prior."""
        draw: Callable[[Fit], dict[str, Figure]] = self.drawing().more_figures
        return draw(self)

    def posterior(self) -> pd.DataFrame:
        """Return every particle: ``chain, particle, log_likelihood``, and a column a number, in its unit."""
        import pandas as pd

        chains, particles, numbers = self.places.shape
        values = self.simulator.prior.values(self.places.reshape(-1, numbers))
        head = {
            "chain": np.repeat(np.arange(chains), particles),
            "particle": np.tile(np.arange(particles), chains),
            "log_likelihood": self.log_likelihood.reshape(-1),
        }
        return pd.DataFrame(head | dict(zip(self.simulator.prior.labels, values.T, strict=True)))

    @cached_property
    def rows(self) -> pd.DataFrame:
        """Each row with what the parameter sets predict: medians with 90 % intervals, on the row's own scale.

        The rats are others than those of the fit, and more, so that no chance of a few rats looks like a fit.
        """
        import pandas as pd

        others = replace(
            self.simulator,
            animals=max(LEAST_SHOWN, self.simulator.animals),
            seed=self.simulator.seed + 1,
        )
        readings = others.read(self.members(min(256, self.places[..., 0].size)))
        table = []
        for target, seen in zip(self.simulator.targets, readings.T, strict=True):
            row = finding(target.finding) if target.finding else None
            known = seen[~np.isnan(seen)]
            low, middle, high = np.percentile(known, [5, 50, 95]) if len(known) else [np.nan] * 3
            table.append(
                {
                    "finding": target.title,
                    "experiment": target.experiment,
                    "reading": target.reading,
                    "published": row.text if row else "",
                    "predicted": middle,
                    "low": low,
                    "high": high,
                    "laboratory_sd": target.laboratory,
                    "scale": target.scale,
                    "why": target.why,
                    "source": row.source if row else "assumed",
                }
            )
        return pd.DataFrame(table)

    @cached_property
    def identifiability(self) -> pd.DataFrame:
        """What the data say about each number: its posterior width against its prior's, and a status."""
        import pandas as pd

        prior = self.simulator.prior
        places = self.places.reshape(-1, self.places.shape[2])
        known = [*zip(prior.free, places.T, prior.values(places).T, self.rhat, strict=True)]
        for each, values in () if self.drug is None else zip(self.drug.free, self.drug.values.T, strict=True):
            known.append((each, each.place(values), values, np.float64(np.nan)))
        entries = next(iter(prior.rats.values())).entries
        return pd.DataFrame([_known(each, entries[each.name].unit, *rest) for each, *rest in known])

    @cached_property
    def rhat(self) -> Floats:
        """The rank-normalised R-hat of each number between chains; NaN of a single chain."""
        return rhat(self.places)

    @cached_property
    def agreement(self) -> float:
        """Share of each chain's draws within the 90 % intervals of each other chain, over all numbers.

        0.9 where chains agree; NaN of a single chain. It is a mean, which a few numbers that differ hardly
        move: `disagreement` names the worst.
        """
        return float(held_shares(self.places).mean()) if len(self.places) > 1 else float("nan")

    @cached_property
    def disagreement(self) -> str:
        """How far chains differ, in one sentence."""
        evidence = [each[-1].log_evidence for each in self.stages]
        return disagreement(self.places, self.simulator.prior.labels, evidence)

    @property
    def shippable(self) -> bool:
        """Whether the chains agree in every number, so that the ensemble may be handed on."""
        return len(self.places) > 1 and bool((self.rhat <= LARGEST_RHAT).all())

    def ensembles(self) -> dict[str, Ensemble]:
        """Return the ensemble of each strain; parameter set i of one belongs to set i of the other."""
        if self.request.shipped:
            return read_ensembles(rats=self.request.rat)
        prior = self.simulator.prior
        columns = [(each.names[0], each.values[:, 0]) for each in self.potencies.values()]
        if self.drug is not None:
            columns = [*zip(self.drug.names, self.drug.values.T, strict=True), *columns]
        count = len(columns[0][1]) if columns else self.places[..., 0].size
        values = prior.values(self.members(count))
        about = made_by(self.request, seed=self.request.seed, animals=self.request.animals)
        about["chain"] = (self._chosen(count) % len(self.places)).tolist()
        return {
            strain: Ensemble(
                rat=rat,
                names=(*prior.names(strain), *(name for name, _ in columns)),
                values=np.column_stack(
                    [values[:, prior.columns(strain)], *(column for _, column in columns)]
                ),
                weight=np.full(count, 1.0 / count),
                about=about,
                likelihood={name: each.likelihood for name, each in self.potencies.items()},
                effect={
                    name: each.effect[strain]
                    for name, each in self.potencies.items()
                    if strain in each.effect
                },
            )
            for strain, rat in prior.rats.items()
        }

    def notes(self) -> list[str]:
        """Return a line for each thing that a reader must know."""
        notes = []
        if not self.shippable:
            notes.append(f"not to be shipped: {self.disagreement}")
        off = [row["finding"] for row in self.rows.to_dict("records") if np.isnan(row["predicted"])]
        if off:
            notes.append(f"no parameter set has a value for {', '.join(off)}.")
        return notes

    @property
    def log_evidence(self) -> float:
        """Logarithm of the evidence of the rows: what a structure is worth; the mean of the chains."""
        return float(
            np.logaddexp.reduce([each[-1].log_evidence for each in self.stages]) - np.log(len(self.stages))
        )

    def sentence(self) -> str:
        """Return the result in one sentence."""
        counts = self.identifiability["status"].value_counts()
        said = ", ".join(f"{count} {status}" for status, count in counts.items())
        evidence = f"; log evidence {self.log_evidence:.1f}" if self.stages else ""
        return (
            f"{self.places[..., 0].size} parameter sets from {len(self.simulator.targets)} published data; "
            f"of {len(self.identifiability)} numbers {said}{evidence}."
        )


def _known(each: Free, unit: str, places: Floats, values: Floats, rhat: float) -> Row:
    """Return what is known of one number."""
    low, high = np.percentile(places, [5, 95])
    median, value_low, value_high = np.percentile(values, [50, 5, 95])
    width = float(places.std() / _EVEN)
    return {
        "parameter": each.name,
        "strain": each.strain,
        "unit": unit,
        "prior_low": each.low,
        "prior_high": each.high,
        "median": median,
        "low": value_low,
        "high": value_high,
        "width": width,
        "status": _status(width, low, high),
        "rhat": rhat,
    }


def _status(width: float, low: float, high: float) -> str:
    """Say in words what the data say about a number, from its place in the prior."""
    if width <= ESTIMATED:
        return "estimated"
    if low > OUTER and high < 1 - OUTER:
        return "bounded on both sides"
    if low > OUTER:
        return "bounded from below"
    return "bounded from above" if high < 1 - OUTER else "not estimable"
