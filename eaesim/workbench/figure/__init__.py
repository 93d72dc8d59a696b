"""Common parts of every figure: the page, its fonts, lines and colours."""

from eaesim.workbench.figure.page import DOUBLE, SINGLE, Page

__all__ = ["DOUBLE", "SINGLE", "Page"]
