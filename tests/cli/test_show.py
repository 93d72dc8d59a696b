"""What `eaesim show` says of every code that a sentence, a table or a page uses."""

import ast
import re
from pathlib import Path

import pytest
from shell import call

import eaesim
from eaesim.cli.explanation import TABLES, codes, explain
from eaesim.cli.labelled import WIDTH
from eaesim.endpoints import ENDPOINTS
from eaesim.errors import QuantityError
from eaesim.evidence import load_findings
from eaesim.evidence.claims import claims, trial_rows
from eaesim.model import MECHANISMS, STATES, Parameters, load, rat_names
from eaesim.model.bibliography import bibliography, source
from eaesim.model.pharmacy import drug_names
from eaesim.protocol.trialfile import not_simulable, trial_names

PACKAGE = Path(eaesim.__file__).parent
ROOT = PACKAGE.parent
# The package may be installed; its pages stand beside the tests.
SOURCE = Path(__file__).parents[2]
CODE = re.compile(r"(?<![\w./#-])(?:[ABD][1-9]\d?|C[1-9]|H[1-9][ab]?)(?:\.[a-z]\w*)*(?![\w-])")


def unbroken(text: str) -> str:
    return "".join(text.split())


def texts() -> dict[str, str]:
    """Return all that a reader may see: strings of the package and its data, README and pages."""
    found = {}
    for path in PACKAGE.rglob("*.py"):
        strings = [
            node.value
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.Constant)
        ]
        found[str(path.relative_to(ROOT))] = "\n".join(text for text in strings if isinstance(text, str))
    pages = [
        *PACKAGE.rglob("*.toml"),
        *PACKAGE.rglob("*.jinja"),
        SOURCE / "README.md",
        *SOURCE.glob("experiments/**/*.md"),
    ]
    return found | {str(path): path.read_text("utf-8") for path in pages}


def test_every_code_that_a_text_uses_is_explained() -> None:
    used = {code: name for name, text in texts().items() for code in CODE.findall(text)}
    assert {"A1", "A3", "B4", "B15", "C7", "H1a", "A3.peak_score"} <= set(used)
    assert {code: name for code, name in used.items() if explain(code) is None} == {}


def test_every_key_parameter_endpoint_and_state_is_explained() -> None:
    names = {*bibliography(), *Parameters._fields, *ENDPOINTS, *STATES, *MECHANISMS, *TABLES, *drug_names()}
    names |= {*claims(), *trial_rows(), "S", "T", *trial_names(), *not_simulable()}
    names |= {name for one in load_findings() for name in (one.id, one.row)}
    assert set(codes()) == names
    for name in names:
        assert explain(name), name


def test_a_trial_and_its_paper_differ_by_a_capital_letter() -> None:
    trial, paper = str(explain("achiron1998")), str(explain("Achiron1998"))
    assert trial.startswith("achiron1998: ")
    assert paper.startswith("Achiron1998\n")


@pytest.mark.parametrize("change", [str.lower, str.upper, str.swapcase, lambda name: f" {name} "])
def test_capital_letters_and_blanks_do_not_matter(change) -> None:
    for name in ("A1", "A3.peak_score", "H1a", "B15", "Pashov1998", "priming_rate", "H1a+H7", "H1", "FTY720"):
        assert explain(change(name)) == explain(name)


def test_an_explanation_is_no_wider_than_it_says() -> None:
    for name in codes():
        for line in str(explain(name)).splitlines():
            assert len(line) <= WIDTH or re.fullmatch(r" *(https?://|doi:)\S+", line), line
            assert line == line.rstrip()


def test_every_finding_is_told_in_full() -> None:
    for one in load_findings():
        for name in (one.id, one.row):
            text = str(explain(name))
            flowing = " ".join(text.split())
            assert one.text in flowing
            for words in (one.setting, one.dose, one.note):
                assert words in flowing
            if one.error_kind == "not stated":
                assert "SEM or SD: not stated" in flowing
            if one.animals:
                assert str(one.animals) in flowing
            for key in one.key:
                assert unbroken(source(key).text) in unbroken(text)
                assert f"read: {source(key).read}." in flowing
            if not one.key:
                assert all(row in flowing for row in one.refers)
            assert {"calibrate": "to calibrate", "validate": "to validate", "shown": "shown with"}[
                one.use
            ] in flowing


def test_a_row_shows_all_of_its_readings() -> None:
    for one in load_findings():
        assert one.id in str(explain(one.row))


