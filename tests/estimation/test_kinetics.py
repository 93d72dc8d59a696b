"""IgG in the members: against the model's own course, and against the rows."""

from __future__ import annotations

import numpy as np
import pytest

from eaesim.errors import UnknownNameError
from eaesim.estimation import kinetics
from eaesim.estimation.kinetics import READINGS, draw_kinetics, read_kinetics
from eaesim.estimation.target import Target, read_targets
from eaesim.evidence import load_findings
from eaesim.model import Parameters, State, derivative, initial_state, load

RAT = load("lewis")


def target(reading):
    return Target(finding="C1.half_life", experiment="", reading=reading, low=0.0, high=0.0, laboratory=1.0)


def test_every_calibrating_row_on_igg_is_used_or_says_why_not():
    targets, left_out = read_targets(kinetics.DATA / "kinetics.toml", tables=("C",))
    rows = {one.id for one in load_findings() if one.use == "calibrate" and one.row[0] == "C"}
    assert {one.finding for one in targets} | set(left_out) == rows
    assert {one.reading for one in targets} == set(READINGS)


@pytest.mark.parametrize("exchange", [20.0, 45.0, 90.0])
def test_half_life_and_equilibrium_are_those_of_the_models_own_equations(exchange):
    parameters = RAT.replace(igg_exchange=exchange).parameters()
    names = State._fields
    pair = [names.index("igg_plasma"), names.index("igg_tissue")]
    tiny = 1e-6  # a tracer, which saturates nothing
    matrix = np.empty((2, 2))
    for column, name in enumerate(("igg_plasma", "igg_tissue")):
        rates = derivative(initial_state(parameters)._replace(**{name: tiny}), parameters)
        matrix[:, column] = [rates[place] / tiny for place in pair]
    slow, fast = np.sort(-np.linalg.eigvals(matrix).real)
    found = read_kinetics(
        RAT.entries,
        ["igg_exchange"],
        np.array([[exchange]]),
        [target(name) for name in ("half_life", "equilibrium_time")],
    )
    assert found[0] == pytest.approx([np.log(2) / slow, np.log(20) / fast * 24], rel=1e-5)


def test_clearances_are_those_of_the_closed_form():
    own = RAT.parameters()
    loss = own.igg_uptake * (
        1
        - own.igg_recycled_fraction
        * own.fcrn_half_saturation
        / (own.fcrn_half_saturation + own.igg_endogenous)
    )
    found = read_kinetics(
        RAT.entries,
        ["igg_uptake"],
        np.array([[own.igg_uptake]]),
        [target(name) for name in ("clearance", "clearance_unrecycled", "volume_ratio", "plasma_volume")],
    )[0]
    assert found == pytest.approx([40 * loss / 24, 40 * own.igg_uptake / 24, 130 / 40, 40])


def test_members_lie_within_bounds_are_drawn_by_the_seed_and_what_no_row_touches_keeps_its_prior():
    drawn, again, other = (draw_kinetics(RAT.entries, 256, seed=seed) for seed in (1, 1, 2))
    assert drawn.values.tobytes() == again.values.tobytes() != other.values.tobytes()
    for free, values in zip(drawn.free, drawn.values.T, strict=True):
        assert (values >= free.low * (1 - 1e-12)).all()
        assert (values <= free.high * (1 + 1e-12)).all()
    linearity = drawn.values[:, drawn.names.index("inhibition_linearity")]
    assert linearity.mean() == pytest.approx(0.5, abs=0.06)
    assert linearity.std() == pytest.approx(12**-0.5, rel=0.1)


def test_rows_pull_the_members_to_them():
    drawn = draw_kinetics(RAT.entries, 256, seed=1)
    readings = [one.reading for one in drawn.targets]
    half_life = drawn.readings[:, readings.index("half_life")]
    assert ((half_life > 4.5) & (half_life < 9)).mean() > 0.9
    random = np.random.default_rng(1)
    prior = np.column_stack([each.value(random.random(256)) for each in drawn.free])
    before = read_kinetics(RAT.entries, drawn.names, prior, [target("half_life")])[:, 0]
    assert half_life.std() < 0.5 * before.std()
    assert all(row["low"] <= row["predicted"] <= row["high"] for row in drawn.rows())


def test_each_member_gets_its_own():
    drawn = draw_kinetics(RAT.entries, 3, seed=1)
    given = drawn.given([RAT.parameters()] * 3)
    assert [rat.igg_uptake for rat in given] == drawn.values[:, drawn.names.index("igg_uptake")].tolist()
    assert all(isinstance(rat, Parameters) for rat in given)


def test_a_reading_that_is_none_is_said():
    with pytest.raises(UnknownNameError, match="half_life"):
        read_kinetics(RAT.entries, ["igg_uptake"], np.ones((1, 1)), [target("half_live")])
