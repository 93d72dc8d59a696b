"""Bad input: one line that names what is allowed, exit status 2, nothing written, no traceback."""

from pathlib import Path

import pytest
from shell import study_file

from eaesim.cli.main import main

STUDY = study_file(until=20, animals=2)


def run(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    printed = capsys.readouterr()
    return int(caught.value.code or 0), printed.out, printed.err


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def assert_refused(arguments: list[str], hint: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = sorted(Path().rglob("*"))
    status, out, err = run(arguments, capsys)
    assert status == 2
    assert err.count("\n") == 1
    assert hint in err
    assert "Traceback" not in err
    assert out == ""
    assert sorted(Path().rglob("*")) == before


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["timng"], 'did you mean "timing"'),
        (["timing", "--animls", "3"], "--animals"),
        (["timing", "--rat", "lewsi"], 'did you mean "lewis"'),
        (["timing", "--mechanism", "H1a,"], "mechanism"),
        (["ablation", "--rat", "da,da"], "each once"),
        (["timing", "--dose", "inf g/kg"], "finite"),
        (["timing", "--days", "0:400"], "40"),
        (["timing", "--rat", "da", "--set", "spreding_rate=1"], 'did you mean "spreading_rate"'),
        (["timing", "--induction", "immunisation", "--set", "spreading_rate"], "NAME=VALUE"),
        (["timing", "--induction", "immunisation", "--set", "spreading_rate=1 mL"], "spreading_rate"),
        (["show", "lewiss"], 'did you mean "lewis"'),
        (["check", "nothing.toml"], "nothing.toml"),
        (["run"], "needs a study file"),
        (["figures"], "experiments"),
    ],
)
def test_a_bad_option_is_refused(arguments: list[str], hint: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert_refused(arguments, hint, capsys)


@pytest.mark.parametrize(  # what else is refused stands in the tests of study files
    ("old", "new", "hint"),
    [
        ('rat = "lewis"', 'rat = "lewys"', 'did you mean "lewis"'),
        ("until = 20", "untill = 20", 'did you mean "until"'),
        ("[[arm]]", "[parameters]\npriming_rat = 1\n[[arm]]", 'did you mean "priming_rate"'),
        ("[study]", "[study", "TOML"),
    ],
)
@pytest.mark.parametrize("verb", ["check", "run"])
def test_a_bad_study_file_is_refused(
    verb: str, old: str, new: str, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("study.toml").write_text(STUDY.replace(old, new, 1), encoding="utf-8")
    assert_refused([verb, "study.toml"], hint, capsys)


@pytest.mark.parametrize("content", [b"", b"\x00\xff\xfe\x01binary", b"   \n"])
def test_a_file_that_is_no_study_is_refused(content: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    Path("study.toml").write_bytes(content)
    assert_refused(["run", "study.toml"], "study.toml", capsys)


def test_a_folder_is_no_study_file(capsys: pytest.CaptureFixture[str]) -> None:
    Path("study.toml").mkdir()
    assert_refused(["run", "study.toml"], "folder", capsys)


@pytest.mark.parametrize("verb", [["timing"], ["run", "study.toml"]])
def test_an_output_that_is_a_file_is_refused(verb: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    Path("study.toml").write_text(STUDY, encoding="utf-8")
    Path("taken").write_text("mine", encoding="utf-8")
    assert_refused([*verb, "--out", "taken"], "taken", capsys)
    assert_refused([*verb, "--out", "taken/inside"], "taken", capsys)


def test_a_folder_with_foreign_files_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    Path("study.toml").write_text(STUDY, encoding="utf-8")
    Path("mine").mkdir()
    Path("mine/notes.txt").write_text("mine", encoding="utf-8")
    assert_refused(["run", "study.toml", "--out", "mine"], "notes.txt", capsys)


def test_a_new_study_file_does_not_replace_one(capsys: pytest.CaptureFixture[str]) -> None:
    Path("first.toml").write_text("mine", encoding="utf-8")
    assert_refused(["new", "first"], "--force", capsys)
    assert Path("first.toml").read_text("utf-8") == "mine"
