"""The accuracy that daily scores need: single precision, and days read within steps."""

from __future__ import annotations

import numpy as np
import pytest

from eaesim.solver import HANDED_OVER, SOLVED, solve

RATS = 1_000


@pytest.mark.parametrize("rats", ["stored_truth", pytest.param("random_truth", marks=pytest.mark.slow)])
def test_random_rats_agree_with_radau(rats, request, run_errors):
    known = request.getfixturevalue(rats)
    solution = solve(known.problem, engine="lanes", accuracy="scores")
    assert np.isin(solution.status, (SOLVED, HANDED_OVER)).all()
    errors = run_errors(solution.values, known.states, known.peaks)
    print(
        f"{len(errors)} rats: median {np.median(errors):.2e}, 99 % {np.quantile(errors, 0.99):.2e}, "
        f"worst {errors.max():.2e}, handed over {np.sum(solution.status == HANDED_OVER)}"
    )
    assert np.median(errors) <= 2e-3
    assert errors.max() <= 5e-2
