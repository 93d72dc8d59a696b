"""Size of the next trial: trials drawn from simulated patients at sizes around those that are needed."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from eaesim.endpoints import Floats
from eaesim.endpoints.counttables import draw_tables
from eaesim.endpoints.ranks import Places
from eaesim.protocol import Arm
from eaesim.questions.trial.doses.exposure import arm
from eaesim.questions.trial.relapsing import (
    PLACEBO,
    RelapsingAnswer,
    RelapsingPlan,
    said_of,
    stepping,
    transfer_words,
)
from eaesim.questions.trial.sizes.comparisons import TESTS, Comparison, comparator_arm, comparisons, ivig_name
from eaesim.questions.trial.sizes.request import SizesRequest
from eaesim.questions.trial.sizes.search import needed, power_curve
from eaesim.questions.trial.sizes.words import in_short, size_text
from eaesim.solver import Effort
from eaesim.study.relapses import RelapseCounts
from eaesim.workbench.answer import Row, Shown
from eaesim.workbench.request import asks

if TYPE_CHECKING:
    import pandas as pd

_ENDS = (0.05, 0.5, 0.95)
_SHOWN = ("comparison", "test", "allocation", "wanted", "patients", "median", "ratio")


@dataclass(frozen=True)
class SizesPlan(RelapsingPlan):
    """The next trials that can be sized.

    Attributes
    ----------
    request
        What was asked.
    arms
        What is given in each arm.
    """

    request: SizesRequest
    arms: tuple[Arm, ...] = field(repr=False)

    def summary(self) -> str:
        """Return in a few words what would be done."""
        most = f"up to {self.request.limit:,} patients an arm"
        return f"{len(self.comparisons())} comparisons of {len(self.arms)} arms, {most}"

    def comparisons(self) -> list[Comparison]:
        """Return what is compared."""
        asked = self.request
        return comparisons(asked.amounts, asked.comparators, asked.margin)


@dataclass(frozen=True, kw_only=True)
class TrialSizes(RelapsingAnswer):
    """How many patients the next trial needs.

    Attributes
    ----------
    table
        The columns of ``sizes.csv``.
    power
        Those of ``power.csv``.
    arms
        Those of ``arms.csv``: the relapse rate of each arm.
    request
        What was asked.
    sets
        Number of parameter sets.
    said
        Lines that a reader must know.

    Examples
    --------
    >>> asked = {"amounts": ["0.4 g/kg"], "comparators": [], "from_lesion": [0], "allocations": [1]}
    >>> found = trial_sizes(**asked, parameter_sets=1, patients=100, replicates=100)
    >>> sorted(found.tables())
    ['arms', 'power', 'sizes']
    """

    of_one: ClassVar[str] = "one parameter set: power is that of the typical patient."
    power: pd.DataFrame
    arms: pd.DataFrame
    request: SizesRequest

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables by the names of their CSV files."""
        return {"sizes": self.table, "power": self.power, "arms": self.arms}

    def shown(self) -> list[Shown]:
        """Return what the terminal prints: a table for each share of attacks from lesions."""
        found = []
        for share in self.request.from_lesion:
            own = self.table[self.table["from_lesion"] == share]
            words = {
                name: [size_text(each, self.request.limit) for each in own[name]]
                for name in ("patients", "median")
            }
            title = f"patients an arm, mean over sets and in the median set; {transfer_words(share)}"
            found.append(Shown(title, table=own.assign(**words)[list(_SHOWN)]))
        return found

    def sentence(self) -> str:
        """Return a line for each share of attacks from lesions."""
        return in_short(self.table, self.request)


def plan(sizes: None, request: SizesRequest) -> SizesPlan:
    """Return the arms of the next trial.

    Raises
    ------
    EaesimError
        If something but settings is given, more parameter sets are asked for than there are, or a drug would
        be given too often.
    """
    arms = [Arm(PLACEBO)]
    for each in request.amounts:
        arms.append(arm(ivig_name(each), each, request.interval, request.until))
    arms += [comparator_arm(drug, request.until) for drug in request.comparators]
    found = SizesPlan(request, tuple(arms))
    found.check(sizes, "the size of a trial")
    return found


def answer(plan: SizesPlan, effort: Effort) -> TrialSizes:
    """Simulate every arm, and draw trials from its patients.

    Raises
    ------
    NothingComputedError
        If every patient fails.
    """
    import pandas as pd

    asked = plan.request
    rows, powers, arms = (list[Row]() for _ in range(3))
    cases = [
        (one, test, each)
        for one, test, each in product(plan.comparisons(), asked.tests, asked.allocations)
        if test in one.tests
    ]
    step = stepping(effort, len(asked.from_lesion) * (len(plan.arms) + len(cases)))
    followed = list(plan.followed(plan.arms, effort, step))
    for found in followed:
        share, counts = found.from_lesion, found.counts
        arms += [_arm(share, one.name, counts) for one in plan.arms]
        for case in cases:
            curve = drawn_curve(counts, *case, asked)
            about = {"from_lesion": share, **_about(counts, *case)}
            rows += [{**about, **_needed(curve, each)} for each in asked.wanted]
            powers += [{**about, **_power(size, each)} for size, each in curve.items()]
            step()
    return TrialSizes(
        table=pd.DataFrame(rows),
        power=pd.DataFrame(powers),
        arms=pd.DataFrame(arms),
        request=asked,
        sets=len(plan.subjects()),
        said=said_of(followed, asked.placebo_rate),
    )


