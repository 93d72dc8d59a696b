"""The compiled driver, kept on disk under a name made from everything it depends on: it cannot be stale."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import platform
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
        The function.
    kept
        Where its machine code lies, or why it is compiled anew in every process.
    """

    drive: Any
    kept: str


def cache_folder() -> Path:
    """Return where compiled code is kept: ``EAESIM_CACHE``, else the user's folder for such files."""
    from platformdirs import user_cache_path

    return Path(os.environ.get(FOLDER_VARIABLE) or user_cache_path("eaesim"))


def load_driver(width: int) -> Driver:
    """Return the driver for a number of lanes, compiled if it has not been before.

    Parameters
    ----------
    width
        How many lanes.
    """
    with _LOCK:  # two threads that ask at once wait for one compilation
        return _load(width)


@cache
def _load(width: int) -> Driver:
    # A folder that is full, read-only, or holds what is no cache must not stop anybody.
    try:
        module = _module(cache_folder())
        module.drive.enable_caching()
        module.drive.compile(_signature(width))
    except Exception as error:  # Numba raises what its own files raise: pickles, locators, the system
        from eaesim.solver.lanes import driver

        driver.drive.compile(_signature(width))
        return Driver(driver.drive, f"not kept: {' '.join(str(error).split())}")
    return Driver(module.drive, str(Path(str(module.__file__)).parent))


def fingerprint() -> str:
    """Return a text that changes with the sources of the driver and with what compiles them."""
    import llvmlite
    import numba
    import numpy as np

    here = Path(__file__).parent
    parts = [(here / name).read_text(encoding="utf-8") for name in ("driver.py", "vector.py", "cache.py")]
    parts += [numba.__version__, llvmlite.__version__, np.__version__, platform.python_version()]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:20]


def _module(folder: Path) -> ModuleType:
    """Import the driver from a copy whose name is its fingerprint, so that Numba's cache beside it fits."""
    name = f"driver_{fingerprint()}"
    path = folder / f"{name}.py"
    if not path.exists():
        text = Path(__file__).with_name("driver.py").read_text(encoding="utf-8")
        folder.mkdir(parents=True, exist_ok=True)
        partial = folder / f"{name}.{os.getpid()}"
        try:
            partial.write_text(text, encoding="utf-8")
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
    specification = importlib.util.spec_from_file_location(name, path)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules[name] = module
    specification.loader.exec_module(module)
    return module


def _signature(width: int) -> tuple[Any, ...]:
    import numba

    types: Any = numba.types
    whole, number = types.int64, types.float64

    def array(kind: Any, dimensions: int) -> Any:
        return types.Array(kind, dimensions, "C")

    return (
        types.UniTuple(whole, 3),  # equations
        types.UniTuple(whole, 2),  # rows
        array(number, 2),  # initial
        array(number, 2),  # numbers
        array(number, 2),  # event_day
        array(whole, 2),  # event_state
        array(number, 2),  # event_amount
        array(number, 1),  # days
        types.UniTuple(whole, 6),  # layout
        types.UniTuple(number, 5),  # limits
        types.Tuple((array(whole, 1), array(whole, 1), array(number, 1))),  # reducers
        array(number, 3),  # values
        array(number, 2),  # reduced
        array(types.uint8, 1),  # status
        array(whole, 1),  # counts
        array(number, 1),  # space
        array(whole, 2),  # books
        array(number, 2),  # running
        types.UniTuple(whole, width),  # width
    )
