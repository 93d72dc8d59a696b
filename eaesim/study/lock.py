"""A lock on a folder, held by one process at a time and given up by one that dies."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from eaesim.errors import FileError

# Seconds that another run may take to put its files in place.
PATIENCE = 60.0


@contextmanager
def hold(path: Path, *, patience: float = PATIENCE) -> Iterator[None]:
    """Hold a lock file while something is done; it is gone afterwards.

    Parameters
    ----------
    path
        The lock file.
    patience
        Seconds to wait for a process that holds it.

    Raises
    ------
    FileError
        If another process does not let go of it.
    OSError
        If it cannot be made.
    """
    end = time.monotonic() + patience
    while (held := try_lock(path)) is None:
        if time.monotonic() > end:
            raise FileError(f"{path.parent} is being written to by another run; {path.name} is held.")
        time.sleep(0.02)
    try:
        yield
    finally:
        release(path, held)


def try_lock(path: Path) -> int | None:
    """Lock a file, made where it is missing: return what `release` takes, or None where another holds it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
    try:
        # One who let go has also taken the file away: then what is locked is not what others see.
        if _lock(descriptor) and _is(path, descriptor):
            return descriptor
    except BaseException:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return None


def release(path: Path, descriptor: int) -> None:
    """Take a lock file away, and let go of it."""
    with suppress(OSError):
        path.unlink()
    os.close(descriptor)


def _is(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except OSError:
        return False


def _lock(descriptor: int) -> bool:
    """Say whether the lock could be had; the system takes it from a process that ends."""
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        except OSError:
            return False
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks; then nobody waits
        return True
    return True
