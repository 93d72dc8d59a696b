from __future__ import annotations

import re

import pytest

from eaesim.errors import EaesimError, FileError, QuantityError, UnknownNameError
from eaesim.model import Parameters, load, rat_names
from eaesim.model.parameter_file import DATA, KINDS, base_entries, check_base, parameter_words

BASE = (DATA / "base.toml").read_text("utf-8")


def with_entry(name: str, old: str, new: str) -> str:
    """Return the base file with one line of one entry changed."""
    pattern = re.compile(rf"(\[{name}\]\n(?:.+\n)*?){old}\n")
    changed, count = pattern.subn(lambda match: match[1] + new, BASE)
    assert count == 1
    return changed


def test_the_base_file_is_sound() -> None:
    assert check_base(BASE, name="base.toml") == base_entries("base")


@pytest.mark.parametrize("rat", rat_names())
def test_every_parameter_says_what_it_is_and_where_it_comes_from(rat: str) -> None:
    entries = load(rat).entries
    assert tuple(entries) == tuple(base_entries("base"))
    assert set(entries) == set(Parameters._fields)
    for name, one in entries.items():
        assert one.name == name
        assert one.unit, name
        assert one.source.strip(), name
        assert one.kind in KINDS, name
        assert one.spread >= 0, name


@pytest.mark.parametrize("rat", rat_names())
def test_every_value_of_every_rat_lies_within_its_bounds(rat: str) -> None:
    loaded = load(rat)
    outside = {name for name, one in loaded.entries.items() if not one.low <= one.value <= one.high}
    # Only a part that a lean rat leaves out stands outside, at 0.
    assert outside <= set(loaded.off)
    assert all(loaded.entries[name].value == 0 for name in outside)


def test_a_fraction_keeps_bounds_within_its_range() -> None:
    words = ("fraction", "share", "bioavailability", "reach", "reads")
    fractions = {
        name: one for name, one in load("lewis").entries.items() if any(word in name for word in words)
    }
    assert len(fractions) > 5
    assert [name for name, one in fractions.items() if not 0.0 <= one.low <= one.high <= 1.0] == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('unit = ".*"', "", "no unit"),
        ('unit = ".*"', 'unit = ""\n', "no unit"),
        ('unit = ".*"', 'unit = "1/fortnigt"\n', "not a unit"),
        ('unit = ".*"', 'unit = "1/(day"\n', "cannot be read as a unit"),
        ("low = .*", "", "no low"),
        ("high = .*", "", "no high"),
        ("spread = .*", "", "no spread"),
        ("spread = .*", "spread = -0.1\n", "spread >= 0"),
        ("spread = .*", "spread = nan\n", "spread >= 0"),
        ('kind = ".*"', "", "no kind"),
        ('kind = ".*"', 'kind = "biolgy"\n', '"biolgy" is not a kind; did you mean "biology"'),
        ('source = ".*"', "", "has a value and no source"),
        ('source = ".*"', 'source = "  "\n', "has a value and no source"),
        ("low = .*", "low = 2.0\n", "low <= value <= high"),
        ("high = .*", "high = 0.001\n", "low <= value <= high"),
        ("value = .*", "value = 5.0\n", "low <= value <= high"),
        ("value = .*", "value = 0.001\n", "low <= value <= high"),
        ("value = .*", "value = nan\n", "low <= value <= high"),
        ("value = .*", "valu = 0.563\n", '"valu" is not a key of priming_rate; did you mean "value"'),
    ],
)
def test_a_bad_entry_is_refused_in_one_line(old: str, new: str, message: str) -> None:
    with pytest.raises(EaesimError) as raised:
        check_base(with_entry("priming_rate", old, new), name="base.toml")
    assert message in str(raised.value)
    assert "priming_rate" in str(raised.value) or "kind" in message
    assert "\n" not in str(raised.value)


def test_low_above_high_is_refused_without_a_value_too() -> None:
    with pytest.raises(FileError, match="treg_loss must have low <= value <= high"):
        check_base(with_entry("treg_loss", "low = .*", "low = 3.0\n"), name="base.toml")


def test_an_unknown_parameter_is_refused_with_the_closest_name() -> None:
    text = BASE.replace("[priming_rate]", "[primng_rate]")
    with pytest.raises(
        UnknownNameError, match='"primng_rate" is not a parameter; did you mean "priming_rate"'
    ):
        check_base(text, name="base.toml")


def test_a_missing_parameter_is_refused() -> None:
    text = BASE[: BASE.index("[potency_adjuvant]")]
    with pytest.raises(FileError, match=r"base\.toml lacks the parameter potency_adjuvant"):
        check_base(text, name="base.toml")


@pytest.mark.parametrize("text", ["[priming_rate", "a = 1\na = 2", "\x00"])
def test_what_is_not_toml_is_refused(text: str) -> None:
    with pytest.raises(FileError, match=r"mine\.toml is not valid TOML") as raised:
        check_base(text, name="mine.toml")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("value", "expected"), [(2, 2.0), (0.5, 0.5), ("2 1/day", 2.0), ("0.1 1/hour", 2.4), ("24 1/day", 24.0)]
)
def test_a_new_value_is_a_number_in_the_unit_or_text_with_one(value: float | str, expected: float) -> None:
    old = load("lewis").entries["priming_rate"]
    new = old.with_value(value, source="test")
    assert new.value == pytest.approx(expected)
    assert isinstance(new.value, float)
    assert (new.source, new.note, new.unit, new.low, new.high) == (
        "test",
        old.note,
        old.unit,
        old.low,
        old.high,
    )


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), True, None, [1.0], "1", "1 day", "nan 1/day", ""]
)
def test_a_new_value_that_is_no_fitting_number_is_refused(value: object) -> None:
    with pytest.raises(QuantityError, match="priming_rate"):
        load("lewis").entries["priming_rate"].with_value(value, source="test")  # type: ignore[arg-type]


def test_a_changed_strength_no_longer_reaches_what_the_old_one_did() -> None:
    from dataclasses import replace

    calibrated = replace(load("lewis").entries["potency_priming"], reached=0.26)
    assert calibrated.with_value(0.5, source="test").reached is None


def test_every_parameter_has_words_of_its_own_that_fit_into_a_figure() -> None:
    words = [parameter_words(name) for name in Parameters._fields]
    assert len(set(words)) == len(words)
    assert max(map(len, words)) <= 40
    # Abbreviations of keys are not words.
    assert [one for one in words if {"igg", "cns", "treg", "fcrn"} & set(one.split())] == []
