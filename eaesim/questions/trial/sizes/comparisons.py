"""What the next trial compares: IVIG with placebo, its amounts, and IVIG with other drugs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from eaesim.endpoints.counttables import TableComparison, rank_test_of_tables, rate_test_of_tables
from eaesim.endpoints.replicates import SIGNIFICANT
from eaesim.protocol import Arm
from eaesim.protocol.dose import parse_dose
from eaesim.protocol.trialfile import read_trial
from eaesim.questions.trial.relapsing import PLACEBO

#: Other drugs, with the trial whose dose they are given in.
COMPARATORS = {"natalizumab": "affirm", "fingolimod": "freedoms"}
RANK, BINOMIAL = "rank", "negative_binomial"
TESTS = {RANK: rank_test_of_tables, BINOMIAL: rate_test_of_tables}
SUPERIOR, NOT_INFERIOR = "superior", "not inferior"
# Normal deviate of a two-sided level of 0.05.
_DEVIATE = 1.959963984540054


@dataclass(frozen=True)
class Comparison:
    """Two arms of a trial, and what it is to show of the first.

    Attributes
    ----------
    first, second
        Names of the arms.
    aim
        ``"superior"``, or ``"not inferior"``.
    margin
        Ratio of rates, first over second, that has to be excluded; 1 for superiority.

    Examples
    --------
    >>> Comparison("IVIG", "placebo").title
    'IVIG superior to placebo'
    """

    first: str
    second: str
    aim: str = SUPERIOR
    margin: float = 1.0

    @property
    def title(self) -> str:
        """The comparison in words."""
        return f"{self.first} {self.aim} to {self.second}"

    @property
    def tests(self) -> tuple[str, ...]:
        """Tests that can show it: the upper end of an interval needs a regression."""
        return tuple(TESTS) if self.aim == SUPERIOR else (BINOMIAL,)

    def shown(self, found: TableComparison) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Return in which trials it is shown, at a two-sided level of 5 %."""
        if self.aim == SUPERIOR:
            return np.asarray((found.p_value < SIGNIFICANT) & (found.ratio < 1.0))
        # Without an event in an arm the interval has no end.
        known = np.isfinite(found.log_error)
        upper = np.log(np.where(known, found.ratio, 1.0)) + _DEVIATE * np.where(known, found.log_error, 0.0)
        return np.asarray(known & (upper < math.log(self.margin)))


def ivig_name(amount: float) -> str:
    """Return the name of an arm of IVIG.

    Examples
    --------
    >>> ivig_name(0.2)
    'IVIG 0.2 g/kg'
    """
    return f"IVIG {amount:g} g/kg"


def comparisons(amounts: tuple[float, ...], comparators: tuple[str, ...], margin: float) -> list[Comparison]:
    """Return every comparison of the next trial.

    Parameters
    ----------
    amounts
        Of infusions of IVIG, g/kg.
    comparators
        Names of other drugs.
    margin
        Of non-inferiority.

    Examples
    --------
    >>> [one.first for one in comparisons((0.2, 0.4), (), 1.25)]
    ['IVIG 0.2 g/kg', 'IVIG 0.4 g/kg', 'IVIG 0.4 g/kg']
    """
    names = [ivig_name(each) for each in sorted(amounts)]
    found = [Comparison(name, PLACEBO) for name in names]
    found += [Comparison(larger, smaller) for smaller, larger in pairwise(names)]
    for drug in comparators:
        found.append(Comparison(drug, names[-1]))
        found.append(Comparison(names[-1], drug, NOT_INFERIOR, margin))
    return found


def comparator_arm(drug: str, until: int) -> Arm:
    """Return the arm of another drug, given as in its own trial, to the last day.

    Examples
    --------
    >>> comparator_arm("natalizumab", 365).regimen.lines[0].dose.doses
    14
    """
    given = read_trial(COMPARATORS[drug]).given(drug)
    parts = []
    for dose in (line.dose for line in given.regimen.lines):
        doses = math.ceil(until / dose.every) if dose.every else 1
        once = dose.text().partition(" every ")[0]
        every = f" every {dose.every:g} day x {doses}" if dose.every else ""
        parts.append(parse_dose(once + every, drug=dose.drug, route=dose.route).at(day=0))
    return Arm(drug, *parts, parameters=dict(given.parameters))
