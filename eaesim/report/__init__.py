"""A run folder as one self-contained page."""

from eaesim.report.folder import RunFile, RunFolder, read_folder
from eaesim.report.page import page
from eaesim.report.written import write_page

__all__ = ["RunFile", "RunFolder", "page", "read_folder", "write_page"]
