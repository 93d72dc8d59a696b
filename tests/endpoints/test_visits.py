"""EDSS at visits: the scale's steps, raters' agreement as published, and confirmed progression by hand."""

from __future__ import annotations

import numpy as np
import pytest

from eaesim.endpoints.visits import RATER_SD, ProgressionRule, confirmed_progression, rated_edss, visit_days
from eaesim.errors import QuantityError

VISITS = (0, 91, 182, 273, 364)


def progression(*edss: float, **rule: float) -> tuple[float, float]:
    """Return when the progression of one patient began, and when it was confirmed."""
    found = confirmed_progression(np.array([edss]), VISITS[: len(edss)], rule=ProgressionRule(**rule))
    return float(found[0][0]), float(found[1][0])


NEVER = (np.inf, np.inf)


def test_ratings_are_steps_of_the_scale_and_the_nearest_ones() -> None:
    scale = np.array([0.0, *np.arange(1.0, 10.5, 0.5)])
    edss = np.linspace(0.0, 10.0, 9_973)
    rated = rated_edss(edss)
    assert set(rated) == set(scale)
    nearest = np.abs(edss[:, None] - scale).min(axis=1)
    assert np.abs(rated - edss) == pytest.approx(nearest, abs=1e-12)
    assert (rated_edss(scale) == scale).all()
    assert (np.diff(rated) >= 0).all()


def test_two_raters_agree_as_often_as_published() -> None:
    # Noseworthy 1990: perfect agreement in 69 %, within one step in at least 92 %.
    random = np.random.default_rng(1)
    edss = random.uniform(1.5, 7.0, 200_000)
    one, two = (rated_edss(edss, errors=random.standard_normal(len(edss))) for _ in range(2))
    assert (one == two).mean() == pytest.approx(0.69, abs=0.006)
    assert (np.abs(one - two) <= 0.5).mean() > 0.92
    assert RATER_SD == 0.14


def test_a_rater_never_leaves_the_scale() -> None:
    edss = np.tile([0.0, 10.0], 500)
    rated = rated_edss(edss, errors=14 * np.random.default_rng(2).standard_normal(1_000))
    assert (rated.min(), rated.max()) == (0.0, 10.0)
    assert not (rated == 0.5).any()


def test_visits_every_three_months() -> None:
    assert visit_days(730) == (0, 91, 182, 273, 364, 455, 546, 637, 728)
    assert visit_days(0) == (0,)
    assert visit_days(100, also=(91, 7)) == (0, 7, 91)


def test_a_rise_is_progression_only_if_the_next_visit_confirms_it() -> None:
    assert progression(2, 3, 3, 2, 2) == (91, 182)
    assert progression(2, 3, 2, 3, 3) == (273, 364)
    assert progression(2, 3, 2, 3, 2) == NEVER
    # A rise at the last visit has no visit to confirm it.
    assert progression(2, 2, 2, 2, 6) == NEVER
    assert progression(2, 2.5, 2.5, 2.5, 2.5) == NEVER
    # The first one counts, whatever comes after it.
    assert progression(2, 3, 3, 6, 6) == (91, 182)


def test_half_a_point_is_enough_from_the_higher_baseline_on() -> None:
    assert progression(5.5, 6, 6) == (91, 182)
    assert progression(5.0, 5.5, 5.5) == NEVER
    assert progression(5.5, 6, 6, high_from=6.0) == NEVER
    assert progression(5.0, 5.5, 5.5, step=0.5) == (91, 182)


def test_confirmation_may_take_half_a_year() -> None:
    assert progression(2, 3, 3, 2, 2, confirmed_after=168) == NEVER
    assert progression(2, 3, 3, 3, 2, confirmed_after=168) == (91, 273)
    assert progression(2, 3, 2, 3, 3, confirmed_after=168) == NEVER


def test_visits_set_aside_count_neither_for_nor_against() -> None:
    edss = np.array([[2.0, 4, 3, 2, 2], [2, 3, 2, 3, 2], [2, 4, 3, 3, 3]])
    aside = np.zeros((3, 5), dtype=bool)
    assert confirmed_progression(edss, VISITS)[0].tolist() == [91, np.inf, 91]
    # The rise during the relapse does not count; the dip set aside does not end a rise.
    aside[0, 1] = aside[1, 2] = aside[2, 1] = True
    found = confirmed_progression(edss, VISITS, aside=aside)
    assert [each.tolist() for each in found] == [[np.inf, 91, 182], [np.inf, 273, 273]]


def test_progression_is_that_of_a_search_through_all_visits() -> None:
    random = np.random.default_rng(3)
    edss = random.choice(np.arange(1.0, 8.0, 0.5), (400, 5))
    began, confirmed = confirmed_progression(edss, VISITS)
    for patient, own in enumerate(edss):
        needed = own[0] + (0.5 if own[0] >= 5.5 else 1.0)
        ways = [visit for visit in range(1, 4) if own[visit] >= needed and own[visit + 1] >= needed]
        expected = (VISITS[ways[0]], VISITS[ways[0] + 1]) if ways else NEVER
        assert (began[patient], confirmed[patient]) == expected
    assert 50 < np.isinf(began).sum() < 350


def test_bad_visits_are_refused() -> None:
    with pytest.raises(QuantityError, match="a visit on day 800; the trial lasts from day 0 to day 730"):
        visit_days(730, also=(800,))
