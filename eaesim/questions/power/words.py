"""A power analysis in words: caption, methods, and the paragraph for an ethics form (ARRIVE 2.0)."""

from __future__ import annotations

import math
from importlib.metadata import version
from typing import TYPE_CHECKING

from eaesim.endpoints import DEAD_RULES, endpoint
from eaesim.files import Unchecked
from eaesim.questions.power.plan import MOST, TAILS, PowerPlan, test_of
from eaesim.study import load
from eaesim.workbench.figure.words import acting_words

if TYPE_CHECKING:
    from eaesim.questions.power.result import PowerResult

CAPTION = "Power against the number of animals in each arm: the mean, and in 19 of 20 parameter sets."
METHODS = (
    "Studies were drawn from a pool of virtual rats: every arm of a study has its own rats, and each "
    "study uses one parameter set."
)


def animals(settings: Unchecked) -> str:
    """Return which animals were simulated, from the settings of a manifest.

    Examples
    --------
    >>> animals({"pool": 400})
    'a pool of 400 virtual rats, from which each arm of a study draws its own'
    """
    pool = settings.get("pool")
    return f"a pool of {pool:,} virtual rats, from which each arm of a study draws its own" if pool else ""


def power_paragraph(result: PowerResult) -> str:
    """Return how the number of animals was found, with every number, and that it is a prediction.

    Parameters
    ----------
    result
        Result of a power analysis.
    """
    return " ".join([*_methods(result), *_findings(result), *_limits(result)]) + "\n"


def _methods(result: PowerResult) -> list[str]:
    plan, design, asked = result.plan, result.plan.study.design, result.plan.request
    rat = plan.study.rat
    changed = rat.ensemble or rat.name
    source = "published values or stated assumptions, each named in its model card"
    if load(changed).entries != rat.entries:
        source += f"; for this study changed: {', '.join(entry.name for entry in rat.changes)}"
    corrected = {
        "none": "not corrected for several arms",
        "holm": "corrected for several arms by Holm's procedure",
        "bonferroni": "corrected for several arms by Bonferroni's",
    }[asked.correction]
    tests = "; ".join(f"{endpoint(name).title}, {test_of(name)}" for name in plan.endpoints)
    return [
        f"Sample size (ARRIVE 2.0, item 2). The number of animals was derived by simulation with eaesim "
        f"{version('eaesim')}, a mechanistic model of rat experimental autoimmune encephalomyelitis "
        f"({rat.title}; parameters: {source}; {acting_words(design)}).",
        f"In each of {len(plan.arms) + 1} arms ({plan.control}, the control; {', '.join(plan.arms)}) "
        f"{asked.pool:,} virtual rats were followed to day {design.until} (seed {asked.seed}); they belong "
        f"in equal numbers to {_members(plan.members)}.",
        f"From them {asked.studies:,} studies were drawn for every number of animals, each within one "
        f"parameter set and with different animals in every arm. Tests were {TAILS} at a level of "
        f"{asked.alpha:g}, {corrected} ({tests}; exact up to 10 animals in each arm), the same that eaesim "
        f"scores runs on the laboratory's own scores{_uncorrected(plan)}. Dropout: {_dropout_words(plan)}"
        f"{_lost(plan)}. Deaths: {DEAD_RULES[asked.dead]}. The target power was {asked.wanted:g}; the "
        "first-named endpoint decides.",
    ]


def _findings(result: PowerResult) -> list[str]:
    plan, first = result.plan, result.plan.endpoints[0]
    total = result.chosen * (len(plan.arms) + 1)
    parts = [f"With {result.chosen} animals in each arm ({total} in total):"]
    lines = []
    for arm in plan.arms:
        found, rate = result.needed[arm, first], result.trials.rate(arm, first, result.chosen)
        means = result.expected_table().set_index(["arm", "endpoint"])["mean"]
        text = (
            f"{arm} against {plan.control}, mean {first} {means[arm, first]:.2f} against "
            f"{means[plan.control, first]:.2f}, power {rate.value:.2f} (95 % Monte Carlo interval "
            f"{rate.low:.2f} to {rate.high:.2f}"
        )
        if plan.members > 1:
            text += f"; {rate.member_low:.2f} to {rate.member_high:.2f} over 90 % of parameter sets"
        lines.append(f"{text}); animals needed in each arm for {plan.request.wanted:g}: {found.text()}")
    return [*parts, f"{'; '.join(lines)}."]


def _limits(result: PowerResult) -> list[str]:
    plan, first = result.plan, result.plan.endpoints[0]
    lines = []
    absent = [arm for arm in plan.arms if result.needed[arm, first].absent]
    if absent:
        lines.append(
            f"The model has no effect to show in {', '.join(absent)}: the power given there is near the "
            "rate of false positives, and a test that is not significant does not show that an effect is "
            "absent; for that an equivalence margin has to be stated beforehand."
        )
    short = [
        arm
        for arm in plan.arms
        if not result.needed[arm, first].absent and math.isnan(result.needed[arm, first].cautious)
    ]
    if short and plan.members > 1:
        lines.append(
            f"In more than 5 % of the parameter sets {MOST} animals in each arm would not suffice for "
            f"{', '.join(short)}."
        )
    lines.append(
        "These are predictions of a model, not observations; means, spread and deaths in the laboratory's "
        "own untreated animals should be compared with the expected table before they are relied on."
    )
    return lines


def _uncorrected(plan: PowerPlan) -> str:
    if plan.request.correction == "none":
        return ""
    return ", whose p values are to be corrected in the same way"


def _lost(plan: PowerPlan) -> str:
    if plan.daily_dropout == 0:
        return ""
    return (
        "; lost animals keep the onset and the peak that were read and have no cumulative score (eaesim "
        "scores --lost exclude), and a study that loses animals without the event between its first event "
        "and its last compares no shares, which counts as not found"
    )


def _members(members: int) -> str:
    return "one parameter set" if members == 1 else f"{members} parameter sets that published data allow"


def _dropout_words(plan: PowerPlan) -> str:
    daily, until = plan.daily_dropout, plan.study.design.until
    if daily == 0:
        return "no animal is lost"
    by_end = -math.expm1(until * math.log1p(-daily))
    return f"{100 * daily:.2g} % of the animals left are lost each day, {100 * by_end:.2g} % by day {until}"
