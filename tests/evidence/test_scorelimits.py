"""Files that are too large, broken or hostile: one line says what is wrong, at once and in little memory."""

from __future__ import annotations

import io
import os
import re
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from eaesim.errors import EaesimError, FileError
from eaesim.evidence import read_scores
from eaesim.evidence.scorelimits import TEXT_SIZE

SHEET = "xl/worksheets/sheet1.xml"


def book(**cells: object) -> bytes:
    made = openpyxl.Workbook()
    for row in (["animal", "arm", "day 0", "day 1"], [1, "vehicle", 0, 1], [2, "drug", 0, 0]):
        made.active.append(row)
    for place, value in cells.items():
        made.active[place] = value
    content = io.BytesIO()
    made.save(content)
    return content.getvalue()


def changed(part: str, change: Callable[[bytes], bytes], content: bytes = b"") -> bytes:
    """Return a workbook with one part of its archive changed."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content or book())) as old, zipfile.ZipFile(made, "w", 8) as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name)) if name == part else old.read(name))
    return made.getvalue()


STRINGS = "xl/sharedStrings.xml"


def shared(change: Callable[[bytes], bytes] = bytes) -> bytes:
    """Return a workbook whose texts stand in a part of their own, as Excel writes them."""
    texts: list[bytes] = []

    def take(match: re.Match[bytes]) -> bytes:
        texts.append(match[1])
        return b't="s"><v>%d</v></c>' % (len(texts) - 1)

    content = changed(SHEET, lambda old: re.sub(rb't="inlineStr"><is><t>(.*?)</t></is></c>', take, old))
    kind = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    link = b'<Relationship Id="rId99" Type="%s" Target="sharedStrings.xml"/></Relationships>' % kind
    content = changed(
        "xl/_rels/workbook.xml.rels", lambda old: old.replace(b"</Relationships>", link), content
    )
    strings = b"".join(
        b"<si><r><t>%s</t></r><r><t>%s</t></r><rPh><t>no</t></rPh></si>" % (each[:1], each[1:])
        for each in texts
    )
    made = io.BytesIO(content)
    with zipfile.ZipFile(made, "a", 8) as archive:
        archive.writestr(STRINGS, change(b"<sst>" + strings + b"</sst>"))
    return made.getvalue()


def with_rows(rows: bytes) -> bytes:
    return changed(SHEET, lambda old: old.replace(b"</sheetData>", rows + b"</sheetData>"))


def merged(*areas: bytes) -> bytes:
    cells = b"".join(b'<mergeCell ref="%s"/>' % area for area in areas)
    return changed(
        SHEET,
        lambda old: old.replace(b"</sheetData>", b"</sheetData><mergeCells>" + cells + b"</mergeCells>"),
    )


def text_cell(text: bytes) -> bytes:
    return b'<row r="9"><c r="A9" t="inlineStr"><is><t>' + text + b"</t></is></c></row>"


ENTITIES = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
HEAD = b"animal,arm,day 0,day 1\n"
NO_BOOK = "not an Excel workbook that can be read"
BEYOND = "is beyond the 100,000 rows and 1,000 columns that are read"
Content = bytes | Callable[[], bytes]
# By name: content, and a part of the message.
BOOKS: dict[str, tuple[Content, str]] = {
    "a cell in the last corner": (lambda: book(XFD1048576=1), BEYOND),
    "a cell in the last row": (lambda: book(A1048576="note"), BEYOND),
    "a cell in the last column": (lambda: book(XFD1=1), BEYOND),
    "a cell just beyond": (lambda: book(ALM2=1), BEYOND),
    "a row that no sheet has": (
        lambda: with_rows(text_cell(b"x").replace(b'r="9"', b'r="99999999999"')),
        BEYOND,
    ),
    "everything merged into a heading": (
        lambda: merged(b"A1:XFD1048576"),
        "no columns of scores were recognised",
    ),
    "many merged areas": (lambda: merged(*[b"A1:XFD1048576"] * 60_000), "merged areas"),
    "areas merged over many cells": (
        lambda: changed(
            SHEET,
            lambda old: old.replace(
                b"</sheetData>",
                b"".join(b'<row r="%d"><c r="A%d"><v>1</v></c></row>' % (n, n) for n in range(10, 5_000))
                + b"</sheetData><mergeCells>"
                + b'<mergeCell ref="A1:D5000"/>' * 200
                + b"</mergeCells>",
            ),
        ),
        "merged cells cover more than",
    ),
    "a cell of 70 MB": (lambda: with_rows(text_cell(b"A" * 70_000_000)), "unpacks to more than 60 MB"),
    "a cell of 1 MB": (lambda: with_rows(text_cell(b"A" * 1_000_000)), "a cell holds 1,000,000 characters"),
    "a shared string of 70 MB": (
        lambda: shared(lambda old: old.replace(b">nimal<", b">" + b"a" * 70_000_000 + b"<")),
        "60 MB",
    ),
    "entities in entities": (lambda: changed(SHEET, lambda old: ENTITIES + old), NO_BOOK),
    "entities in the workbook": (lambda: changed("xl/workbook.xml", lambda old: ENTITIES + old), NO_BOOK),
    "a place that is none": (
        lambda: changed(SHEET, lambda old: old.replace(b'r="A2"', b'r="ABCDE12"')),
        NO_BOOK,
    ),
    "a row below zero": (
        lambda: changed(SHEET, lambda old: old.replace(b'<row r="2"', b'<row r="-5"')),
        NO_BOOK,
    ),
    "a string that is not there": (lambda: shared(lambda _: b"<sst/>"), NO_BOOK),
    "broken XML": (lambda: changed(SHEET, lambda old: old[:-30]), NO_BOOK),
    "a cut archive": (lambda: book()[:-300], NO_BOOK),
    "an archive of something else": (
        lambda: changed("[Content_Types].xml", lambda _: b"", _zip({"a.txt": b"a"})),
        NO_BOOK,
    ),
    "an empty archive": (b"PK\x05\x06" + b"\0" * 18, NO_BOOK),
    "text called xlsx": (HEAD + b"1,v,0,1\n", NO_BOOK),
    "no bytes called xlsx": (b"", NO_BOOK),
    "a sheet that is no table": (lambda: changed(SHEET, lambda _: b"<worksheet/>"), "the table is empty"),
    "a workbook without sheets": (
        lambda: changed("xl/workbook.xml", lambda _: b"<workbook/>"),
        "the table is empty",
    ),
    "formulas without values": (
        lambda: book(C2="=1+1", D2="=SUM(A1:A9)"),
        "the formulas in C2 and D2 have no stored values",
    ),
    "a formula in a heading": (lambda: book(C1="=1+1"), "the formulas in C1 have"),
    "a sheet of pictures only": (lambda: changed(SHEET, lambda _: b"<chartsheet/>"), "the table is empty"),
    "an archive in an archive": (lambda: _zip({"xl/workbook.xml": book()}), NO_BOOK),
}
TEXTS: dict[str, tuple[Content, str]] = {
    "a text of 21 MB": (b"a" * (TEXT_SIZE + 1), "at most 20 MB are read"),
    "one line of commas": (b"," * 3_000_000, "a line has more than"),
    "1,001 columns": (b",".join(b"%d" % n for n in range(1001)), BEYOND),
    "100,021 rows": (HEAD + b"1,v,0,1\n" * 100_020, BEYOND),
    "too many cells": (HEAD + (b"1," * 999 + b"1\n") * 2_100, "more than 450,000 cells"),
    "a cell of 100,000 characters": (
        HEAD + b"1," + b"v" * 100_000 + b",0,1\n",
        "a cell holds 100,000 characters",
    ),
    "a quote that never ends": (HEAD + b'1,"v,0,1\n' + b"2,v,0,1\n" * 30_000, "cannot be read"),
    "bytes": (bytes(range(256)) * 20, "not a text file"),
    "zeros": (b"\0" * 5_000, "not a text file"),
    "half of UTF-16": (b"\xff\xfea", "not a text file"),
    "a separator that is none": (b'sep="\n' + HEAD, "no columns of scores"),
    "blank lines": (b"\n" * 200_000, "the table is empty"),
    "headings only": (HEAD, "no animal with a score"),
    "a day of nine digits": (b"animal,arm,day 123456789\n1,v,1\n", "no columns of scores"),
    "a day of a year": (b"animal,arm,day 2031\n1,v,1\n", "days from -1100 to 1100 are read"),
    "a date that is none": (b"animal,arm,2031-02-31,day 0\n1,v,1,0\n2,w,1,0\n", "say --control"),
    "a score of 400 digits": (HEAD + b"1,vehicle,0," + b"9" * 400 + b"\n", "is above 5"),
    "a score of infinity": (HEAD + b"1,vehicle,inf,inf\n" * 2, "twice"),
    "many words": (
        HEAD + b"".join(b"%d,v,limp%d,weak%d\n" % (n, n, n) for n in range(3_000)),
        "cells are not scores",
    ),
    "many arms": (
        HEAD + b"".join(b"%d,arm%d,0,1\n" % (n, n) for n in range(3_000)),
        "at most 1,000 are read",
    ),
    "one animal many times": (HEAD + b"1,v,0,1\n" * 3_000, "has day 0 twice, in rows 2 and 3"),
}
BAD: dict[str, tuple[str, Content, str]] = {
    **{name: ("a.xlsx", *found) for name, found in BOOKS.items()},
    **{name: ("a.csv", *found) for name, found in TEXTS.items()},
    "tabs": ("a.tsv", b"\t\t\n" * 100_000, "the table is empty"),
    "a suffix of something else": ("a.ods", HEAD, '".ods" files are not read'),
    "no suffix": ("scores", HEAD, "files are not read"),
}


def _zip(parts: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", 8) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return made.getvalue()


def refused(path: Path) -> str:
    """Return the message, which is one line without control characters."""
    with pytest.raises(EaesimError) as caught:
        read_scores(path)
    message = str(caught.value)
    assert message.startswith(str(path))
    assert message.isprintable()
    return message.removeprefix(str(path))


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_in_one_line(name: str, tmp_path: Path) -> None:
    file, content, part = BAD[name]
    (tmp_path / file).write_bytes(content if isinstance(content, bytes) else content())
    assert part in refused(tmp_path / file)


def test_there_are_fifty_bad_files() -> None:
    assert len(BAD) >= 50


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/full", "/dev/null"])
def test_a_device_is_no_file(device: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").symlink_to(device)
    assert "a device or a pipe" in refused(tmp_path / "a.csv")


def test_a_pipe_and_a_loop_of_links_are_no_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.csv")
    assert "a device or a pipe" in refused(tmp_path / "a.csv")
    (tmp_path / "b.csv").symlink_to(tmp_path / "b.csv")
    assert "cannot be read" in refused(tmp_path / "b.csv")


def test_a_name_that_no_file_can_have(tmp_path: Path) -> None:
    for name in ("a\0b.csv", "a" * 300 + ".csv"):
        with pytest.raises(FileError, match="cannot be read"):
            read_scores(tmp_path / name)


@pytest.mark.parametrize("areas", [(b"A5:XFD1048576",), (b"E1:XFD1048576", b"A4:D1048576")])
def test_blank_areas_merged_over_the_whole_sheet_do_no_harm(areas: tuple[bytes, ...], tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(merged(*areas))
    assert read_scores(tmp_path / "a.xlsx").scores("drug").tolist() == [[0, 0]]


def test_a_sheet_that_says_it_is_large_is_read(tmp_path: Path) -> None:
    content = changed(SHEET, lambda old: old.replace(b'ref="A1:D3"', b'ref="A1:XFD1048576"'))
    (tmp_path / "a.xlsx").write_bytes(content)
    assert b"XFD1048576" in zipfile.ZipFile(tmp_path / "a.xlsx").read(SHEET)
    assert read_scores(tmp_path / "a.xlsx").scores("drug").tolist() == [[0, 0]]


def test_formats_beyond_the_limit_are_no_cells(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(with_rows(b'<row r="1048576"><c r="XFD1048576" s="0"/></row>'))
    assert read_scores(tmp_path / "a.xlsx").scores("drug").tolist() == [[0, 0]]


def test_empty_strings_of_formulas_are_stored_values(tmp_path: Path) -> None:
    cells = b'<c r="A4"><v>3</v></c><c r="B4" t="str"><f>X</f><v>drug</v></c><c r="C4"><f>1</f><v>2</v></c>'
    blank = b'<c r="D4" t="str"><f>1</f><v></v></c>'
    (tmp_path / "a.xlsx").write_bytes(with_rows(b'<row r="4">' + cells + blank + b"</row>"))
    assert read_scores(tmp_path / "a.xlsx").scores("drug")[1, 0] == 2


HOSTILE = (
    "\x1b[31mIVIG",
    "a\x07b",
    "\x9b2~",
    "x\u202ey",
    "\x1b]0;title\x07",
    "a\x7f",
    "b\u2066c",
    "d\ufffee",
    "e\U000e0001f",
)


@pytest.mark.parametrize("name", HOSTILE)
def test_no_control_character_of_a_table_reaches_a_name_or_a_note(name: str, tmp_path: Path) -> None:
    rows = f"rat,{name},group,d 0,d 1\n{name},q,vehicle,0,1\n2,q,{name},0,{name}\n3,q,{name},0,1\n"
    (tmp_path / "a.csv").write_text(rows, encoding="utf-8")
    scores = read_scores(tmp_path / "a.csv")
    texts = [*scores.arms, *scores.animals("vehicle"), *scores.notes]
    assert all(text.isprintable() for text in texts)
    assert "?" in scores.arms[1]
    assert any("control characters are shown as ?" in note for note in scores.notes)


def test_texts_in_a_part_of_their_own_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(shared())
    scores = read_scores(tmp_path / "a.xlsx")
    assert scores.arms == ("vehicle", "drug")
    assert scores.scores("vehicle").tolist() == [[0, 1]]
    assert scores.notes == ()


def test_escaped_control_characters_of_excel(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(
        changed(SHEET, lambda old: old.replace(b">drug<", b">_x001B_[31mIVIG<"))
    )
    scores = read_scores(tmp_path / "a.xlsx")
    assert scores.arms == ("vehicle", "?[31mIVIG")


@pytest.mark.parametrize("separator", ["\u2028", "\x85", "\x0b", "\x1c"])
def test_strange_line_ends_in_a_message_are_on_one_line(separator: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f'rat,group,d0\n1,vehicle,"9{separator}9"\n2,b,9\n', encoding="utf-8")
    assert "above 5" in refused(tmp_path / "a.csv")


@pytest.mark.slow
def test_a_hundred_thousand_rows_are_read_in_little_memory(tmp_path: Path) -> None:
    lines = [f"{n // 20},{'vehicle' if n < 50_000 else 'drug'},{n % 20},0.5\n" for n in range(100_000)]
    (tmp_path / "a.csv").write_text("animal,arm,day,score\n" + "".join(lines), encoding="utf-8")
    tracemalloc.start()
    try:
        scores = read_scores(tmp_path / "a.csv")
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(scores.animals("vehicle")) == len(scores.animals("drug")) == 2_500
    assert (scores.score == 0.5).all()
    assert most < 100e6, most


def test_three_hundred_arms_of_three_animals(tmp_path: Path) -> None:
    lines = [f"{n},arm{n // 3},{','.join(['1'] * 30)}\n" for n in range(900)]
    head = "animal,arm," + ",".join(f"day {n}" for n in range(30)) + "\n"
    (tmp_path / "a.csv").write_text(head + "".join(lines), encoding="utf-8")
    scores = read_scores(tmp_path / "a.csv", control="arm7")
    assert len(scores.arms) == 300
    assert all(scores.scores(arm).shape == (3, 30) for arm in scores.arms)
