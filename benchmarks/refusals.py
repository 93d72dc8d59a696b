"""Bad input that is dear to read, and the CPU seconds until it is refused."""

from __future__ import annotations

import io
import json
import resource
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import click
import openpyxl

STUDY = '[study]\nrat = "lewis"\nuntil = {until}\nanimals = {animals}\n[[arm]]\nname = "vehicle"\n{arms}'
DAYS = ",".join(f"day {day}" for day in range(30))


def _study(*, until: str = "16", animals: str = "4", arms: str = "") -> str:
    return STUDY.format(until=until, animals=animals, arms=arms)


def _arm(name: str, dose: str = "1 g/kg") -> str:
    return f'[[arm]]\nname = "{name}"\ndose = "{dose}"\nday = 0\n'


def _wide(animals: int, row: Callable[[int], str]) -> str:
    return f"animal,arm,{DAYS}\n" + "".join(f"{row(number)}\n" for number in range(animals))


def _long(row: Callable[[int], str], rows: int = 100_000) -> str:
    return "animal,arm,day,score\n" + "".join(f"{row(number)}\n" for number in range(rows))


def _of_two(number: int) -> str:
    return f"{number // 20},{'vehicle' if number // 20 % 2 else 'drug'},{number % 20}"


def _book(rows: int, row: Callable[[int], list[object]]) -> bytes:
    made = openpyxl.Workbook(write_only=True)
    sheet = made.create_sheet()
    for number in range(-1, rows):
        sheet.append(["animal", "arm", "day", "score"] if number < 0 else row(number))
    content = io.BytesIO()
    made.save(content)
    return content.getvalue()


def _corner() -> bytes:
    made = openpyxl.Workbook()
    made.active["XFD1048576"] = 1
    content = io.BytesIO()
    made.save(content)
    return content.getvalue()


def _bomb() -> bytes:
    """Return a workbook with a cell of 300 MB."""
    made = io.BytesIO()
    cell = (
        b'<row r="9"><c r="A9" t="inlineStr"><is><t>'
        + b"A" * 300_000_000
        + b"</t></is></c></row></sheetData>"
    )
    with zipfile.ZipFile(io.BytesIO(_corner())) as old, zipfile.ZipFile(made, "w", 8) as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, content.replace(b"</sheetData>", cell) if "sheet1" in name else content)
    return made.getvalue()


Content = str | bytes | Callable[[], str | bytes]


def _scored(content: Content) -> tuple[str, str, Content]:
    return "scores {file}", "a.csv", content


