from __future__ import annotations

import re
from dataclasses import replace

import pytest

from eaesim.model import MECHANISMS, STATES, Parameters, Rat, load, rat_names
from eaesim.model.card import WIDTH, card, latex_card


def flowing(text: str) -> str:
    """Return text without its line breaks and columns."""
    return " ".join(text.split())


def unbroken(text: str) -> str:
    """Return text without blanks: long addresses are broken over lines."""
    return "".join(text.split())


def row(text: str, name: str) -> str:
    """Return the line of a table that is about `name`."""
    (line,) = [line for line in text.splitlines() if re.match(rf"[* ] {name} ", line)]
    return line


@pytest.fixture(params=rat_names())
def rat(request: pytest.FixtureRequest) -> Rat:
    return load(request.param)


def test_a_printed_rat_is_its_card(rat: Rat) -> None:
    assert str(rat) == card(rat)


def test_a_card_is_no_wider_than_it_says(rat: Rat) -> None:
    assert max(map(len, card(rat).splitlines())) <= WIDTH


def test_no_line_ends_in_blanks(rat: Rat) -> None:
    assert all(line == line.rstrip() for line in card(rat).splitlines())


def test_a_card_starts_with_what_the_rat_is(rat: Rat) -> None:
    text = card(rat)
    assert text.startswith(rat.title)
    assert rat.source in flowing(text)
    assert f"strain {rat.strain}" in flowing(text)


def test_a_card_says_what_is_prediction(rat: Rat) -> None:
    text = flowing(card(rat))
    assert (
        "Relapse prevented by dosing at its induction is a prediction: no experiment found has tested it"
        in text
    )
    assert "No treatment term contains time" in text


def test_a_card_holds_every_state_with_its_unit(rat: Rat) -> None:
    lines = card(rat).splitlines()
    for name, state in STATES.items():
        (line,) = [line for line in lines if line.startswith(f"{name} ")]
        assert line.split()[1] == state.unit
        assert line.endswith(state.title)


def test_a_card_holds_every_parameter_with_value_unit_and_source(rat: Rat) -> None:
    text = card(rat)
    sources = dict(re.findall(r"^\[(\d+)\] +((?:.+)(?:\n {6}.+)*)", text, flags=re.MULTILINE))
    for name in Parameters._fields:
        one = rat.entries[name]
        _, value, unit, bounds, spread, source = row(text, name)[2:].split()
        low, high = bounds.split("..")
        assert (float(value), float(low), float(high)) == pytest.approx(
            (one.value, one.low, one.high), rel=5e-4
        )
        assert (unit, float(spread)) == (one.unit, one.spread)
        assert unbroken(sources[source.strip("[]")]) == unbroken(one.basis)
        assert one.note in flowing(text)


def test_a_card_marks_what_is_set_apart_from_the_base(rat: Rat) -> None:
    text = card(rat)
    assert {name for name in Parameters._fields if row(text, name)[0] == "*"} == set(rat.differences)


def test_parameters_stand_under_their_kind() -> None:
    text = card(load("lewis"))
    drug = text.index("Parameters: drug")
    assert (
        text.index("* treg_loss ") < drug < text.index("  igg_uptake ") < text.index("Parameters: protocol")
    )


@pytest.mark.parametrize("name", MECHANISMS)
@pytest.mark.parametrize(
    ("reached", "told"),
    [
        (None, "not calibrated yet"),
        (0.26, "0.26"),
        (0.3, "0.30"),
        (0.61, "cannot reach 0.26 within its bounds: reaches 0.61"),
    ],
)
def test_a_card_tells_the_ratio_that_each_mechanism_reaches(
    name: str, reached: float | None, told: str
) -> None:
    rat, potency = load("lewis"), MECHANISMS[name].potency
    # Only this one is told apart: every other one says "not calibrated yet".
    entries = {one: replace(entry, reached=None) for one, entry in rat.entries.items()}
    entries[potency] = replace(entries[potency], reached=reached)
    text = card(replace(rat, entries=entries))
    table = text[text.index("id   what IVIG does") : text.index("Parameters: biology")]
    rows = re.split(r"\n(?=H\d)", table)[1:]
    (mine,) = [one for one in rows if one.startswith(f"{name} ")]
    assert MECHANISMS[name].title in mine
    assert potency in mine
    assert all(word in flowing(mine) for word in told.split())
    assert flowing(mine).endswith(told.split()[-1])
    assert ("cannot" in mine) == told.startswith("cannot")
    assert table.count("not calibrated yet") == len(MECHANISMS) - (reached is not None)


def test_a_card_shows_what_the_user_changed() -> None:
    text = card(load("lewis").replace(ic50_priming=0.5, igg_volume_plasma="35 mL/kg"))
    assert row(text, "igg_volume_plasma").split()[:3] == ["*", "igg_volume_plasma", "35"]
    assert "H1b at 0.5 mg/mL" in text
    assert "set by the user" in text


def test_a_mechanism_that_is_off_needs_no_concentration() -> None:
    assert "H1a is off" in card(load("lewis").replace(potency_maturation=0))


def test_large_and_small_numbers_are_readable() -> None:
    text = card(load("lewis").replace(transferred_cells=149_000, treg_cns_entry_rate=0.0002))
    assert row(text, "transferred_cells").split()[2] == "149000"
    assert row(text, "treg_cns_entry_rate").split()[2] == "0.0002"


def test_a_card_owns_up_to_changes_and_weak_points() -> None:
    text = card(load("lewis"))
    said = flowing(text[text.index("Changes from the original") :])
    words = (
        "algebraic loop", "monocyte_blood_share", "cns_reads_plasma", "germinal_centre_rate",
        "effector_blood_loss", "IVIG does not bind", "lesion_priming_reach",
        "from 1 mg/mL on (finding C7), with no threshold", "A dose a week before immunisation",
        "H7 cannot reach", "da_antibody", "barrier_opening", "not estimates", "from the shipped ensembles",
    )  # fmt: skip
    assert [each for each in words if each not in said] == []


def test_a_card_says_how_far_its_fit_is_to_be_trusted(rat: Rat) -> None:
    text = card(rat)
    seen = flowing(text[text.index("Data used in the fit") : text.index("The rule")])
    assert "R-hat is at most 1.011" in seen
    assert "has not been run from its start to its end" in seen


def test_latex_balances_its_braces(rat: Rat) -> None:
    text = re.sub(r"\\[{}]", "", latex_card(rat))
    assert text.count("{") == text.count("}")
    assert re.findall(r"\\begin\{(\w+\*?)\}", text) == re.findall(r"\\end\{(\w+\*?)\}", text)


def test_latex_holds_every_parameter_and_source(rat: Rat) -> None:
    text = latex_card(rat)
    plain = text.replace("\\_", "_").replace("\\%", "%")
    for name, one in rat.entries.items():
        assert f"\n{name} & " in plain
        assert one.basis in plain


def test_latex_escapes_what_a_user_may_write() -> None:
    rat = replace(load("lewis"), title=r"50 % of #1 & $2_{x}^y ~\z")
    title = latex_card(rat).splitlines()[0]
    assert title == (
        r"\section*{50 \% of \#1 \& \$2\_\{x\}\textasciicircum{}y \textasciitilde{}\textbackslash{}z}"
    )
