"""A Sphinx extension: what the theme, Sphinx and Pandas write that a screen reader would stumble on.

Each change names the rule of axe-core that it satisfies.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

# summary-name: the arrow that opens a part of the navigation has no text.
_ARROW = '<summary><span class="toctree-toggle" role="presentation">'
_NAMED_ARROW = '<summary aria-label="Show or hide the pages below"><span class="toctree-toggle">'
# label-content-name-mismatch: where the button shows its text, it shows its keys too.
_SEARCH = re.compile(r'(<button[^>]*search-button-field[^>]*?) title="Search" aria-label="Search"')
# empty-table-header: the corner of a data frame.
_CORNER = re.compile(r"<th></th>")
# definition-list: the lines of a long signature are no list of terms.
_SIGNATURE = re.compile(r'<dl>\n((?:<dd><em class="sig-param">.*</dd>\n)+)</dl>')


def readable(page: str) -> str:
    """Return a page that a screen reader reads as it is meant.

    Examples
    --------
    >>> readable("<th></th>")
    '<td></td>'
    """
    page = page.replace(_ARROW, _NAMED_ARROW)
    page = _CORNER.sub("<td></td>", _SEARCH.sub(r'\1 aria-label="Search Ctrl + K"', page))
    return _SIGNATURE.sub(lambda lines: _lines(lines[1]), page)


def _lines(items: str) -> str:
    """Return the lines of a signature as such."""
    named = items.replace("<dd>", '<span class="sig-line">').replace("</dd>", "</span>")
    return f'<span class="sig-lines">\n{named}</span>'


def mend(app: Sphinx, failed: Exception | None) -> None:
    """Rewrite the pages that were built."""
    if failed is not None or app.builder.format != "html":
        return
    for path in Path(app.outdir).rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        if (mended := readable(text)) != text:
            path.write_text(mended, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Tell Sphinx what is here."""
    app.connect("build-finished", mend)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
