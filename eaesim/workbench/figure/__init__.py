"""What every figure is drawn with: the page, its letters, lines and colours."""

from eaesim.workbench.figure.page import DOUBLE, SINGLE, Page

__all__ = ["DOUBLE", "SINGLE", "Page"]
