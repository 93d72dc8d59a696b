"""No standard output, closed pipes, a full disk behind it: no traceback, and what was asked is done."""

from __future__ import annotations

import errno
import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from shell import folder_with, study_file

from eaesim.cli.main import main
from eaesim.cli.streams import OutputError, SafeStream, safe_streams

STUDY = study_file(until=8, animals=2)


class Failing(io.StringIO):
    """A stream that takes some writes, and then fails."""

    def __init__(self, writes: int, error: type[Exception] | Exception) -> None:
        super().__init__()
        self.left, self.error = writes, error

    def write(self, text: str) -> int:
        if self.left <= 0:
            raise self.error
        self.left -= 1
        return super().write(text)


def closed() -> io.StringIO:
    stream = io.StringIO()
    stream.close()
    return stream


STREAMS: dict[str, Callable[[], Any]] = {
    "missing": lambda: None,
    "closed": closed,
    "no reader": lambda: Failing(0, BrokenPipeError),
    "a reader of one line": lambda: Failing(1, BrokenPipeError),
    "reset": lambda: Failing(2, ConnectionResetError),
    "ascii": lambda: io.TextIOWrapper(io.BytesIO(), encoding="ascii"),
    "latin-1": lambda: io.TextIOWrapper(io.BytesIO(), encoding="latin-1"),
}
VERBS: dict[str, tuple[list[str], list[str]]] = {
    "help": (["--help"], []),
    "list": (["list"], []),
    "show rat": (["show", "lewis"], []),
    "show drug": (["show", "ivig"], []),
    "check": (["check", "s.toml"], []),
    "new": (["new", "first"], ["eaesim.schema.json", "first.toml"]),
    "new scores": (["new", "scores"], ["scores.csv"]),
    "run": (["run", "s.toml", "--parameter-sets", "1"], ["s-run"]),
    "figures": (["figures"], []),
}


folder = folder_with({"s.toml": STUDY})


@pytest.mark.parametrize("stream", STREAMS)
@pytest.mark.parametrize("verb", VERBS)
def test_what_is_asked_is_done_whoever_listens(
    verb: str, stream: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments, made = VERBS[verb]
    if verb == "run" and stream not in ("missing", "a reader of one line"):
        arguments, made = VERBS["check"]
    monkeypatch.setattr(sys, "stdout", STREAMS[stream]())
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    err = capsys.readouterr().err
    if verb == "figures":  # there are none here
        assert caught.value.code == 2
        assert err.count("\n") == 1
    else:
        assert not caught.value.code
        assert err == ""
    assert sorted(path.name for path in Path().iterdir()) == sorted(["s.toml", *made])


@pytest.mark.parametrize("verb", VERBS)
def test_a_full_disk_is_one_line(
    verb: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments, made = VERBS[verb]
    monkeypatch.setattr(sys, "stdout", Failing(0, OSError(errno.ENOSPC, "No space left on device")))
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    if verb != "figures":
        assert caught.value.code == 1
        assert capsys.readouterr().err == (
            "eaesim: what is printed cannot be written: No space left on device.\n"
        )
    assert sorted(path.name for path in Path().iterdir()) == sorted(["s.toml", *made])


@pytest.mark.parametrize("stream", ["missing", "closed", "no reader"])
def test_an_error_nobody_hears_has_its_exit_status(stream: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", STREAMS[stream]())
    with pytest.raises(SystemExit) as caught:
        main(["run", "nothing.toml"])
    assert caught.value.code == 2


COMMANDS = [
    pytest.param("{eaesim} run s.toml --quiet --parameter-sets 1 >&-", 0, marks=pytest.mark.slow),
    pytest.param("{eaesim} run s.toml --quiet --parameter-sets 1 | head -1", 0, marks=pytest.mark.slow),
    ("{eaesim} list >&- 2>&- <&-", 0),
    ("{eaesim} list > /dev/full", 1),
    ("{eaesim} nothing 2> /dev/full", 2),
    ("{eaesim} show lewis | true", 0),
]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize(("command", "status"), COMMANDS)
def test_a_shell_sees_no_traceback(command: str, status: int) -> None:
    program = f"'{sys.executable}' -c 'from eaesim.cli.main import main; main()'"
    run = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command.format(eaesim=program)}"],
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        env={**os.environ, "MPLBACKEND": "nonsense"},
    )
    assert run.returncode == status
    assert "Traceback" not in run.stderr
    assert "Error" not in run.stderr
    assert run.stderr.count("\n") == (1 if "list > /dev/full" in command else 0)
    if " run " in command:
        assert Path("s-run/manifest.json").is_file()


def test_after_the_verb_the_streams_are_as_before() -> None:
    before = sys.stdout, sys.stderr
    with safe_streams():
        assert isinstance(sys.stdout, SafeStream)
    assert (sys.stdout, sys.stderr) == before


def test_another_failure_of_a_stream_is_not_hidden() -> None:
    stream = SafeStream(Failing(0, OSError(errno.EIO, "Input/output error")), is_plain=True)
    with pytest.raises(OutputError, match="Input/output error"):
        stream.write("a")
    assert stream.write("b") == 1  # said once


CONTROLS = [chr(code) for code in (*range(9), *range(11, 32), 127, *range(128, 160))]
CONTROLS += list(
    "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c\u2028\u2029\ufeff\ue000"
)


def test_control_characters_are_written_out() -> None:
    assert len(CONTROLS) >= 50
    for each in CONTROLS:
        below = io.StringIO()
        SafeStream(below, is_plain=True).write(f"a{each}b\n\tc")
        assert below.getvalue().removesuffix("\n\tc").isprintable(), repr(each)
        assert below.getvalue().startswith("a\\")
        assert below.getvalue().endswith("b\n\tc")
