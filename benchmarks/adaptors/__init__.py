"""The libraries, one module each."""

from __future__ import annotations

from importlib import import_module

from benchmarks.adaptors.contract import Adaptor

LIBRARIES = ("own", "scipy", "numbalsoda", "libroadrunner", "copasi", "diffrax", "heyoka", "amici")


def load(library: str) -> Adaptor:
    """Import and return the adaptor of a library.

    Raises
    ------
    ImportError
        If the library is not installed.
    """
    adaptor: Adaptor = import_module(f"benchmarks.adaptors.{library}").ADAPTOR
    return adaptor
