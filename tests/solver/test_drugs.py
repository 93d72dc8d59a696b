"""Concentrations of drugs against closed forms, in both engines; without actions nothing else moves."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import expm

from eaesim.model.drug import Drug
from eaesim.protocol import Bolus, Infusion, Regimen

VOLUME, TISSUE, EXCHANGE, LOSS, ABSORPTION, SHARE = 40.0, 90.0, 12.0, 0.3, 1.7, 0.6
DOSE = 20.0


def drug(*, tissue: bool = True, loss: float = LOSS) -> Drug:
    second = {"volume_tissue": f"{TISSUE} mL/kg", "exchange": f"{EXCHANGE} mL/kg/day"} if tissue else {}
    return Drug.from_table(
        "tracer",
        title="tracer",
        source="assumed",
        disposition={"volume": f"{VOLUME} mL/kg", "elimination": f"{loss} 1/day"} | second,
        route={"ip": {"absorption": f"{ABSORPTION} 1/day", "bioavailability": SHARE}},
    )


def rates(loss: float = LOSS) -> np.ndarray:
    """Return the rates of plasma, tissue, depot and a steady input."""
    found = np.zeros((4, 4))
    found[0, :2] = -EXCHANGE / VOLUME - loss, EXCHANGE / VOLUME
    found[1, :2] = EXCHANGE / TISSUE, -EXCHANGE / TISSUE
    found[0, 2], found[2, 2] = ABSORPTION / VOLUME, -ABSORPTION
    found[0, 3] = 1.0 / VOLUME
    return found


@pytest.fixture
def plasma(rat_problem, solved):
    def seen(regimen: Regimen, *names: str) -> np.ndarray:
        record = tuple(f"tracer_{name}" for name in names or ("plasma", "tissue"))
        return solved(rat_problem(regimen, until=14, record=record))[0]

    return seen


@pytest.mark.parametrize(
    ("route", "start"), [("iv", [DOSE / VOLUME, 0, 0, 0]), ("ip", [0, 0, SHARE * DOSE, 0])]
)
def test_a_bolus_follows_its_closed_form(plasma, route, start):
    found = plasma(Bolus(f"{DOSE} mg/kg", drug=drug(), route=route).at(day=2))
    for day in range(3, 15):
        expected = expm(rates() * (day - 2)) @ start
        assert found[day] == pytest.approx(expected[:2], rel=1e-5)


def test_an_infusion_follows_its_closed_form(plasma):
    found = plasma(Infusion(f"{DOSE} mg/kg", over="36 h", drug=drug()).at(day=1))
    end = expm(rates() * 1.5) @ [0, 0, 0, DOSE / 1.5]
    end[3] = 0.0
    for day in range(3, 15):
        assert found[day] == pytest.approx((expm(rates() * (day - 2.5)) @ end)[:2], rel=1e-5)


def test_what_never_leaves_stays(plasma):
    own = drug(tissue=False, loss=0.0)
    found = plasma(Bolus(f"{DOSE} mg/kg", drug=own, every=3, doses=2).at(day=1), "plasma")[:, 0]
    assert found[2:5] == pytest.approx(DOSE / VOLUME, rel=1e-6)
    assert found[5:] == pytest.approx(2 * DOSE / VOLUME, rel=1e-6)


def test_two_drugs_do_not_meet(rat_problem, solved):
    one, other = (
        drug(),
        Drug.from_table(
            "other_tracer",
            title="o",
            source="assumed",
            disposition={"volume": "1 L/kg", "elimination": "1 1/day"},
        ),
    )
    regimen = Bolus("5 mg/kg", drug=one).at(day=1) + Bolus("5 mg/kg", drug=other).at(day=4)
    found = solved(rat_problem(regimen, until=8, record=("tracer_plasma", "other_tracer_plasma")))[0]
    alone = solved(rat_problem(Bolus("5 mg/kg", drug=one).at(day=1), until=8, record=("tracer_plasma",)))[0]
    assert found[:, 0] == solved.near(alone[:, 0], rel=1e-6, abs=1e-9)
    assert found[5:, 1] == solved.near(5e-3 * np.exp(-np.arange(1.0, 5)), rel=1e-5)


def test_a_drug_without_actions_leaves_the_animal_alone(rat_problem, solved, run_error):
    from eaesim.model import State

    vehicle = solved(rat_problem(Regimen(), rat="da", until=30))[0]
    regimen = Bolus("50 mg/kg", drug=drug()).at(day=3.4) + Infusion("9 mg/kg", over="5 h", drug=drug()).at(
        day=9
    )
    idle = solved(rat_problem(regimen, rat="da", until=30, record=State._fields))[0]
    # A dose is a boundary of integration.
    share = 1e-2 if solved.accuracy == "scores" else 1e-5
    assert run_error(idle, vehicle, np.abs(vehicle).max(axis=0)) <= share
