"""Assumptions behind the low end of the effect at immunisation: other readings of two calibrating findings.

Neither finding says all that a likelihood needs: A4 says "suppressed" without a number, and A1's ± is not
said to be a standard error. The posterior is reweighted to other readings of both; nothing is simulated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from eaesim.endpoints import Floats
from eaesim.errors import ProtocolError
from eaesim.estimation.bank import weighted_percentiles
from eaesim.estimation.potency import SOFTNESS, SUPPRESSED, ratio_misses
from eaesim.evidence import finding
from eaesim.model import parse_mechanism
from eaesim.proportion import percent
from eaesim.study.ensemble import Ensemble

if TYPE_CHECKING:
    import pandas as pd

# Other readings of "suppressed", as the smallest effect that deserves the word, and the number of rats if
# A1's ± is a standard deviation; all assumed.
READINGS, RATS = (0.1, 0.2, 0.5), 8


@dataclass(frozen=True, eq=False)
class LowEnd:
    """The effect of 1 g/kg at immunisation under several readings of the findings that calibrate it.

    Attributes
    ----------
    mechanism
        What IVIG does.
    strain
        Strain of the rat.
    table
        The columns of ``low_end.csv``: `reading`, `effect` with its 95 % range over parameter sets (`low`,
        `high`), and `sets`, the effective number of parameter sets.
    growing
        Share of the parameter sets in which effector cells grow in the CNS without further input.
    """

    mechanism: str
    strain: str
    table: pd.DataFrame
    growing: float

    def words(self) -> str:
        """Return the assumptions behind the low end, in plain sentences."""
        low = dict(zip(self.table["reading"], self.table["low"].map(percent), strict=True))
        rest = ", ".join(f"{low[_reading(least)]} at {least:g}" for least in READINGS)
        return (
            'Assumptions behind the low end: A4 says "suppressed", which is read as an effect of at least '
            f"{SUPPRESSED:g} (assumed; over parameter sets alone the low end is {low[_reading(SUPPRESSED)]}, "
            f"and would be {rest}); A1's ± is taken for a standard error (assumed; {low[_deviation()]} if it "
            f"is the SD of {RATS} rats). In {percent(self.growing)} of the parameter sets effector cells "
            "grow in the CNS without further input: there IVIG delays disease rather than prevents it."
        )


def low_end(mechanism: str, ensembles: Mapping[str, Ensemble], *, strain: str) -> LowEnd:
    """Reweight the parameter sets of a strain to other readings of the calibrating findings.

    Parameters
    ----------
    mechanism
        Its id; an ensemble holds no effects of combinations.
    ensembles
        By strain, ``lewis`` and ``da``, made together, with effects.
    strain
        Whose effect is read.

    Raises
    ------
    ProtocolError
        If the ensembles hold no effects under this mechanism.

    Examples
    --------
    >>> from eaesim.estimation.ensembles import read_ensembles
    >>> found = low_end("H1a", read_ensembles(), strain="lewis").table
    >>> list(found["reading"])[:2]
    ['A4: effect at least 0.3', 'A4: effect at least 0.1']
    >>> bool(found["low"].iloc[3] > found["low"].iloc[0])
    True
    """
    import pandas as pd

    if len(parse_mechanism(mechanism)) != 1 or any(
        mechanism not in each.effect for each in ensembles.values()
    ):
        raise ProtocolError(
            f"these ensembles hold no effects under {mechanism}; regenerate them with eaesim fit."
        )
    own = ensembles[strain]
    weight = own.weight * own.likelihood[mechanism]
    effect = own.effect[mechanism]
    suppressed, ratio = ensembles["lewis"].effect[mechanism], ensembles["da"].effect[mechanism]
    factors = {_reading(SUPPRESSED): np.ones(len(own))}
    factors |= {_reading(least): _suppressed(suppressed, least) for least in READINGS}
    factors[_deviation()] = _narrower(ratio)
    rows = []
    for reading, factor in factors.items():
        weights = weight * factor
        low, high = weighted_percentiles(effect, weights, (2.5, 97.5))
        rows.append(
            {
                "reading": reading,
                "effect": float((weights * effect).sum() / weights.sum()),
                "low": low,
                "high": high,
                "sets": float(weights.sum() ** 2 / (weights**2).sum()),
            }
        )
    growth, death = (own.column(f"effector_cns_{name}") for name in ("growth", "death"))
    growing = float((weight * (growth > death)).sum() / weight.sum())
    return LowEnd(mechanism, strain, pd.DataFrame(rows), growing)


def _reading(least: float) -> str:
    return f"A4: effect at least {least:g}"


def _deviation() -> str:
    return f"A1: SD of {RATS} rats"


def _suppressed(effect: Floats, least: float) -> Floats:
    """Return how much likelier A4 is in each set if "suppressed" starts at `least`."""
    from scipy.special import log_ndtr

    logs = log_ndtr((effect - least) / SOFTNESS) - log_ndtr((effect - SUPPRESSED) / SOFTNESS)
    return np.asarray(np.exp(logs))


def _narrower(effect: Floats) -> Floats:
    """Return how much likelier A1 is in each set if its ± is the SD of so many rats."""
    off, spread = ratio_misses(finding("A1"), effect)
    if not spread:
        raise ProtocolError("A1 has no two groups with errors.")
    return np.asarray(np.exp(-0.5 * (RATS - 1) * off**2))
