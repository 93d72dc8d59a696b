"""The compiled driver, cached on disk under a hash of everything it depends on, so it cannot be stale.

The cache, including Numba's index, is executed as the user. Therefore the source is compiled from the shipped
text, not from its copy, and a folder is used only if nobody else can write to it.
"""

from __future__ import annotations

import hashlib
import os
import platform
import stat
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from types import ModuleType
from typing import Any

FOLDER_VARIABLE = "EAESIM_CACHE"
_LOCK = Lock()


@dataclass(frozen=True)
class Driver:
    """The compiled driver for a number of lanes.

    Attributes
    ----------
    drive
        Compiled function.
    kept
        Location of its machine code, or why it is compiled in every process.
    """

    drive: Any
    kept: str


def cache_folder() -> Path:
    """Return the cache folder: ``EAESIM_CACHE``, otherwise the user's cache folder."""
    from platformdirs import user_cache_path

    return Path(os.environ.get(FOLDER_VARIABLE) or user_cache_path("eaesim"))


def load_driver(width: int, *, single: bool = False) -> Driver:
    """Return the driver for a number of lanes, compiled if it has not been before.

    Parameters
    ----------
    width
        Number of lanes.
    single
        Whether states are in single precision.
    """
    with _LOCK:  # simultaneous requests of two threads share one compilation
        return _load(_signature(width, single=single))


@cache
def _load(signature: tuple[Any, ...]) -> Driver:
    # A folder that is full, read-only, foreign, or not a cache must not cause failure.
    try:
        module = _module(cache_folder())
        module.drive.enable_caching()
        # Not always next to the source (NUMBA_CACHE_DIR). Nothing is read there before this.
        there = Path(module.drive.stats.cache_path)
        check_private(there)
        module.drive.compile(signature)
        _keep_private(there)
    except Exception as error:  # Numba passes on any error of its files: pickles, locators, the system
        from eaesim.solver.lanes import driver

        driver.drive.compile(signature)
        return Driver(driver.drive, f"not kept: {' '.join(str(error).split())}")
    return Driver(module.drive, str(Path(str(module.__file__)).parent))


def fingerprint() -> str:
    """Return a hash of the sources of the driver and of the compiler versions."""
    import llvmlite
    import numba
    import numpy as np

    here = Path(__file__).parent
    parts = [(here / name).read_text(encoding="utf-8") for name in ("driver.py", "vector.py", "cache.py")]
    parts += [numba.__version__, llvmlite.__version__, np.__version__, platform.python_version()]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:20]


def _module(folder: Path) -> ModuleType:
    """Import the driver from a copy whose name is its fingerprint, so that Numba's cache matches."""
    name = f"driver_{fingerprint()}"
    path = folder.absolute() / f"{name}.py"
    text = Path(__file__).with_name("driver.py").read_bytes()
    if not folder.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    check_private(folder)
    (folder / "__pycache__").mkdir(mode=0o700, exist_ok=True)  # Numba would make it accessible to others
    if not path.is_file() or path.read_bytes() != text:
        partial = folder / f"{name}.{os.getpid()}"
        try:
            partial.write_bytes(text)
            partial.chmod(0o600)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
    module = ModuleType(name)
    module.__file__ = str(path)
    sys.modules[name] = module
    exec(compile(text, str(path), "exec"), module.__dict__)
    return module


def check_private(folder: Path) -> None:
    """Check that nobody else can write to a folder, to the cache files in it, or move it.

    Raises
    ------
    PermissionError
        If somebody can. Not checked on Windows, which stores permissions elsewhere.
    """
    if not hasattr(os, "getuid"):
        return
    place = folder.resolve()
    read = (path for path in place.iterdir() if path.name.startswith(("driver_", "__pycache__")))
    for path in (place, *read):
        _check(path, path.lstat(), owners=(os.getuid(),))
    for path in {*place.parents, *folder.absolute().parents}:
        _check(path, path.stat(), owners=(0, os.getuid()), above=True)


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


def _keep_private(folder: Path) -> None:
    """Remove permissions of others from a permissive umask; the next process would reject the files."""
    for path in folder.glob("driver_*") if hasattr(os, "getuid") else ():
        if path.stat().st_uid == os.getuid():
            path.chmod(path.stat().st_mode & ~(stat.S_IWGRP | stat.S_IWOTH))


def _signature(width: int, *, single: bool) -> tuple[Any, ...]:
    import numba

    types: Any = numba.types
    whole, number = types.int64, types.float64

    def array(kind: Any, dimensions: int) -> Any:
        return types.Array(kind, dimensions, "C")

    return (
        types.UniTuple(whole, 4),  # equations
        whole,  # ready
        types.Tuple((array(number, 2), array(number, 2), array(whole, 2))),  # runs
        array(number, 2),  # numbers
        types.Tuple((array(number, 2), array(whole, 2), array(number, 2))),  # events
        types.Tuple((array(whole, 1), array(whole, 1), array(number, 1), array(whole, 1))),  # family
        array(number, 1),  # days
        types.UniTuple(whole, 7),  # layout
        types.UniTuple(number, 7),  # limits
        types.Tuple((array(whole, 1), array(whole, 1), array(number, 1))),  # reducers
        types.Tuple((array(number, 3), array(number, 2), array(number, 2), array(number, 3))),  # read
        array(types.uint8, 1),  # status
        array(number, 1),  # counts
        array(types.float32 if single else number, 1),  # space
        array(number, 1),  # clock
        array(whole, 2),  # books
        types.UniTuple(whole, width),  # width
    )
