"""Standard output and error for every verb: present, open, and safe for a terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO, cast

from eaesim.errors import plain


class OutputError(OSError):
    """Output cannot be written, to a full disk perhaps."""


class SafeStream:
    """A stream that survives a closed reader, and prints no control characters.

    Parameters
    ----------
    stream
        Stream to write to.
    is_plain
        Whether control characters are written out, line ends and tabs apart; a progress bar needs its own.
    """

    def __init__(self, stream: TextIO, *, is_plain: bool) -> None:
        with suppress(AttributeError, ValueError, OSError):
            # A terminal without this letter shows its number instead of a traceback.
            stream.reconfigure(errors="backslashreplace")  # type: ignore[attr-defined]
        self.stream, self.is_plain, self.has_reader = stream, is_plain, True

    # Click looks at these: with them it writes here, and not past this stream.
    encoding, errors = "utf-8", "backslashreplace"

    def write(self, text: str) -> int:
        """Write a text, unless the reader has closed."""
        if not isinstance(text, str):
            raise TypeError("only text is printed")  # Click tries with bytes, then with an empty text
        if text and self.has_reader:
            with self._until_closed():
                self.stream.write(plain(text) if self.is_plain else text)
        return len(text)

    def flush(self) -> None:
        """Flush, unless the reader has closed."""
        if self.has_reader:
            with self._until_closed():
                self.stream.flush()

    def isatty(self) -> bool:
        """Say whether it is a terminal."""
        with suppress(ValueError, OSError):
            return self.stream.isatty()
        return False

    @contextmanager
    def _until_closed(self) -> Iterator[None]:
        try:
            yield
        except (OSError, ValueError) as error:  # a closed file is a ValueError
            self.has_reader = False
            # Python flushes what is left when it ends; that must not complain either.
            with suppress(AttributeError, ValueError, OSError):
                hole = os.open(os.devnull, os.O_WRONLY)
                os.dup2(hole, self.stream.fileno())
                os.close(hole)
            if not isinstance(error, BrokenPipeError | ConnectionResetError | ValueError):
                raise OutputError(
                    error.errno, f"what is printed cannot be written: {error.strerror}"
                ) from error

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


@contextmanager
def safe_streams() -> Iterator[None]:
    """Replace standard output and error while a verb runs; without them, output is lost.

    A file that is opened while there is no standard output would take its place, so that one is opened first.
    """
    own = sys.stdout, sys.stderr
    with ExitStack() as opened:
        there = [stream or opened.enter_context(Path(os.devnull).open("w")) for stream in own]
        sys.stdout = cast(TextIO, SafeStream(there[0], is_plain=True))
        sys.stderr = cast(TextIO, SafeStream(there[1], is_plain=False))
        try:
            yield
        finally:
            sys.stdout, sys.stderr = own
