"""IgG in people: against an independent solver, closed forms, and the published data."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from eaesim.errors import UnknownNameError
from eaesim.estimation.humankinetics import (
    READINGS,
    RISES,
    ROWS,
    draw_human_kinetics,
    human_entries,
    human_targets,
    igg_rise,
    read_human_kinetics,
)
from eaesim.estimation.target import read_targets
from eaesim.evidence import load_findings
from eaesim.model import Parameters
from eaesim.model.iggkinetics import igg_kinetics, igg_kinetics_names


def person(kinetics="volunteers", **values):
    entries = {name: entry.value for name, entry in human_entries(kinetics).items()}
    return Parameters(**{**entries, **values})


def independent(p, doses, day):
    """Return the rise by another solver and equations written anew; doses are (day, mg/kg, days)."""

    def rates(time, rise):
        infused = sum(amount / over for start, amount, over in doses if start <= time < start + over)
        total = p.igg_endogenous + rise[0]
        recycled = p.igg_recycled_fraction * p.fcrn_half_saturation / (p.fcrn_half_saturation + total)
        flow = p.igg_exchange * (rise[0] - rise[1])
        plasma = (infused - flow) / p.igg_volume_plasma - p.igg_uptake * (1 - recycled) * rise[0]
        return [plasma, flow / p.igg_volume_tissue]

    edges = sorted({0.0, day, *(t for start, _, over in doses for t in (start, start + over) if t < day)})
    state = [0.0, 0.0]
    for first, last in pairwise(edges):
        inside = (first + 1e-9, last - 1e-9)
        state = solve_ivp(rates, inside, state, rtol=1e-9, atol=1e-11).y[:, -1]
    return state[0]


@pytest.mark.parametrize("kinetics", igg_kinetics_names())
def test_the_course_is_that_of_another_solver(kinetics):
    p = person(kinetics)
    once, five = [(0.0, 400.0, 4 / 24)], [(float(day), 400.0, 4 / 24) for day in range(5)]
    assert igg_rise(p, "0.4 g/kg over 4 h", [29])[0, 0] == pytest.approx(independent(p, once, 29.0), rel=1e-5)
    end = igg_rise(p, "0.4 g/kg over 4 h", [4 / 24])[0, 0]
    assert end == pytest.approx(independent(p, once, 4 / 24), rel=1e-5)
    seen = igg_rise(p, "0.4 g/kg over 4 h every 1 day x 5", [14])[0, 0]
    assert seen == pytest.approx(independent(p, five, 14.0), rel=1e-5)


def test_nothing_is_lost_where_nothing_is_taken_up():
    p = person(igg_uptake=0.0)
    spread = 400 / (p.igg_volume_plasma + p.igg_volume_tissue)
    assert igg_rise(p, "0.4 g/kg", [400])[0, 0] == pytest.approx(spread, rel=1e-9)
    assert igg_rise(p, "0.4 g/kg over 4 h", [400])[0, 0] == pytest.approx(spread, rel=1e-9)


def test_a_bolus_is_read_when_it_is_given_and_falls_by_the_closed_form():
    p = person("cidp", igg_exchange=0.0)
    seen = igg_rise(p, "0.2 g/kg every 3 day x 2", [0, 3, 10])[0]
    left = np.exp(-np.array([0.0, 3.0, 10.0, 7.0]) * p.igg_uptake)
    rises = [left[0], left[1] + 1, left[2] + left[3]]
    assert seen == pytest.approx(200 / p.igg_volume_plasma * np.array(rises), rel=1e-5)


def test_linear_kinetics_double_with_the_dose_and_others_do_not():
    days = [1, 29]
    for kinetics, linear in (("cidp", True), ("volunteers", False)):
        low, high = (igg_rise(person(kinetics), f"{dose} g/kg over 4 h", days)[0] for dose in (1, 2))
        assert (high == pytest.approx(2 * low, rel=1e-9)) == linear
        assert (high <= 2 * low * (1 + 1e-9)).all()


def test_several_sets_are_read_as_each_alone():
    uptake = np.array([0.08, 0.104, 0.2])
    together = igg_rise(person(igg_uptake=uptake), "0.2 g/kg over 4 h", [14, 29])
    alone = [igg_rise(person(igg_uptake=each), "0.2 g/kg over 4 h", [14, 29])[0] for each in uptake]
    assert together.tolist() == np.array(alone).tolist()


# Reading: published value and the tolerance the issue asks for.
MUST = {"P1.end": (4.0, 0.8), "P2.end": (8.8, 1.4), "P3.half_life": (22.4, 4.0)}


def seen_in(kinetics):
    entries = human_entries(kinetics)
    names = [*igg_kinetics(kinetics).entries]
    targets = human_targets("together")
    values = np.array([[entries[name].value for name in names]])
    found = read_human_kinetics(entries, names, values, targets=targets)[0]
    return dict(zip([target.finding for target in targets], found, strict=True))


def test_volunteers_are_what_was_measured_in_them():
    found = seen_in("volunteers")
    for row, (value, tolerance) in MUST.items():
        assert abs(found[row] - value) <= tolerance, row
    # P14 holds the recycling from its edge.
    assert found["P14"] == pytest.approx(2.42, abs=0.24)
    assert igg_kinetics("volunteers").values["igg_recycled_fraction"] < 0.99


def test_what_volunteers_do_not_reach_is_known():
    """Day 29 and Guillain-Barré are missed; a change that mends or worsens it has to say so."""
    found = seen_in("volunteers")
    assert found["P1.day_29"] == pytest.approx(1.09, abs=0.05)
    assert found["P2.day_29"] == pytest.approx(2.06, abs=0.1)
    assert found["P4"] == pytest.approx(15.7, abs=0.3)


def test_guillain_barre_reaches_its_own_row():
    assert seen_in("guillain_barre")["P4"] == pytest.approx(7.8, abs=0.1)


@pytest.mark.slow
@pytest.mark.parametrize("kinetics", ["volunteers", "together"])
def test_shipped_values_are_the_medians_of_the_draws(kinetics):
    drawn = draw_human_kinetics(400, seed=1, kinetics=kinetics)
    values = igg_kinetics(kinetics).values
    for name, column in zip(drawn.names, drawn.values.T, strict=True):
        assert values[name] == pytest.approx(float(np.median(column)), rel=0.03), name
        assert drawn.free[drawn.names.index(name)].low <= column.min() <= column.max()


@pytest.mark.slow
def test_draws_depend_on_the_seed_alone_and_the_rows_narrow_them():
    drawn, again, other = (draw_human_kinetics(100, seed=seed) for seed in (3, 3, 4))
    assert drawn.values.tobytes() == again.values.tobytes() != other.values.tobytes()
    column = drawn.names.index("igg_uptake")
    free = drawn.free[column]
    prior = free.value(np.random.default_rng(1).random(1000))
    assert drawn.values[:, column].std() < 0.5 * prior.std()


def test_every_calibrating_row_on_people_is_used_or_says_why_not():
    targets, left_out = read_targets(ROWS, tables=("P",))
    rows = {one.id for one in load_findings() if one.use == "calibrate" and one.row[0] == "P"}
    assert {one.finding for one in targets} | set(left_out) == rows
    assert {one.reading for one in targets} == {*READINGS, *RISES}


def test_kinetics_and_readings_that_are_none_are_said():
    with pytest.raises(UnknownNameError, match="volunteers"):
        draw_human_kinetics(2, seed=1, kinetics="volunters")
    targets = human_targets()
    wrong = [replace(targets[0], reading="half_live")]
    with pytest.raises(UnknownNameError, match="half_life"):
        read_human_kinetics(human_entries(), ["igg_uptake"], np.ones((1, 1)), targets=wrong)
