"""The documentation as it was built: entries, links, tutorials, nothing asked of a network, readable by all.

`sphinx-build -W -n -b html docs build/docs` builds it; without that folder these tests are skipped. Those in
a browser need Chromium; the rules of axe-core are tried where EAESIM_AXE names its file (axe.min.js).
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import zlib
from collections.abc import Iterator
from functools import cache
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import click
import pytest
from pages.keys import schema_of

import eaesim
from eaesim.cli.main import group
from eaesim.workbench.schema import study_schema

ROOT = Path(__file__).parents[2]
SITE = Path(os.environ.get("EAESIM_SITE", ROOT / "build" / "docs"))
AXE = os.environ.get("EAESIM_AXE", "")
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(not (SITE / "objects.inv").is_file(), reason=f"no documentation in {SITE}")
in_browser = pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine")

TUTORIALS = ("first_timing", "own_regimen", "my_spreadsheet", "how_many", "own_rat")
PAGES = (
    *("index.html", "start/command.html", "tutorials/first_timing.html", "tutorials/my_spreadsheet.html"),
    *(
        "experiments/index.html",
        "experiments/00_timing.html",
        "model/equations.html",
        "model/parameters.html",
    ),
    *("evidence/a.html", "reference/verbs/schedule.html", "reference/python/questions.html", "glossary.html"),
    "reference/keys/trial_file.html",
)
# Attributes that make a browser ask for something at once.
ASKING = {"img": "src", "script": "src", "iframe": "src", "source": "src", "embed": "src", "object": "data"}


class Page(HTMLParser):
    """What a page links to, asks for and can be reached in."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links, self.asks, self.ids, self.texts = list[str](), list[str](), set[str](), list[str]()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.ids |= {given[name] for name in ("id", "name") if name in given}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag in ASKING and ASKING[tag] in given:
            self.asks.append(given[ASKING[tag]])
        if tag == "link" and given.get("rel") not in (
            "next",
            "prev",
            "search",
            "index",
            "author",
            "canonical",
        ):
            self.asks.append(given.get("href", ""))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@cache
def page(path: Path) -> Page:
    return Page(path.read_text("utf-8"))


@cache
def every_page() -> list[Path]:
    return sorted(
        path for path in SITE.rglob("*.html") if "_static" not in path.parts and "live" not in path.parts
    )


def inventory() -> Iterator[tuple[str, str]]:
    """Return every entry: its role and its name."""
    head, _, packed = (SITE / "objects.inv").read_bytes().partition(b"zlib.\n")
    assert head.startswith(b"# Sphinx inventory version 2")
    for line in zlib.decompress(packed).decode("utf-8").splitlines():
        if found := re.match(r"(.+?)\s+(\S+:\S+)\s+(-?\d+)\s", line):
            yield found[2], found[1]


def entries(role: str) -> set[str]:
    return {name for each, name in inventory() if each == role}


def test_every_public_name_has_an_entry() -> None:
    known = entries("py:class") | entries("py:function") | entries("py:exception")
    assert {f"eaesim.{name}" for name in eaesim.__all__} - known == set()


def test_every_verb_and_option_has_an_entry(capsys: pytest.CaptureFixture[str]) -> None:
    # Read from the help that a user sees, not from what made the pages.
    verbs = group.list_commands(click.Context(group))
    assert len(verbs) > 18
    missing = []
    for verb in verbs:
        assert (SITE / "reference" / "verbs" / f"{verb}.html").is_file()
        with click.Context(group) as context:
            command = group.get_command(context, verb)
            assert command is not None
            text = command.get_help(click.Context(command, info_name=verb))
        options = set(re.findall(r"^\s{2,4}(?:-\w, )?(--[a-z][\w-]*)", text, re.MULTILINE)) - {"--help"}
        missing += [one for one in options if f"eaesim-{verb}.{one}" not in entries("std:cmdoption")]
    assert missing == []


