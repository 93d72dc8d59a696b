"""A closed terminal and a termination signal stop a command like an interrupt."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

NAMES = ("SIGTERM", "SIGHUP")


@contextmanager
def interrupts() -> Iterator[None]:
    """Treat termination signals as interrupts, so that workers end and no partial file is left.

    Ignored signals, as under ``nohup``, stay ignored.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    asked = [getattr(signal, name) for name in NAMES if hasattr(signal, name)]
    taken = [number for number in asked if signal.getsignal(number) == signal.SIG_DFL]
    for number in taken:
        signal.signal(number, _interrupt)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, signal.SIG_DFL)


def _interrupt(_: int, __: FrameType | None) -> None:
    for other in NAMES:  # the first is enough: the next must not disturb what is cleared away
        if hasattr(signal, other) and signal.getsignal(getattr(signal, other)) is _interrupt:
            signal.signal(getattr(signal, other), signal.SIG_IGN)
    raise KeyboardInterrupt
