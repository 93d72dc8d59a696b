"""Running a sweep: the study at every point, part by part, here or elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eaesim.analysis.cluster import LOCAL, check_cluster
from eaesim.analysis.memory import check_memory
from eaesim.analysis.sweepparts import SweepFolder
from eaesim.analysis.sweepplan import SweepPlan, plan_sweep
from eaesim.analysis.sweepreader import Chunk, PointReader
from eaesim.analysis.sweepresult import SweepResult, read_sweep
from eaesim.analysis.workers import map_chunks, worker_number
from eaesim.errors import NothingComputedError, WorkerError
from eaesim.solver import Progress
from eaesim.study import Store, Study

if TYPE_CHECKING:
    import pyarrow as pa

# Below this much work, starting processes costs more than it saves.
SERIAL_SECONDS = 10.0


def sweep(
    study: Study,
    values: Mapping[str, Any],
    *,
    method: str = "grid",
    samples: int | None = None,
    sampling_seed: int | None = None,
    animals: int = 320,
    seed: int = 1,
    dead: str = "score",
    members: int = 1,
    engine: str = "auto",
    out: str | PathLike[str] | None = None,
    force: bool = False,
    workers: int | None = None,
    cluster: str | None = None,
    progress: Progress | None = None,
) -> SweepResult:
    """Run a study at every combination of some values, or at a sample of them, always with the same rats.

    Parameters
    ----------
    study
        The study. Its arms, and their names, are those of every point.
    values
        By path (``"arm.at onset.dose"``, ``"parameter.spreading_rate"``, ``"mechanism"``, ``"rat"``,
        ``"until"``, ``"induction.0.day"``): a list, or a table of ``low``, ``high``, ``scale`` (``"linear"``
        or ``"log"``) and for a grid ``points``.
    method
        ``"grid"``, ``"sobol"`` or ``"latin hypercube"``.
    samples, sampling_seed
        Of a sample: how many points, and which (1 unless stated).
    animals, seed, dead, members, engine
        As for `Study.run`, but that the typical rat alone is the default: parameter sets make the statistics
        of a point some 60 times slower. A parameter that is swept has the same value in every set.
    out
        A folder. Parts are written to it as they are done; the same call goes on where it was stopped.
        Without one, everything stays in memory.
    force
        Whether another run in that folder may be replaced.
    workers, cluster
        As for `eaesim.analysis.workers.map_chunks`; neither changes a bit of the result.
    progress
        Called with the number of rats run and their total.

    Returns
    -------
    SweepResult
        Means and effects of every arm at every point; NaN where nothing could be computed.

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
    settings = {"method": method, "samples": samples, "seed": sampling_seed}
    table = {key: value for key, value in settings.items() if value is not None} | dict(values)
    plan = plan_sweep(study, table, animals=animals, seed=seed, dead=dead, engine=engine, members=members)
    folder = None if out is None else SweepFolder(Store(Path(out), plan.settings(), force), plan)
    return run_sweep(plan, folder=folder, workers=workers, cluster=cluster, progress=progress)


def run_sweep(
    plan: SweepPlan,
    *,
    folder: SweepFolder | None = None,
    workers: int | None = None,
    cluster: str | None = None,
    progress: Progress | None = None,
) -> SweepResult:
    """Run a plan; the arguments are those of `sweep`.

    Raises
    ------
    EaesimError
        As for `sweep`.
    """
    workers = chosen_workers(plan, workers=workers, cluster=cluster)
    waiting = list(range(plan.parts)) if folder is None else folder.begin()
    tables: dict[int, pa.Table] = {}
    done, reason = plan.runs - plan.runs_a_point * sum(len(plan.part(number)) for number in waiting), ""
    tell = progress or (lambda *_: None)
    tell(done, plan.runs)
    read = PointReader(
        plan.study,
        tuple(plan.sweep.values),
        plan.animals,
        plan.seed,
        plan.dead,
        plan.engine,
        plan.members,
    )
    try:
        for place, part in map_chunks(read, _Chunks(plan, waiting), workers=workers, cluster=cluster):
            number = waiting[place]
            tables[number] = part.table(plan.part(number).start)
            if folder is not None:
                folder.put(number, tables.pop(number))
            done, reason = done + plan.runs_a_point * len(plan.part(number)), reason or part.reason
            tell(done, plan.runs)
    except WorkerError as error:
        kept = " What is done is kept, and the same command goes on from there." if folder else ""
        raise WorkerError(f"{error}{kept}") from error
    if folder is not None:
        result = read_sweep(folder.store.folder)
    else:
        result = SweepResult.from_tables(plan, [tables[number] for number in range(plan.parts)])
    if result.empty:
        raise NothingComputedError(
            f"no rat is left at any point{f'; the first: {reason}' if reason else ''}."
        )
    return result


def chosen_workers(plan: SweepPlan, *, workers: int | None, cluster: str | None) -> int | None:
    """Return how many processes are used: those asked for, or one where more do not pay.

    Raises
    ------
    MemoryShortError
        If they need more memory than this machine has.
    WorkerError, MissingLibraryError
        If the cluster cannot be used.
    """
    if cluster is not None:
        check_cluster(cluster, workers)
    if workers is None and cluster is None:
        workers = 1 if plan.seconds < SERIAL_SECONDS else worker_number()
    check_memory(plan.memory(worker_number(workers) if cluster in (None, LOCAL) else 1))
    return workers


@dataclass(frozen=True)
class _Chunks(Sequence[Chunk]):
    """The values at the points of each part that is waiting, worked out when it is its turn."""

    plan: SweepPlan
    waiting: Sequence[int]

    def __len__(self) -> int:
        return len(self.waiting)

    def __getitem__(self, place: Any) -> Any:
        return tuple(self.plan.points.values(point) for point in self.plan.part(self.waiting[place]))
