"""Chunks on cores and clusters: the same outcomes everywhere, and one line where a worker is lost."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from operator import call, neg, truediv
from pathlib import Path

import pytest
from distributed import LocalCluster

from eaesim.errors import EaesimError, MissingLibraryError, QuantityError, WorkerError
from eaesim.study import cluster as cluster_room
from eaesim.study.workers import map_chunks, worker_number

# Chunks that are called: functions of this file could not be imported by other processes.
FIVE = [partial(neg, number) for number in range(5)]
NEGATIVES = [(place, -place) for place in range(5)]
DIVISION = [*FIVE[:2], partial(truediv, 1, 0), *FIVE[3:]]
DEATH = [*FIVE[:2], partial(os._exit, 1), *FIVE[3:]]


def one_line(error: pytest.ExceptionInfo[EaesimError]) -> str:
    text = str(error.value)
    assert len(text.splitlines()) == 1
    assert text.endswith((".", "'", "8786"))
    return text


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_any_number_of_workers_gives_the_same(workers: int) -> None:
    assert sorted(map_chunks(call, FIVE, workers=workers)) == NEGATIVES


def test_a_cluster_gives_the_same(address: str) -> None:
    assert sorted(map_chunks(call, FIVE, cluster=address)) == NEGATIVES


@pytest.mark.parametrize("cluster", [False, True])
def test_no_chunk_is_no_outcome(cluster: bool, address: str) -> None:
    assert list(map_chunks(call, [], cluster=address if cluster else None)) == []


def test_what_is_done_first_comes_first(tmp_path: Path) -> None:
    # The first waits for what the second does.
    there = tmp_path / "there"
    wait = f"import pathlib, time\nwhile not pathlib.Path({str(there)!r}).exists(): time.sleep(0.01)"
    chunks = [partial(subprocess.call, [sys.executable, "-c", wait], timeout=100), partial(there.touch)]
    assert [place for place, _ in map_chunks(call, chunks, workers=2)] == [1, 0]


def test_one_worker_is_this_process() -> None:
    here = [place for _, place in map_chunks(call, [os.getpid] * 3, workers=1)]
    assert set(here) == {os.getpid()}
    there = [place for _, place in map_chunks(call, [os.getpid] * 3, workers=2)]
    assert os.getpid() not in there


@pytest.mark.parametrize("where", ["here", "processes", "cluster"])
def test_an_error_of_the_function_is_its_own(where: str, address: str) -> None:
    options = {"here": {"workers": 1}, "processes": {"workers": 2}, "cluster": {"cluster": address}}[where]
    with pytest.raises(ZeroDivisionError):
        list(map_chunks(call, DIVISION, **options))  # type: ignore[arg-type]


@pytest.mark.parametrize("where", ["here", "processes", "cluster"])
def test_who_stops_asking_stops_the_work(where: str, address: str) -> None:
    options = {"here": {"workers": 1}, "processes": {"workers": 2}, "cluster": {"cluster": address}}[where]
    outcomes = map_chunks(call, FIVE, **options)  # type: ignore[arg-type]
    next(outcomes)
    outcomes.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize("workers", [0, -1, 1.5, True, 10**6])
def test_a_number_of_workers_that_is_none(workers: int) -> None:
    with pytest.raises(QuantityError, match="workers"):
        worker_number(workers)


def test_a_lost_process_is_one_line() -> None:
    with pytest.raises(WorkerError, match="lost") as error:
        list(map_chunks(call, DEATH, workers=2))
    one_line(error)
    assert sorted(map_chunks(call, FIVE, workers=2)) == NEGATIVES


def silent_server() -> socket.socket:
    server = socket.socket()
    server.bind(("127.0.0.1", 0))
    server.listen()
    return server


@pytest.mark.parametrize("given", ["tcp://127.0.0.1:1", "nobody", "http://x", "tcp://127.0.0.1", "silent"])
def test_a_cluster_that_is_not_there_is_one_line(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_room, "ANSWER", 0.5)
    with silent_server() as server:
        where = f"tcp://127.0.0.1:{server.getsockname()[1]}" if given == "silent" else given
        with pytest.raises(WorkerError, match="tcp://host:8786") as error:
            list(map_chunks(call, FIVE, cluster=where))
    assert where in one_line(error)


def test_a_scheduler_without_workers_is_one_line() -> None:
    with (
        LocalCluster(
            n_workers=0, processes=False, protocol="tcp://", dashboard_address="127.0.0.1:0"
        ) as empty,
        pytest.raises(WorkerError, match="no workers; start some with: dask worker tcp://"),
    ):
        list(map_chunks(call, FIVE, cluster=empty.scheduler_address))


def test_the_address_of_a_worker_is_not_that_of_the_cluster(address: str) -> None:
    from distributed import Client

    with Client(address, set_as_default=False) as client:
        worker = next(iter(client.nthreads()))
    with pytest.raises(WorkerError, match="address of a worker; give its scheduler's"):
        list(map_chunks(call, FIVE, cluster=worker))


def test_workers_of_another_version_are_refused(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    own = iter(["0.0.0"])
    monkeypatch.setattr(cluster_room, "_version", lambda: next(own, "9.9.9"))
    with pytest.raises(WorkerError, match=r"has eaesim 9\.9\.9; this is eaesim 0\.0\.0"):
        list(map_chunks(call, FIVE, cluster=address))


def test_workers_of_another_model_are_refused(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    own = iter(["own"])
    monkeypatch.setattr(cluster_room, "fingerprint", lambda: next(own, "theirs"))
    with pytest.raises(WorkerError, match="has another model or other data") as error:
        list(map_chunks(call, FIVE, cluster=address))
    one_line(error)


def test_a_worker_that_starts_with_another_model_computes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eaesim.study.workers.fingerprint", lambda: "own")
    with pytest.raises(WorkerError, match="runs another model") as error:
        list(map_chunks(call, FIVE, workers=2))
    one_line(error)


def test_a_cluster_has_its_own_number_of_workers(address: str) -> None:
    with pytest.raises(WorkerError, match="its own workers"):
        list(map_chunks(call, FIVE, cluster=address, workers=2))


def test_without_dask_the_command_that_installs_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_room, "find_spec", lambda name: None)
    with pytest.raises(
        MissingLibraryError, match=r'pip install "eaesim\[cluster\]" \(in the .* pip install "\.\[cluster\]"'
    ):
        list(map_chunks(call, FIVE, cluster="local"))


@pytest.mark.slow
def test_a_cluster_on_this_machine_is_started_and_stopped() -> None:
    outcomes = dict(map_chunks(call, [*FIVE, os.getpid], cluster="local", workers=2))
    process = outcomes.pop(5)
    assert sorted(outcomes.items()) == NEGATIVES
    assert process != os.getpid()
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


@pytest.mark.slow
def test_work_that_kills_every_worker_is_one_line() -> None:
    with pytest.raises(WorkerError, match="again and again") as error:
        list(map_chunks(call, DEATH, cluster="local", workers=1))
    one_line(error)


@pytest.fixture
def processes() -> Iterator[list[subprocess.Popen[bytes]]]:
    started: list[subprocess.Popen[bytes]] = []
    yield started
    for process in reversed(started):
        process.kill()
        process.wait()


def start(processes: list[subprocess.Popen[bytes]], *command: str) -> subprocess.Popen[bytes]:
    full = [sys.executable, "-m", *command, "--no-dashboard"]
    processes.append(subprocess.Popen(full, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
    return processes[-1]


@pytest.mark.slow
@pytest.mark.parametrize("lost", ["scheduler", "worker"])
def test_what_is_lost_on_the_way_is_one_line(
    lost: str, processes: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    with silent_server() as server:
        port = str(server.getsockname()[1])
    where = f"tcp://127.0.0.1:{port}"
    scheduler = start(processes, "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", port)
    worker = start(processes, "distributed.cli.dask_worker", where, "--nthreads", "1", "--no-nanny")
    chunks = [partial(time.sleep, 0.2)] * 200
    outcomes = None
    for _ in range(40):
        try:
            outcomes = map_chunks(call, chunks, cluster=where)
            assert next(outcomes)[1] is None
            break
        except WorkerError:  # it has not started yet
            time.sleep(0.5)
    assert outcomes is not None
    monkeypatch.setattr(cluster_room, "RETURN", 2.0)
    (scheduler if lost == "scheduler" else worker).send_signal(signal.SIGKILL)
    words = "scheduler .* was lost" if lost == "scheduler" else "lost every worker"
    with pytest.raises(WorkerError, match=words) as error:
        list(outcomes)
    one_line(error)
