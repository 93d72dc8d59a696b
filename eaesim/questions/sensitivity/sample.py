"""Sampling the unknowns: sets of values are simulated chunk by chunk, and put together to outputs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt

from eaesim.endpoints import Floats, endpoint
from eaesim.errors import EaesimError, NothingComputedError
from eaesim.protocol import Design
from eaesim.questions.sensitivity.factors import Factor, vary
from eaesim.questions.sensitivity.indices import draw
from eaesim.questions.sensitivity.plan import Output, SensitivityPlan
from eaesim.solver import FAILED, Effort
from eaesim.study import Result, Study, Subjects
from eaesim.study.schedule import relapse_induction
from eaesim.study.together import run_together
from eaesim.study.workers import map_chunks

# Rats in one chunk of work.
RUNS_A_CHUNK = 500
# So many are solved together: their equations are made ready once.
RATS_AT_ONCE = 10_000

#: Arm, endpoint, and the first day that counts for a relapse.
Column = tuple[str, str, int | None]


@dataclass(frozen=True)
class Sample:
    """One output at every point.

    Attributes
    ----------
    values
        Shape (size, points): one row per trajectory or base sample; NaN where the output has no value.
    zero
        Where the mean of the arm it is compared with, or its own, is 0; of the same shape.
    failed
        Rats that could not be solved.
    reason
        Why the first of them was not.
    """

    values: Floats
    zero: npt.NDArray[np.bool_]
    failed: int
    reason: str = ""

    @classmethod
    def joined(cls, samples: Sequence[Sample]) -> Sample:
        """Return samples of the same output as one."""
        return cls(
            np.concatenate([sample.values for sample in samples]),
            np.concatenate([sample.zero for sample in samples]),
            sum(sample.failed for sample in samples),
            next((sample.reason for sample in samples if sample.reason), ""),
        )

    @property
    def whole(self) -> npt.NDArray[np.bool_]:
        """Which trajectories, or base samples, have a value at every point; the others are left out.

        The indices need complete ones; filling a gap would invent an effect.
        """
        return np.asarray(~np.isnan(self.values).any(axis=1))


@dataclass(frozen=True)
class Readings:
    """What was read at some points: shape (points, columns, rats); a column is an arm and an endpoint.

    Attributes
    ----------
    values
        NaN where a rat has no value.
    failed
        Where a rat could not be solved.
    reason
        Why the first of them was not.
    """

    values: Floats
    failed: npt.NDArray[np.bool_]
    reason: str = ""


def evaluate(
    plan: SensitivityPlan,
    read: Callable[[Floats], Readings],
    places: Sequence[Sequence[int]],
    *,
    effort: Effort,
    runs: int = 1,
) -> tuple[Floats, list[Sample]]:
    """Draw the sets of values, read each, and put the outputs together.

    Parameters
    ----------
    plan
        The request.
    read
        Reads some sets of values, shape (sets, factors): shares of the way from `low` to `high`.
    places
        For each output its columns in what is read: those of `Output.arms`.
    effort
        How it is computed.
    runs
        Rats that one set costs.

    Returns
    -------
    tuple
        The points in the unit cube, and for each output its sample.

    Raises
    ------
    NothingComputedError
        If no output has a value in two whole trajectories, or base samples.
    """
    asked = plan.request
    points = draw(asked.method, len(plan.factors), size=plan.size, seed=asked.sampling_seed)
    blocks = max(1, RUNS_A_CHUNK // (runs * points.shape[1]))
    starts = range(0, plan.size, blocks)
    task = partial(_evaluate_chunk, read, plan.outputs, places)
    found: list[list[Sample]] = [[] for _ in starts]
    done, total = 0, plan.samples * runs
    chunks = [points[start : start + blocks] for start in starts]
    for place, chunk in map_chunks(task, chunks, workers=effort.workers, cluster=effort.cluster):
        found[place] = chunk
        done += len(chunks[place]) * points.shape[1] * runs
        if effort.progress is not None:
            effort.progress(done, total)
    samples = [Sample.joined(rows) for rows in zip(*found, strict=True)]
    if not any(sample.whole.sum() > 1 for sample in samples):
        reason = next((f"; the first that failed: {each.reason}" for each in samples if each.reason), "")
        raise NothingComputedError(f"no output has a value over any two of the {plan.way.size}{reason}.")
    return points, samples


def _evaluate_chunk(
    read: Callable[[Floats], Readings],
    outputs: Sequence[Output],
    places: Sequence[Sequence[int]],
    points: Floats,
) -> list[Sample]:
    """Read some trajectories, or base samples; the outputs are put together here, so that little travels."""
    rows: list[list[Sample]] = [[] for _ in outputs]
    for block in points:
        readings = read(block)
        for row, (output, columns) in enumerate(zip(outputs, places, strict=True)):
            chosen = np.array(columns)
            rows[row].append(
                _output(output, readings.values[:, chosen], readings.failed[:, chosen], readings.reason)
            )
    return [Sample.joined(samples) for samples in rows]


def _output(output: Output, values: Floats, failed: npt.NDArray[np.bool_], reason: str) -> Sample:
    """Put an output together at the points of one trajectory, or base sample.

    The indices are differences within it, so a rat that failed at any of its points is left out of all.
    """
    kept = values[:, :, ~failed.any(axis=(0, 1))]
    if endpoint(output.endpoint).whole != "onset_day":  # as in the table of a study: pairs, but for the onset
        kept = np.where(np.isnan(kept).any(axis=1, keepdims=True), np.nan, kept)
    known = ~np.isnan(kept)
    number = known.sum(axis=2)
    means = np.where(known, kept, 0.0).sum(axis=2) / np.where(number == 0, np.nan, number)
    mean = dict(zip(output.arms, means.T, strict=True))
    found, reference = mean[output.arm], mean[output.reference]
    if output.against is not None:
        found = mean[output.against] - found
    if output.relative is not None:
        found = found / np.where(reference == 0, np.nan, reference)
    return Sample(found[None], (reference == 0)[None], int(failed.sum()), reason if failed.any() else "")


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