def test_a1_on_one_screen() -> None:
    text = str(explain("A1"))
    assert text.startswith("A1: clinical score, 0.6 ± 0.3 against 2.3 ± 0.4 score\n")
    assert "0.26 of the control" in text
    assert "IVIG, 1 g/kg, on day 0, at induction" in text
    assert unbroken("[not verified] [from memory: authors, journal, volume, pages]") in unbroken(text)
    assert "DOI and PMID not found" in text
    assert len(text.splitlines()) <= 40


def test_a_calibrating_row_says_how_the_fit_uses_it() -> None:
    assert "in the fit    onset day of lewis immunised" in str(explain("B1.onset_day_other_laboratory"))
    assert "left out: under supportive care" in " ".join(str(explain("B8.severity")).split())
    assert "left out" not in str(explain("A1"))
    assert "in the fit" not in str(explain("A5"))


@pytest.mark.parametrize("name", MECHANISMS)
def test_a_mechanism_has_its_strength_and_both_sides(name: str) -> None:
    flowing = " ".join(str(explain(name)).split())
    one = MECHANISMS[name]
    assert one.title in flowing
    assert one.site in flowing
    assert f"{one.potency} = {load('da').entries[one.potency].value:g}" in flowing
    for row in load_findings():
        assert (f"{row.id}: " in flowing) == (name in row.mechanism), row.id
    assert " for D" in flowing
    assert " against D" in flowing


def test_every_parameter_has_value_bounds_and_literature() -> None:
    for name in Parameters._fields:
        text = str(explain(name))
        flowing = " ".join(text.split())
        for rat in rat_names():
            entry = load(rat).entries[name]
            assert f"{entry.value:g}" in flowing
            assert f"{entry.low:g} to {entry.high:g}" in flowing
            for words in (entry.source, entry.support, entry.note):
                assert words in flowing
            assert all(unbroken(source(key).text) in unbroken(text) for key in entry.key)


def test_every_source_says_what_was_read_and_what_is_not_verified() -> None:
    for name in bibliography():
        one, text = source(name), str(explain(name))
        flowing = " ".join(text.split())
        assert unbroken(one.text) in unbroken(text)
        assert f"{one.read}; the full text was not" in flowing
        assert one.note in flowing
        assert ("not verified; from memory: " in flowing) == (not one.verified)
        assert all(finding.id in flowing for finding in load_findings() if name in finding.key)


@pytest.mark.parametrize("letter", "ABCDE")
def test_a_table_lists_its_rows(letter: str) -> None:
    text = str(explain(letter))
    assert text.startswith(f"{letter}: {TABLES[letter]}\n")
    listed = [row for row in load_findings() if row.table == letter]
    assert listed
    assert all(f"\n{row.id}" in text for row in listed)


def test_table_f_lists_the_parameters_with_literature() -> None:
    text = str(explain("F"))
    for name in Parameters._fields:
        supported = any(load(rat).entries[name].support for rat in rat_names())
        assert (re.search(rf"^{name}\b", text, re.MULTILINE) is not None) == supported


@pytest.mark.parametrize(
    "name", ["B9", "A99", "E99", "H99", "H1c", "Z1", "A3.peak", "", "H1a+A1", "H1a+", "x" * 200, "a\nb"]
)
def test_an_unknown_code_is_one_line_and_exit_2(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("show", name) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 1
    assert "is not a known name" in err


def test_an_unknown_code_names_the_closest(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("show", "Pashov1989") == 2
    assert 'did you mean "Pashov1998"?' in capsys.readouterr().err


@pytest.mark.parametrize("name", ["A1", "ivig", "H1a", "priming_rate"])
def test_latex_is_for_rats(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("show", name, "--latex") == 2
    assert "--latex is for rats" in capsys.readouterr().err


def test_show_prints_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("show", "a1") == 0
    assert capsys.readouterr().out == explain("A1")


def test_an_endpoint_with_a_window_is_explained() -> None:
    assert "cumulative score, days 12 to 42" in str(explain("cumulative_score[12:42]"))
    with pytest.raises(QuantityError, match="cannot have a window"):
        explain("demyelination_end[12:42]")


def test_a_drug_names_what_can_be_recorded_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("show", "late_acting") == 0
    assert "late_acting_plasma, late_acting_depot_ip" in " ".join(capsys.readouterr().out.split())
