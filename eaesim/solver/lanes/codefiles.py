"""Machine code of equations on disk, in the cache folder of the driver, under a hash of all it depends on.

The code runs as the user: it is read only from a folder and a file to which nobody else can write. A damaged
or foreign file is ignored, and the equations are compiled again.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from eaesim.solver.lanes.cache import cache_folder, check_file, check_private
from eaesim.solver.lanes.folding import Folded, Step
from eaesim.solver.lanes.step import Layout
from eaesim.solver.trace import Tape

# Size of the folder above which the oldest half is deleted; one file has about 100 kB.
MOST_BYTES = 1 << 26
FOLDER = "equations"
_DIGEST, _LENGTH = 32, 8


@dataclass(frozen=True)
class Compiled:
    """Equations compiled for the lanes.

    Attributes
    ----------
    code
        Object file.
    layout
        Memory layout.
    numbers
        Places of the arguments other than the state.
    folded
        The equations.
    """

    code: bytes
    layout: Layout
    numbers: tuple[int, ...]
    folded: Folded


def kept(key: object, tape: Tape, build: Callable[[], Compiled]) -> Compiled:
    """Return compiled equations from disk, or compile them and store them for the next process.

    Parameters
    ----------
    key
        All that the code depends on besides this machine and the package; told apart by its text.
    tape
        The equations.
    build
        Function that compiles them.
    """
    name = hashlib.sha256(f"{_surroundings()}\0{key!r}".encode()).hexdigest()
    try:
        folder = cache_folder().absolute() / FOLDER
        for each in (folder.parent, folder):
            each.mkdir(mode=0o700, parents=True, exist_ok=True)
        check_private(folder)
    except OSError:  # no folder, or one that others can write to
        return build()
    path = folder / name
    found = _read(path, tape)
    if found is None:
        found = build()
        _write(path, found)
    return found


@cache
def _surroundings() -> str:
    """Return what code depends on besides the equations: sources of the compiler, LLVM and the processor."""
    import llvmlite
    from llvmlite import binding

    sources = [path.read_text(encoding="utf-8") for path in sorted(Path(__file__).parent.glob("*.py"))]
    machine = (
        binding.get_default_triple(),
        binding.get_host_cpu_name(),
        binding.get_host_cpu_features().flatten(),
    )
    return repr((sources, llvmlite.__version__, binding.llvm_version_info, machine))


def _read(path: Path, tape: Tape) -> Compiled | None:
    try:
        check_file(path)
        content = path.read_bytes()
    except OSError:
        return None
    if content[:_DIGEST] != _digest(path, content[_DIGEST:]):
        return None
    start = _DIGEST + _LENGTH
    end = start + int.from_bytes(content[_DIGEST:start], "little")
    about = json.loads(content[start:end])
    layout, folded = _tuples(about["layout"]), about["folded"]
    steps = {place: Step(operator, tuple(sides)) for place, operator, sides in folded["steps"]}
    return Compiled(
        content[end:],
        Layout(**layout),
        tuple(about["numbers"]),
        Folded(tape, steps, frozenset(folded["fixed"]), *map(tuple, folded["rest"])),
    )


def _tuples(table: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in table.items()}


def _write(path: Path, compiled: Compiled) -> None:
    folded = compiled.folded
    equations = {
        "steps": [(place, step.operator, step.sides) for place, step in folded.steps.items()],
        "fixed": sorted(folded.fixed),
        "rest": (folded.live, folded.rates, folded.quantities),
    }
    about = {"layout": asdict(compiled.layout), "numbers": compiled.numbers, "folded": equations}
    text = json.dumps(about).encode()
    content = len(text).to_bytes(_LENGTH, "little") + text + compiled.code
    try:
        handle, partial = tempfile.mkstemp(dir=path.parent)  # readable and writable by the user only
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(_digest(path, content) + content)
            Path(partial).replace(path)
        finally:
            Path(partial).unlink(missing_ok=True)
        _make_room(path.parent)
    except OSError:  # a folder that is full or read-only
        pass


def _digest(path: Path, content: bytes) -> bytes:
    """Return a hash by which a damaged file, and one renamed from another, are recognised."""
    return hashlib.sha256(path.name.encode() + content).digest()


def _make_room(folder: Path) -> None:
    """Delete the oldest files of a folder that is too large."""
    files = sorted((status.st_mtime, status.st_size, path) for path, status in _files(folder))
    left = sum(size for _, size, _ in files)
    if left > MOST_BYTES:
        for _, size, path in files:
            if left <= MOST_BYTES // 2:
                break
            path.unlink(missing_ok=True)
            left -= size


def _files(folder: Path) -> list[tuple[Path, os.stat_result]]:
    with os.scandir(folder) as found:
        return [(Path(entry.path), entry.stat(follow_symlinks=False)) for entry in found]
