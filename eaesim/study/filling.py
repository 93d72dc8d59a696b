"""A temporary folder that is filled, then moved to its target; leftovers of dead runs are removed."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from eaesim.errors import FileError
from eaesim.study.lock import hold, release, try_lock

#: What writes a file, or files into a folder; what it returns does not matter.
Fill = Callable[[Path], object]
#: Lock file in a folder being filled, held as long as the run that fills it.
FILLING = ".filling"
_SHAPE = r"\.{}(-\w{{8}}|\.[0-9a-f]{{12}}|\.lock)"


def beside(place: Path) -> Path:
    """Return the folder for hidden files: the parent, or the folder itself if that is unsuitable.

    Files cannot be moved from the parent into a mounted folder, and the parent may not be writable.
    """
    if not place.exists():
        return place.parent
    good = os.access(place.parent, os.W_OK | os.X_OK) and not os.path.ismount(place)
    return place.parent if good else place


def lock_file(place: Path) -> Path:
    """Return the lock under which the files of a folder are replaced."""
    return beside(place) / f".{place.name}.lock"


def is_hidden(place: Path, name: str) -> bool:
    """Return whether a name is a hidden file of a run: temporary folder, intermediate work, or lock."""
    return re.fullmatch(_SHAPE.format(re.escape(place.name)), name) is not None


@contextmanager
def writing(place: Path) -> Iterator[None]:
    """Raise an error of the system as a `FileError` that names the file or folder that is written."""
    try:
        yield
    except OSError as error:
        raise FileError(f"{place} cannot be written: {error.strerror or error}.") from error


@contextmanager
def written_beside(path: Path) -> Iterator[Path]:
    """Yield a hidden path in a file's folder, to be written and moved to the file; what stays is removed."""
    partial = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        yield partial
    finally:
        with suppress(OSError):
            partial.unlink()


@contextmanager
def filled(place: Path, fill: Fill) -> Iterator[tuple[Path, list[str]]]:
    """Fill a temporary folder for a run; it is removed afterwards, with leftovers of dead runs.

    Yields
    ------
    tuple
        The folder, and the names of its content.
    """
    near = beside(place)
    near.mkdir(parents=True, exist_ok=True)
    with hold(lock_file(place)):
        _remove_left(near, place)
        partial = Path(tempfile.mkdtemp(prefix=f".{place.name}-", dir=near))
        held = try_lock(partial / FILLING)
    try:
        fill(partial)
        yield partial, sorted(path.name for path in partial.iterdir() if path.name != FILLING)
    finally:
        if held is not None:
            release(partial / FILLING, held)
        shutil.rmtree(partial, ignore_errors=True)


def _remove_left(near: Path, place: Path) -> None:
    for path in list(near.iterdir()):
        is_one = path.name.startswith(f".{place.name}-") and is_hidden(place, path.name)
        if not is_one or path.is_symlink() or not path.is_dir():
            continue
        if not (path / FILLING).exists():
            with suppress(OSError):  # not empty: foreign files
                path.rmdir()
        elif (held := try_lock(path / FILLING)) is not None:
            shutil.rmtree(path, ignore_errors=True)
            release(path / FILLING, held)
