"""One HTML page that simulates in the reader's browser."""

from eaesim.live.page import live

__all__ = ["live"]
