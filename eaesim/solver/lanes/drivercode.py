"""The driver as machine code: compiled by Numba once, then read from disk without Numba."""

from __future__ import annotations

import ctypes
import platform
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from threading import Lock
from typing import Any

import numpy as np

from eaesim.solver.lanes.cache import stored
from eaesim.solver.lanes.compiled import emitted, linked, packed, unpacked

_LOCK = Lock()
# What a compiled function returns, by Numba's convention, if it raised no error.
_DONE = 0
_SCALARS = {"int64": ctypes.c_int64, "float64": ctypes.c_double}


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

    drive: Callable[..., None]
    kept: str


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
        return _load(width, single)


@cache
def _load(width: int, single: bool) -> Driver:
    key = ("driver", width, single, version("numba"), np.__version__, platform.python_version())
    try:
        content, place = stored(key, lambda: _compile(width, single))
    except _CannotStandAloneError as error:
        from eaesim.solver.lanes.driver import drive

        drive.compile(_signature(width, single=single))
        return Driver(drive, f"not kept: {error}")
    about, code = unpacked(content)
    return Driver(_function(linked(code), about["name"], about["arguments"]), place)


class _CannotStandAloneError(Exception):
    """The driver's machine code needs functions of Numba."""


def _compile(width: int, single: bool) -> bytes:
    """Return the driver's object file, with its name and the types of its arguments."""
    from numba import njit

    from eaesim.solver.lanes.driver import drive
    from eaesim.solver.lanes.lane import INNER

    types = _signature(width, single=single)
    dispatcher = njit(**INNER)(drive.py_func)
    dispatcher.compile(types)
    (found,) = dispatcher.overloads.values()
    # Numba counts references to arrays of its own; those of the caller are none, so nothing is ever freed.
    text = re.sub(
        r"declare void @NRT_MemInfo_call_dtor\((.*?)\).*",
        r"define void @NRT_MemInfo_call_dtor(\1) {\n  ret void\n}",
        found.library.get_llvm_str(),
    )
    foreign = [name for name in re.findall(r'^declare [^@]*@"?([^"(]+)', text, re.M) if name[:5] != "llvm."]
    if foreign:
        raise _CannotStandAloneError(f"Numba {version('numba')} compiles it with a call of {foreign[0]}")
    arguments = [_text(each) for each in types]
    return packed({"name": found.fndesc.llvm_func_name, "arguments": arguments}, emitted(text))


def _text(kind: Any) -> Any:
    """Return a Numba type as plain values: the name of a number, a list for a tuple, a table for an array."""
    if hasattr(kind, "ndim"):
        return {"array": str(kind.dtype), "dimensions": kind.ndim}
    return [_text(each) for each in kind] if hasattr(kind, "__iter__") else str(kind)


def _function(engine: Any, name: str, arguments: list[Any]) -> Callable[..., None]:
    """Return a compiled function that takes arrays, numbers and tuples of these, as Numba passes them."""
    kinds = [each for argument in arguments for each in _kinds(argument)]
    call = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, *kinds)(
        engine.get_function_address(name)
    )

    def function(*values: Any) -> None:
        flat = [each for pair in zip(values, arguments, strict=True) for each in _flat(*pair)]
        result, error = ctypes.c_void_p(), ctypes.c_void_p()
        status = call(ctypes.addressof(result), ctypes.addressof(error), *flat)
        if status != _DONE:
            raise RuntimeError(f"the compiled driver stopped with the status {status}.")

    vars(function)["engine"] = engine  # owns the code
    return function


def _kinds(argument: Any) -> Iterator[Any]:
    if isinstance(argument, list):
        for each in argument:
            yield from _kinds(each)
    elif isinstance(argument, dict):
        yield from (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_ssize_t, ctypes.c_ssize_t, ctypes.c_void_p)
        yield from [ctypes.c_ssize_t] * (2 * argument["dimensions"])
    else:
        yield _SCALARS[argument]


def _flat(value: Any, argument: Any) -> Iterator[Any]:
    """Return the parts of an argument.

    Raises
    ------
    TypeError
        If it is not of its type: machine code would read beyond it.
    """
    if isinstance(argument, list):
        for pair in zip(value, argument, strict=True):
            yield from _flat(*pair)
    elif isinstance(argument, dict):
        is_such = value.dtype == argument["array"] and value.ndim == argument["dimensions"]
        if not (is_such and value.flags.c_contiguous and value.flags.writeable):
            raise TypeError(
                f"the driver takes a writable contiguous array of {argument}; given: {value.dtype}"
            )
        yield from (None, None, value.size, value.itemsize, value.ctypes.data)
        yield from (*value.shape, *value.strides)
    else:
        yield value


def _signature(width: int, *, single: bool) -> tuple[Any, ...]:
    import numba

    types: Any = numba.types
    whole, number = types.int64, types.float64
    own = types.float32 if single else number

    def array(kind: Any, dimensions: int) -> Any:
        return types.Array(kind, dimensions, "C")

    return (
        types.UniTuple(whole, 5),  # equations
        whole,  # ready
        types.Tuple((array(number, 2), array(number, 2), array(number, 2), array(whole, 2))),  # runs
        array(number, 2),  # numbers
        types.Tuple((array(number, 2), array(whole, 2), array(number, 2))),  # events
        types.Tuple((array(whole, 1), array(whole, 1), array(number, 1), array(whole, 1))),  # family
        array(number, 2),  # calendar
        types.UniTuple(whole, 7),  # layout
        types.UniTuple(number, 5),  # limits
        types.Tuple((array(whole, 1), array(whole, 1), array(number, 1))),  # reducers
        types.Tuple((array(number, 3), array(number, 2), array(number, 2), array(own, 3))),  # read
        array(types.uint8, 1),  # status
        array(number, 1),  # counts
        array(own, 1),  # space
        array(number, 1),  # clock
        array(whole, 2),  # books
        types.UniTuple(whole, width),  # width
    )
