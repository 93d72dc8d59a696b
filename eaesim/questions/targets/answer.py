"""Process by window of days: what a block of one process does, in the same animals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from eaesim.endpoints import Floats, member_effect
from eaesim.endpoints import endpoint as find_endpoint
from eaesim.errors import NothingComputedError
from eaesim.files import Content
from eaesim.model import Rat
from eaesim.protocol import Arm, Immunisation, Infusion, Transfer
from eaesim.questions.targets.probe import probe
from eaesim.questions.targets.request import ONSET, TargetsRequest, window_ends
from eaesim.solver import Effort
from eaesim.study import Study, Subjects
from eaesim.study.membership import few_rats_notes, member_settings
from eaesim.workbench.answer import Answer, Plan, Shown
from eaesim.workbench.request import asks
from eaesim.workbench.runstudy import run_study

if TYPE_CHECKING:
    import pandas as pd

VEHICLE = "vehicle"
#: A smaller effect does not count as one in the sentence, in shares of the control.
MATTERS = 0.3
# A window that begins here or later is one that a patient or a laboratory meets after the induction.
LATE = 7.0


@dataclass(frozen=True)
class TargetsPlan(Plan):
    """The planned study, an arm for each target and window."""

    study: Study
    request: TargetsRequest

    def settings(self) -> dict[str, Content]:
        """Return everything that decides the result, as plain values."""
        own = {name: value for name, value in self.request.written().items() if name != "parameter_sets"}
        return own | member_settings(self.study.rat, self.request.parameter_sets)

    def summary(self) -> str:
        """Return in a few words what would be done."""
        asked = self.request
        return (
            f"{len(asked.targets)} targets in {len(asked.windows)} windows, {asked.animals} rats in every "
            f"arm, {asked.animals * len(self.study.design.arms)} runs"
        )

    def warnings(self) -> list[str]:
        """Return a line for each thing to know of the study."""
        return self.study.warnings()


def arm_name(target: str, window: str) -> str:
    """Return the name of an arm."""
    return f"{target}, {window}"


def plan(rat: Rat | str | None, request: TargetsRequest) -> TargetsPlan:
    """Return the study that is to be run.

    Raises
    ------
    EaesimError
        If the rat or the endpoint is not known, or a window lies past the end.
    """
    asked = request.checked()
    induced = Transfer() if asked.induction == "transfer" else Immunisation()
    arms = [
        Arm(VEHICLE),
        *(_arm(target, window, asked) for target in asked.targets for window in asked.windows),
    ]
    study = Study(
        asked.rat if rat is None else rat,
        until=asked.until,
        inductions=[induced],
        arms=arms,
        mechanism="none",
        control=VEHICLE,
        endpoints=[asked.endpoint],
    )
    return TargetsPlan(study, asked)


def _arm(target: str, window: str, asked: TargetsRequest) -> Arm:
    drug, ends = probe(target, asked.block, asked.loss), window_ends(window)
    if ends is None:
        # Of a switch every day holds 1 mg/kg.
        dose = Infusion(f"{asked.until} mg/kg", over=asked.until, drug=drug).at(onset="score >= 1")
    else:
        length = ends[1] - ends[0]
        dose = Infusion(f"{length!r} mg/kg", over=length, drug=drug).at(day=ends[0])
    return Arm(arm_name(target, window), dose)


@dataclass(frozen=True)
class Targets(Answer):
    """What a block of each target does in each window.

    Attributes
    ----------
    table
        The columns of ``targets.csv``.
    request
        What was asked.
    rat
        The rat.
    members
        Parameter sets of the rats.

    Examples
    --------
    >>> from eaesim import targets
    >>> found = targets("lewis", windows="0:4", animals=4, parameter_sets=1)
    >>> list(found.tables())
    ['targets']
    """

    table: pd.DataFrame
    request: TargetsRequest
    rat: Rat
    members: int

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the table by the name of its CSV file."""
        return {"targets": self.table}

    def shown(self) -> list[Shown]:
        """Return what the terminal prints."""
        title = f"effect on the {find_endpoint(self.request.endpoint).title}: 1 - treated/control, in %"
        return [Shown(title, table=self.map().reset_index())]

    def map(self, column: str = "effect") -> pd.DataFrame:
        """Return a column of the table in percent, a row for each target and a column for each window."""
        wide = self.table.pivot(index="target", columns="window", values=column)
        return (100 * wide.loc[list(self.request.targets), list(self.request.windows)]).round(0)

    def notes(self) -> list[str]:
        """Return a line if there are too few rats, or some failed."""
        failed = int(self.table["failed"].max())
        lost = f"{failed} of {self.request.animals} rats failed in some arm and were left out of its pairs."
        return [*few_rats_notes(self.request.animals, self.members), *([lost] if failed else [])]

    def late(self) -> tuple[str, pd.DataFrame, list[str]]:
        """Return from when on windows are late, their rows, and the targets that surely matter then.

        Without a late window all of them count.
        """
        begins = {window: window_ends(window) for window in self.request.windows}
        late = [window for window, ends in begins.items() if ends is None or ends[0] >= LATE]
        chosen = late or list(begins)
        own = self.table[self.table["window"].isin(chosen)]
        works = own[own["low"] >= MATTERS].groupby("target")["effect"].max().sort_values(ascending=False)
        start = min((ends[0] for window in chosen if (ends := begins[window]) is not None), default=None)
        since = "once signs are there" if start is None else f"from day {start:g}"
        return since, own, [str(name) for name in works.index]

    def sentence(self) -> str:
        """Return which targets must be hit, from the first window that is late on."""
        since, own, works = self.late()
        best = own.iloc[int(np.nanargmax(own["effect"].fillna(-np.inf).to_numpy()))]
        name = find_endpoint(self.request.endpoint).title
        words = (
            f"{best['target']}, {_when(best['window'])}: {best['effect']:.0%} less {name} "
            f"(95 % interval {best['low']:.0%} to {best['high']:.0%})"
        )
        if not works:
            return f"No block {since} surely takes away {MATTERS:.0%} of the {name}; the best is {words}."
        return (
            f"To work {since} a drug must hit {' or '.join(works)}; the best is {words}. "
            "Every block is a prediction."
        )


