"""A run folder as one self-contained page."""

from eaesim.workbench.report.folder import RunFile, RunFolder, read_folder
from eaesim.workbench.report.page import page
from eaesim.workbench.report.written import write_page

__all__ = ["RunFile", "RunFolder", "page", "read_folder", "write_page"]