# By class and name: the command, and the file that it reads.
QUICK: dict[str, tuple[str, str, Content]] = {
    "F4 brackets": ("run {file} --record [/b]", "s.toml", _study(arms=_arm("[/b]x" * 20_000))),
    "F5 towers in a file": ("check {file}", "s.toml", _study(until='"1 g**9**9**9/kg"')),
    "F5 towers in a dose": ("run {file}", "s.toml", _study(arms=_arm("a", "1 (9**9**9) g/kg"))),
    "F5 digits": ("check {file}", "s.toml", _study(arms=_arm("a", "1" * 1_000_000 + " g/kg"))),
    "F10 animals": ("run {file} --animals " + "9" * 400, "s.toml", _study(arms=_arm("a"))),
    "F10 until": ("check {file}", "s.toml", _study(until="9" * 4_000)),
    "F10 particles": ("fit --particles 99999999999", "", ""),
    "F10 days": ("timing --days " + "9" * 400, "", ""),
    "F11 nothing to write to": (
        "scores {file} --out /dev/full/x",
        "a.csv",
        _wide(3, lambda n: f"{n},v{n}" + ",1" * 30),
    ),
    "F12 rows": _scored(lambda: _long(lambda n: f"{_of_two(n)},1", 1_000_000)),
    "F12 the last corner": ("scores {file}", "a.xlsx", _corner),
    "F12 texts": _scored(lambda: "a,b,c,d\n" + "".join(f"q{n},w{n},e{n},r{n}\n" for n in range(100_000))),
    "F13 control characters": _scored(lambda: _wide(9_000, lambda n: f"{n},\x1b[31m{n}" + ",1" * 30)),
    "F14 a million arms": (
        "check {file}",
        "s.toml",
        lambda: _study(arms="".join(map(_arm, map(str, range(50_000))))),
    ),
    "F14 a long name": ("run {file} --dead " + "x" * 100_000, "s.toml", _study(arms=_arm("a"))),
}
HEAVY: dict[str, tuple[str, str, Content]] = {
    "F12 a cell of 300 MB": ("scores {file}", "a.xlsx", _bomb),
    "F12 a workbook of 100,000 rows": (
        "scores {file}",
        "a.xlsx",
        lambda: _book(99_990, lambda n: [n // 20, f"arm{n // 20 % 3}", n % 20, 1]),
    ),
    "F12 as many cells as are read of a workbook": (
        "scores {file}",
        "a.xlsx",
        lambda: _book(49_000, lambda n: [n // 20, "vehicle", n % 19, f"w{n}"]),
    ),
    "F12 50,000 animals": _scored(lambda: _wide(50_000, lambda n: f"{n},arm{n % 3}" + ",1" * 30)),
    "F12 as many animals as are read": _scored(
        lambda: _wide(14_000, lambda n: f"{n},arm{n % 3}" + ",1" * 30)
    ),
    "F12 99,000 animals on 1,000 days": _scored(
        lambda: _wide(24_000, lambda n: f"{n},arm{n % 3}" + ",1" * 998)
    ),
    "F12 a day twice at the end": _scored(lambda: _long(lambda n: f"{_of_two(min(n, 99_998))},1")),
    "F12 a score above the scale at the end": _scored(
        lambda: _long(lambda n: f"{_of_two(n)},{9 if n == 99_999 else 1}")
    ),
    "F12 words for scores": _scored(lambda: _long(lambda n: f"{_of_two(n)},w{n}")),
    "F12 an arm for each reading": _scored(lambda: _long(lambda n: f"{n},arm{n},0,1")),
    "F12 animals of every shape": _scored(
        lambda: _wide(
            14_000, lambda n: f"{'-' * (n % 50)}{n},drug" + "".join(f",{n * day % 5}" for day in range(30))
        )
    ),
    "F12 animals named as arms": _scored(
        lambda: _wide(
            14_000, lambda n: f"a{n % 900},a{n % 900}" + "".join(f",{n * day % 5}" for day in range(30))
        )
    ),
    "F13 control characters in every row": _scored(lambda: _long(lambda n: f"\x1b{n},\x9b{n % 3},0,\x07")),
}


# Runs commands one after the other, each in its folder, in a process that may be stopped; prints of each what
# it costs, its exit status, and what it prints.
PROGRAM = """
import contextlib, io, json, os, sys, time
from eaesim.cli.main import main

for folder, *arguments in json.loads(sys.stdin.read()):
    os.chdir(folder)
    out, err, status, before = io.StringIO(), io.StringIO(), 0, time.process_time()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main(arguments)
        except SystemExit as left:
            status = left.code
    cost = time.process_time() - before
    print(json.dumps([cost, status, out.getvalue(), err.getvalue()]), flush=True)
"""


def run(folders: dict[str, Path]) -> dict[str, tuple[float, int, str, str]]:
    """Return CPU seconds, exit status and output of each command, until one has taken a minute."""
    commands = []
    for name, folder in folders.items():
        command, file, content = {**QUICK, **HEAVY}[name]
        made = content() if callable(content) else content
        if file:
            (folder / file).write_bytes(made.encode() if isinstance(made, str) else made)
        commands.append([str(folder), *(part.format(file=file) for part in command.split(" "))])
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=json.dumps(commands),
        stdout=subprocess.PIPE,
        encoding="utf-8",
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (60, 60)),
    )
    return dict(zip(folders, map(json.loads, done.stdout.splitlines()), strict=False))


if __name__ == "__main__":
    for case in (*QUICK, *HEAVY):
        with tempfile.TemporaryDirectory() as place:
            for name, (seconds, *_) in run({case: Path(place)}).items():
                click.echo(f"{seconds:6.2f} s  {name}")
