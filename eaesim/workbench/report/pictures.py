"""The figures of a run as parts of a page, without scripts and network access."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

from eaesim.errors import FileError
from eaesim.workbench.report.folder import RunFile

_SVG = "{http://www.w3.org/2000/svg}"
_XLINK = "{http://www.w3.org/1999/xlink}"
_STARTS = {"png": b"\x89PNG\r\n\x1a\n", "jpg": b"\xff\xd8\xff", "jpeg": b"\xff\xd8\xff"}
# What a drawing may hold. A script, an animation of a link or a page inside a drawing is not among it, nor is
# a style sheet, which would be one of the whole page.
_KEPT = {
    *("svg", "g", "defs", "path", "use", "clipPath", "rect", "circle", "ellipse", "line", "polyline"),
    *("polygon", "text", "tspan", "image", "pattern", "mask", "marker", "symbol"),
    *("linearGradient", "radialGradient", "stop"),
}
# What a style may set: nothing that moves a part of a drawing out of its place on the page.
_STYLES = re.compile(r"(fill|stroke|stop|font|clip|marker)(-|$)|(opacity|text-anchor)$")
_OUTSIDE = re.compile(r"@import|url\(\s*['\"]?(?!#|['\"]?data:image/)|javascript:", re.IGNORECASE)
_INSIDE = re.compile(r"#|data:image/(png|jpeg);base64,")
_REFERENCE = re.compile(r"url\(\s*['\"]?#")
# Matplotlib has this in the style sheet of every drawing.
_LINES = {"stroke-linejoin": "round", "stroke-linecap": "butt"}


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure of a run.

    Attributes
    ----------
    stem
        Name of the file without its ending.
    name
        Name of the file that is shown.
    data
        The picture as a ``data:`` address; empty for a drawing.
    drawing
        An SVG element, whose text can be searched and read aloud; empty for a picture.
    description
        What the drawing says about itself, for those who do not see it.
    """

    stem: str
    name: str
    data: str = ""
    drawing: str = ""
    description: str = ""


def read_pictures(files: Sequence[RunFile]) -> list[Picture]:
    """Return each figure once: the SVG where there is one, else the PNG.

    Raises
    ------
    FileError
        If the content of a file does not match its ending.
    """
    order = ("svg", "png", "jpg", "jpeg")
    chosen: dict[str, RunFile] = {}
    for file in sorted(files, key=lambda file: (file.stem, order.index(file.ending))):
        chosen.setdefault(file.stem, file)
    return [_picture(stem, file, f"drawing-{place}-") for place, (stem, file) in enumerate(chosen.items(), 1)]


def _picture(stem: str, file: RunFile, prefix: str) -> Picture:
    if file.ending == "svg":
        drawing, description = clean_svg(file, prefix)
        return Picture(stem, file.name, drawing=drawing, description=description)
    kind, content = "jpeg" if file.ending == "jpg" else file.ending, file.path.read_bytes()
    if not content.startswith(_STARTS[file.ending]):
        raise FileError(f"{file.path} is no {file.ending.upper()} picture; repeat the run.")
    return Picture(stem, file.name, f"data:image/{kind};base64,{base64.b64encode(content).decode('ascii')}")


def clean_svg(file: RunFile, prefix: str = "") -> tuple[str, str]:
    """Return a drawing as an element of a page, without scripts and network access, and its description.

    Parameters
    ----------
    file
        An SVG file.
    prefix
        Put before every id in it, so that those of two drawings on one page differ.

    Raises
    ------
    FileError
        If it is no SVG, or defines entities.
    """
    text = file.text()
    if "<!ENTITY" in text:
        raise FileError(f"{file.path} defines entities, which no figure of eaesim does; repeat the run.")
    try:
        root = ElementTree.fromstring(text.encode("utf-8"))
    except ElementTree.ParseError as error:
        raise FileError(f"{file.path} is no SVG drawing; repeat the run.") from error
    if root.tag != f"{_SVG}svg":
        raise FileError(f"{file.path} is no SVG drawing; repeat the run.")
    description = (root.findtext(f"{_SVG}desc") or "").strip()
    _clean(root, prefix)
    for name, value in _LINES.items():
        root.attrib.setdefault(name, value)
    ElementTree.register_namespace("", _SVG[1:-1])
    ElementTree.register_namespace("xlink", _XLINK[1:-1])
    root.tail = None
    return ElementTree.tostring(root, encoding="unicode"), description


def _clean(element: ElementTree.Element, prefix: str) -> None:
    attributes = [(name, _attribute(name, value, prefix)) for name, value in element.attrib.items()]
    element.attrib.clear()
    element.attrib.update({name: value for name, value in attributes if value is not None})
    for child in list(element):
        if isinstance(child.tag, str) and child.tag.startswith(_SVG) and child.tag[len(_SVG) :] in _KEPT:
            _clean(child, prefix)
        else:
            element.remove(child)


def _attribute(name: str, value: str, prefix: str) -> str | None:
    """Return an attribute as a page may hold it; None for one that is left out."""
    local = name.removeprefix(_XLINK).casefold()
    if "}" in local or ":" in local or local.startswith("on") or local in ("class", "src"):
        return None
    if _OUTSIDE.search(value) or (local == "href" and not _INSIDE.match(value.strip())):
        return None
    if local == "style":
        parts = [part.strip() for part in value.split(";")]
        value = "; ".join(part for part in parts if _STYLES.match(part.partition(":")[0].strip().casefold()))
    if local == "id":
        return f"{prefix}{value}"
    if local == "href" and value.strip().startswith("#"):
        return f"#{prefix}{value.strip()[1:]}"
    return _REFERENCE.sub(lambda found: f"{found[0]}{prefix}", value)
