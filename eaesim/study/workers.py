"""Chunks of work on this machine's cores or on a cluster, each handed back as soon as it is done."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from eaesim.errors import WorkerError
from eaesim.protocol.quantity import count
from eaesim.solver.effort import MOST_WORKERS
from eaesim.solver.processes import processes
from eaesim.study.cluster import on_cluster
from eaesim.study.fingerprint import fingerprint

Chunk = TypeVar("Chunk")
Outcome = TypeVar("Outcome")


def map_chunks(
    function: Callable[[Chunk], Outcome],
    chunks: Sequence[Chunk],
    *,
    workers: int | None = None,
    cluster: str | None = None,
) -> Iterator[tuple[int, Outcome]]:
    """Apply a function to every chunk, and hand back each outcome with the place of its chunk.

    The outcomes come in the order in which they are done. A chunk must decide its outcome alone: then no
    number of workers and no cluster changes what comes out.

    Parameters
    ----------
    function
        Takes a chunk. It and the chunks are pickled; a cluster must be able to import it.
    chunks
        The work.
    workers
        Processes on this machine; by default as many as there are cores, never more than there are chunks.
        With one, everything is done in this process.
    cluster
        Address of a Dask scheduler, such as ``"tcp://host:8786"``, whose workers are used; or ``"local"`` for
        a Dask cluster of `workers` processes on this machine.

    Yields
    ------
    tuple
        Place of the chunk, and its outcome.

    Raises
    ------
    QuantityError
        If `workers` is not a whole number from 1 on.
    WorkerError
        If a worker is lost, or a cluster cannot be reached or runs another version of this package.
    MissingLibraryError
        If a cluster is requested and Dask is not installed.

    Examples
    --------
    >>> sorted(map_chunks(abs, [-1, 2, -3], workers=1))
    [(0, 1), (1, 2), (2, 3)]
    """
    number = worker_number(workers)
    if cluster is not None:
        elsewhere = _SameModel(function, fingerprint())
        return on_cluster(elsewhere, chunks, cluster, None if workers is None else number)
    number = min(number, len(chunks))
    if number <= 1:
        return _here(function, chunks)
    return _in_processes(_SameModel(function, fingerprint()), chunks, number)


def worker_number(workers: int | None = None) -> int:
    """Return how many processes are used on this machine: `workers`, or as many as there are cores.

    Raises
    ------
    QuantityError
        If it is not a whole number from 1 to `MOST_WORKERS`.

    Examples
    --------
    >>> worker_number(3)
    3
    """
    if workers is not None:
        return count(workers, what="workers", least=1, most=MOST_WORKERS)
    from joblib import cpu_count

    return int(cpu_count())


@dataclass(frozen=True)
class _SameModel(Generic[Chunk, Outcome]):
    """A function, applied where the model is the same: a package may be changed while workers start."""

    function: Callable[[Chunk], Outcome]
    fingerprint: str

    def __call__(self, chunk: Chunk) -> Outcome:
        if fingerprint() != self.fingerprint:
            raise WorkerError(
                "a worker runs another model, other data or another version of eaesim than the process that "
                "started the work; nothing of it is kept."
            )
        return self.function(chunk)


def _here(function: Callable[[Chunk], Outcome], chunks: Sequence[Chunk]) -> Iterator[tuple[int, Outcome]]:
    for place, chunk in enumerate(chunks):
        yield place, function(chunk)


def _placed(function: Callable[[Chunk], Outcome], place: int, chunk: Chunk) -> tuple[int, Outcome]:
    return place, function(chunk)


def _in_processes(
    function: Callable[[Chunk], Outcome], chunks: Sequence[Chunk], number: int
) -> Iterator[tuple[int, Outcome]]:
    from joblib import delayed
    from joblib.externals.loky.process_executor import BrokenProcessPool

    outcomes = processes(number)(
        delayed(_placed)(function, place, chunk) for place, chunk in enumerate(chunks)
    )
    try:
        for outcome in outcomes:  # noqa: UP028 - `yield from` would close them before warnings are off
            yield outcome
    except BrokenProcessPool as error:
        raise WorkerError(
            "a worker process was lost: killed, or out of memory; with fewer workers each has more of it."
        ) from error
    finally:
        with warnings.catch_warnings(action="ignore"):
            outcomes.close()
