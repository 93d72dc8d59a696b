"""Sets of values read off simulated rats."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from eaesim.endpoints import Floats
from eaesim.errors import EaesimError, NothingComputedError
from eaesim.protocol import Design
from eaesim.questions.sensitivity.factors import Factor, vary
from eaesim.questions.sensitivity.plan import Output
from eaesim.questions.sensitivity.sample import Readings
from eaesim.solver import FAILED
from eaesim.study import Result, Study, Subjects
from eaesim.study.schedule import relapse_induction
from eaesim.study.together import run_together

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
        """Run the study at each set of values, all of them together, with the typical rat's parameters."""
        varied = [vary(self.study, self.factors, point.tolist()) for point in points]
        subjects = replace(self.subjects, parameter_sets=1)
        found = run_together(varied, subjects=subjects, engine=self.engine, accuracy=self.accuracy)
        read = [self._columns(each) for each in found]
        return Readings(
            np.stack([values for values, _, _ in read]),
            np.stack([failed for _, failed, _ in read]),
            next((reason for _, _, reason in read if reason), ""),
        )

    def _columns(self, found: Result | EaesimError) -> tuple[Floats, npt.NDArray[np.bool_], str]:
        """Return what each rat shows of every column, which rats failed, and the first reason."""
        if isinstance(found, NothingComputedError):
            shape = (len(self.columns), self.subjects.animals)
            return np.full(shape, np.nan), np.ones(shape, dtype=np.bool_), str(found)
        if isinstance(found, EaesimError):
            raise found
        kept, dead = found.simulation.kept, self.subjects.dead
        places = [found.place(arm) for arm, _, _ in self.columns]
        values = [
            kept.read(place, since, dead=dead)[endpoint]
            for place, (_, endpoint, since) in zip(places, self.columns, strict=True)
        ]
        reason = next(iter(found.simulation.failures), "")
        return np.stack(values), found.simulation.status[places] == FAILED, reason
