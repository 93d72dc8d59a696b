"""What does not fit into memory is refused before it is tried."""

from __future__ import annotations

from pathlib import Path

import pytest

from eaesim.errors import MemoryShortError
from eaesim.questions.sweep import memory


def test_what_does_not_fit_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "machine_memory", lambda: 1e18)
    memory.check_memory(1e18)
    with pytest.raises(MemoryShortError, match="1000000001 GB") as error:
        memory.check_memory(1e18 + 1e9)
    assert len(str(error.value).splitlines()) == 1
    monkeypatch.setattr(memory, "machine_memory", lambda: None)  # a machine that cannot be asked
    memory.check_memory(1e19)


@pytest.mark.parametrize(
    ("text", "limit"), [("1000000", 1_000_000), ("max", None), ("9223372036854771712", None)]
)
def test_a_container_may_have_less(
    text: str, limit: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "limit").write_text(f"{text}\n", encoding="ascii")
    monkeypatch.setattr(memory, "_LIMITS", ())
    machine = memory.machine_memory()
    monkeypatch.setattr(memory, "_LIMITS", (str(tmp_path / "limit"), str(tmp_path / "none")))
    assert memory.machine_memory() == (limit or machine)
