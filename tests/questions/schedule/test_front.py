"""The price of an effect: points that no random schedule of the same amount beats, for any drug."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from eaesim.errors import ProtocolError
from eaesim.protocol import Arm
from eaesim.questions.schedule.optimise.answer import optimise
from eaesim.questions.schedule.optimise.evaluation import Evaluation
from eaesim.questions.schedule.optimise.front import DOSES, TOTAL, find_front, front_limits
from eaesim.questions.schedule.optimise.limits import Limits, Planned
from eaesim.questions.schedule.optimise.search import search
from eaesim.study import Study

LIMITS = Limits(2000.0, 4, 0.0, 20.0)


def lacking(many: Any) -> np.ndarray:
    """Return what is left of three needs, each met the more the nearer its dose is, with less from more."""
    return np.array(
        [
            sum(
                share * np.exp(-sum(d.amount / 300 * np.exp(-abs(d.day - day) / 2) for d in each))
                for day, share in ((0.0, 0.5), (7.0, 0.3), (14.0, 0.2))
            )
            for each in many
        ]
    )


@pytest.fixture(scope="module")
def front() -> Any:
    met: dict[Any, float] = {}
    best = search(lacking, LIMITS, known=met, seed=2)[0]
    return best, find_front(lacking, met, best, LIMITS)  # type: ignore[arg-type]


def test_its_ends_are_the_best(front: Any) -> None:
    best, points = front
    for along in (TOTAL, DOSES):
        assert [one for one in points if one.along == along][-1].schedule == best


def test_more_is_never_worse_and_points_keep_to_their_limits(front: Any) -> None:
    _, points = front
    for along in (TOTAL, DOSES):
        own = [one for one in points if one.along == along]
        left = lacking([one.schedule for one in own])
        assert (np.diff(left) <= 1e-12).all()
        for one in own:
            used = sum(dose.amount for dose in one.schedule) if along == TOTAL else len(one.schedule)
            assert used <= one.limit


def test_no_random_schedule_of_the_same_amount_beats_a_point(front: Any) -> None:
    _, points = front
    draw = np.random.default_rng(5)
    for (_, _, limits), one in zip(front_limits(LIMITS), points, strict=True):
        places = draw.normal(0, 2, (200, 2 * limits.doses + 1))
        random = [limits.decoded(place) for place in places]
        assert lacking([one.schedule])[0] <= lacking(random).min() + 1e-9


STUDY = Study("lewis", until=20, arms=[Arm("vehicle")], mechanism="H1a")


@pytest.fixture(scope="module")
def of_cam() -> Any:
    return optimise(
        STUDY, drug="cam", total="100 mg/kg", doses=2, latest=10, animals=12, generations=2, parameter_sets=1
    )


def test_another_drug_is_given_in_steps_of_its_own(of_cam: Any) -> None:
    assert of_cam.evaluation.limits.step == 2.5
    assert {line.dose.drug for arm in of_cam.result.design.arms for line in arm.regimen.lines} == {"cam"}
    assert of_cam.effect().value > 0.5
    assert list(of_cam.price_table()["at_most"]) == [25, 50, 75, 100, 1, 2]
    assert of_cam.price_table()["effect"].notna().all()


def test_the_pages_have_no_faults(of_cam: Any, page_faults: Any) -> None:
    for figure in (of_cam.figure(), *of_cam.more_figures().values()):
        assert page_faults(figure) == []


def test_a_ceiling_is_one_of_igg() -> None:
    with pytest.raises(ProtocolError, match="ceiling is one of IgG"):
        optimise(STUDY, drug="cam", total="100 mg/kg", ceiling="3 mg/mL", animals=2)


def test_limits_of_each_point_differ_in_one_thing() -> None:
    for along, limit, own in front_limits(LIMITS):
        assert own == replace(LIMITS, **{along: limit if along == TOTAL else int(limit)})


@pytest.mark.slow
@pytest.mark.parametrize(
    ("drug", "limits"),
    [
        ("ivig", Limits(1000.0, 3, 0.0, 12.0)),
        ("cam", Limits(100.0, 3, 0.0, 12.0, drug="cam", step=2.5, least=2.5)),
    ],
)
def test_on_rats_no_random_schedule_of_the_same_amount_beats_a_point_and_the_ends_are_the_best(
    drug: str, limits: Limits
) -> None:
    objective = Evaluation(STUDY, limits, "cumulative_score", "mean", None, animals=24, seed=1, members=1)
    met: dict[Any, float] = {}
    best = search(objective, limits, known=met, seed=2)[0]
    points = find_front(objective, met, best, limits)
    for along in (TOTAL, DOSES):
        assert [one for one in points if one.along == along][-1].schedule == best
    draw = np.random.default_rng(6)
    for (_, _, own), point in zip(front_limits(limits), points, strict=True):
        days = draw.integers(0, 13, (200, own.doses)).astype(float)
        amounts = own.total * draw.dirichlet(np.ones(own.doses), 200)
        random = [
            own.rounded(zip(*one, strict=True)) for one in zip(days.tolist(), amounts.tolist(), strict=True)
        ]
        assert objective([point.schedule])[0] <= objective(random).min() + 1e-9
    # The other end: of one dose, every day and amount can be tried.
    (one,) = [point for point in points if point.along == DOSES and point.limit == 1]
    amounts = np.arange(limits.step, limits.total + 1e-9, limits.step)
    every = [((Planned(float(day), float(amount)),)) for day in range(13) for amount in amounts]
    assert objective([one.schedule])[0] <= objective(every).min() + 1e-9
    assert objective([best])[0] == min(met.values())
