"""A lock on a folder, held by one process at a time and released when it dies."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from eaesim.errors import FileError

# Seconds allowed for another run to move its files.
PATIENCE = 60.0


@contextmanager
def hold(path: Path, *, patience: float = PATIENCE) -> Iterator[None]:
    """Context manager that holds a lock file and removes it afterwards.

    Parameters
    ----------
    path
        Lock file.
    patience
        Seconds to wait for a process that holds it.
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
    """Lock a file, created if missing: return the argument of `release`, or None if it is held."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
    try:
        # The previous holder removed the file on release: then the locked file is not the visible one.
        if _lock(descriptor) and _is(path, descriptor):
            return descriptor
    except BaseException:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return None


def release(path: Path, descriptor: int) -> None:
    """Remove a lock file and release it."""
    with suppress(OSError):
        path.unlink()
    os.close(descriptor)


def _is(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except OSError:
        return False


def _lock(descriptor: int) -> bool:
    """Return whether the lock was acquired; the system releases it when the process ends."""
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
    except OSError:  # a file system without locks; no process waits
        return True
    return True
