"""Quantities that calculate, never end or are absurdly long: one line, exit status 2, wherever they stand."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from eaesim.cli.main import main
from eaesim.errors import EaesimError
from eaesim.model import load
from eaesim.protocol import Bolus, Infusion
from eaesim.protocol.quantity import days, length, quantity
from eaesim.protocol.trigger import parse_triggers
from eaesim.protocol.values import read_values
from eaesim.units import number

STUDY = """
[study]
rat = "lewis"
until = "20 day"
animals = 2
[parameters]
igg_volume_plasma = "40 mL/kg"
[[induction]]
kind = "immunisation"
day = "0 day"
[[arm]]
name = "vehicle"
[[arm]]
name = "early"
doses = [
  { dose = "1 g/kg over 4 h every 1 day x 2", day = "2 day" },
  { dose = "1 g/kg", onset = "score >= 1" },
]
"""
TOWERS = [
    *("1 g**9**9**9/kg", "1 (9**9**9) g/kg", "9**9**9 g/kg", "1 g^9^9^9/kg", "1 g/kg**9**9", "1 g*9**9**9"),
    *("1 g/kg + 9**9**9", "1 g/kg - 1**9**9**9", "1 g/kg//9**9**9", "1 g % 9**9**9", "1 1**9**9**9 g/kg"),
    *("1 ((((g))))/kg", "1 g**(9**(9**9))/kg", "1e99**9**9 g/kg", "1 g ** 9 ** 9 ** 9", "1 9**99999999"),
    *(
        "1 g**99/kg",
        "1 g**-99/kg",
        "1 g**9.5/kg",
        "1 g^1e9/kg",
        "1 g/kg^(1/3)",
        "1 2**9**9**9*g/kg",
        "1 10**10**10",
    ),
    *(
        "1 __import__('os')",
        "1 lambda: 9",
        "1 [g]",
        "1 {g}",
        "1 g;kg",
        "1 g,kg",
        "1 g=kg",
        "1 !g",
        "1 ~g",
        "1 g/kg # x",
    ),
    *(
        "1 g\x00/kg",
        "1 g\x1b[31m/kg",
        "1 \u202eg/kg",
        "1 g/\u00a0",
        "1 /g",
        "1 g/",
        "1 *",
        "1 g//kg",
        "1 **g",
        "1 g kg kg 9",
    ),
    *(
        "1 " + "g*" * 90 + "g",
        "1 " + "g" * 100_000,
        "9" * 100_000 + " g/kg",
        "1 " + "(" * 100_000,
        "1" + " " * 100_000,
    ),
    *(
        "1 " + "g**9" * 30_000,
        "1 " + "/kg" * 30_000,
        "1e999999999 g/kg",
        "1 g/kg" * 20_000,
        "-" * 100_000,
        "٩**٩ g/kg",
    ),
]
assert len(set(TOWERS)) >= 50


@pytest.fixture(autouse=True)
def bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Stop a reading that does not end; a minute is far above what the slowest machine needs."""

    def stop(*_: object) -> None:
        raise TimeoutError("this was still being read after a minute")

    monkeypatch.chdir(tmp_path)
    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(60)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def refused(read: Callable[[str], object], text: str) -> None:
    with pytest.raises(EaesimError) as caught:
        read(text)
    message = str(caught.value)
    assert message.isprintable()
    assert len(message) < 1_000


READERS: dict[str, Callable[[str], object]] = {
    "number": lambda text: number(text, "mg/kg", what="dose"),
    "quantity": lambda text: quantity(text, "1/day", what="antibodies"),
    "days": lambda text: days(text, what="day"),
    "length": lambda text: length(text, what="over"),
    "bolus": Bolus,
    "every": lambda text: Bolus("1 g/kg", every=text, doses=2),
    "infusion": lambda text: Infusion("1 g/kg", over=text),
    "trigger": lambda text: parse_triggers("onset", text),
    "relapse": lambda text: parse_triggers("relapse", f"every {text}"),
    "range": lambda text: read_values("until", {"low": text, "high": "2 day", "points": 3}, is_grid=True),
    "parameter": lambda text: load("lewis").replace(igg_volume_plasma=text),
}


@pytest.mark.parametrize("reader", READERS)
def test_it_is_refused_wherever_it_is_read(reader: str) -> None:
    for text in TOWERS:
        refused(READERS[reader], text)


PLACES = [
    '"20 day"',
    '"40 mL/kg"',
    '"0 day"',
    '"1 g/kg over 4 h every 1 day x 2"',
    '"2 day"',
    '"1 g/kg"',
    '"score >= 1"',
]


@pytest.mark.parametrize("place", PLACES)
def test_it_is_refused_wherever_it_stands_in_a_file(place: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert STUDY.count(place) == 1
    for number_, text in enumerate(TOWERS[::5]):
        quoted = (
            '"' + "".join(f"\\u{ord(each):04x}" if each in '\x00\x1b"\\' else each for each in text) + '"'
        )
        Path("s.toml").write_text(STUDY.replace(place, quoted), encoding="utf-8")
        verb = ("check", "run", "schedule", "power", "sweep", "sensitivity", "export")[number_ % 7]
        assert_one_line([verb, "s.toml"], capsys)
        assert sorted(path.name for path in Path().iterdir()) == ["s.toml"]


def test_the_file_is_fine_without_it(capsys: pytest.CaptureFixture[str]) -> None:
    Path("s.toml").write_text(STUDY, encoding="utf-8")
    with pytest.raises(SystemExit) as caught:
        main(["check", "s.toml"])
    assert not caught.value.code
    assert "s.toml is valid" in capsys.readouterr().out


@pytest.mark.parametrize("option", ["--dose", "--days", "--set=igg_volume_plasma"])
def test_it_is_refused_in_an_option(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    for text in TOWERS[::4]:
        if "\0" not in text:
            given = [f"{option}={text}"] if "=" in option else [option, text]
            assert_one_line(["timing", "--induction", "immunisation", "--quiet", *given], capsys)
    assert not list(Path().iterdir())


def assert_one_line(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    printed = capsys.readouterr()
    assert caught.value.code == 2, printed.err
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert printed.err[:-1].isprintable()
    assert len(printed.err) < 1_500


@pytest.mark.parametrize(
    ("text", "unit", "expected"),
    [
        ("1 g/kg", "mg/kg", 1000.0),
        ("1 g*kg^-1", "mg/kg", 1000.0),
        ("1 g kg**-1", "mg/kg", 1000.0),
        ("1 µg/kg", "mg/kg", 1e-3),
        ("4 mL/h/kg", "mL/kg/day", 96.0),
        ("5 %", "dimensionless", 0.05),
        ("2 1/day", "1/day", 2.0),
        ("3 cell", "cell", 3.0),
        ("1 g/kg^1", "mg/kg", 1000.0),
        ("1 mg/mL*mL/kg", "mg/kg", 1.0),
    ],
)
def test_what_people_write_is_still_read(text: str, unit: str, expected: float) -> None:
    assert number(text, unit, what="value") == pytest.approx(expected, rel=1e-12)
