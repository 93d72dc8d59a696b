"""The results of a study at some points of a sweep: the work of one worker."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from eaesim.endpoints import ENDPOINTS
from eaesim.errors import EaesimError, NothingComputedError, ProtocolError, QuantityError, UnknownNameError
from eaesim.files import Content
from eaesim.protocol.path import StudyPath
from eaesim.protocol.values import Value
from eaesim.questions.sweep.parts import ESTIMATES, part_schema
from eaesim.study import Result, Study, Subjects
from eaesim.study.change import change_study
from eaesim.study.together import run_together

if TYPE_CHECKING:
    import pyarrow as pa

# Every rat failed, or these values make a study each but none together.
_NO_VALUE = (NothingComputedError, ProtocolError, QuantityError, UnknownNameError)
# The first point, and the values of every path, point by point.
Chunk = tuple[int, tuple[tuple[Value, ...], ...]]


@dataclass(frozen=True)
class PointReader:
    """Runs a study, changed at some paths, with some rats and a solver; travels to other processes."""

    study: Study
    paths: tuple[StudyPath, ...]
    subjects: Subjects
    engine: str
    accuracy: str

    def __call__(self, chunk: Chunk) -> tuple[pa.Table, str]:
        """Return the table of a part, and why the first failed run failed."""
        import pyarrow as pa

        columns: dict[str, list[Content]] = {name: [] for name in part_schema().names}
        (first, values), reason = chunk, ""
        for point, result in enumerate(self._run(values), start=first):
            if isinstance(result, EaesimError):
                rows, failures = self._empty(), [str(result).rstrip(".")]
            else:
                rows, failures = _rows(result), result.failures()
            reason = reason or next(iter(failures), "")
            for row in rows:
                for name, value in ({"point": point} | row).items():
                    columns[name].append(value)
        return pa.table(columns, schema=part_schema()), reason

    def _run(self, values: Sequence[tuple[Value, ...]]) -> list[Result | EaesimError]:
        """Return the result at each point, or why there is none."""
        found: list[Result | EaesimError | None] = []
        studies: list[Study] = []
        for changed in values:
            try:
                # A parameter that is swept is the same in every set.
                studies.append(change_study(self.study, dict(zip(self.paths, changed, strict=True))))
                found.append(None)
            except _NO_VALUE as error:
                found.append(error)
        run = run_together(studies, subjects=self.subjects, engine=self.engine, accuracy=self.accuracy)
        for result in run:
            if isinstance(result, EaesimError) and not isinstance(result, _NO_VALUE):
                raise result
        results = iter(run)
        return [next(results) if each is None else each for each in found]

    def _empty(self) -> Iterator[dict[str, Content]]:
        for arm in self.study.design.arms:
            for name in (*ENDPOINTS, *self.study.design.endpoints):
                counts = {"animals": 0, "failed": self.subjects.animals}
                yield {"arm": arm.name, "endpoint": name, **dict.fromkeys(ESTIMATES, np.nan), **counts}


def _rows(result: Result) -> Iterator[dict[str, Content]]:
    """Return a row for every arm and endpoint; the effect is on the means of the same rats in the control."""
    control = result.design.control
    for arm in result.arms:
        failed = result.failed(arm, control)
        for name in result.endpoints:
            treated, _ = result.pair(arm, control, name)
            own = result.mean(arm, name, control=control)
            against = result.effect(arm, control, name)
            yield {
                "arm": arm,
                "endpoint": name,
                "mean": own.value,
                "low": own.low,
                "high": own.high,
                "effect": against.value,
                "effect_low": against.low,
                "effect_high": against.high,
                "animals": int((~np.isnan(treated)).sum()),
                "failed": failed,
            }
