"""The published findings that the tables of a run name, and the text that cites the package."""

from __future__ import annotations

from eaesim.evidence import Finding, load_findings
from eaesim.workbench.report.folder import RunFolder
from eaesim.workbench.report.tables import read_rows

# As in CITATION.cff; a test holds the two together.
AUTHORS = "The eaesim authors"
TITLE = "eaesim: rat EAE as an ODE immune-response model, and the timing of intravenous immunoglobulin"
YEAR = "2026"
_COLUMNS = ("finding", "findings")


def used_findings(run: RunFolder) -> list[Finding]:
    """Return the published findings that a table of the run names in its column ``finding``.

    Raises
    ------
    FileError
        If a table cannot be read.
    """
    named: set[str] = set()
    for file in run.ending("csv"):
        head, *rows = read_rows(file)
        places = [place for place, name in enumerate(head) if name in _COLUMNS]
        named |= {part.strip() for row in rows for place in places for part in row[place].split(",")}
    # A table may name a whole row of the evidence page, or one reading of it.
    return [finding for finding in load_findings() if finding.id in named or finding.row in named]


def citation(version: str) -> str:
    """Return how a text cites the package.

    Examples
    --------
    >>> citation("0.1.0").startswith("The eaesim authors (2026). eaesim: rat EAE")
    True
    """
    return f"{AUTHORS} ({YEAR}). {TITLE}. Version {version}. Computer program, MIT licence."


def bibtex(version: str) -> str:
    """Return the same for a reference manager."""
    return "\n".join(
        (
            "@software{eaesim,",
            f"  author  = {{{{{AUTHORS}}}}},",
            f"  title   = {{{TITLE}}},",
            f"  version = {{{version}}},",
            f"  year    = {{{YEAR}}},",
            "}",
        )
    )
