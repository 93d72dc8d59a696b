"""Running a sweep: the study at every point, part by part, here or elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, overload

from eaesim.endpoints import DEAD_RULES
from eaesim.errors import NothingComputedError, WorkerError
from eaesim.questions.sweep.parts import SweepFolder
from eaesim.questions.sweep.plan import SweepPlan
from eaesim.questions.sweep.plan import plan_sweep as plan
from eaesim.questions.sweep.reader import Chunk, PointReader
from eaesim.questions.sweep.request import SweepRequest
from eaesim.questions.sweep.result import Swept
from eaesim.solver import Effort
from eaesim.study import Store, Study, Subjects
from eaesim.study.workers import map_chunks
from eaesim.workbench.answer import Answer, Shown
from eaesim.workbench.figure.words import drawn_endpoint
from eaesim.workbench.question import question
from eaesim.workbench.request import asks
from eaesim.workbench.run import open_store, resumable

if TYPE_CHECKING:
    import pyarrow as pa
    from matplotlib.figure import Figure

MOST_ROWS = 24


@dataclass(frozen=True, repr=False)
class SweepResult(Swept, Answer):
    """Means and effects of every arm at every point of a sweep, with what is shown of them.

    Examples
    --------
    >>> from eaesim import Arm, Bolus, Study
    >>> arms = [Arm("vehicle"), Arm("early", Bolus("1 g/kg").at(day=0))]
    >>> study = Study("lewis", until=20, arms=arms)
    >>> sweep(study, {"until": [20, 24]}, animals=2, workers=1).paths
    ('until',)
    """

    is_begun: ClassVar[bool] = True

    def shown(self) -> list[Shown]:
        """Return what the terminal prints: one endpoint in few columns, and which rats these are."""
        treated = self.plan.treated
        ends = ("effect", "effect_low", "effect_high") if treated else ("mean", "low", "high")
        columns = [*self.paths, "arm", *ends]
        endpoint = drawn_endpoint(self.plan.study.design)
        table = self.table(endpoint=endpoint, arm=treated or None, columns=columns)
        rule = DEAD_RULES[self.plan.request.dead]
        said = f"{self.rats}; the same at every point and in every arm; {rule}."
        title = f"{endpoint}; the files in sweep have every endpoint and column"
        return [Shown(title, table=table if len(table) <= MOST_ROWS else None, note=said)]

    def notes(self) -> list[str]:
        """Return a line where rats failed."""
        points, failed = self.failed()
        if not failed:
            return []
        return [f"at {points} of {len(self.plan.points)} points some rats failed and were left out."]

    def figure(self, *, endpoint: str | None = None) -> Figure:
        """Draw an endpoint against what varied: by default the first window of the study, or the peak."""
        from eaesim.questions.sweep.figure import figure

        return figure(self, endpoint=endpoint)


def answer(plan: SweepPlan, effort: Effort, store: Store | None = None) -> SweepResult:
    """Run a sweep: with a store what is not done yet, each part written as soon as it is done.

    Raises
    ------
    EaesimError
        As for `sweep`.
    """
    if store is None:
        tables: dict[int, pa.Table] = {}
        reason = _run(plan, effort, lambda: range(plan.parts), tables.__setitem__)
        every = [tables[number] for number in range(plan.parts)]
        return _checked(SweepResult.from_tables(plan, every), reason)
    folder = SweepFolder(store, plan)
    with resumable(store):
        try:
            reason = _run(plan, effort, folder.begin, folder.put)
        except WorkerError as error:
            raise WorkerError(f"{error} Finished parts are kept, and the same command resumes.") from error
        return _checked(read_sweep(store.folder), reason)


def _run(
    plan: SweepPlan,
    effort: Effort,
    begin: Callable[[], Sequence[int]],
    keep: Callable[[int, pa.Table], None],
) -> str:
    """Run the pending parts, and return why the first failed run failed."""
    workers = plan.workers(effort)
    waiting = begin()
    done, reason = plan.runs - plan.runs_a_point * sum(len(plan.part(number)) for number in waiting), ""
    tell = effort.progress or (lambda *_: None)
    tell(done, plan.runs)
    asked = plan.request
    subjects = Subjects(asked.animals, asked.seed, asked.parameter_sets, asked.dead)
    read = PointReader(plan.study, tuple(plan.points.values), subjects, plan.engine, asked.solved)
    chunks = _Chunks(plan, waiting)
    for place, (table, failure) in map_chunks(read, chunks, workers=workers, cluster=effort.cluster):
        keep(waiting[place], table)
        done, reason = done + plan.runs_a_point * len(plan.part(waiting[place])), reason or failure
        tell(done, plan.runs)
    return reason


def _checked(result: SweepResult, reason: str) -> SweepResult:
    if result.empty:
        raise NothingComputedError(
            f"no rat is left at any point{f'; the first: {reason}' if reason else ''}."
        )
    return result


@dataclass(frozen=True)
class _Chunks(Sequence[Chunk]):
    """The values at the points of each pending part, computed when needed."""

    plan: SweepPlan
    waiting: Sequence[int]

    def __len__(self) -> int:
        return len(self.waiting)

    @overload
    def __getitem__(self, place: int) -> Chunk: ...

    @overload
    def __getitem__(self, place: slice) -> list[Chunk]: ...

    def __getitem__(self, place: int | slice) -> Chunk | list[Chunk]:
        if isinstance(place, slice):
            return [self[each] for each in range(len(self))[place]]
        part = self.plan.part(self.waiting[place])
        return part.start, tuple(map(self.plan.points.at, part))


@asks(SweepRequest, of=Study)
def sweep(study: Study, request: SweepRequest) -> SweepResult:
    """Run a study at every combination of some values, or at a sample of them, always with the same rats.

    Returns means and effects of every arm at every point; NaN where nothing could be computed. They are
    identical for any number of workers and on a cluster.

    Parameters
    ----------
    study
        Its arms, and their names, are those of every point.

    Raises
    ------
    EaesimError
        If a path or a value cannot be used, the folder cannot be written, a worker is lost, or nothing could
        be computed at all.

    Examples
    --------
    >>> from eaesim.protocol import Arm, Bolus
    >>> study = Study("lewis", until=16, arms=[Arm("vehicle"), Arm("early", Bolus("1 g/kg").at(day=0))])
    >>> found = sweep(study, {"arm.early.day": [0, 7]}, animals=4, workers=1)
    >>> found.table(endpoint="peak_score", arm="early")[["arm.early.day", "mean"]].shape
    (2, 2)
    """
    planned = plan(study, request)
    store = None
    if request.out is not None:
        store = open_store(question("sweep"), planned, out=request.out, force=request.force)
    return answer(planned, request.effort, store)


def read_sweep(folder: str | PathLike[str]) -> SweepResult:
    """Read the folder of a sweep, whole or interrupted; a part that is damaged counts as missing.

    Where another model made it, or may have, a warning says so.

    Parameters
    ----------
    folder
        What ``eaesim sweep`` wrote.

    Raises
    ------
    FileError
        If it is not the folder of a sweep, or nothing in it can be read yet.
    EaesimError
        If its study cannot be made any more.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from eaesim.protocol import Arm
    >>> study = Study("lewis", until=20, arms=[Arm("vehicle")])
    >>> with TemporaryDirectory() as folder:
    ...     _ = sweep(study, {"parameter.spreading_rate": [0, 0.1]}, animals=2, out=f"{folder}/spreading")
    ...     len(read_sweep(f"{folder}/spreading").plan.points)
    2
    """
    return SweepResult.from_folder(Path(folder))
