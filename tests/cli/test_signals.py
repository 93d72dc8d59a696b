"""Whatever ends a command ends its workers, and what can be cleared away is."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from shell import study_file

from eaesim.cli.signals import interrupts

psutil = pytest.importorskip("psutil")
pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="signals are other things there")

STUDY = (
    study_file(until=14, animals=10)
    + """
[sweep]
"arm.early.day" = { low = 0, high = 9.5, points = 20 }
"parameter.priming_rate" = { low = 0.4, high = 1.6, points = 40 }
"""
)
PROGRAM = "from eaesim.cli.main import main; main()"
# Its emulator has learnt nothing, so that the fits of the calibration begin at once.
UNTRAINED = """
import numpy as np
from eaesim.estimation import fitcalibration
from eaesim.estimation.emulator import different_readings, train
from eaesim.estimation.ensembles import member_places, read_ensembles
from eaesim.estimation.start import Learnt

def untrained(simulator, sets, seed, folder):
    places = member_places(read_ensembles(rats=["lewis"]), simulator.prior)
    readings = different_readings(simulator.targets)
    values = simulator.read(places[:20])[:, readings.columns]
    emulator = train(places[:20], values, readings, epochs=0, seed=seed)
    return Learnt(emulator, places[:20], values), fitcalibration.widened(places, times=1.0)

fitcalibration._learnt = untrained
"""
SWEEP = ["sweep", "first.toml", "--quiet", "--out", "run", "--workers", "2"]
FIT = ["fit", "--rat", "lewis", "--calibrate", "40", "--moves", "3000", "--animals", "4", "--out", "run"]


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_signal_that_ends_is_an_interrupt_and_afterwards_what_it_was(name: str) -> None:
    number = getattr(signal, name)
    before = signal.signal(number, signal.SIG_DFL)  # who starts the tests may ignore it
    try:
        with pytest.raises(KeyboardInterrupt), interrupts():
            signal.raise_signal(number)
        assert signal.getsignal(number) == signal.SIG_DFL
    finally:
        signal.signal(number, before)


def test_what_is_ignored_stays_ignored() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with interrupts():
            signal.raise_signal(signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


def gone(processes: list[psutil.Process], seconds: float = 30.0) -> bool:
    _, alive = psutil.wait_procs(processes, timeout=seconds)
    for process in alive:
        process.kill()
    return not alive


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "command"), [("SIGKILL", SWEEP), ("SIGTERM", SWEEP), ("SIGHUP", SWEEP), ("SIGKILL", FIT)]
)
def test_workers_end_with_their_master(
    name: str, command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("first.toml").write_text(STUDY, encoding="utf-8")
    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", "2")
    log = Path("log").open("w+", encoding="utf-8")  # noqa: SIM115 - a pipe would be held by the workers
    program = UNTRAINED * (command is FIT) + PROGRAM
    with log, subprocess.Popen([sys.executable, "-c", program, *command], stdout=log, stderr=log) as process:
        master, deadline = psutil.Process(process.pid), time.monotonic() + 120
        at_work: list[psutil.Process] = []
        while len(at_work) < 2 or (command is SWEEP and not list(Path("run/sweep").glob("part-*"))):
            assert process.poll() is None, Path("log").read_text(encoding="utf-8")
            assert time.monotonic() < deadline
            time.sleep(0.05)
            at_work = [
                child
                for child in master.children(recursive=True)
                if "LokyProcess" in " ".join(child.cmdline())
            ]
        family = master.children(recursive=True)
        process.send_signal(getattr(signal, name))
        status = process.wait(timeout=60)
        assert gone(family)
        log.seek(0)
        if name == "SIGKILL":
            assert status == -signal.SIGKILL
        else:
            assert status == 130
            said = log.read().splitlines()[-1]
            assert said.startswith("eaesim: interrupted; finished parts are kept in run")
