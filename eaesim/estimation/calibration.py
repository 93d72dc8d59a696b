"""Whether intervals hold what they say: synthetic groups of rats whose truth is known (Talts et al. 2018)."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from eaesim.endpoints import Floats
from eaesim.endpoints.followup import Watched
from eaesim.errors import FileError, NothingComputedError, ProtocolError
from eaesim.estimation.bank import Bank, simulate_immunised
from eaesim.estimation.group import MEASURED, Group, read_watched
from eaesim.study.claim import file_made_by

if TYPE_CHECKING:
    import pandas as pd

DATA_SETS, ANIMALS = 100, 12
BINS = 10
#: Last day that a synthetic group is scored.
UNTIL = 28


@dataclass(frozen=True)
class Calibration:
    """Rank of the truth of each synthetic data set in its posterior.

    Attributes
    ----------
    quantities
        What was estimated.
    rank
        Share of the posterior below the truth, shape (data sets, quantities).
    left_out
        How many synthetic groups could not be estimated (nobody ill, say).
    """

    quantities: tuple[str, ...]
    rank: Floats
    left_out: int

    @property
    def numbers(self) -> int:
        """How many of the quantities are parameters; readings of experiments follow, named in two words."""
        return sum(" " not in name for name in self.quantities)

    def sentence(self) -> str:
        """Return in one sentence how often 90 % intervals hold."""
        said = f"In {len(self.rank)} synthetic data sets 90 % intervals hold the truth in "
        if self.numbers == len(self.quantities):
            return f"{said}{self.pooled():.1%} over {self.numbers} numbers."
        readings = len(self.quantities) - self.numbers
        return (
            f"{said}{self.pooled(0, self.numbers):.1%} over {self.numbers} numbers, and in "
            f"{self.pooled(self.numbers):.1%} over {readings} readings of the rows."
        )

    def ranks(self) -> pd.DataFrame:
        """Return one row per data set: ``left_out`` of all, and the rank of the truth of every quantity."""
        import pandas as pd

        return pd.DataFrame(self.rank, columns=list(self.quantities)).assign(left_out=self.left_out)

    def covered(self) -> Floats:
        """Return how many data sets have the truth of each quantity within its central 90 % interval."""
        edge = (1 - 0.9) / 2
        return np.asarray(((self.rank > edge) & (self.rank < 1 - edge)).sum(axis=0))

    def table(self) -> pd.DataFrame:
        """Return a row for each quantity: how often the 90 % interval held, and whether ranks are even."""
        import pandas as pd
        from scipy.stats import chisquare

        counts = [np.histogram(each, BINS, (0, 1))[0] for each in self.rank.T]
        return pd.DataFrame(
            {
                "quantity": self.quantities,
                "data_sets": len(self.rank),
                "covered": self.covered(),
                "share": self.covered() / len(self.rank),
                "uniform_p": [float(chisquare(each).pvalue) for each in counts],
                **{f"bin_{place}": [each[place] for each in counts] for place in range(BINS)},
            }
        )

    def pooled(self, first: int = 0, last: int | None = None) -> float:
        """Return in what share of data sets and quantities, or of some of them, the 90 % interval held."""
        own = self.rank[:, first:last]
        return float(self.covered()[first:last].sum() / own.size)


def read_ranks(path: str | PathLike[str]) -> Calibration:
    """Read what `Calibration.ranks` wrote as CSV; a warning says where another model made it.

    Raises
    ------
    FileError
        If it cannot be read, or holds something else.
    """
    import pandas as pd

    try:
        table = pd.read_csv(path)
        left_out = int(table.pop("left_out").iloc[0])
        rank = table.to_numpy(dtype=np.float64)
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}.") from error
    except (KeyError, ValueError, IndexError) as error:
        raise FileError(f"{path} holds no ranks; eaesim fit --calibrate writes them.") from error
    if not rank.size or not ((rank >= 0) & (rank <= 1)).all():
        raise FileError(f"{path} holds no ranks from 0 to 1; eaesim fit --calibrate writes them.")
    made = file_made_by(Path(path))
    if made:
        warnings.warn(f"{path} {made}: its ranks are of that model's fit.", stacklevel=2)
    return Calibration(tuple(table.columns), rank, left_out)


def calibrate(
    bank: Bank,
    *,
    data_sets: int = DATA_SETS,
    animals: int = ANIMALS,
    censored: float = 0.0,
    seed: int = 2,
    workers: int | None = None,
) -> Calibration:
    """Reweight one bank for each of many synthetic groups drawn from it.

    Parameters
    ----------
    bank
        Its sets are the prior, and the truths.
    data_sets
        Synthetic groups.
    animals
        In each.
    censored
        Share of the animals that are lost on a random day.
    seed
        Random seed of the truths and their animals; not that of the bank.
    workers
        Threads.
    """
    random = np.random.default_rng([seed, 11])
    quantities = ("incidence", *MEASURED, "expansion_rate", "severity_half_effect")
    seen = np.column_stack(
        [
            bank.incidence,
            bank.mean,
            *(bank.values[:, bank.names.index(name)] for name in quantities[-2:]),
        ]
    )
    ranks: list[Floats] = []
    left_out = 0
    for truth in random.permutation(len(bank.values)).tolist():
        if len(ranks) == data_sets:
            break
        group = synthetic_group(
            bank, truth, animals=animals, censored=censored, seed=seed + truth, workers=workers
        )
        try:
            if group is None:
                raise ProtocolError("nobody is ill")
            weights = bank.weights(group)
        except (ProtocolError, NothingComputedError):
            left_out += 1
            continue
        weights[truth] = 0.0
        weights /= weights.sum()
        below, equal = seen < seen[truth], seen == seen[truth]
        # Among ties (an incidence of 1, say) the rank of the truth is random.
        ranks.append(weights @ below + random.random(seen.shape[1]) * (weights @ equal))
    return Calibration(quantities, np.array(ranks), left_out)


def synthetic_group(
    bank: Bank, truth: int, *, animals: int, censored: float = 0.0, seed: int, workers: int | None = None
) -> Group | None:
    """Simulate a group of one set of a bank, and read it as a laboratory does; None if it says nothing.

    Parameters
    ----------
    bank, truth
        The set is that at place `truth`.
    animals
        In the group.
    censored
        Share of the animals that are lost on a random day.
    seed
        Random seed of the animals and the days.
    workers
        Threads.
    """
    rat, own = bank.ensemble.rat, bank.values[truth : truth + 1]
    seen = simulate_immunised(
        rat, bank.names, own, until=bank.until, animals=animals, seed=seed, workers=workers
    )
    random = np.random.default_rng([seed, 17])
    lost = np.where(random.random(animals) < censored, random.integers(1, bank.until, animals), np.inf)
    death = np.where(seen.death_day[0] <= bank.until, seen.death_day[0], np.inf)
    unseen = (np.arange(bank.until + 1) > lost[:, None]) & (death > lost)[:, None]
    score = np.where(unseen, np.nan, seen.score[0, :, : bank.until + 1])
    watched = Watched(score, np.where(death > lost, np.inf, death), signs=bank.signs)
    # Every day was read.
    before = np.where(watched.had_signs, watched.times[0] - 1, bank.until)
    try:
        return read_watched(watched, before=before)
    except ProtocolError:
        return None
