"""Mass given equals mass seen, and the kinetics of IgG against their closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import expm

from eaesim.model import State, load
from eaesim.protocol import Bolus, Infusion

KEPT = load("lewis").replace(igg_uptake=0)
# Without recycling every loss is a first-order rate.
LINEAR = load("lewis").replace(igg_recycled_fraction=0)


@pytest.fixture
def course(solved):
    """Solve one rat and return its states, each by day."""
    return lambda problem: State._make(solved(problem)[0].T)


def _mass(course, parameters):
    in_fluid = (
        parameters.igg_volume_plasma * course.igg_plasma + parameters.igg_volume_tissue * course.igg_tissue
    )
    return in_fluid + course.igg_peritoneal + course.igg_subcutaneous


def _given_before(regimen, days, parameters):
    """Add up, from the regimen's own table, what was in the rat on each day before that day's events."""
    share = {"iv": 1.0, "ip": parameters.igg_bioavailability_ip, "sc": parameters.igg_bioavailability_sc}
    total = np.zeros(len(days))
    for row in regimen.table():
        run_in = np.clip((days - row.day) / row.over, 0, 1) if row.over else days > row.day
        total += row.amount * share[row.route] * run_in
    return total


REGIMENS = {
    "bolus": Bolus("1 g/kg").at(day=3),
    "bolus on day 0": Bolus("1 g/kg").at(day=0),
    "bolus before day 0": Bolus("1 g/kg").at(day=-4.5),
    "bolus on the last day but one": Bolus("1 g/kg").at(day=19),
    "infusion of four hours on day 14": Infusion("1 g/kg", over="4 h").at(day=14),
    "infusion across midnights": Infusion("1 g/kg", over="60 h").at(day=2.7),
    "infusion that outlasts the study": Infusion("1 g/kg", over="60 h").at(day=18.7),
    "infusion across day 0": Infusion("1 g/kg", over="2 day").at(day=-1),
    "i.p.": Bolus("0.4 g/kg", route="ip").at(day=1),
    "s.c.": Bolus("0.4 g/kg", route="sc").at(day=1.25),
    "repeats": Bolus("0.4 g/kg", every="1 day", doses=5).at(day=7),
    "infusions that overlap": Infusion("0.4 g/kg", over="36 h", every="1 day", doses=4).at(day=2),
    "two at one time": Bolus("0.4 g/kg").at(day=5) + Bolus("1 g/kg", route="ip").at(day=5),
    "twice the same": Bolus("0.4 g/kg").at(day=5) + Bolus("0.4 g/kg").at(day=5),
    "all routes at odd times": (
        Bolus("0.3 g/kg", route="sc").at(day=-2)
        + Infusion("0.3 g/kg", over="4 h", every="8 h", doses=3).at(day=3.3)
        + Bolus("0.3 g/kg", route="ip").at(day=3.4)
    ),
}


def test_mass_given_is_mass_seen(solved, rat_problem):
    # Mechanisms and disease may do what they like: none of them takes IgG away.
    problem = rat_problem(*REGIMENS.values(), rat=KEPT, mechanism="H1a+H5+H7")
    parameters = KEPT.parameters()
    for (name, regimen), seen in zip(REGIMENS.items(), solved(problem), strict=True):
        given = _given_before(regimen, problem.days, parameters)
        assert given[-1] > 0
        assert _mass(State._make(seen.T), parameters) == solved.near(given, rel=1e-10, abs=1e-7), name


def test_with_uptake_mass_is_lost(rat_problem, course):
    # The closed sum above would also hold in a solver that lost nothing whatever the parameters say.
    mass = _mass(course(rat_problem(Bolus("1 g/kg").at(day=0))), load("lewis").parameters())
    assert (np.diff(mass[1:]) < 0).all()
    assert mass[10] < 700


def _rates(parameters):
    """Return the rate matrix of plasma and tissue (mg/mL) and the two depots (mg/kg)."""
    plasma, tissue, exchange = (
        parameters.igg_volume_plasma,
        parameters.igg_volume_tissue,
        parameters.igg_exchange,
    )
    ip, sc = parameters.igg_absorption_ip, parameters.igg_absorption_sc
    return np.array(
        [
            [-parameters.igg_uptake - exchange / plasma, exchange / plasma, ip / plasma, sc / plasma],
            [exchange / tissue, -exchange / tissue, 0, 0],
            [0, 0, -ip, 0],
            [0, 0, 0, -sc],
        ]
    )


def _closed(matrix, start, times):
    return np.array([expm(matrix * time) @ start for time in times])


def test_a_bolus_follows_two_compartments(solved, rat_problem, course):
    seen = course(rat_problem(Bolus("1 g/kg").at(day=2), rat=LINEAR, until=12))
    parameters = LINEAR.parameters()
    start = [1000 / parameters.igg_volume_plasma, 0, 0, 0]
    expected = _closed(_rates(parameters), start, np.arange(1.0, 11))
    both = np.column_stack([seen.igg_plasma, seen.igg_tissue])
    assert (both[:3] == 0).all()
    assert both[3:] == solved.near(expected[:, :2], rel=1e-5)


@pytest.mark.parametrize(("route", "depot"), [("ip", "igg_peritoneal"), ("sc", "igg_subcutaneous")])
def test_a_depot_empties_into_plasma(solved, rat_problem, course, route, depot):
    seen = course(rat_problem(Bolus("1 g/kg", route=route).at(day=0), rat=LINEAR, until=8))
    parameters = LINEAR.parameters()
    place = ("igg_peritoneal", "igg_subcutaneous").index(depot)
    amount = 1000 * getattr(parameters, f"igg_bioavailability_{route}")
    start = np.zeros(4)
    start[2 + place] = amount
    expected = _closed(_rates(parameters), start, np.arange(1.0, 9))
    absorption = getattr(parameters, f"igg_absorption_{route}")
    # By hand as well, so that the matrix does not vouch for itself.
    assert getattr(seen, depot)[1:] == solved.near(amount * np.exp(-absorption * np.arange(1.0, 9)), rel=1e-5)
    assert seen.igg_plasma[1:] == solved.near(expected[:, 0], rel=1e-5)


@pytest.mark.parametrize("over", ["4 h", "36 h"])
def test_an_infusion_follows_two_compartments(solved, rat_problem, course, over):
    dose = Infusion("1 g/kg", over=over)
    seen = course(rat_problem(dose.at(day=1), rat=LINEAR, until=12))
    parameters = LINEAR.parameters()
    rate = 1000 / dose.over / parameters.igg_volume_plasma
    # A fifth entry that stays 1 carries the steady input.
    running = np.zeros((5, 5))
    running[:4, :4] = _rates(parameters)
    running[0, 4] = rate
    end = (expm(running * dose.over) @ [0, 0, 0, 0, 1])[:4]
    after = np.arange(np.ceil(1 + dose.over), 13)
    expected = _closed(_rates(parameters), end, after - 1 - dose.over)
    assert seen.igg_plasma[after.astype(int)] == solved.near(expected[:, 0], rel=1e-5)
    assert (seen.igg_infusion[after.astype(int)] == 0).all()


def test_a_second_drug_fills_one_compartment_and_leaves_it(rat_problem, solved):
    regimen = Bolus("1 mg/kg", drug="late_acting").at(day=2)
    problem = rat_problem(regimen, until=9, record=(*State._fields, "late_acting_plasma"))
    values = solved(problem)[0].T
    seen, plasma = State._make(values[:-1]), values[-1]
    # Numbers of the drug's own file.
    assert plasma[3:] == solved.near(1 / 600 * np.exp(-0.35 * np.arange(1.0, 8)), rel=1e-5)
    assert (seen.igg_plasma == 0).all()


def test_recycling_saturates(rat_problem, course):
    # More IgG at once competes for FcRn, so a larger share of it is lost.
    small, large = (
        _mass(course(rat_problem(Bolus(dose).at(day=0))), load("lewis").parameters())[10] / amount
        for dose, amount in (("10 mg/kg", 10), ("2 g/kg", 2000))
    )
    assert large < 0.9 * small
