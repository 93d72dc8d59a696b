"""What a paper gives, in numbers."""

from __future__ import annotations

import numpy as np
import pytest

from eaesim.errors import FileError, UnknownNameError
from eaesim.evidence import Finding, finding, load_findings, published_effect
from eaesim.evidence.published import published
from eaesim.evidence.thresholds import read_thresholds

WHOLE = {
    "measure": "ratio",
    "treated": 0.6,
    "treated_error": 0.3,
    "control": 2.3,
    "control_error": 0.4,
    "error_kind": "SEM",
}


def made(**given) -> Finding:
    return Finding(id="X1", use="shown", endpoint="peak_score", key=("Jorgensen2005",), **given)


def test_published_effect_of_the_one_numeric_study():
    effect, low, high = published_effect(finding("A1"))
    # By hand: log ratio has variance (0.3/0.6)^2 + (0.4/2.3)^2 = 0.2802, so the ratio spans a factor 2.822.
    assert effect == pytest.approx(1 - 0.6 / 2.3)
    assert low == pytest.approx(0.264, abs=0.001)
    assert high == pytest.approx(0.908, abs=0.001)


@pytest.mark.parametrize(
    "change",
    [
        {"treated": 0.0},
        {"control": 0.0},
        {"treated_error": None},
        {"control_error": None},
        {"error_kind": "SD"},
        {"measure": "direction"},
    ],
)
def test_no_published_effect_without_all_it_takes(change):
    assert published_effect(made(**WHOLE)) is not None
    assert published_effect(made(**{**WHOLE, **change})) is None


def test_scales_go_there_and_back():
    for one in load_findings():
        found = published(one)
        if found is None:
            continue
        for value in (0.05, 0.4, 0.95):
            scaled = float(found.on_scale(np.array([value]))[0])
            assert found.back(scaled) == pytest.approx(value)
        assert found.spread >= 0
        assert not found.low <= found.opposite <= found.high


@pytest.mark.parametrize(("text", "error"), [("", FileError), ("[rule]\n", FileError), ("[rule", FileError)])
def test_a_broken_file_of_thresholds_is_named(tmp_path, text, error):
    path = tmp_path / "thresholds.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(error, match=r"thresholds\.toml"):
        read_thresholds(path)


def test_a_word_is_of_an_effect_or_of_the_rats_that_fall_ill(tmp_path):
    path = tmp_path / "thresholds.toml"
    rule = "[rule]\ninterval = 0.9\nagree_from = 0.9\ndisagree_to = 0.1\nleast_sets = 10\n"
    rule += "[error]\n[laboratory]\n"
    path.write_text(rule + '[words.lower]\nof = "score"\nleast = 0.3\n', encoding="utf-8")
    with pytest.raises(UnknownNameError, match="share ill"):
        read_thresholds(path)
