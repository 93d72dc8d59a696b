"""The pipeline with a stand-in for the rats: closed forms, failed rats, and outputs without a value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from eaesim.errors import NothingComputedError
from eaesim.protocol import Arm, Bolus
from eaesim.questions.sensitivity.answer import Sensitivity, analyse
from eaesim.questions.sensitivity.indices import METHODS, estimate
from eaesim.questions.sensitivity.plan import Output, SensitivityPlan, plan_sensitivity
from eaesim.questions.sensitivity.request import SensitivityRequest
from eaesim.questions.sensitivity.sample import Readings, Sample
from eaesim.questions.sensitivity.sample import evaluate as evaluate_all
from eaesim.solver import Effort
from eaesim.study import Study

NAMES = ("divisions", "igg_uptake", "igg_exchange")
ARMS = ("vehicle", "day 0", "day 7")
RATS = 3

Values = Callable[[np.ndarray], np.ndarray]


def plan(method: str = "morris", size: int = 8, **asked: Any) -> SensitivityPlan:
    arms = [Arm(name, Bolus("1 g/kg").at(day=day)) for day, name in enumerate(ARMS)]
    study = Study("lewis", until=20, arms=arms, control="vehicle")
    outputs = asked.pop("outputs", [{"arm": "vehicle"}])
    sizes = {"trajectories" if method == "morris" else "samples": size}
    settings = {"method": method, "outputs": outputs, "parameters": NAMES, "animals": RATS, **sizes, **asked}
    return plan_sensitivity(study, SensitivityRequest(**settings))


def places(asked: SensitivityPlan) -> list[list[int]]:
    return [[ARMS.index(arm) for arm in output.arms] for output in asked.outputs]


def reader(*arms: Values, failed: Callable[[np.ndarray], np.ndarray] | None = None) -> Any:
    """Return what reads the arms off shares: rat number i has i more than the function of its arm says."""

    def read(shares: np.ndarray) -> Readings:
        values = np.stack([np.broadcast_to(arm(shares), len(shares)) for arm in arms], axis=1)
        values = values[:, :, None] + np.arange(RATS) * (values[:, :, None] != 0)
        lost = np.zeros(values.shape, dtype=np.bool_) if failed is None else failed(shares)
        lost = np.broadcast_to(lost, values.shape)
        return Readings(np.where(lost, np.nan, values), lost, "no step is small enough" if lost.any() else "")

    return read


def run(asked: SensitivityPlan, read: Any) -> Sensitivity:
    return analyse(asked, read, places(asked), effort=Effort(workers=1))


def evaluate(asked: SensitivityPlan, read: Any, **more: Any) -> tuple[np.ndarray, list[Sample]]:
    return evaluate_all(asked, read, places(asked), **{"effort": Effort(workers=1), **more})


def by_parameter(found: Sensitivity, output: int = 0) -> pd.DataFrame:
    return found.rows(found.plan.outputs[output]).set_index("parameter").loc[list(NAMES)]


def slope(one: float, two: float, three: float = 0.0, start: float = 10.0) -> Values:
    return lambda shares: start + shares @ [one, two, three]


def ishigami(shares: np.ndarray) -> np.ndarray:
    one, two, three = (np.pi * (2 * shares - 1)).T
    return np.sin(one) + 7 * np.sin(two) ** 2 + 0.1 * three**4 * np.sin(one)


# Closed forms


def test_sobol_indices_of_ishigami_come_through_the_pipeline() -> None:
    table = by_parameter(run(plan("sobol", 2048), reader(lambda shares: ishigami(shares))))
    assert table["S1"].to_numpy() == pytest.approx([0.3139, 0.4424, 0.0], abs=0.02)
    assert table["ST"].to_numpy() == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.02)
    assert table["rank"].tolist() == [1, 2, 3]
    assert table["rank_first_half"].tolist() == table["rank_second_half"].tolist() == [1, 2, 3]
    assert set(table["samples"]) == {2048 * 5}


def test_effects_and_differences_of_effects_are_differences_of_means() -> None:
    outputs = [{"arm": "day 0"}, {"arm": "day 0", "against": "vehicle"}, {"arm": "day 0", "against": "day 7"}]
    found = run(plan(outputs=outputs), reader(slope(5, 1), slope(1, 4), slope(5, -2)))
    for place, expected in enumerate([(1, 4, 0), (4, -3, 0), (4, -6, 0)]):
        assert by_parameter(found, place)["mu"].to_numpy() == pytest.approx(expected, abs=1e-9)
        assert by_parameter(found, place)["sigma"].to_numpy() == pytest.approx(0, abs=1e-9)


def test_relative_effects_are_divided_by_the_control() -> None:
    outputs = [
        {"arm": "day 0", "against": "vehicle", "relative": True},
        {"arm": "day 0", "against": "day 7", "relative": True},
        {"arm": "vehicle", "against": "day 7", "relative": True},
    ]

    def doubled(shares: np.ndarray) -> np.ndarray:  # rats have 1 more each, on average
        return 2 * (slope(0, 8)(shares) + 1) - 1

    control, half, same = slope(0, 8), slope(0, 8), doubled
    found = run(plan(outputs=outputs), reader(control, half, same))
    # 1 - 1, then 2 - 1, then again: shares of the control that no unknown changes.
    for place in range(3):
        assert by_parameter(found, place)["mu_star"].to_numpy() == pytest.approx(0, abs=1e-12)
    points, samples = evaluate(found.plan, reader(control, half, same))
    assert [float(sample.values.mean()) for sample in samples] == pytest.approx([0, 1, 1])
    assert points.shape == (8, 4, 3)


@pytest.mark.parametrize("method", METHODS)
def test_what_cannot_matter_has_an_index_of_exactly_0_and_the_last_rank(method: str) -> None:
    table = by_parameter(run(plan(method, 16), reader(slope(3, 1))))
    row = table.loc["igg_exchange"]
    assert row[METHODS[method].leading] == row[METHODS[method].beside] == 0
    assert table["rank"].tolist() == [1, 2, 3]


# Failed rats


def test_a_rat_that_fails_once_is_left_out_of_its_trajectory_and_of_no_other() -> None:
    """Left out of its one set alone, the mean of the others would jump, and the indices with it."""
    asked = plan(size=6)
    points, _ = evaluate(asked, reader(slope(3, 1)))
    where = points[2, 1]
    assert (points == where).all(axis=2).sum() == 1

    def failed(shares: np.ndarray) -> np.ndarray:
        lost = np.zeros((len(shares), 1, RATS), dtype=np.bool_)
        lost[(shares == where).all(axis=1), 0, 2] = True
        return lost

    found = run(asked, reader(slope(3, 1), failed=failed))
    table = by_parameter(found)
    assert table["mu"].to_numpy() == pytest.approx([3, 1, 0], abs=1e-9)
    assert table["sigma"].to_numpy() == pytest.approx(0, abs=1e-9)
    assert set(table["failed"]) == {1}
    assert set(table["left_out"]) == {0}
    assert "1 runs failed" in found.notes()[0]
    _, (sample,) = evaluate(asked, reader(slope(3, 1), failed=failed))
    _, (whole,) = evaluate(asked, reader(slope(3, 1)))
    assert sample.values[2] == pytest.approx(whole.values[2] - 0.5)  # rats 0 and 1 of 0, 1 and 2
    assert (np.delete(sample.values, 2, axis=0) == np.delete(whole.values, 2, axis=0)).all()


@pytest.mark.parametrize("method", METHODS)
def test_a_set_in_which_every_rat_fails_takes_its_trajectory_along_and_is_counted(method: str) -> None:
    asked = plan(method, 16)
    points, (whole,) = evaluate(asked, reader(slope(3, 1)))
    where = points[5, 2]

    def failed(shares: np.ndarray) -> np.ndarray:
        return (shares == where).all(axis=1)[:, None, None]

    found = run(asked, reader(slope(3, 1), failed=failed))
    hit = (points == where).all(axis=2)  # on the grid of Morris, trajectories may meet
    kept = np.flatnonzero(~hit.any(axis=1))
    assert 5 not in kept
    assert len(kept) > 8
    table, size = by_parameter(found), points.shape[1]
    left_out = (16 - len(kept)) * size
    assert set(table["left_out"]) == {left_out}
    assert set(table["samples"]) == {len(kept) * size}
    assert set(table["failed"]) == {int(hit.sum()) * RATS}
    expected = estimate(method, points[kept], whole.values[kept], seed=1)
    for name, values in expected.items():
        assert table[name].to_numpy() == pytest.approx(values, nan_ok=True)
    assert any(f"{left_out} of {16 * size} sets of values are left out" in note for note in found.notes())


def test_a_rat_that_fails_in_another_arm_is_kept() -> None:
    def failed(shares: np.ndarray) -> np.ndarray:
        return np.array([False, True, False])[None, :, None] & np.ones((len(shares), 1, RATS), dtype=np.bool_)

    outputs = [{"arm": "vehicle"}, {"arm": "day 0", "against": "vehicle"}]
    found = run(plan(outputs=outputs), reader(slope(3, 1), slope(1, 1), slope(0, 0), failed=failed))
    assert set(by_parameter(found, 0)["failed"]) == {0}
    assert by_parameter(found, 0)["mu"].to_numpy() == pytest.approx([3, 1, 0], abs=1e-9)
    lost = by_parameter(found, 1)
    assert set(lost["failed"]) == {8 * 4 * RATS}
    assert set(lost["samples"]) == {0}
    assert lost["mu_star"].isna().all()
    assert lost["rank"].isna().all()


def test_where_nothing_is_left_there_is_no_result_but_a_reason() -> None:
    def failed(shares: np.ndarray) -> np.ndarray:
        return np.ones((1, 1, 1), dtype=np.bool_)

    with pytest.raises(NothingComputedError, match="no step is small enough"):
        run(plan(), reader(slope(3, 1), failed=failed))


# Outputs without a value


def healthy_below_half(shares: np.ndarray) -> np.ndarray:
    return np.where(shares[:, 0] < 0.5, 0.0, 5.0 + shares[:, 1])


def test_a_relative_effect_without_disease_has_no_value_and_that_is_said() -> None:
    outputs = [{"arm": "day 0", "against": "vehicle", "relative": True}]
    asked = plan("sobol", 64, outputs=outputs)
    read = reader(healthy_below_half, slope(0, 1, start=1.0))
    points, (sample,) = evaluate(asked, read)
    found = run(asked, read)
    table = by_parameter(found)
    diseased = (points[:, :, 0] >= 0.5).all(axis=1)
    assert 0 < diseased.sum() < 64
    assert (sample.whole == diseased).all()
    assert set(table["left_out"]) == {int((~diseased).sum()) * 5}
    assert set(table["samples"]) == {int(diseased.sum()) * 5}
    assert table["ST"].to_numpy() == pytest.approx(
        estimate("sobol", points[diseased], sample.values[diseased], seed=1)["ST"]
    )
    assert any("left out" in note and "without a value" in note for note in found.notes())


def test_a_difference_of_means_always_has_a_value_and_sets_without_disease_are_counted() -> None:
    asked = plan("sobol", 64, outputs=[{"arm": "day 0", "against": "vehicle"}])
    found = run(asked, reader(healthy_below_half, lambda shares: healthy_below_half(shares) / 2))
    points, _ = evaluate(asked, reader(healthy_below_half, healthy_below_half))
    table = by_parameter(found)
    assert set(table["left_out"]) == {0}
    assert set(table["zero"]) == {int((points[:, :, 0] < 0.5).sum())}
    assert any("the mean of vehicle is 0" in note for note in found.notes())


def test_rats_without_a_value_in_one_arm_have_none_in_the_other_but_for_the_onset() -> None:
    def read(shares: np.ndarray) -> Readings:
        values = np.tile([[3.0, 5.0, 7.0], [1.0, 2.0, np.nan]], (len(shares), 1, 1))
        return Readings(values, np.zeros(values.shape, dtype=np.bool_))

    for endpoint, expected in (("relapse_peak_score", 4.0 - 1.5), ("onset_day", 5.0 - 1.5)):
        asked = plan(outputs=[{"endpoint": endpoint, "arm": "day 0", "against": "vehicle"}])
        _, (sample,) = evaluate(asked, read)
        assert (sample.values == expected).all()


def test_an_output_that_never_varies() -> None:
    flat = run(plan("sobol", 8), reader(slope(0, 0)))
    assert flat.table["ST"].isna().all()
    assert any("no indices" in note for note in flat.notes())
    assert "no varied parameter has an influence" in flat.sentence()
    still = run(plan("morris", 8), reader(slope(0, 0)))
    assert (still.table["mu_star"] == 0).all()
    assert "no varied parameter has an influence" in still.sentence()


# Convergence


@pytest.mark.parametrize("method", METHODS)
def test_growing_parts_of_the_sample_are_what_a_smaller_run_gives(method: str) -> None:
    read = reader(lambda shares: ishigami(shares))
    large, leading, size = run(plan(method, 64), read), METHODS[method].leading, METHODS[method].size
    assert sorted(set(large.convergence[size])) == (
        [8, 16, 32, 64] if method == "sobol" else [4, 8, 16, 32, 64]
    )
    for part in (16, 64):
        small = by_parameter(run(plan(method, part), read))
        grown = large.convergence[large.convergence[size] == part].set_index("parameter").loc[list(NAMES)]
        for name in (leading, f"{leading}_low", f"{leading}_high", "rank"):
            assert (grown[name] == small[name]).all()


def test_intervals_shrink_as_the_sample_grows() -> None:
    grown = run(plan("sobol", 1024), reader(lambda shares: ishigami(shares))).convergence
    width = (grown["ST_high"] - grown["ST_low"]).groupby(grown["samples"]).mean()
    assert (np.diff(width) < 0).all()
    assert width.iloc[-1] < 0.3 * width.iloc[0]


def test_a_ranking_that_has_settled_is_told_from_one_that_has_not() -> None:
    random = np.random.default_rng(4)
    settled = run(plan("morris", 8), reader(slope(9, 3, 1)))
    assert settled.agreement(settled.plan.outputs[0]) == 1
    assert not settled.notes()

    def noise(shares: np.ndarray) -> np.ndarray:
        return 10 + random.normal(size=len(shares))

    agreements, told = [], []
    for seed in range(12):
        found = run(plan("morris", 8, sampling_seed=seed), reader(noise))
        agreements.append(found.agreement(found.plan.outputs[0]))
        told.append(any("has not converged" in note for note in found.notes()))
    assert np.mean(agreements) < 0.5
    assert told == [agreement < 0.8 for agreement in agreements]


def test_the_table_has_the_columns_that_were_promised_by_rank() -> None:
    asked = plan(outputs=[{"arm": "day 0", "against": "vehicle"}, {"arm": "vehicle"}])
    table = run(asked, reader(slope(1, 4), slope(0, 9, 2))).table
    assert list(table.columns) == [
        *("method", "output", "parameter", "unit", "low", "high", "scale"),
        *("mu", "mu_star", "mu_star_low", "mu_star_high", "sigma"),
        *("rank", "rank_first_half", "rank_second_half", "samples", "left_out", "zero", "failed"),
    ]
    assert list(dict.fromkeys(table["output"])) == [output.text() for output in asked.outputs]
    for _, rows in table.groupby("output"):
        assert rows["rank"].tolist() == sorted(rows["rank"])
    assert table["parameter"].tolist()[:3] == ["igg_uptake", "igg_exchange", "divisions"]
    (factor,) = (factor for factor in asked.factors if factor.name == "igg_exchange")
    row = table[table["parameter"] == "igg_exchange"].iloc[0]
    assert (row["low"], row["high"], row["unit"]) == (factor.values.low, factor.values.high, factor.unit)


def test_progress_counts_every_rat_once_and_ends_at_their_total() -> None:
    seen: list[tuple[int, int]] = []
    asked = plan("sobol", 512)
    effort = Effort(workers=1, progress=lambda *now: seen.append(now))
    evaluate(asked, reader(slope(3, 1)), runs=6, effort=effort)
    assert len(seen) > 2
    assert seen == sorted(seen)
    assert seen[-1] == (512 * 5 * 6, 512 * 5 * 6)


def test_outputs_are_told_apart_by_their_texts() -> None:
    texts = [
        Output("peak_score", "day 0").text(),
        Output("peak_score", "day 0", "vehicle").text(),
        Output("peak_score", "day 0", "vehicle", "vehicle").text(),
        Output("duration", "day 0").text(),
    ]
    assert len(set(texts)) == 4
