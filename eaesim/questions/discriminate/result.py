"""How much each experiment is expected to tell about the mechanism that is true."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from eaesim.endpoints import Floats
from eaesim.files import Content
from eaesim.questions.discriminate.proposals import Proposal
from eaesim.questions.discriminate.request import DiscriminateRequest
from eaesim.questions.mechanisms.predicted import strength_words

if TYPE_CHECKING:
    import pandas as pd

# Animals in each arm; designs are ranked at the middle number.
ANIMALS_PER_ARM = (5, 10, 20)
RANKED = 10
# What published experiments leave open.
PAIRS = (("H1a", "H7"), ("H1a", "H1b"), ("H1a", "H2"))
# Grid points a standard deviation, and how many of these beyond the outermost mean: the rest is below 1e-12.
_FINE, _BEYOND = 3, 8
# Points that are worked on at once, which bounds the memory.
_AT_ONCE = 2_000
SURE, MOST_ANIMALS = 0.8, 50


@dataclass(frozen=True)
class DiscriminationResult:
    """Experiments that could be run, and what each is expected to tell.

    Attributes
    ----------
    request
        The settings.
    proposals
        The experiments, by name.
    differences
        Treated minus untreated mean in every parameter set, shape (experiments, mechanisms, members).
    variances
        Between animals, summed over both arms, of the same shape.
    effects
        1 - treated / untreated of the means, of the same shape.
    weight
        How probable each mechanism is before the experiment, shape (mechanisms,); they need not add up to 1.
    rivals
        The mechanisms that disagree with no finding.
    """

    request: DiscriminateRequest
    proposals: Mapping[str, Proposal]
    differences: Floats
    variances: Floats
    effects: Floats
    weight: Floats
    rivals: tuple[str, ...]

    @property
    def mechanisms(self) -> tuple[str, ...]:
        """One of them is true."""
        return self.request.asked()

    @property
    def pairs(self) -> tuple[tuple[str, ...], ...]:
        """Pairs that are looked at: of IVIG those that published experiments leave open, else the first."""
        if self.request.of_ivig:
            return tuple(pair for pair in PAIRS if set(pair) <= set(self.mechanisms))
        return tuple(combinations(self.mechanisms, 2))[: len(PAIRS)]

    @property
    def members(self) -> int:
        """Number of parameter sets each mechanism was tried on."""
        return int(self.differences.shape[2])

    def table(self) -> pd.DataFrame:
        """Return a row for every experiment and number of animals: the columns of ``discriminate.csv``.

        ``bits`` is the expected information about which of all mechanisms is true, and ``bits_rivals`` about
        which of those is that disagree with no finding (NaN with fewer than two of them); ``bits_per_animal``
        counts the animals of both arms. ``animals_H1a_H7`` is the least number an arm until the expected
        probability of the true one of the two is above 0.8; NaN where 50 do not suffice. ``effect_H1a`` is
        the predicted effect in the median set. ``finding`` names those that a design would repeat;
        ``prediction`` says that there are none.
        """
        return self._table.copy()

    @cached_property
    def _table(self) -> pd.DataFrame:
        import pandas as pd

        return pd.DataFrame(
            [row for place, each in enumerate(self.proposals.values()) for row in self._rows(place, each)]
        )

    def _rows(self, place: int, proposal: Proposal) -> list[dict[str, Content]]:
        everyone, rivals = list(self.mechanisms), list(self.rivals)
        trial = proposal.trial
        after: dict[str, Content] = {
            f"animals_{'_'.join(pair)}": self._needed(place, pair) for pair in self.pairs
        }
        for mechanism, draws in zip(everyone, self.effects[place], strict=True):
            known = draws[~np.isnan(draws)]
            after[f"effect_{mechanism}"] = float(np.median(known)) if len(known) else np.nan
        after |= {"finding": ", ".join(proposal.repeats), "prediction": not proposal.repeats}
        rows = []
        for animals in ANIMALS_PER_ARM:
            bits = self.bits(place, everyone, animals)
            rows.append(
                {
                    "design": proposal.name,
                    "title": proposal.title,
                    "given": proposal.given,
                    "endpoint": trial.endpoint,
                    "animals_per_arm": animals,
                    "bits": bits,
                    "bits_rivals": self.bits(place, rivals, animals),
                    "bits_per_animal": bits / (2 * animals),
                    **after,
                }
            )
        return rows

    def bits(self, place: int, mechanisms: list[str], animals: int) -> float:
        """Return the expected information of one experiment about which of some mechanisms is true, in bits.

        NaN for fewer than two mechanisms; `animals` are those of each arm.
        """
        differences, variances = self._known(place, mechanisms)
        if len(mechanisms) < 2 or not differences.size:
            return float("nan")
        weight = self.weight[[self.mechanisms.index(name) for name in mechanisms]]
        return information(differences, np.sqrt(variances / animals), weight)

    def chance(self, place: int, pair: tuple[str, ...], animals: int) -> float:
        """Return the expected probability of the true one of a pair after an experiment; NaN if unknown."""
        differences, variances = self._known(place, list(pair))
        if not differences.size:
            return float("nan")
        return recognised(differences, np.sqrt(variances / animals))

    def _needed(self, place: int, pair: tuple[str, ...]) -> float:
        differences, variances = self._known(place, list(pair))
        return animals_needed(differences, variances) if differences.size else float("nan")

    def _known(self, place: int, mechanisms: list[str]) -> tuple[Floats, Floats]:
        """Return differences and variances in the sets that have a value under all these mechanisms."""
        own = [self.mechanisms.index(name) for name in mechanisms]
        differences, variances = self.differences[place, own], self.variances[place, own]
        known = np.isfinite(differences + variances).all(axis=0)
        return differences[:, known], variances[:, known]

    def ranked(self, animals: int = RANKED) -> pd.DataFrame:
        """Return unpublished designs with one number of animals in each arm, the most informative first."""
        return self._sorted(animals, published=False)

    def repeated(self, animals: int = RANKED) -> pd.DataFrame:
        """Return designs that repeat published experiments likewise; they are not ranked with the others."""
        return self._sorted(animals, published=True)

    def _sorted(self, animals: int, *, published: bool) -> pd.DataFrame:
        table = self._table
        rows = table[(table["animals_per_arm"] == animals) & (table["prediction"] != published)]
        return rows.sort_values("bits", ascending=False, kind="stable", ignore_index=True)

    def sentence(self) -> str:
        """Return the result in one sentence."""
        table = self._table[self._table["prediction"]].dropna(subset="bits_per_animal")
        if not len(table):
            return "No unpublished experiment has a value in any parameter set."
        best, first = table.iloc[int(table["bits_per_animal"].to_numpy().argmax())], self.ranked().iloc[0]
        text = (
            f"Best per animal, of designs not published yet: {best['title']} ({best['given']}), "
            f"{best['bits']:.2f} bits with {best['animals_per_arm']} animals per arm, "
            f"of {np.log2(len(self.mechanisms)):.2f} possible; "
        )
        same = first["design"] == best["design"]
        return f"{text}with {RANKED} {'the same' if same else first['title']}, {first['bits']:.2f} bits."

    def notes(self) -> list[str]:
        """Return a line for each thing that a reader must know."""
        notes = [
            "each mechanism has its strength from the calibration data alone; the validation data do not "
            "narrow its predictions."
            if self.request.of_ivig
            else strength_words(self.request.drug)
        ]
        if len(self.rivals) < 2:
            found = f"only {self.rivals[0]} disagrees" if self.rivals else "no mechanism disagrees"
            notes.append(f"{found} with no finding; so bits_rivals has no value.")
        repeated = self.repeated()
        if len(repeated):
            named = "; ".join(f"{row['title']} ({row['finding']})" for row in repeated.to_dict("records"))
            notes.append(f"not ranked, since they repeat published findings: {named}.")
        for pair in self.pairs:
            column = f"animals_{'_'.join(pair)}"
            if column in self._table and self._table[column].isna().all():
                notes.append(
                    f"no experiment tells {pair[0]} from {pair[1]} with {MOST_ANIMALS} animals per arm: none "
                    f"is expected to make the true one more probable than {SURE}."
                )
        lost = [
            name
            for name, draws in zip(self.proposals, self.differences, strict=True)
            if np.isnan(draws).any()
        ]
        if lost:
            notes.append(f"some parameter sets have no value in {', '.join(lost)}; they are left out there.")
        healthy = [
            name
            for name, draws, shares in zip(self.proposals, self.differences, self.effects, strict=True)
            if 2 * (np.isnan(shares) & ~np.isnan(draws)).sum() > (~np.isnan(draws)).sum()
        ]
        if healthy:
            notes.append(
                f"in most parameter sets untreated rats have a mean of 0 in {', '.join(healthy)}: no effect "
                "there."
            )
        return notes


def information(means: Floats, spreads: Floats, prior: Floats) -> float:
    """Return the mutual information between an explanation and a number, in bits.

    Under each explanation the number is a mixture of normal distributions of equal weight, whose means and
    spreads have the shape (explanations, members). The prior need not add up to 1.

    Examples
    --------
    >>> round(information(np.array([[0.0], [100.0]]), np.ones((2, 1)), np.ones(2)), 6)
    1.0
    """
    step, density = _densities(means, spreads)
    share = np.asarray(prior / prior.sum())
    together = share @ density
    # Where the density of an explanation is 0, it adds nothing.
    ratio = np.divide(density, together, out=np.ones_like(density), where=density > 0)
    return max(float(share @ (density * np.log2(ratio)).sum(axis=1) * step), 0.0)


def recognised(means: Floats, spreads: Floats) -> float:
    """Return the expected probability, once the number is known, of the explanation that is true.

    Before the number is known all explanations are as probable; the rest is as for `information`.

    Examples
    --------
    >>> round(recognised(np.zeros((2, 1)), np.ones((2, 1))), 6)
    0.5
    """
    step, density = _densities(means, spreads)
    together = density.sum(axis=0)
    found = np.divide((density**2).sum(axis=0), together, out=np.zeros_like(together), where=together > 0)
    return float(found.sum() * step / len(means))


def animals_needed(differences: Floats, variances: Floats, *, sure: float = SURE) -> float:
    """Return the least number of animals per arm that recognises the true explanation well enough.

    Differences between the means of two arms, and variances between animals, summed over both arms, are of
    shape (explanations, members). The true explanation is expected to be more probable than `sure`; NaN where
    `MOST_ANIMALS` per arm do not suffice.

    Examples
    --------
    >>> animals_needed(np.array([[0.0], [1.0]]), np.full((2, 1), 2.0))
    10.0
    """
    for animals in range(1, MOST_ANIMALS + 1):
        if recognised(differences, np.sqrt(variances / animals)) > sure:
            return float(animals)
    return np.nan


def _densities(means: Floats, spreads: Floats) -> tuple[float, Floats]:
    """Return the step of a grid, and the density of every explanation on it."""
    step = float(spreads.min()) / _FINE
    beyond = _BEYOND * float(spreads.max())
    grid = np.arange(means.min() - beyond, means.max() + beyond + step, step)
    density = np.empty((len(means), len(grid)))
    scale = 1 / (np.sqrt(2 * np.pi) * spreads)
    for first in range(0, len(grid), _AT_ONCE):
        part = slice(first, first + _AT_ONCE)
        away = (grid[part] - means[..., None]) / spreads[..., None]
        density[:, part] = (np.exp(-0.5 * away**2) * scale[..., None]).mean(axis=1)
    return step, density
