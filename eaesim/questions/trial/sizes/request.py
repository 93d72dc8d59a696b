"""Settings of the size of the next trial."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eaesim.protocol.kinds import (
    Amounts,
    Count,
    Counts,
    Day,
    Number,
    Texts,
    amount,
    between,
    choice,
    count,
    fraction,
    listed,
)
from eaesim.protocol.settings import Setting
from eaesim.questions.trial.doses.request import INTERVAL
from eaesim.questions.trial.relapsing import RelapsingRequest
from eaesim.questions.trial.sizes.comparisons import COMPARATORS, TESTS

Fractions = Setting[Sequence[float], tuple[float, ...]]


@dataclass(frozen=True, kw_only=True)
class SizesRequest(RelapsingRequest):
    """Compute how many patients the next trial of IVIG needs.

    Trials are drawn from simulated patients: IVIG against placebo, the amounts against each other, and IVIG
    against other drugs. Writes sizes.csv (patients an arm for each power), power.csv, arms.csv (the relapse
    rate of each arm) and the figure.

    Examples
    --------
    >>> SizesRequest(amounts=["0.4 g/kg"], comparators=["natalizumab"]).changed()
    {'amounts': ['0.4 g/kg'], 'comparators': ['natalizumab']}
    """

    table = "sizes"
    title = "Size of the next trial of IVIG"
    input = "nothing"

    amounts: Amounts = Setting(
        listed(amount("g/kg")),
        (0.2, 0.4),
        "Amounts of one infusion of IVIG; the largest is compared with the other drugs.",
    )
    interval: Day = Setting(INTERVAL, 28.0, "Days between two infusions.")
    comparators: Texts = Setting(
        listed(choice("comparator", COMPARATORS), least=0),
        tuple(COMPARATORS),
        "Drugs that IVIG is compared with: natalizumab, fingolimod.",
    )
    margin: Number = Setting(
        between(1, 10, example=1.25),
        1.25,
        "Ratio of relapse rates, IVIG over the other drug, below which IVIG is not inferior (assumed).",
    )
    allocations: Counts = Setting(
        listed(count(1, 4)), (1, 2), "Patients in the first arm for each in the second; 1: equal arms."
    )
    tests: Texts = Setting(
        listed(choice("test of relapse rates", TESTS)), tuple(TESTS), "Tests: rank, negative_binomial."
    )
    wanted: Fractions = Setting(listed(fraction()), (0.8, 0.9), "Powers to reach.")
    limit: Count = Setting(count(20, 100_000), 3600, "Most patients an arm that are tried.")
    replicates: Count = Setting(
        count(100, 1_000_000), 4000, "Simulated trials of each size, shared by the parameter sets."
    )
