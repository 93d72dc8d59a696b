"""A page holds the whole run, escapes what it was given, and asks nothing of any network."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

import eaesim as ea
from eaesim.errors import FileError
from eaesim.evidence import load_findings
from eaesim.model import MECHANISMS, Parameters
from eaesim.workbench.report import page, read_folder
from eaesim.workbench.report.codes import used_codes
from eaesim.workbench.report.sources import AUTHORS, TITLE, YEAR
from eaesim.workbench.report.tables import read_table

SVG = {"svg", "g", "path", "use", "text", "tspan", "rect"}
VOID = {"meta", "link", "img", "br", "hr", "input"}
DRAWING = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 4"><path id="a" d="M0 0L8 4"/></svg>'
EVIL = ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7 * 7 }}", "</style><b>", "&lt;")
Make = Callable[..., Path]


class Reader(HTMLParser):
    """Reads a page strictly: every element is closed, in order."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"{tag} has an attribute twice"
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def text(timing_run: Path) -> str:
    return (timing_run / "report.html").read_text("utf-8")


@pytest.fixture(scope="module")
def reader(text: str) -> Reader:
    return Reader(text)


def test_it_is_whole_and_says_what_it_is(text: str, reader: Reader) -> None:
    assert text.startswith("<!DOCTYPE html>\n")
    assert reader.all("html") == [{"lang": "en"}]
    assert len(reader.all("h1")) == 1
    levels = [int(tag[1]) for tag, _ in reader.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_it_can_be_read_aloud(reader: Reader) -> None:
    assert all(one.get("scope") in ("col", "row") for one in reader.all("th"))
    (region,) = [one for one in reader.all("div") if one.get("aria-label", "").startswith("Figure 1. ")]
    assert len(region["aria-label"]) > 20
    assert len(reader.all("figcaption")) == len(reader.all("figure")) == len(reader.all("svg")) == 1


def test_every_link_within_the_page_leads_somewhere(reader: Reader) -> None:
    names = [attributes["id"] for _, attributes in reader.elements if "id" in attributes]
    assert len(names) == len(set(names))
    inside = {one["href"][1:] for one in reader.all("a") if one["href"].startswith("#")}
    assert len(inside) > 10
    assert inside <= set(names)


def test_it_asks_nothing_of_a_network(text: str, reader: Reader) -> None:
    tags = {tag for tag, _ in reader.elements}
    assert not tags & {"script", "iframe", "object", "embed", "base", "form", "audio", "video", "source"}
    for tag, attributes in reader.elements:
        for name, value in attributes.items():
            assert not name.startswith("on")
            assert name != "style" or tag in SVG
            if name in ("src", "srcset", "data", "poster") or (name == "href" and tag == "link"):
                assert value.startswith("data:")
            if name == "href" and tag == "a":
                assert value.startswith(("#", "https://doi.org/10."))
    style = text.partition("<style>")[2].partition("</style>")[0]
    assert "url(" not in style
    assert "@import" not in style
    policy = next(one for one in reader.all("meta") if "http-equiv" in one)["content"]
    assert policy == "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def test_what_the_run_holds_is_in_it(timing_run: Path, reader: Reader) -> None:
    run = read_folder(timing_run)
    assert run.sentence
    assert run.sentence.replace(" %", "\N{NO-BREAK SPACE}%") in " ".join(reader.words)
    names = {"comparison.csv", "low_end.csv", "timing.csv", "timing.png", "timing.svg"}
    assert {file.name for file in run.files} == names
    for file in run.files:
        assert file.name in reader.text
        assert file.digest in reader.text
    assert run.hash in reader.text
    assert "dosing day (days after immunisation)" in reader.text
    rows = sum(
        file.text().count("\n") for file in run.ending("csv")
    )  # heads count too: each table is parted in two
    assert len(reader.all("tr")) > rows


def test_parameters_carry_values_and_sources(reader: Reader) -> None:
    for name in Parameters._fields:
        assert name.replace("_", " ") in reader.text
    assert "assumed" in reader.text
    assert len(reader.all("math")) > 40


def test_what_is_prediction_says_so(timing_run: Path, text: str) -> None:
    table = (timing_run / "timing.csv").read_text("utf-8").splitlines()[1:]
    untested = [row for row in table if ",relapse," in row or ",-4.0," in row]
    assert 0 < len(untested) < len(table)
    marked = re.findall(r'<td>(?:relapse|immunisation) <span class="mark">prediction</span></td>', text)
    assert len(marked) == len(untested)


def test_published_findings_are_cited(timing_run: Path, reader: Reader) -> None:
    named = {row.split(",")[0] for row in (timing_run / "comparison.csv").read_text("utf-8").splitlines()}
    used = [finding for finding in load_findings() if finding.id in named]
    assert used
    for finding in used:
        assert finding.study in reader.text


def test_the_same_run_gives_the_same_bytes_in_another_process(timing_run: Path, text: str) -> None:
    code = (
        "import sys; from pathlib import Path; from eaesim.workbench.report import page, read_folder;"
        "sys.stdout.buffer.write(page(read_folder(Path(sys.argv[1]))).encode())"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "4242", "TZ": "Asia/Tokyo"}
    again = subprocess.run(
        [sys.executable, "-c", code, str(timing_run)], capture_output=True, check=True, env=environment
    )
    assert again.stdout.decode() == text


@pytest.mark.parametrize("evil", EVIL)
def test_what_comes_from_files_is_escaped(make_run: Make, evil: str) -> None:
    quoted = evil.replace('"', '""')
    study = f'[study]\nrat = "lewis"\nuntil = 20\n\n[[arm]]\nname = {evil!r}\n'
    files = {"table.csv": f'"{quoted}",b\n"{quoted}",1\n', "notes.toml": evil, "picture.svg": DRAWING}
    for settings in ({"file": evil}, {"study": study}, {"rat": evil, "mechanism": evil}):
        run = read_folder(make_run(files, sentence=evil, **settings))
        reader = Reader(page(run))
        assert reader.text.count(" ".join(evil.split())) >= 4
        assert not {"script", "b"} & {tag for tag, _ in reader.elements}
        assert len(reader.all("svg")) == 1
        assert not any(name.startswith("on") for _, given in reader.elements for name in given)


def test_a_verb_that_is_not_known_gives_a_whole_page(make_run: Make) -> None:
    rows = "".join(f"{number},{number / 7}\n" for number in range(100))
    folder = make_run({"found.csv": f"number,share\n{rows}", "found.svg": DRAWING}, rat="lewis", members=2)
    reader = Reader(page(read_folder(folder)))
    assert "Result of eaesim unheard" in reader.text
    assert "The other 88 of 100 rows" in reader.text
    assert "0.143" in reader.text
    assert "0.14285" not in reader.text
    assert len(reader.all("svg")) == 1


def test_a_verdict_stands_first(make_run: Make) -> None:
    run = read_folder(make_run({"t.csv": "finding,share,verdict\nA1,0.5,agrees\n"}))
    assert read_table(run.files[0]).columns == ("verdict", "finding", "share")
    assert [cell.text for cell in read_table(run.files[0]).rows[0]] == ["agrees", "A1", "0.5"]


def test_a_laboratorys_scores_need_no_model(make_run: Make) -> None:
    reader = Reader(page(read_folder(make_run({"tests.csv": "arm,p_value\nb,0.04\n"}, dead="score"))))
    assert "nothing was simulated" in reader.text
    assert not reader.all("math")
    assert "Solver" not in reader.text


def test_larger_tables_are_summed_up(make_run: Make, tmp_path: Path) -> None:
    import pandas as pd

    pd.DataFrame({"animal": range(7), "score": 0.5}).to_parquet(tmp_path / "scores.parquet")
    reader = Reader(
        page(read_folder(make_run({"scores.parquet": (tmp_path / "scores.parquet").read_bytes()})))
    )
    assert "scores.parquet 7 animal, score" in reader.text


@pytest.mark.parametrize(
    ("name", "content", "hint"),
    [
        ("a.csv", "", "head"),
        ("a.csv", "arm,mean\nvehicle\n", "row 2"),
        ("a.csv", 'arm,mean\n"vehicle,1\n', "table"),
        ("a.csv", b"\xff\xfe\x00", "text"),
        ("a.svg", "not a drawing", "SVG"),
        ("a.svg", "<html/>", "SVG"),
        ("a.svg", '<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg"/>', "entities"),
        ("a.png", "not a picture", "PNG"),
        ("a.parquet", "not a table", "Parquet"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused(
    make_run: Make, name: str, content: str | bytes, hint: str
) -> None:
    run = read_folder(make_run({name: content}))
    with pytest.raises(FileError, match=hint) as caught:
        page(run)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_citation_is_that_of_the_citation_file() -> None:
    text = Path(__file__).parents[3].joinpath("CITATION.cff").read_text("utf-8")
    assert f'title: "{TITLE}"' in text
    assert f'name: "{AUTHORS}"' in text
    assert f"date-released: {YEAR}-" in text
    assert f"\nversion: {ea.__version__}\n" in text


def test_the_version_is_that_of_the_project_file() -> None:
    text = Path(__file__).parents[3].joinpath("pyproject.toml").read_text("utf-8")
    assert tomllib.loads(text)["project"]["version"] == ea.__version__


def test_every_code_of_a_page_is_explained_on_it(text: str) -> None:
    section = text[text.index('id="codes"') :].partition("</section>")[0]
    explained = dict(re.findall(r"<dt>(\w+)</dt><dd>(.*?)</dd>", section))
    assert explained["H1a"] == "blocks maturation of dendritic cells"
    words = re.sub(r"<(script|style|pre)\b.*?</\1>|<[^>]*>", " ", text, flags=re.DOTALL)
    used = set(re.findall(r"(?<![\w./#-])(?:[ABCDEP]\d+[a-d]?|H\d[ab]?)(?![\w-])", words))
    known = {one.row for one in load_findings()} | set(MECHANISMS)
    assert used & known == set(explained)


def test_names_of_animals_are_no_codes() -> None:
    assert used_codes("<p>A1 and B2 fell ill under H1a.</p>", "scores") == [
        ("H1a", "blocks maturation of dendritic cells")
    ]
    assert [code for code, _ in used_codes("<td>S1</td><td>S2</td>", "sensitivity")] == []
    assert [code for code, _ in used_codes("<td>S1, T2 lesions</td>", "trial")] == ["S1"]
