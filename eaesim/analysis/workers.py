"""Chunks of work on this machine's cores or on a cluster, each handed back as soon as it is done."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from eaesim.errors import MissingLibraryError, WorkerError
from eaesim.protocol.quantity import count

if TYPE_CHECKING:
    from distributed import Client

Chunk = TypeVar("Chunk")
Outcome = TypeVar("Outcome")

#: The cluster that is started here, for the time of one call.
LOCAL = "local"
MOST_WORKERS = 1_024
# Seconds until a cluster that does not answer is given up, and until one that lost every worker is.
ANSWER, RECOVERY = 10.0, 30.0
# Chunks sent ahead to each core, so that none waits for work.
AHEAD = 2
GOES_ON = "what is done is kept, and the same command goes on from there"


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
        Takes a chunk. It and the chunks must be picklable, and importable where the workers are.
    chunks
        The work.
    workers
        Processes on this machine; by default as many as there are cores, never more than there are chunks.
        With one, everything is done in this process.
    cluster
        Address of a Dask scheduler, such as ``"tcp://host:8786"``, or ``"local"`` for a Dask cluster of
        `workers` processes on this machine.

    Yields
    ------
    tuple
        Place of the chunk, and its outcome.

    Raises
    ------
    QuantityError
        If `workers` is not a whole number from 1 on.
    WorkerError
        If the cluster cannot be reached, its workers run another version of this package, or a worker is lost.
    MissingLibraryError
        If a cluster is asked for and Dask is not installed.

    Examples
    --------
    >>> sorted(map_chunks(abs, [-1, 2, -3], workers=1))
    [(0, 1), (1, 2), (2, 3)]
    """
    if workers is not None:
        workers = count(workers, what="workers", least=1, most=MOST_WORKERS)
    if cluster is not None:
        return _on_cluster(function, chunks, cluster, workers)
    number = min(worker_number(workers), len(chunks))
    return _here(function, chunks) if number <= 1 else _in_processes(function, chunks, number)


def worker_number(workers: int | None = None) -> int:
    """Return how many processes this machine is given: `workers`, or as many as there are cores."""
    from joblib import cpu_count

    return int(cpu_count()) if workers is None else workers


def _here(function: Callable[[Chunk], Outcome], chunks: Sequence[Chunk]) -> Iterator[tuple[int, Outcome]]:
    for place, chunk in enumerate(chunks):
        yield place, function(chunk)


def _numbered(
    function: Callable[[Chunk], Outcome], place: int, chunk: Chunk
) -> tuple[int, Outcome]:  # not a lambda: it travels to other processes
    return place, function(chunk)


def _in_processes(
    function: Callable[[Chunk], Outcome], chunks: Sequence[Chunk], number: int
) -> Iterator[tuple[int, Outcome]]:
    from joblib import Parallel, delayed
    from joblib.externals.loky.process_executor import BrokenProcessPool

    parallel = Parallel(n_jobs=number, return_as="generator_unordered", batch_size=1, max_nbytes=None)
    try:
        yield from parallel(delayed(_numbered)(function, place, chunk) for place, chunk in enumerate(chunks))
    except BrokenProcessPool as error:
        raise WorkerError(
            f"a worker process was lost, killed or out of memory; fewer workers need less memory; {GOES_ON}."
        ) from error


def _on_cluster(
    function: Callable[[Chunk], Outcome], chunks: Sequence[Chunk], address: str, workers: int | None
) -> Iterator[tuple[int, Outcome]]:
    with _client(address, workers) as client:
        waiting = enumerate(chunks)
        sent: dict[Any, int] = {}
        try:
            while True:
                free = AHEAD * _cores(client, address) - len(sent)
                for place, chunk in islice(waiting, max(free, 0)):
                    sent[client.submit(function, chunk, pure=False)] = place
                if not sent:
                    return
                for future in _done(client, list(sent), address):
                    place = sent.pop(future)
                    yield place, _outcome(future, address)
        finally:
            client.cancel(list(sent), force=True)


@contextmanager
def _client(address: str, workers: int | None) -> Iterator[Client]:
    """Connect to a cluster, or start one; what it writes to the terminal of its own accord is left out."""
    try:
        from distributed import Client, LocalCluster
    except ImportError as error:
        raise MissingLibraryError(
            "a cluster needs Dask, which is not installed; install it with: pip install 'eaesim[cluster]'"
        ) from error
    if address != LOCAL and workers is not None:
        raise WorkerError(f"the cluster at {address} has its own workers; leave the number of workers out.")
    own = None
    logger = logging.getLogger("distributed")
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        if address == LOCAL:
            own = LocalCluster(  # type: ignore[no-untyped-call]
                n_workers=worker_number(workers),
                threads_per_worker=1,
                dashboard_address=None,
                silence_logs=logging.CRITICAL,
            )
        with Client(own or address, timeout=ANSWER, set_as_default=False) as client:  # type: ignore[no-untyped-call]
            _check_workers(client, address)
            yield client
    except (OSError, ValueError) as error:
        raise WorkerError("x") from error
    finally:
        if own is not None:
            own.close(timeout=ANSWER)  # type: ignore[no-untyped-call]
        logger.setLevel(level)
