"""What is read of untreated patients, from courses whose relapses are known."""

from __future__ import annotations

import numpy as np
import pytest

from eaesim.estimation.natural import misses, natural_rows, read_natural

DAYS = 731


def courses(number: int = 40, *, rise: float = 2.5, residue: float = 0.0, lasts: int = 60) -> np.ndarray:
    """Return courses with one relapse on day 300 that recovers on a line, in half of the patients."""
    edss = np.full((number, DAYS), 2.0)
    left = np.maximum(1.0 - np.arange(DAYS - 300) / lasts, 0.0)
    edss[::2, 300:] = 2.0 + residue + (rise - residue) * left
    return edss


def test_rates_and_shares_of_known_courses() -> None:
    read = read_natural(courses(), seed=1)
    assert read["relapse_rate"] == pytest.approx(0.5 * 365.25 / 730)
    assert read["relapse_free"] == 0.5
    assert read["edss_change"] == 0.0
    assert (read["rise"], read["severe"], read["residue"]) == (2.5, 1.0, 0.0)
    assert (read["recovered_90"], read["recovered_180"]) == (1.0, 1.0)


def test_residues_are_read_as_changes() -> None:
    read = read_natural(courses(residue=1.0), seed=1)
    assert read["edss_change"] == pytest.approx(0.5)
    assert (read["residue"], read["residue_of_one"], read["recovered_180"]) == (1.0, 1.0, 0.0)
    assert read_natural(courses(rise=1.0), seed=1)["severe"] == 0.0


def test_gains_follow_the_line_of_recovery() -> None:
    read = read_natural(courses(rise=2.4, lasts=56), seed=1)
    # 2.4 points in eight weeks are 0.3 in one and 0.9 in three; three quarters of a point are a gain of one.
    assert (read["gain_7"], read["gain_21"]) == (0.0, 1.0)
    assert read["gain_56"] == 1.0
    assert read_natural(courses(rise=5.0, lasts=28), seed=1)["gain_7"] > 0.5


def test_two_relapses_close_to_each_other_are_not_read_alone() -> None:
    edss = courses()
    edss[::2, 380:400] += 1.5
    read = read_natural(edss, seed=1)
    assert read["relapse_rate"] == pytest.approx(365.25 / 730)
    # The first has another one within half a year, the second has none.
    assert read["rise"] == 1.5
    edss[::2, 480:500] += 1.5
    edss[::2, 600:620] += 1.5
    assert np.isnan(read_natural(edss, seed=1)["rise"])


def test_misses_are_in_errors_and_what_cannot_be_read_counts() -> None:
    rows = natural_rows()
    exact = {row.name: row.value for row in rows}
    assert misses(exact) == pytest.approx(np.zeros(12))
    assert misses(exact | {rows[3].name: rows[3].value - 2 * rows[3].error})[3] == pytest.approx(-2.0)
    assert misses(exact | {rows[0].name: float("nan")})[0] == 6.0
