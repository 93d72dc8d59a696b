"""Sets of values read off simulated rats."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from eaesim.endpoints import Floats
from eaesim.model import Rat
from eaesim.protocol import Arm, Design
from eaesim.protocol.selection import renamed
from eaesim.questions.sensitivity.factors import Factor, vary
from eaesim.questions.sensitivity.plan import Output
from eaesim.questions.sensitivity.sample import Readings
from eaesim.solver import FAILED
from eaesim.study import Study, Subjects
from eaesim.study.simulation import relapse_induction, simulate

# So many are solved together: their equations are made ready once.
RATS_AT_ONCE = 10_000

#: Arm, endpoint, and the first day that counts for a relapse.
Column = tuple[str, str, int | None]


def columns_of(output: Output, design: Design) -> tuple[Column, ...]:
    """Return what an output is made of; a relapse counts from that of its first arm with one."""
    arms = {arm.name: arm for arm in design.arms}
    induced = (relapse_induction(design, arms[name]) for name in output.arms)
    since = next((day for day in induced if day is not None), None)
    return tuple((name, output.endpoint, since) for name in output.arms)


@dataclass(frozen=True)
class Rats:
    """Reads sets of values off simulated rats, always the same ones; travels to other processes."""

    study: Study
    factors: tuple[Factor, ...]
    columns: tuple[Column, ...]
    subjects: Subjects
    engine: str
    accuracy: str

    def __call__(self, points: Floats) -> Readings:
        """Run the study at each set of values."""
        sets = max(1, RATS_AT_ONCE // (len(self.study.design.arms) * self.subjects.animals))
        parts = [self._read(points[start : start + sets]) for start in range(0, len(points), sets)]
        return Readings(
            np.concatenate([part.values for part in parts]),
            np.concatenate([part.failed for part in parts]),
            next((part.reason for part in parts if part.reason), ""),
        )

    def _read(self, points: Floats) -> Readings:
        """Run all sets of values as one study: each arm of each set is an arm with its own rat."""
        base, asked = self.study.design, self.subjects
        arms: list[Arm] = []
        rats: dict[str, Rat] = {}
        for number, point in enumerate(points):
            varied = vary(self.study, self.factors, point.tolist())
            for arm in renamed(varied.design, f"{number} "):
                arms.append(arm)
                rats[arm.name] = varied.rat
        found = simulate(
            rats,
            replace(base, arms=tuple(arms), control=arms[0].name),
            animals=asked.animals,
            seed=asked.seed,
            dead=asked.dead,
            courses=False,
            engine=self.engine,
            accuracy=self.accuracy,
            workers=1,
        )
        names = [arm.name for arm in base.arms]
        values, failed = [], []
        for column, endpoint, since in self.columns:
            places = range(names.index(column), len(arms), len(names))
            values.append([found.kept.read(place, since, dead=asked.dead)[endpoint] for place in places])
            failed.append(found.status[places] == FAILED)
        return Readings(np.stack(values, axis=1), np.stack(failed, axis=1), next(iter(found.failures), ""))
