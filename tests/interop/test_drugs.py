"""Random drugs from files: both engines and both foreign simulators say the same of them."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
import pytest

from eaesim.files import parse_toml
from eaesim.interop import sbml_text
from eaesim.model.action import COMPETE, DEPLETE, INHIBIT, STIMULATE
from eaesim.model.drug import Drug, read_drug
from eaesim.model.pharmacy import shipped_drugs
from eaesim.model.processes import PROCESSES, target_parameters
from eaesim.protocol import Arm, Bolus, Infusion
from eaesim.study import Study

Run = Callable[[Study, str], np.ndarray]
Measure = Callable[[Study, np.ndarray, np.ndarray], float]
AGREES = 1e-4
# Each is costly to compile in a simulator; the rest are the slow tests.
QUICK, ALL = 3, 20
KINDS = [
    *((does, shape) for does in (INHIBIT, STIMULATE, DEPLETE) for shape in ("hill", "mixed")),
    (STIMULATE, "linear"),
    (DEPLETE, "linear"),
    (COMPETE, "linear"),
]
CELLS = ("effector_cns", "effector_blood", "treg_node", "inflammation", "adjuvant_complete", "autoantibody")


def random_drug(name: str, seed: int) -> Drug:
    """Return a random drug: one to three actions; together the seeds have every kind and shape."""
    source = random.Random(f"{name} {seed}")
    lines = [f'title = "random drug {seed}"', 'source = "assumed"', "[disposition]"]
    lines += [f'volume = "{source.uniform(30, 1500):.3g} mL/kg"']
    lines += [f'elimination = "{source.choice([0.0, source.uniform(0.05, 3)]):.3g} 1/day"']
    if source.random() < 0.5:
        lines += [f'volume_tissue = "{source.uniform(30, 500):.3g} mL/kg"']
        lines += [f'exchange = "{source.uniform(5, 100):.3g} mL/kg/day"']
    lines += [f"cns_intact = {source.uniform(0, 0.2):.3g}", f"cns_leak = {source.uniform(0, 0.5):.3g}"]
    for route in ("ip", "sc"):
        lines += [f"[route.{route}]", f'absorption = "{source.uniform(0.5, 8):.3g} 1/day"']
        lines += [f"bioavailability = {source.uniform(0.3, 1):.3g}"]
    for place in range(source.randint(1, 3)):
        lines += _action(source, *KINDS[(seed + place) % len(KINDS)])
    return read_drug(name, parse_toml("\n".join(lines)))


def _action(source: random.Random, does: str, shape: str) -> list[str]:
    lines = ["[[action]]", f'does = "{does}"', f'shape = "{shape}"']
    if does == DEPLETE:
        lines += [f'on = "{source.choice(CELLS)}"']
    elif does != COMPETE:
        targets = source.sample([*PROCESSES, *target_parameters()], 2)
        lines += [f"on = {targets}"]
    if shape == "linear":
        unit = {DEPLETE: "mL/mg/day", COMPETE: "dimensionless", STIMULATE: "mL/mg"}[does]
        lines += [f'per_concentration = "{source.uniform(0.2, 3):.3g} {unit}"']
    else:
        lines += [f'half_effect = "{source.uniform(0.1, 3):.3g} mg/mL"']
        lines += [f'rate = "{source.uniform(0.2, 5):.3g} 1/day"'] if does == DEPLETE else []
        lines += [f"most = {source.uniform(0.3, 1):.3g}"] if does != DEPLETE else []
        lines += [f"steepness = {source.randint(1, 4)}"] if shape == "hill" else []
        lines += [f"linearity = {source.random():.3g}"] if shape == "mixed" else []
    lines += [source.choice(['sees = "plasma"', 'sees = "cns"', "sees = { plasma = 0.4 }"])]
    return [*lines, f"reach = {source.uniform(0.3, 1):.3g}"]


def random_study(seed: int) -> Study:
    """Return a rat with one or two random drugs, by every way of giving them, and sometimes IVIG."""
    source = random.Random(seed)
    regimens = []
    for name in ("first_drug", "second_drug")[: 1 + seed % 2]:
        drug = random_drug(name, seed)
        dose = f"{source.uniform(20, 400):.3g} mg/kg"
        day = source.choice([source.randint(-3, 14), source.uniform(-3, 14)])
        regimens += [
            Bolus(dose, drug=drug, route=source.choice(["iv", "ip", "sc"]), every=3, doses=3).at(day=day),
            Infusion(dose, over="8 h", drug=drug).at(day=source.randint(0, 12)),
        ]
    if seed % 3 == 0:
        regimens.append(Bolus("1 g/kg").at(day=0))
    return Study(source.choice(["lewis", "da_antibody"]), arms=[Arm("given", *regimens)], until=30)


def shipped_study(name: str) -> Study:
    dose = {"ivig": "1 g/kg"}.get(name, "10 mg/kg")
    return Study("lewis", arms=[Arm("given", Bolus(dose, drug=name, every=4, doses=2).at(day=8))], until=25)


def seeds(quick: int) -> list[object]:
    return [seed if seed < quick else pytest.param(seed, marks=pytest.mark.slow) for seed in range(ALL)]


def test_together_they_have_every_kind_and_shape() -> None:
    drugs = [drug for seed in range(ALL) for drug in random_study(seed).design.arms[0].drugs()]
    seen = {(action.does, action.shape) for drug in drugs for action in drug.all_actions}
    assert seen == set(KINDS)


@pytest.mark.parametrize("seed", seeds(2 * QUICK))
def test_the_engines_agree_on_random_drugs(seed: int, reference: Run, error: Measure) -> None:
    study = random_study(seed)
    assert error(study, reference(study, "lanes"), reference(study, "reference")) <= AGREES


@pytest.mark.slow
@pytest.mark.parametrize("seed", seeds(QUICK))
def test_simulators_agree_on_random_drugs(
    seed: int, uncached_simulator: Run, reference: Run, error: Measure
) -> None:
    study = random_study(seed)
    assert error(study, uncached_simulator(study, sbml_text(study)), reference(study, "lanes")) <= AGREES


@pytest.mark.slow
@pytest.mark.parametrize("name", shipped_drugs())
def test_all_agree_on_shipped_drugs(
    name: str, uncached_simulator: Run, reference: Run, error: Measure
) -> None:
    study = shipped_study(name)
    truth = reference(study, "reference")
    assert error(study, reference(study, "lanes"), truth) <= AGREES
    assert error(study, uncached_simulator(study, sbml_text(study)), truth) <= AGREES
