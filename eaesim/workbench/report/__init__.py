"""A run folder as one self-contained page."""

from eaesim.workbench.report.folder import RunFile, RunFolder, read_folder
from eaesim.workbench.report.page import page

__all__ = ["RunFile", "RunFolder", "page", "read_folder"]
