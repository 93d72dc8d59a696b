"""Machine code on disk, in files named by a hash of all it depends on, so it cannot be stale.

The code runs as the user: it is read only from a folder and a file to which nobody else can write. A damaged
or foreign file is ignored, and compiled again.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

FOLDER_VARIABLE = "EAESIM_CACHE"
# Seconds that a process waits at most for another's compiler, and between two looks.
LONGEST_WAIT, _PAUSE = 30.0, 0.02
OFF = "off"
# Size of the folder above which the oldest half is deleted; one file has about 50 kB.
MOST_BYTES = 1 << 26
_DIGEST = 32


def cache_folder() -> Path:
    """Return the cache folder: ``EAESIM_CACHE``, otherwise the user's cache folder.

    Raises
    ------
    FileNotFoundError
        If ``EAESIM_CACHE`` is ``off``.
    """
    named = os.environ.get(FOLDER_VARIABLE)
    if named == OFF:
        raise FileNotFoundError(f"{FOLDER_VARIABLE} is {OFF}")
    if named:
        return Path(named).absolute()
    from platformdirs import user_cache_path

    return Path(user_cache_path("eaesim")).absolute()


def stored(key: object, build: Callable[[], bytes]) -> tuple[bytes, str]:
    """Return machine code from disk, or compile it and store it for the next process.

    Parameters
    ----------
    key
        All that the code depends on besides this machine and the package; told apart by its text.
    build
        Function that compiles it.

    Returns
    -------
    tuple
        The code; and the folder, or why it is compiled in every process.
    """
    try:
        folder = cache_folder()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        check_private(folder)
    except OSError as error:  # no folder, or one that others can write to
        return build(), _not_kept(error)
    path = folder / f"{hashlib.sha256(f'{_surroundings()} {key!r}'.encode()).hexdigest()}.code"
    content = _read(path)
    if content is not None:
        return content, str(folder)
    with _alone(path.with_suffix(".lock")):
        content = _read(path)  # another process may have compiled it meanwhile
        if content is None:
            content = build()
            try:
                _write(path, content)
            except OSError as error:  # full or read-only
                return content, _not_kept(error)
    return content, str(folder)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Let others that need the same code wait while it is compiled, where files can be locked.

    They wait no longer than a compiler may take, lest one that is stopped stops them all.
    """
    handle = -1
    try:
        with suppress(ImportError, OSError):  # Windows; a read-only folder, or one of another machine
            import fcntl

            handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
            end = time.monotonic() + LONGEST_WAIT
            while time.monotonic() < end:
                with suppress(BlockingIOError):
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                time.sleep(_PAUSE)
        yield
    finally:
        if handle >= 0:
            with suppress(OSError):  # one left by a killed process stays where the folder is read-only now
                path.unlink()
            os.close(handle)


def _not_kept(error: OSError) -> str:
    return f"not kept: {' '.join(str(error).split())}"


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


def _read(path: Path) -> bytes | None:
    try:
        check_file(path)
        content = path.read_bytes()
    except OSError:
        return None
    return content[_DIGEST:] if content[:_DIGEST] == _digest(path, content[_DIGEST:]) else None


def _write(path: Path, content: bytes) -> None:
    handle, partial = tempfile.mkstemp(dir=path.parent, suffix=".code")  # accessible to the user only
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(_digest(path, content) + content)
        Path(partial).replace(path)
    finally:
        Path(partial).unlink(missing_ok=True)
    _make_room(path.parent)


def _digest(path: Path, content: bytes) -> bytes:
    """Return a hash by which a damaged file, and one renamed from another, are recognised."""
    return hashlib.sha256(path.name.encode() + content).digest()


def _make_room(folder: Path) -> None:
    """Delete the oldest files of a folder that is too large."""
    found = [(path.lstat(), path) for path in folder.glob("*.code")]
    left = sum(status.st_size for status, _ in found)
    if left > MOST_BYTES:
        for status, path in sorted(found, key=lambda each: each[0].st_mtime):
            if left <= MOST_BYTES // 2:
                break
            path.unlink(missing_ok=True)
            left -= status.st_size


def check_private(folder: Path) -> None:
    """Check that nobody else can write to a folder, or move it.

    Raises
    ------
    PermissionError
        If somebody can. Not checked on Windows, which stores permissions elsewhere.
    """
    if not hasattr(os, "getuid"):
        return
    place = folder.resolve()
    check_file(place)
    for path in {*place.parents, *folder.absolute().parents}:
        _check(path, path.stat(), owners=(0, os.getuid()), above=True)


def check_file(path: Path) -> None:
    """Check that a file or folder is the user's own and that nobody else can write to it.

    Raises
    ------
    OSError
        If somebody can, or there is no such file.
    """
    if hasattr(os, "getuid"):
        _check(path, path.lstat(), owners=(os.getuid(),))


def _check(path: Path, status: os.stat_result, *, owners: tuple[int, ...], above: bool = False) -> None:
    if status.st_uid not in owners:
        raise PermissionError(f"{path} belongs to another user, who could put code there")
    if stat.S_ISLNK(status.st_mode):
        raise PermissionError(f"{path} is a link, which could lead to code of another user")
    # In a folder such as /tmp everybody can write, but not move files of others (sticky bit).
    if above and status.st_mode & stat.S_ISVTX:
        return
    shared = status.st_mode & stat.S_IWGRP and not _is_own_group(status.st_gid)
    if shared or status.st_mode & stat.S_IWOTH:
        raise PermissionError(f"{path} may be written to by other users, who could put code there")


def _is_own_group(group: int) -> bool:
    """Return whether a group is the private group of one user, as on many systems."""
    import grp
    import pwd

    try:
        user, own = pwd.getpwuid(os.getuid()), grp.getgrgid(group)
    except KeyError:
        return False
    return group == user.pw_gid and own.gr_name == user.pw_name and not set(own.gr_mem) - {user.pw_name}
