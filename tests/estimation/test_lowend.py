"""What the low end of the effect rests on: the posterior under other readings of two findings."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from eaesim.errors import ProtocolError
from eaesim.estimation.ensembles import read_ensembles
from eaesim.estimation.lowend import RATS, low_end
from eaesim.evidence import finding
from eaesim.study.ensemble import Ensemble


def normal_ensembles() -> dict[str, Ensemble]:
    """Return ensembles with an even weight, and the same effects in both strains."""
    found = {}
    for strain, ensemble in read_ensembles().items():
        effect = np.linspace(-0.05, 0.99, len(ensemble))
        likelihood = np.ones(len(ensemble))
        found[strain] = replace(ensemble, effect={"H1a": effect}, likelihood={"H1a": likelihood})
    return found


def test_as_fitted_it_is_the_ensembles_own_mean_and_range() -> None:
    first = low_end("H1a", normal_ensembles(), strain="lewis").table.iloc[0]
    assert first["effect"] == pytest.approx(0.47, abs=1e-9)
    assert first["low"] == pytest.approx(-0.05 + 0.025 * 1.04, abs=0.004)
    assert first["high"] == pytest.approx(-0.05 + 0.975 * 1.04, abs=0.004)
    assert first["sets"] == pytest.approx(384)


def test_other_readings_are_ratios_of_likelihoods() -> None:
    ensembles = normal_ensembles()
    effect = ensembles["lewis"].effect["H1a"]
    table = low_end("H1a", ensembles, strain="lewis").table.set_index("reading")
    ratio = stats.norm.cdf((effect - 0.5) / 0.1) / stats.norm.cdf((effect - 0.3) / 0.1)
    expected = np.average(effect, weights=ratio)
    assert table.loc["A4: effect at least 0.5", "effect"] == pytest.approx(expected, abs=1e-12)
    row = finding("A1")
    assert row.treated
    assert row.control
    assert row.treated_error
    assert row.control_error
    assert row.ratio
    spread = np.hypot(row.treated_error / row.treated, row.control_error / row.control)
    logs = np.log(1 - effect)
    wide, narrow = (
        stats.norm(np.log(row.ratio), width).logpdf(logs) for width in (spread, spread / RATS**0.5)
    )
    expected = np.average(effect, weights=np.exp(narrow - wide))
    assert table.loc[f"A1: SD of {RATS} rats", "effect"] == pytest.approx(expected, abs=1e-12)


def test_a_stricter_word_lifts_the_low_end_of_the_shipped_ensemble() -> None:
    """The numbers are those of one fit; that they rise with the word, and by how much at least, is not."""
    found = low_end("H1a", read_ensembles(), strain="lewis")
    table = found.table.set_index("reading")
    by_word = table.loc[[f"A4: effect at least {least:g}" for least in (0.1, 0.2, 0.3, 0.5)]]
    assert by_word["effect"].is_monotonic_increasing
    assert by_word["low"].is_monotonic_increasing
    assert by_word["low"].iloc[-1] > by_word["low"].iloc[0] + 0.1
    # Were A1's ± an SD, its 0.74 would be surer: fewer sets are left, and those lie nearer to it than by the
    # word as it is fitted; how they lie against a stricter word, which cuts one side off, is of one fit.
    as_deviation = table.loc[f"A1: SD of {RATS} rats"]
    assert as_deviation["sets"] < by_word["sets"].min()
    fitted = by_word.loc["A4: effect at least 0.3"]
    assert as_deviation["high"] - as_deviation["low"] < fitted["high"] - fitted["low"]
    assert as_deviation["low"] > fitted["low"]


def test_the_words_are_those_of_the_table() -> None:
    found = low_end("H1a", read_ensembles(), strain="lewis")
    low = dict(zip(found.table["reading"], found.table["low"], strict=True))
    for least in (0.1, 0.2, 0.5):
        assert f"{100 * low[f'A4: effect at least {least:g}']:.0f} % at {least:g}" in found.words()
    assert f"low end is {100 * low['A4: effect at least 0.3']:.0f} %" in found.words()
    assert f"{100 * low[f'A1: SD of {RATS} rats']:.0f} % if it is the SD of 8 rats" in found.words()


def test_an_ensemble_without_effects_is_refused() -> None:
    without = {strain: replace(each, effect={}) for strain, each in read_ensembles().items()}
    with pytest.raises(ProtocolError, match="no effects under H1a"):
        low_end("H1a", without, strain="lewis")
    with pytest.raises(ProtocolError, match="no effects under H1a"):
        low_end("H1a+H2", read_ensembles(), strain="lewis")