def test_every_key_of_a_file_has_an_entry() -> None:
    def keys(node: object, path: str) -> set[str]:
        found = set()
        if isinstance(node, list):
            return {one for each in node for one in keys(each, path)}
        for key, value in node.items() if isinstance(node, dict) else ():
            if key == "properties":
                own = {name: one for name, one in value.items() if not one.get("deprecated")}
                found |= {f"{path}.{name}" for name in own}
                found |= {each for name, one in own.items() for each in keys(one, f"{path}.{name}")}
            elif key == "additionalProperties" and isinstance(value, dict):
                found |= {f"{path}.NAME"} | keys(value, f"{path}.NAME")
            elif key in ("items", "oneOf"):
                found |= keys(value, path)
        return found

    others = {f"{name}_file": schema_of(name) for name in ("drug", "trial", "rat", "patient", "kinetics")}
    for name, schema in (study_schema()["properties"] | others).items():
        assert keys(schema, name)
        assert keys(schema, name) - entries("std:confval") == set()


@pytest.mark.parametrize("name", TUTORIALS)
def test_a_tutorial_was_executed(name: str) -> None:
    text = (SITE / "tutorials" / f"{name}.html").read_text("utf-8")
    source = (ROOT / "docs" / "tutorials" / f"{name}.md").read_text("utf-8")
    shown = len(re.findall(r"```\{code-cell\} python\n(?!:tags: \[remove-cell\])", source))
    assert len(re.findall(r'<div class="cell (?:tag_\S+ )?docutils container"', text)) == shown
    drawn = re.findall(r'<img alt="([^"]*)"', text)
    assert len(drawn) == len(re.findall(r"^(?:ea\.plot|Image)\(", source, re.MULTILINE))
    assert all(len(one) > 40 for one in drawn)
    assert text.count("cell_output") >= shown // 2
    assert "Traceback (most recent call last)" not in text
    assert "Warning" not in text
    assert "site-packages" not in text


def test_every_experiment_is_there_with_its_figure() -> None:
    for folder in sorted((ROOT / "experiments").glob("*/study.toml")):
        name = folder.parent.name
        own = page(SITE / "experiments" / f"{name}.html")
        assert any(f"{name}" in one for one in own.asks)


def test_nothing_is_asked_of_a_network() -> None:
    asked = {
        f"{path.relative_to(SITE)}: {one}"
        for path in every_page()
        for one in page(path).asks
        if urlsplit(one).netloc or one.startswith("//")
    }
    assert asked == set()
    for style in SITE.rglob("*.css"):
        text = style.read_text("utf-8", "replace")
        assert not re.search(r"(?:url\(|@import)\s*[\"']?(?:https?:)?//", text), style


def test_every_inner_link_leads_somewhere() -> None:
    broken = []
    for path in every_page():
        for link in page(path).links:
            parts = urlsplit(unescape(link))
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            anchor = unquote(parts.fragment)
            if not target.is_file():
                broken.append(f"{path.relative_to(SITE)}: {link}")
            elif anchor and target.suffix == ".html" and anchor not in page(target).ids:
                broken.append(f"{path.relative_to(SITE)}: {link} has no such anchor")
    assert broken == []


def test_a_code_in_a_sentence_is_a_link_with_what_it_is() -> None:
    text = (SITE / "index.html").read_text("utf-8")
    assert re.search(r'<a class="code[^>]*href="model/mechanisms.html#code-h1a"[^>]*title="IVIG blocks', text)
    text = (SITE / "experiments" / "00_timing.html").read_text("utf-8")
    assert re.search(r'href="../evidence/a.html#code-a4"', text)


