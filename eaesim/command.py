"""The command that a run was asked with, as its manifest states it."""

from __future__ import annotations

from contextvars import ContextVar

#: Empty in a call from Python.
COMMAND: ContextVar[str] = ContextVar("command", default="")
