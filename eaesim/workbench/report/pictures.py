"""The figures of a run as data embedded in a page, without scripts and network access."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

from eaesim.errors import FileError
from eaesim.workbench.report.folder import RunFile

_SVG = "http://www.w3.org/2000/svg"
_LINK = "http://www.w3.org/1999/xlink"
_STARTS = {"png": b"\x89PNG\r\n\x1a\n", "jpg": b"\xff\xd8\xff", "jpeg": b"\xff\xd8\xff"}
# What a drawing may hold; a script, an animation of a link or a page inside a drawing is not among them.
_KEPT = {
    *("svg", "g", "defs", "path", "use", "clipPath", "rect", "circle", "ellipse", "line", "polyline"),
    *("polygon", "text", "tspan", "title", "desc", "style", "image", "pattern", "mask", "marker", "symbol"),
    *("linearGradient", "radialGradient", "stop"),
}
_OUTSIDE = re.compile(r"@import|url\(\s*['\"]?(?!#|['\"]?data:image/)|javascript:", re.IGNORECASE)
_INSIDE = re.compile(r"#|data:image/(png|jpeg);base64,")


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
        The picture as a ``data:`` address.
    """

    stem: str
    name: str
    data: str


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
    return [Picture(stem, file.name, _data(file)) for stem, file in chosen.items()]


def _data(file: RunFile) -> str:
    if file.ending == "svg":
        kind, content = "svg+xml", clean_svg(file)
    else:
        kind, content = "jpeg" if file.ending == "jpg" else file.ending, file.path.read_bytes()
        if not content.startswith(_STARTS[file.ending]):
            raise FileError(f"{file.path} is no {file.ending.upper()} picture; repeat the run.")
    return f"data:image/{kind};base64,{base64.b64encode(content).decode('ascii')}"


def clean_svg(file: RunFile) -> bytes:
    """Return a drawing without scripts and network access.

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
    if root.tag != f"{{{_SVG}}}svg":
        raise FileError(f"{file.path} is no SVG drawing; repeat the run.")
    _clean(root)
    ElementTree.register_namespace("", _SVG)
    ElementTree.register_namespace("xlink", _LINK)
    return bytes(ElementTree.tostring(root, encoding="utf-8"))


def _clean(element: ElementTree.Element) -> None:
    for name, value in list(element.attrib.items()):
        local = name.rpartition("}")[2].casefold()
        is_link = local in ("href", "src") and not _INSIDE.match(value.strip())
        if local.startswith("on") or is_link or _OUTSIDE.search(value):
            del element.attrib[name]
    if element.text and _OUTSIDE.search(element.text):
        element.text = ""
    for child in list(element):
        if child.tag.rpartition("}")[2] in _KEPT if isinstance(child.tag, str) else False:
            _clean(child)
        else:
            element.remove(child)
