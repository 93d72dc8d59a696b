"""Chunks of work on a Dask cluster: one that is there, or one started for the time of a call."""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from importlib.metadata import version
from importlib.util import find_spec
from itertools import islice
from queue import Empty, Queue
from typing import TYPE_CHECKING, Any, TypeVar

from eaesim.errors import WorkerError, missing_library
from eaesim.files import Unchecked
from eaesim.study.fingerprint import fingerprint

if TYPE_CHECKING:
    from distributed import Client, Future, LocalCluster

Chunk = TypeVar("Chunk")
Outcome = TypeVar("Outcome")

#: The cluster that is started here.
LOCAL = "local"
# Seconds within which a scheduler answers, and within which lost workers come back.
ANSWER, RETURN = 10.0, 30.0
# Chunks sent ahead to each core, so that none waits for work.
AHEAD = 2


def on_cluster(
    function: Callable[[Chunk], Outcome], chunks: Sequence[Chunk], address: str, workers: int | None
) -> Iterator[tuple[int, Outcome]]:
    """Apply a function to every chunk on a cluster; see `eaesim.study.workers.map_chunks`."""
    with _connected(address, workers) as client:
        waiting = enumerate(chunks)
        sent: dict[Future, int] = {}
        done: Queue[Future] = Queue()
        try:
            while True:
                free = AHEAD * _cores(client, address) - len(sent)
                for place, chunk in islice(waiting, max(free, 0)):
                    future = client.submit(function, chunk, pure=False)
                    sent[future] = place
                    future.add_done_callback(done.put)
                if not sent:
                    return
                future = _next_done(done, client, address)
                place, outcome = sent.pop(future), _outcome(future, address)
                yield place, outcome
        finally:
            for future in sent:
                future.cancel()


def check_cluster(address: str, workers: int | None = None) -> None:
    """Make sure that a cluster is there, before anything is written or sent.

    Raises
    ------
    WorkerError
        If nobody answers, it is no scheduler, it has no workers, or a number of workers is given for it.
    MissingLibraryError
        If Dask is not installed.
    """
    if find_spec("distributed") is None:
        raise missing_library("a cluster", "Dask", extra="cluster")
    if address == LOCAL:
        return
    if workers is not None:
        raise WorkerError(
            f'the cluster "{address}" has its own workers; their number is not to be given here.'
        )
    with _silence():
        identity = _identity(address)
    if identity["type"] != "Scheduler":
        raise WorkerError(f"{address} is the address of a {identity['type'].lower()}; give its scheduler's.")
    if not identity["workers"] and not identity.get("n_workers"):
        raise WorkerError(
            f"the scheduler at {address} has no workers; start some with: dask worker {address}"
        )


@contextmanager
def _connected(address: str, workers: int | None) -> Iterator[Client]:
    check_cluster(address, workers)
    from distributed import Client

    with _silence(), _started(workers) if address == LOCAL else nullcontext(address) as place:
        try:
            client = Client(place, timeout=ANSWER, set_as_default=False)
        except OSError as error:
            raise _unreachable(address, error) from error
        with client:
            _check_versions(client, address)
            if address == LOCAL:  # a terminal sends an interrupt to all; it is answered here, and once
                client.run(_ignore_interrupts)
            yield client


@contextmanager
def _silence() -> Iterator[None]:
    """Keep what Dask would tell of its connections off the terminal: what matters becomes an error here."""
    loggers = [logging.getLogger(name) for name in ("distributed", "distributed.client")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


@contextmanager
def _started(workers: int | None) -> Iterator[LocalCluster]:
    from distributed import LocalCluster
    from joblib import cpu_count

    try:
        cluster = LocalCluster(
            n_workers=workers or cpu_count(),
            threads_per_worker=1,
            dashboard_address="127.0.0.1:0",
            silence_logs=logging.CRITICAL + 1,
        )
    except (OSError, RuntimeError) as error:
        raise WorkerError(
            f"no cluster could be started on this machine: {_line(error)} "
            'In your own script, the call must be under: if __name__ == "__main__".'
        ) from error
    with cluster:
        yield cluster


def _identity(address: str) -> Unchecked:
    """Ask who is there: a client that is led to something else than a scheduler waits for ever."""
    from distributed import rpc
    from distributed.security import Security

    async def ask() -> Unchecked:
        options = Security().get_connection_args("client")
        async with rpc(address, connection_args=options, timeout=ANSWER) as place:
            return await asyncio.wait_for(place.identity(), ANSWER)

    try:
        with ThreadPoolExecutor(1) as pool:  # here a loop may run already, as in a notebook
            return pool.submit(lambda: asyncio.run(ask())).result()
    except (OSError, ValueError, TypeError) as error:
        raise _unreachable(address, error) from error


def _unreachable(address: str, error: Exception) -> WorkerError:
    why = _line(error) or f"no scheduler answered within {ANSWER:g} s."
    return WorkerError(
        f'the cluster "{address}" cannot be reached: {why} Give the address of a Dask scheduler, such as '
        f'tcp://host:8786, or "{LOCAL}".'
    )


def _version() -> str:
    return version("eaesim")


def _ignore_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _check_versions(client: Client, address: str) -> None:
    own = _version()
    for worker, there in client.run(_version, on_error="return").items():
        if there != own:
            what = f"eaesim {there}" if isinstance(there, str) else f"no eaesim ({_line(there)})"
            raise WorkerError(f'{worker} of the cluster "{address}" has {what}; this is eaesim {own}.')
    model = fingerprint()
    for worker, there in client.run(fingerprint, on_error="return").items():
        if there != model:
            raise WorkerError(
                f'{worker} of the cluster "{address}" has another model or other data than this process; '
                "install the same eaesim on both."
            )


def _cores(client: Client, address: str) -> int:
    try:
        return sum(client.nthreads().values())
    except (OSError, TimeoutError) as error:
        raise _lost(address) from error


def _next_done(done: Queue[Future], client: Client, address: str) -> Future:
    """Wait until some work is done, or nobody is left to do it."""
    alive = time.monotonic()
    while time.monotonic() - alive < RETURN:
        try:
            return done.get(timeout=1.0)
        except Empty:
            if client.status != "running":
                raise _lost(address) from None
            if _cores(client, address):
                alive = time.monotonic()
    raise WorkerError(f'the cluster "{address}" lost every worker, and none came back.')


def _outcome(future: Future, address: str) -> Any:
    from distributed import KilledWorker

    try:
        return future.result()
    except CancelledError:
        raise _lost(address) from None
    except KilledWorker as error:
        raise WorkerError(
            f'workers of the cluster "{address}" were lost again and again over the same work: killed, '
            "or out of memory."
        ) from error


def _lost(address: str) -> WorkerError:
    return WorkerError(f'the scheduler of the cluster "{address}" was lost.')


def _line(error: Exception | str) -> str:
    text = " ".join(str(error).split()).rstrip(".")
    return f"{text}." if text else ""