class Sentences(HTMLParser):
    """The texts of a page that are no links, headings, code blocks or drawings."""

    OWN = frozenset(
        [
            "a", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "script", "style", "title", "svg", "dt", "nav",
            "math",
        ]
    )  # fmt: skip
    EMPTY = frozenset(["br", "img", "hr", "input", "meta", "link", "source", "wbr", "col"])

    def __init__(self, text: str) -> None:
        super().__init__()
        self.within, self.texts = list[str](), list[str]()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.EMPTY:
            self.within.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self.within and self.within.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not self.OWN.intersection(self.within):
            self.texts.append(" ".join(data.split()))


def test_every_code_in_any_sentence_can_be_looked_up_where_it_stands() -> None:
    code = re.compile(r"(?<![\w./#-])[A-Z][1-9]\d?[a-d]?(?![\w-])(?! lesion)")
    # Examples of what a reader adds, and indices of Sobol.
    others = {"develop/adding.html": {"A10", "H8", "M1"}, "reference/files/sensitivity.html": {"S1"}}
    # What stands in the place of a name in a file, or in the call of an interface.
    others |= {"reference/keys/drug_file.html": {"M1"}, "reference/verbs/sensitivity.html": {"S1"}}
    found = {
        f"{name}: {one} in {text[:80]}"
        for path in every_page()
        for text in Sentences(path.read_text("utf-8")).texts
        for one in code.findall(text)
        if one not in others.get(name := path.relative_to(SITE).as_posix(), set())
    }
    assert found == set()


def test_the_live_page_opens_from_the_built_folder() -> None:
    start = page(SITE / "start" / "live.html")
    if "live" not in eaesim.__all__:
        assert any("not part of this version" in text for text in start.texts)
        return
    (link,) = {one for one in start.links if one.endswith("eaesim-live.html")}
    assert (SITE / "start" / link).resolve().stat().st_size > 500_000


# A page in a frame as wide as is asked for: a headless window may be no narrower than 500 pixels.
FRAME = """<!DOCTYPE html><html lang="en"><body style="margin:0"><iframe src="{address}" title="page"
style="width:{width}px;height:900px;border:0"></iframe>
<script>onmessage = event => {{ document.title = "found " + event.data; }};</script></body></html>"""
AFTER = """<script>{axe}</script><script>
addEventListener("load", () => setTimeout(async () => {{
  const root = document.documentElement;
  const found = window.axe ? (await axe.run(document, {{preload: false}})).violations : [];
  parent.postMessage(encodeURIComponent(JSON.stringify({{
    wide: root.scrollWidth - root.clientWidth,
    violations: found.map(one => one.id + ": " + one.nodes[0].html.slice(0, 120)),
  }})), "*");
}}, 500));
</script></body>"""


@in_browser
@pytest.mark.slow
@pytest.mark.parametrize("width", [400, 1300])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_can_be_read_by_everybody(name: str, width: int, tmp_path: Path) -> None:
    address = SITE / name
    copy, frame = address.with_name(f"{address.stem}.tried.html"), tmp_path / "frame.html"
    axe = Path(AXE).read_text("utf-8") if AXE else ""
    try:
        text = address.read_text("utf-8")
        copy.write_text(text.replace("</body>", AFTER.format(axe=axe)), encoding="utf-8")
        frame.write_text(FRAME.format(address=copy.as_uri(), width=width), encoding="utf-8")
        run = subprocess.run(
            [
                *(BROWSER or "", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"),
                *("--allow-file-access-from-files", "--host-resolver-rules=MAP * ~NOTFOUND"),
                *(
                    "--disable-background-networking",
                    "--virtual-time-budget=20000",
                    "--window-size=1500,1000",
                ),
                *(f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", frame.as_uri()),
            ],
            capture_output=True,
            timeout=170,
            check=True,
        )
    finally:
        copy.unlink(missing_ok=True)
    found = re.search(r"<title>found (.*?)</title>", run.stdout.decode("utf-8"))
    assert found, run.stdout[:300]
    measured = json.loads(unquote(found[1]))
    assert measured["wide"] <= 0
    assert measured["violations"] == []
