"""A Sphinx extension: every code in the text of any page is a link to where it is explained."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import escape
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

from pages.places import IN_TEXT, Place, link_of_code, places

if TYPE_CHECKING:
    from sphinx.application import Sphinx

# A cell of a table in HTML that holds one word.
_CELL = re.compile(r"(<t[dh]>)([\w.]+)(</t[dh]>)")
# Where a link is not wanted, or cannot be.
_NO_LINKS = (
    nodes.reference,
    nodes.title,
    nodes.rubric,
    nodes.literal_block,
    nodes.raw,
    nodes.term,
    nodes.Invisible,
)


class CodeLinks(SphinxPostTransform):
    """Makes each code a link, with what it is as the text that a pointer shows."""

    default_priority = 900
    formats = ("html",)

    def run(self, **_: Any) -> None:
        """Replace the codes of one page, those in tables that its cells printed too."""
        for table in self.document.findall(nodes.raw):
            if "html" in table.get("format", "") and "<td" in table.astext():
                table[:] = [nodes.Text(_CELL.sub(self._linked_cell, table.astext()))]
        for node in list(self.document.findall(nodes.Text)):
            parent = node.parent
            if any(isinstance(each, _NO_LINKS) for each in _above(node)):
                continue
            is_literal = isinstance(parent, nodes.literal)
            if is_literal and (place := link_of_code(str(node))):
                parent.replace_self(
                    self._link(place, nodes.literal("", str(node), classes=parent["classes"]))
                )
                continue
            pieces = self._pieces(str(node), link_of_code if is_literal else places().get)
            if len(pieces) > 1:
                parent.replace(node, pieces)

    def _pieces(self, text: str, place_of: Callable[[str], Place | None]) -> list[nodes.Node]:
        """Return a text as plain pieces and links."""
        found: list[nodes.Node] = []
        end = 0
        for match in IN_TEXT.finditer(text):
            if place := place_of(match[1]):
                found += [nodes.Text(text[end : match.start()]), self._link(place, nodes.Text(match[1]))]
                end = match.end()
        return [*found, nodes.Text(text[end:])]

    def _linked_cell(self, cell: re.Match[str]) -> str:
        """Return a cell of a table in HTML with its code as a link."""
        place = places().get(cell[2])
        if place is None:
            return cell[0]
        title = escape(place.title, quote=True)
        return (
            f'{cell[1]}<a class="code" href="{self._address(place)}" title="{title}">{cell[2]}</a>{cell[3]}'
        )

    def _address(self, place: Place) -> str:
        page = self.env.docname
        other = "" if page == place.page else self.app.builder.get_relative_uri(page, place.page)
        return f"{other}#{place.anchor}"

    def _link(self, place: Place, shown: nodes.Node) -> nodes.reference:
        link = nodes.reference("", "", internal=True, refuri=self._address(place), classes=["code"])
        if place.title:
            link["reftitle"] = place.title
        link += shown
        return link


def _above(node: nodes.Node) -> Iterator[nodes.Node]:
    while (node := node.parent) is not None:
        yield node


def setup(app: Sphinx) -> dict[str, bool]:
    """Tell Sphinx what is here."""
    app.add_post_transform(CodeLinks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
