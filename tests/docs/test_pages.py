"""Pages that are made from the package: complete, and every code of a page has one place."""

from __future__ import annotations

import doctest
import importlib
import re
from collections import Counter
from pathlib import Path

import pytest
from pages import experiments, verdicts
from pages.keys import walk
from pages.markdown import plain, table
from pages.places import IN_TEXT, anchor, places
from pages.site import FOLDERS, made_pages

from eaesim.evidence import load_findings
from eaesim.model import STATES, Parameters, load
from eaesim.model.bibliography import bibliography
from eaesim.workbench.schema import study_schema

DOCS = Path(__file__).parents[2] / "docs"
#: Those that need Sphinx are tested by the build.
WITH_SPHINX = ("links", "docstrings")
MODULES = sorted(
    path.stem for path in (DOCS / "pages").glob("*.py") if path.stem not in (*WITH_SPHINX, "__init__")
)


def anchors() -> Counter[tuple[str, str]]:
    """Return every anchor that the pages set, with its page."""
    found: Counter[tuple[str, str]] = Counter()
    for path, text in made_pages().items():
        page = path.removesuffix(".md")
        found.update(
            (page, one)
            for one in re.findall(r"^\((code-[\w-]+)\)=$|\{#(code-[\w-]+)\}", text, re.M)
            for one in one
            if one
        )
    return found


def test_every_code_has_exactly_one_place() -> None:
    set_anchors = anchors()
    wanted = {(one.page, one.anchor) for one in places().values()}
    assert wanted - set(set_anchors) == set()
    assert {place for place, number in set_anchors.items() if number > 1} == set()


def test_anchors_of_codes_differ() -> None:
    found = [one.anchor for code, one in places().items() if code != "H1"]  # which means H1a and H1b
    assert len(set(found)) == len(found)


def test_codes_are_found_in_running_text_and_nothing_else_is() -> None:
    text = (
        "H1a, H1, A1, A3.peak_score, B15, E13b, S2 and T10 agree (Pashov1998); "
        "T2 lesions, B cells, A_1, CD4 and 3A do not."
    )
    found = [code for code in IN_TEXT.findall(text) if code in places()]
    assert found == ["H1a", "H1", "A1", "A3.peak_score", "B15", "E13b", "S2", "T10", "Pashov1998"]


def test_every_finding_and_source_is_told_in_full() -> None:
    for one in load_findings():
        text = " ".join(made_pages()[f"evidence/{one.table.casefold()}.md"].split())
        assert " ".join(plain(one.setting).split()) in text
        assert " ".join(plain(one.note).split()) in text
    sources = made_pages()["evidence/sources.md"]
    assert all(f"({anchor(key)})=" in sources for key in bibliography())


def test_every_parameter_has_its_values_and_source() -> None:
    text = made_pages()["model/parameters.md"]
    for name in Parameters._fields:
        assert f"{{#{anchor(name)}}}" in text
    rows, sources = text.split("## Sources of the values")
    cells = [re.split(r"\n  -(?: |(?=\n|$))", one) for one in rows.split("\n* - ")[1:] if "{#code-" in one]
    assert len(cells) == len(Parameters._fields)
    last = {one: row[6].partition("\n")[0] for row in cells for one in re.findall(r"#(code-[\w-]+)", row[0])}
    known = re.findall(r"^(\d+)\. ", sources, re.MULTILINE)
    assert {number for text in last.values() for number in re.findall(r"\d+", text)} == set(known)
    assert load("lewis").entries["treg_capacity"].source.startswith("assumed")
    assert last[anchor("treg_capacity")].endswith(", assumed")


def test_every_state_has_its_equation() -> None:
    text = made_pages()["model/equations.md"]
    assert all(f": `{name}`" in text for name in STATES)
    assert text.count("<math") == text.count("</math>") >= len(STATES)


def test_every_experiment_has_its_figure_its_file_and_a_card() -> None:
    folders = sorted(path.parent.name for path in experiments.EXPERIMENTS.glob("*/study.toml"))
    assert experiments.names() == folders
    gallery = made_pages()["experiments/index.md"]
    for name in folders:
        text = made_pages()[f"experiments/{name}.md"]
        (figure,) = re.findall(r"\{figure\} (\S+)", text)
        assert (DOCS / "experiments" / figure).resolve().is_file()
        assert f"experiments/{name}/study.toml" in text
        assert f":link: {name}\n" in gallery
        assert re.search(r":alt: .{40}", text)


def test_codes_of_a_figure_are_listed_below_it() -> None:
    assert experiments.figure_codes("00_timing") == "Codes in this figure: A1, A3, A4, A5, A8, H1a."
    for name in experiments.names():
        drawing = (experiments.FIGURES / f"{name}.svg").read_text(encoding="utf-8")
        below = experiments.figure_codes(name)
        for code in re.findall(r">[^<]*?(?<![\w.-])([ABCDEPST]\d+|H\d[ab]?)\b[^<]*?</text>", drawing):
            assert code in below or code not in places()


def test_verdicts_are_those_of_the_experiment() -> None:
    assert verdicts.verdict_of("A1") == "inconclusive"
    assert verdicts.verdict_of("A5") == "agrees"
    assert verdicts.verdict_of("E14") == "disagrees"
    assert "predictive interval" in verdicts.verdict_of("A1", is_long=True)
    assert verdicts.verdict_of("C1") == ""
    known = {one.row for one in load_findings()}
    assert all(verdicts.verdict_of(row) == "" or row in known for row in known)


def test_keys_are_those_of_the_schema() -> None:
    def named(node: object, path: str) -> set[str]:
        """Return every key below a node by walking all of it, whatever it means."""
        if isinstance(node, list):
            return {one for each in node for one in named(each, path)}
        if not isinstance(node, dict):
            return set()
        found = set()
        for key, value in node.items():
            if key == "properties":
                for name, one in value.items():
                    if not one.get("deprecated"):
                        found |= {f"{path}.{name}"} | named(one, f"{path}.{name}")
            elif key == "additionalProperties" and isinstance(value, dict):
                found |= {f"{path}.NAME"}
            elif key in ("items", "oneOf"):
                found |= named(value, path)
        return found

    for name, schema in study_schema()["properties"].items():
        shown = [path for path, _ in walk(name, schema)]
        assert set(shown) == named(schema, name)
        assert len(shown) == len(set(shown))
        text = made_pages()[f"reference/keys/{name}.md"]
        assert all(f"{{confval}} {path}\n" in text for path in shown)


def test_markup_in_a_text_of_the_package_is_shown_as_it_is() -> None:
    hostile = "[x](y) `z` *a* _b_ <script> {c} $d$ | # ~"
    assert re.sub(r"\\(.)", r"\1", plain(hostile)) == hostile
    assert "<script>" not in plain(hostile).replace("\\<", "")
    assert table(["a"], [["1\n\n2"]]).splitlines()[-4:-1] == ["* - 1", "", "    2"]


def test_pages_made_from_the_package_are_not_kept_in_the_source() -> None:
    ignored = (DOCS.parent / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert {f"docs/{name}/" for name in FOLDERS} <= set(ignored)


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_a_module_run(name: str) -> None:
    failed, _ = doctest.testmod(importlib.import_module(f"pages.{name}"))
    assert failed == 0


def test_no_page_is_empty_or_says_python() -> None:
    for path, text in made_pages().items():
        assert text.startswith(("# ", "---\n")), path
        assert len(text) > 60, path
        words = re.sub(r"```.*?```|`[^`]*`", "", text, flags=re.DOTALL)
        assert not re.findall(r"\bNone[,)]|\bnan\b|object at 0x", words), path
