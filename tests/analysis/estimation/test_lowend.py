"""What the low end of the effect rests on: the posterior under other readings of two findings."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from eaesim.analysis.estimation.ensembles import read_ensembles
from eaesim.analysis.estimation.lowend import RATS, low_end
from eaesim.errors import ProtocolError
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
    ratio = stats.norm.cdf((effect - 0.5) / 0.1) / stats.norm.cdf((effect - 0.1) / 0.1)
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
    """As an audit of the fit found: 10, 17, 29, 47 %, and 35 % with A1's ± as an SD."""
    found = low_end("H1a", read_ensembles(), strain="lewis")
    assert np.allclose(found.table["low"], [0.10, 0.17, 0.29, 0.47, 0.35], atol=0.03)
    assert found.table["effect"].is_monotonic_increasing
    assert "30 % at 0.3" in found.words()
    assert "34 % if it is the SD of 8 rats" in found.words()


def test_an_ensemble_without_effects_is_refused() -> None:
    without = {strain: replace(each, effect={}) for strain, each in read_ensembles().items()}
    with pytest.raises(ProtocolError, match="no effects under H1a"):
        low_end("H1a", without, strain="lewis")
    with pytest.raises(ProtocolError, match="no effects under H1a"):
        low_end("H1a+H2", read_ensembles(), strain="lewis")