def arm_sizes(patients: int, allocation: int) -> tuple[int, int]:
    """Return the patients of both arms of a trial with so many an arm on average.

    Examples
    --------
    >>> arm_sizes(30, 1), arm_sizes(30, 2)
    ((30, 30), (40, 20))
    """
    first = round(2 * patients * allocation / (1 + allocation))
    return first, 2 * patients - first


def drawn_curve(
    counts: RelapseCounts, one: Comparison, test: str, allocation: int, asked: SizesRequest
) -> dict[int, Floats]:
    """Return the power of every parameter set by patients an arm."""
    sets = [place for place in range(counts.members) if (counts.member == place).any()]
    each = max(1, asked.replicates // len(sets))

    def tables(name: str, arm: int, size: int) -> Places:
        return np.concatenate(
            [
                draw_tables(
                    counts.of_set(name, place),
                    size,
                    each,
                    most=max(counts.most, 1),
                    random=np.random.default_rng([asked.seed, place, arm, size]),
                )
                for place in sets
            ]
        )

    def power(patients: int) -> Floats:
        sizes = arm_sizes(patients, allocation)
        drawn = [tables(name, arm, sizes[arm]) for arm, name in enumerate((one.first, one.second))]
        return np.asarray(one.shown(TESTS[test](*drawn)).reshape(len(sets), each).mean(axis=1))

    return power_curve(power, asked.wanted, limit=asked.limit)


def _arm(share: float, name: str, counts: RelapseCounts) -> Row:
    rate = float(np.nanmedian(counts.rates(name)))
    return {"from_lesion": share, "arm": name, "rate": rate, **_ratio(counts, name, PLACEBO)}


def _ratio(counts: RelapseCounts, first: str, second: str) -> dict[str, float]:
    """Return the median ratio of rates over parameter sets, with its 90 % interval; NaN with one set."""
    ratios = counts.ratios(first, second)
    low, middle, high = (math.nan,) * 3 if np.isnan(ratios).all() else np.nanquantile(ratios, _ENDS)
    if counts.members == 1:
        low = high = math.nan
    return {"ratio": float(middle), "ratio_low": float(low), "ratio_high": float(high)}


def _about(counts: RelapseCounts, one: Comparison, test: str, allocation: int) -> Row:
    return {
        "comparison": one.title,
        "first": one.first,
        "second": one.second,
        "aim": one.aim,
        "margin": one.margin,
        "test": test,
        "allocation": allocation,
        **_ratio(counts, one.first, one.second),
    }


def _needed(curve: dict[int, Floats], wanted: float) -> dict[str, float]:
    members = len(next(iter(curve.values())))
    own = np.array([needed(curve, wanted, of_set=place) for place in range(members)])
    # Order statistics: between infinite sizes nothing can be interpolated.
    low, middle, high = (float(np.quantile(own, end, method="inverted_cdf")) for end in _ENDS)
    patients = needed(curve, wanted)
    return {
        "wanted": wanted,
        "patients": patients,
        "total": 2 * patients,
        "median": middle,
        "set_low": low,
        "set_high": high,
    }


def _power(patients: int, of_sets: Floats) -> dict[str, float]:
    low, middle, high = (float(each) for each in np.quantile(of_sets, _ENDS))
    return {
        "patients": patients,
        "assurance": float(of_sets.mean()),
        "power": middle,
        "power_low": low,
        "power_high": high,
    }


@asks(SizesRequest)
def trial_sizes(sizes: None, request: SizesRequest) -> TrialSizes:
    """Compute how many patients the next trial of IVIG needs.

    Trials of every size are drawn from the same simulated patients, each within one parameter set. Assurance
    is the mean power over parameter sets.

    Parameters
    ----------
    sizes
        Nothing; the settings say all.

    Raises
    ------
    EaesimError
        If a setting cannot be used, or every patient fails.

    Examples
    --------
    >>> asked = {"amounts": ["0.4 g/kg"], "comparators": [], "from_lesion": [0], "allocations": [1]}
    >>> found = trial_sizes(**asked, parameter_sets=1, patients=100, replicates=100)
    >>> found.table["wanted"].tolist()
    [0.8, 0.9, 0.8, 0.9]
    """
    return answer(plan(sizes, request), request.effort)
