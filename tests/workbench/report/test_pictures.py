"""Figures travel inside the page, and nothing in them can run or ask a network."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from pathlib import Path

from eaesim.workbench.report import read_folder
from eaesim.workbench.report.pictures import clean_svg, read_pictures

SVG = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
EVIL = f"""<?xml version="1.0"?>
<svg {SVG} onload="alert(1)" viewBox="0 0 1 1">
<script>alert(2)</script>
<style>@import url(http://evil.example/a.css); * {{fill: red}}</style>
<style>path {{stroke: red}}</style>
<title>evil</title><desc>said</desc>
<defs><path id="kept" class="mark" d="M0 0" style="stroke: #abc; position: fixed; top: 0"/></defs>
<image xlink:href="http://evil.example/b.png"/>
<image href="data:image/png;base64,AAAA"/>
<use xlink:href="#kept" style="fill: url(#kept)"/>
<use href="http://evil.example/c.svg#d"/>
<rect style="fill: url(http://evil.example/e)" fill="javascript:alert(3)"/>
<foreignObject><iframe src="http://evil.example/"/></foreignObject>
<a href="javascript:alert(4)"><path d="M1 1"/></a>
<animate attributeName="href" to="javascript:alert(5)"/>
</svg>"""
PNG = b"\x89PNG\r\n\x1a\n" + b"rest"


def test_what_could_run_or_ask_is_taken_out(make_run: Callable[..., Path]) -> None:
    run = read_folder(make_run({"evil.svg": EVIL}))
    clean, description = clean_svg(run.files[0], "drawing-1-")
    assert description == "said"
    for word in (
        "evil.example",
        "alert",
        "script",
        "onload",
        "foreignObject",
        "iframe",
        "animate",
        "@import",
        "<style",
        "position",
        "class",
        "<title",
    ):
        assert word not in clean
    assert 'id="drawing-1-kept"' in clean
    assert 'xlink:href="#drawing-1-kept"' in clean
    assert "fill: url(#drawing-1-kept)" in clean
    assert "data:image/png;base64,AAAA" in clean
    assert "stroke: #abc" in clean
    assert 'stroke-linejoin="round"' in clean


def test_ids_of_two_drawings_do_not_collide(make_run: Callable[..., Path]) -> None:
    drawing = f'<svg {SVG}><path id="a" clip-path="url(#a)" d="M0 0"/></svg>'
    run = read_folder(make_run({"a.svg": drawing, "b.svg": drawing}))
    text = "".join(one.drawing for one in read_pictures(run.files))
    assert re.findall(r'(?:id="|#)(.*?)[")]', text) == ["drawing-1-a"] * 2 + ["drawing-2-a"] * 2


def test_what_is_drawn_parses_as_a_page(make_run: Callable[..., Path]) -> None:
    # The parser of a page reads what stands in a title or a description of a drawing as part of the page.
    inside = '<title><image onerror="alert(1)" href="x"/><style>p {}</style></title><desc>a</desc>'
    html = '<x xmlns="http://www.w3.org/1999/xhtml"><img src="x" onerror="alert(2)"/></x>'
    run = read_folder(make_run({"a.svg": f'<svg {SVG} xml:base="http://evil.example/">{inside}{html}</svg>'}))
    assert clean_svg(run.files[0])[0].count("<") == 1


def test_a_drawing_comes_before_the_picture_of_the_same_name(make_run: Callable[..., Path]) -> None:
    drawing = f'<svg {SVG}><path d="M0 0"/></svg>'
    run = read_folder(make_run({"a.png": PNG, "a.svg": drawing, "b.png": PNG}))
    first, second = read_pictures(run.files)
    assert (first.name, second.name) == ("a.svg", "b.png")
    assert base64.b64decode(second.data.removeprefix("data:image/png;base64,")) == PNG


def test_the_figures_of_the_package_lose_nothing_that_is_drawn(timing_run: Path) -> None:
    from xml.etree import ElementTree

    run = read_folder(timing_run)
    file = run.ending("svg")[0]

    def drawn(text: str) -> list[dict[str, str]]:
        found = ElementTree.fromstring(text).iter()
        return [each.attrib for each in found if each.tag.endswith(("}path", "}use", "}rect", "}g", "}text"))]

    assert drawn(clean_svg(file)[0]) == drawn(file.text())
    assert len(drawn(file.text())) > 50