def _when(window: str) -> str:
    return "from onset" if window == ONSET else f"days {window.replace(':', ' to ')}"


def answer(plan: TargetsPlan, effort: Effort) -> Targets:
    """Run every block, and read its effect.

    Raises
    ------
    NothingComputedError
        If no rat is left.
    """
    asked = plan.request
    subjects = Subjects(asked.animals, asked.seed, asked.parameter_sets, asked.dead)
    result = run_study(plan.study, subjects, effort)
    name = find_endpoint(asked.endpoint, until=asked.until).name
    rows = []
    for target in asked.targets:
        for window in asked.windows:
            arm = arm_name(target, window)
            treated, control = result.pair(arm, VEHICLE, name)
            member = result.pair_member(arm, VEHICLE, name)
            found = member_effect(treated, control, member=member, seed=asked.seed)
            ends = window_ends(window)
            rows.append(
                {
                    "target": target,
                    "window": window,
                    "first": np.nan if ends is None else ends[0],
                    "last": np.nan if ends is None else ends[1],
                    "endpoint": name,
                    "treated": _mean(treated),
                    "control": _mean(control),
                    "effect": found.value,
                    "low": found.low,
                    "high": found.high,
                    "animals": len(treated),
                    "failed": int(result.has_failed(arm).sum()),
                }
            )
    if not any(row["animals"] for row in rows):
        raise NothingComputedError("no rat is left in any arm.")
    import pandas as pd

    return Targets(pd.DataFrame(rows), asked, plan.study.rat, result.members)


def _mean(values: Floats) -> float:
    return float(np.mean(values)) if len(values) else float("nan")


@asks(TargetsRequest)
def targets(rat: Rat | str | None, request: TargetsRequest) -> Targets:
    """Block one process at a time, in one window of days at a time.

    Parameters
    ----------
    rat
        A `Rat`, the name of one, or the folder of a fit; None is that of the request.

    Raises
    ------
    EaesimError
        If a name, a window or a day is not allowed.

    Examples
    --------
    >>> found = targets("lewis", targets=["dividing cells"], windows=["0:6", "10:13"], animals=6)
    >>> bool(found.table["effect"][0] > found.table["effect"][1])
    True
    """
    return answer(plan(rat, request), request.effort)
