"""A run of several trials keeps what it has finished, and an interrupted one resumes with the same bytes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from shell import call, folder_with

import eaesim
from eaesim.questions.trial import answer as answering
from eaesim.questions.trial.parts import KeptTrials

FEW = ["--patients", "300", "--replicates", "20", "--parameter-sets", "1", "--quiet"]
SHIPPED = Path(eaesim.__file__).parent / "evidence" / "data" / "trials" / "noseworthy_index.toml"
RUN = ["trial", "own.toml", "--mechanism", "none,H7", "--out", "run", *FEW]

folder = folder_with()


@pytest.fixture
def simulated(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the mechanisms under which trials are simulated, as they are."""
    write(title="A small trial")
    done: list[str] = []
    simulate = answering.simulate_trial

    def noted(*arguments: object, mechanism: str, **settings: object) -> object:
        done.append(mechanism)
        return simulate(*arguments, mechanism=mechanism, **settings)  # type: ignore[arg-type]

    monkeypatch.setattr(answering, "simulate_trial", noted)
    return done


def write(*, title: str) -> None:
    text = SHIPPED.read_text("utf-8")
    old = next(line for line in text.splitlines() if line.startswith("title = "))
    Path("own.toml").write_text(text.replace(old, f'title = "{title}"'), encoding="utf-8")


def stopped_after(number: int) -> Callable[..., None]:
    put, kept = KeptTrials.put, 0

    def call_(*arguments: object) -> None:
        nonlocal kept
        put(*arguments)  # type: ignore[arg-type]
        kept += 1
        if kept == number:
            raise KeyboardInterrupt

    return call_


def stop() -> list[Path]:
    """Start the run, stop it after its first part, and return the hidden folder with that part."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(KeptTrials, "put", stopped_after(1))
        assert call(*RUN) == 130
    assert not Path("run").exists()
    return list(Path().glob(".run.*"))


def files() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in Path("run").iterdir()}


def test_what_is_finished_is_not_simulated_again_and_the_files_are_the_same(
    simulated: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(*RUN) == 0
    assert simulated == ["none", "H7"]
    whole = files()
    for path in Path("run").iterdir():
        path.unlink()
    Path("run").rmdir()
    capsys.readouterr()
    stop()
    assert "finished parts are kept, and the same command resumes" in capsys.readouterr().err
    simulated.clear()
    assert call(*RUN) == 0
    assert simulated == ["H7"]
    assert files() == whole
    assert not list(Path().glob(".run.*"))


def test_parts_of_another_model_are_refused_and_damaged_or_changed_ones_made_again(
    simulated: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    (kept,) = stop()
    begun = kept / "begun.json"
    (part,) = set(kept.iterdir()) - {begun}
    stated = json.loads(begun.read_text("utf-8"))
    simulated.clear()
    begun.write_text(json.dumps({**stated, "fingerprint": "other"}), encoding="utf-8")
    assert call(*RUN) == 2
    assert "another model" in capsys.readouterr().err
    assert simulated == []
    begun.write_text(json.dumps(stated), encoding="utf-8")
    part.write_text(part.read_text("utf-8")[:-9], encoding="utf-8")
    assert stop() == [kept]
    assert simulated == ["none"]
    # The settings of a run name a trial file, so what is kept says which content it has.
    write(title="Another trial")
    assert call(*RUN) == 0
    assert simulated == ["none", "none", "H7"]
